import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { comparisonText } from '../../../../src/host/training/runs/comparisonText.js';
import { compareConfigs } from '../../../../src/learning/runs/compareConfigs.js';
import { littleConfig } from '../../../support/trainingRuns.js';
import { runInfo } from './runExamples.js';

test('a run beside another: what differs, what came of it, what was set', () => {
  const [a, b] = [littleConfig(), littleConfig({ epochs: 9, optimizer: { clipNorm: null } })];
  const metrics = {
    seen: {
      model: {
        windows: 5,
        loss: 1.5,
        task: 'next-task' as const,
        targets: 5,
        unknownTargets: 0,
        accuracy: 0.25,
        top5: 0.5,
        accuracyWithoutIdle: null,
      },
      baselines: { last: { accuracy: 0.1 }, 'Markov 1, online': { accuracy: 0.3 } },
    },
  };
  const differences = compareConfigs(a, b);
  const common = { folder: '/lab/runs/tcn-1', state: 'finished' as const, config: a };
  const text = comparisonText({ ...common, run: runInfo(), metrics }, differences);
  expect(text.split('\n').slice(0, 3)).toEqual([
    '# They differ in 2 settings:',
    '#   optimizer.clipNorm: 1 → null',
    '#   epochs: 3 → 9',
  ]);
  const read = parse(text) as Record<string, unknown>;
  expect(read).toMatchObject({
    run: 'tcn-1',
    results: {
      state: 'finished',
      best: 'accuracy 87.41 %, epoch 2',
      epochs: '3 of 3',
      engine: 'WebAssembly, 2 threads',
      seen: {
        accuracy: '25.00 %',
        top5: '50.00 %',
        loss: 1.5,
        bestBaseline: '30.00 % (Markov 1, online)',
      },
    },
  });
  expect(read['configuration']).toEqual(a);
  expect(comparisonText({ ...common, run: runInfo(), metrics: null }, [])).toMatch(
    /^# Their configurations are the same\./,
  );
});
