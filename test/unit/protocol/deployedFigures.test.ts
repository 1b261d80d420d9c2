import { expect, test } from 'vitest';
import { deployedFigures } from '../../../src/protocol/deployedFigures.js';
import type { DeployedStats } from '../../../src/protocol/deployment.js';

const STATS: DeployedStats = {
  ...{ way: 'module', mode: 'shadow', slot: 0, swaps: 0 },
  ...{ refused: [60, 40], allowed: [30, 150], forced: [5, 15] },
  ...{ overruled: { toRefused: 0, toAllowed: 0 }, vetoed: 0, notAsked: 7 },
  ...{ modelNs: 300_000, callNs: 600_000, forcedBy: 'task', modelBytes: 1, stateBytes: 1 },
  selfTest: 'passed',
};

test('experiment 1: all that was allowed, of all calls, beside who always says the more frequent', () => {
  const { agreement, calls, forcedAllowed, modelNs, callNs, rows, remarks } = deployedFigures(STATS, 1);
  expect(calls).toBe(300);
  expect(rows[2]).toEqual({ kernel: 'forced', saidNo: 5, saidYes: 15 });
  expect(agreement).toEqual({
    ...{ positive: 'allowed', positives: 200, negatives: 100, truePositives: 165, trueNegatives: 60 },
    accuracy: 225 / 300,
    baseline: 200 / 300,
    moreFrequent: 'positive',
    balancedAccuracy: (165 / 200 + 60 / 100) / 2,
    recall: 165 / 200,
    precision: 165 / 205,
  });
  expect(forcedAllowed).toBe(15 / 20);
  expect([modelNs, callNs]).toEqual([1000, 2000]);
  expect(remarks).toEqual([expect.stringContaining('never run')]);
});

test('experiments 2 and 3: forced calls, where who always says no is hard to beat', () => {
  const { agreement, forcedAllowed, remarks } = deployedFigures(STATS, 3);
  expect(agreement).toMatchObject({
    ...{ positive: 'this call forced', positives: 20, negatives: 280, moreFrequent: 'negative' },
    ...{ truePositives: 15, trueNegatives: 90, recall: 0.75, precision: 15 / 205 },
    ...{ accuracy: 105 / 300, baseline: 280 / 300 },
  });
  expect(forcedAllowed).toBeNull();
  expect(remarks[0]).toMatch(/^Only 20 migrations were forced/);
  expect(deployedFigures(STATS, 2).remarks[0]).toMatch(/^Experiment 2 is about whole groups/);
  expect(deployedFigures(STATS, 2).agreement).toEqual(agreement);
});

test('without calls nothing is claimed', () => {
  const none: DeployedStats = {
    ...STATS,
    refused: [0, 0],
    allowed: [0, 0],
    forced: [0, 0],
    forcedBy: 'nothing',
  };
  for (const experiment of [1, 2, 3] as const) {
    const { agreement, modelNs, calls } = deployedFigures(none, experiment);
    expect([calls, modelNs]).toEqual([0, null]);
    expect(agreement).toMatchObject({ accuracy: null, baseline: null, moreFrequent: null, precision: null });
  }
});

test('a kernel that does not tell forced migrations, one that tells none, one that the model takes part in', () => {
  const untold = { ...STATS, forced: [0, 0], forcedBy: 'nothing' } as const;
  expect(deployedFigures(untold, 3)).toMatchObject({ agreement: null });
  expect(deployedFigures(untold, 3).remarks[0]).toMatch(/does not tell which/);
  expect(deployedFigures(untold, 1).agreement).not.toBeNull();
  const off = { ...STATS, forced: [0, 0], forcedBy: 'counter' } as const;
  expect(deployedFigures(off, 3).remarks[0]).toMatch(/sched_schedstats/);
  expect(deployedFigures({ ...STATS, mode: 'active' }, 1).remarks[0]).toMatch(/takes part in deciding/);
});
