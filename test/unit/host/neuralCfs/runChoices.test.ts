import { expect, test } from 'vitest';
import {
  columnsIn,
  formWarnings,
  nextName,
  RUN_MODEL_CHOICES,
  runFolderName,
  settingsOf,
  SPLIT_CHOICES,
  trainedText,
  USUAL_RUN,
} from '../../../../src/host/neuralCfs/runChoices.js';
import { modelRunOf } from '../../../../src/host/neuralCfs/runView.js';
import type { NeuralCfsRun } from '../../../../src/learning/migrations/runs/neuralCfsRun.js';
import { readModelRunState } from '../../../../src/protocol/neuralCfsRunSchemas.js';
import { readRunTrainerCommand } from '../../../../src/workers/neuralCfsTrainerMessages.js';
import { drawnCalls, newRun } from '../../../support/trainedRuns.js';
import { setOf } from '../../dataset/migrations/setBuilder.js';

test('what is offered can be kept, and the usual is among it', () => {
  expect(RUN_MODEL_CHOICES.map(({ value }) => value)).toEqual(['mlp', 'libml', 'logistic', 'tree']);
  expect(RUN_MODEL_CHOICES.map(({ value }) => value as string)).toContain(USUAL_RUN.model);
  expect(SPLIT_CHOICES.map(({ value }) => value)).toEqual(['group', 'recording', 'workload']);
});

test('names of folders: proposed, and the one behind another', () => {
  expect(runFolderName(['/x/balancer'], USUAL_RUN)).toBe('balancer-exp2-libml');
  expect(runFolderName(['/x/a.csv', '/x/b.csv'], { ...USUAL_RUN, model: 'tree' })).toBe(
    'migrations-exp2-tree',
  );
  expect(['run', 'run-2', 'run-9', 'exp3-libml', 'a-1x'].map(nextName)).toEqual([
    ...['run-2', 'run-3', 'run-10', 'exp3-libml-2', 'a-1x-2'],
  ]);
});

test('columns as they are typed', () => {
  expect(columnsIn(' delta, cpu_idle ,pid')).toEqual(['delta', 'cpu_idle', 'pid']);
  expect(columnsIn('  ')).toBeNull();
});

test('a run in words', () => {
  const kind = 'trained' as const;
  const summary = { kind, title: 'LibML', inputs: ['a', 'b'], training: 4512, test: 9 };
  expect(trainedText('run', { ...summary, trainingSeconds: 3.2, warnings: ['x'] })).toBe(
    'run: LibML, 2 inputs, trained on 4,512 calls in 3 s. 1 warning: see the panel.',
  );
});

test('a form that decides otherwise too often is told', () => {
  const all = { rows: 100, agreeing: 100 };
  expect(formWarnings({ withFloat: { rows: 1000, agreeing: 999 }, asTrained: all })).toEqual([]);
  expect(formWarnings({ withFloat: { rows: 1000, agreeing: 990 }, asTrained: all })[0]).toContain(
    '990 of 1,000',
  );
  expect(formWarnings({ withFloat: null, asTrained: { rows: 100, agreeing: 90 } })[0]).toContain(
    'sample calls',
  );
});

test('a run as its panel gets it, and the settings that make it again', async () => {
  const set = await setOf({ smp4_alpha: drawnCalls(300) });
  const { info, model } = await newRun(set, 'tree');
  const files = { model: 'a', calibration: 'b', test: 'c', samples: 'd' };
  const whole: NeuralCfsRun = { ...info, files };
  const run = modelRunOf({ info: whole, model });
  const state = { name: 'run', folder: '/run', run, isTrusted: true };
  expect(readModelRunState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  expect(run.inputs.map(({ name }) => name)).toEqual(info.scaling.map(({ name }) => name));
  expect(run.inputs.find(({ name }) => name === 'delta')).toMatchObject({ unit: 'ns' });
  const settings = { ...settingsOf(whole), paths: ['/x.csv'] };
  expect(settings).toMatchObject({
    experiment: 3,
    model: 'tree',
    split: 'group',
    threshold: 'trained',
    seed: 42,
  });
  expect(readRunTrainerCommand({ kind: 'train', settings, output: '/run-2' })).not.toBeNull();
  expect(
    readRunTrainerCommand({ kind: 'train', settings: { ...settings, split: 'published' }, output: '/x' }),
  ).toBeNull();
});
