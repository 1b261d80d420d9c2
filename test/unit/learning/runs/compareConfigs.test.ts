import { expect, test } from 'vitest';
import { bestText, compareConfigs } from '../../../../src/learning/runs/compareConfigs.js';
import { littleConfig } from '../../../support/trainingRuns.js';
import { runInfo } from '../../../support/runInfo.js';

test('a configuration does not differ from itself', () => {
  expect(compareConfigs(littleConfig(), littleConfig())).toEqual([]);
});

test('differences by their paths, in the order of the file', () => {
  const a = littleConfig();
  const b = littleConfig({ seed: 7, windows: { length: 8, stride: 8, features: ['cpu'] } });
  expect(compareConfigs(a, b)).toEqual([
    { path: 'windows.features', a: ['cpu', 'logDelta'], b: ['cpu'] },
    { path: 'seed', a: 42, b: 7 },
  ]);
});

test('what only one of two models or optimizers has', () => {
  const a = littleConfig();
  const b = littleConfig({ model: { name: 'kernel-oracle-2019' }, optimizer: { name: 'lbfgs' } });
  const differences = new Map(compareConfigs(a, b).map((each) => [each.path, each]));
  expect(differences.get('model.name')).toEqual({ path: 'model.name', a: 'tcn', b: 'kernel-oracle-2019' });
  expect(differences.get('model.settings.blocks')).toMatchObject({ a: 2, b: undefined });
  expect(differences.get('model.settings.hidden')).toMatchObject({ a: undefined, b: 51 });
  expect(differences.get('optimizer.beta1')).toMatchObject({ a: 0.9, b: undefined });
  expect(differences.get('optimizer.iterations')).toMatchObject({ a: undefined, b: 20 });
});

test('the best epoch in words', () => {
  expect(bestText(runInfo())).toBe('accuracy 87.41 %, epoch 9');
  expect(bestText(runInfo({ best: { epoch: 3, loss: 1, accuracy: null, mae: 0.12341 } }))).toBe(
    'error 0.1234, epoch 3',
  );
  expect(bestText(runInfo({ best: { epoch: 2, loss: 0.5, accuracy: null, mae: null } }))).toBe(
    'loss 0.5000, epoch 2',
  );
  expect(bestText(runInfo({ best: null }))).toBe('—');
});
