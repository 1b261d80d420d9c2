import { describe, expect, test } from 'vitest';
import { BlockBootstrap } from '../../../../src/learning/evaluation/blockBootstrap.js';
import {
  ensembleCrps,
  ensembleErrors,
  pointErrors,
  quantileErrors,
} from '../../../../src/learning/evaluation/timeForecasts.js';
import { naiveError, spreadRatio, TimeScoring } from '../../../../src/learning/evaluation/timeScores.js';
import { numberedSequences } from '../../../support/switchRows.js';

/** Quantiles of the standard normal distribution at 0.05, 0.25, 0.5, 0.75 and 0.95. */
const NORMAL = [-1.6448536269514722, -0.6744897501960817, 0, 0.6744897501960817, 1.6448536269514722];
const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95];

describe('points', () => {
  test('pinball losses are those of scikit-learn 1.9.1 (mean_pinball_loss), and the CRPS is the distance', () => {
    const target = Float64Array.of(1, 2, 3.5, 0.5);
    const points = Float64Array.of(1.5, 1, 3.5, 2);
    const expected = [0.48749999999999993, 0.4375, 0.375, 0.3125, 0.2625];
    LEVELS.forEach((level, at) => {
      const { pinball } = pointErrors(target, points, [level]);
      expect(meanOf(pinball)).toBeCloseTo(expected[at]!, 12);
    });
    const { crps, absolute, in50 } = pointErrors(target, points, LEVELS);
    expect([...crps]).toEqual([0.5, 1, 0, 1.5]);
    expect(absolute).toEqual(crps);
    expect(in50).toBeNull();
  });

  test('where there is none it does not count', () => {
    const { weights } = pointErrors(Float64Array.of(1, 2), Float64Array.of(NaN, 1), LEVELS);
    expect([...weights]).toEqual([0, 1]);
  });
});

describe('samples', () => {
  test('the CRPS is that of the double sum', () => {
    const samples = [0.3, 1.2, -0.7, 2.4, 0.9];
    // properscoring's crps_ensemble: mean |x − y| − ½ mean |x − x′| = 0.252, by numpy.
    expect(ensembleCrps(Float64Array.from(samples).sort(), 1)).toBeCloseTo(0.252, 12);
    for (const target of [-3, 0.3, 5]) {
      const near = meanOf(samples.map((each) => Math.abs(each - target)));
      const apart = meanOf(samples.flatMap((a) => samples.map((b) => Math.abs(a - b))));
      expect(ensembleCrps(Float64Array.from(samples).sort(), target)).toBeCloseTo(near - apart / 2, 12);
    }
  });

  test('the median and the intervals are of the ordered samples', () => {
    const ensemble = Float64Array.from({ length: 21 }, (_, at) => 20 - at);
    const errors = ensembleErrors(Float64Array.of(14, 16).subarray(0, 1), ensemble, 21, LEVELS);
    expect(errors.guess[0]).toBe(10);
    expect([errors.in50![0], errors.in90![0]]).toEqual([1, 1]);
    const far = ensembleErrors(Float64Array.of(16), ensemble, 21, LEVELS);
    expect([far.in50![0], far.in90![0], far.absolute[0]]).toEqual([0, 1, 6]);
    const out = ensembleErrors(Float64Array.of(19.5), ensemble, 21, LEVELS);
    expect([out.in50![0], out.in90![0]]).toEqual([0, 0]);
  });
});

describe('quantiles', () => {
  test('the CRPS of five quantiles of a normal is near the closed form of the whole', () => {
    // z (2 Φ(z) − 1) + 2 φ(z) − 1/√π, Gneiting & Raftery 2007.
    const closed = [
      [0, 0.2336949772551092],
      [0.7, 0.42156917007346395],
    ] as const;
    for (const [target, expected] of closed) {
      const { crps } = quantileErrors(Float64Array.of(target), Float64Array.from(NORMAL), LEVELS);
      expect(Math.abs(crps[0]! - expected)).toBeLessThan(0.02);
    }
  });

  test('the pinball loss is over the levels of the model, intervals are between its quantiles', () => {
    const { pinball, in50, in90, guess } = quantileErrors(
      Float64Array.of(1, 1),
      Float64Array.from([...NORMAL, ...NORMAL.map((each) => each + 1)]),
      LEVELS,
    );
    const loss = (error: number, level: number) => (error >= 0 ? level : level - 1) * error;
    expect(pinball[0]).toBeCloseTo(meanOf(LEVELS.map((level, at) => loss(1 - NORMAL[at]!, level))), 12);
    expect([...in50!]).toEqual([0, 1]);
    expect([...in90!]).toEqual([1, 1]);
    expect([...guess]).toEqual([0, 1]);
  });
});

test('MASE is in units of what "last value" is off by in training', () => {
  const sequences = { ...numberedSequences(4, 3), deltaNs: Float64Array.of(NaN, 9, 99, 9, NaN, 0, 9) };
  // |ln 100 − ln 10| twice, and |ln 10 − ln 1| once; nothing across the sequences.
  expect(naiveError(sequences)).toBeCloseTo(Math.log(10), 12);
  expect(naiveError({ ...sequences, deltaNs: Float64Array.of(NaN, 5, 5, 5, NaN, 5, 5) })).toBe(1);
  const target = Float64Array.from({ length: 100 }, (_, at) => at % 7);
  const model = pointErrors(
    target,
    target.map((value) => value + 1),
    LEVELS,
  );
  const baseline = pointErrors(
    target,
    target.map((value, at) => (at === 0 ? NaN : value - 2)),
    LEVELS,
  );
  const bootstrap = new BlockBootstrap(new Uint8Array(100), 2, 1);
  const scoring = new TimeScoring(model, [{ name: 'two off', errors: baseline }], 4, bootstrap);
  expect(scoring.modelScores()).toMatchObject({
    logMae: { value: 1, low: 1, high: 1 },
    mase: { value: 0.25 },
    coverage50: null,
  });
  const [{ scores, difference }] = scoring.baselineScores() as [
    ReturnType<TimeScoring['baselineScores']>[number],
  ];
  expect(scores.logMae.value).toBe(2);
  expect(difference.logMae).toEqual({ value: -1, low: -1, high: -1 });
  expect(difference.mase.value).toBe(-0.25);
  // Of the events of a group at which the baseline knew something.
  const group = scoring.group(
    'w',
    null,
    Uint8Array.from(target, (_, at) => (at < 50 ? 1 : 0)),
  );
  expect(group).toMatchObject({ targets: 50, logMae: { value: 1 } });
  expect(group.baselines).toEqual([
    { name: 'two off', logMae: 2, difference: { value: -1, low: -1, high: -1 } },
  ]);
});

test('a forecast of one value has no spread', () => {
  const target = Float64Array.of(1, 2, 3, 4);
  expect(spreadRatio(Float64Array.of(2, 2, 2, 2), target)).toBe(0);
  expect(spreadRatio(target, target)).toBe(1);
  expect(spreadRatio(target, Float64Array.of(2, 2, 2, 2))).toBe(1);
});

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
