import { describe, expect, test } from 'vitest';
import { evaluationWarnings } from '../../../../src/learning/evaluation/warnings.js';
import type {
  Estimate,
  InterArrivalEvaluation,
  NextTaskEvaluation,
  TaskSlice,
} from '../../../../src/protocol/evaluation.js';

const estimate = (value: number, low: number | null = value, high: number | null = value): Estimate => ({
  ...{ value, low, high },
});
const scores = (top1: Estimate) => ({ top1, top3: top1, mrr: top1, logLoss: null });

function slice(
  name: TaskSlice['slice'],
  model: Estimate,
  ...baselines: [string, number, Estimate][]
): TaskSlice {
  return {
    ...{ slice: name, targets: 1000, model: scores(model) },
    baselines: baselines.map(([of, value, difference]) => ({
      ...{ name: of, scores: scores(estimate(value)), difference: scores(difference) },
    })),
  };
}

function warned(changes: Partial<NextTaskEvaluation>): string[] {
  const part = {
    ...{ task: 'next-task', part: 'seen', targets: 1000, unknownTargets: 0, idleTargets: 0, blockEvents: 10 },
    slices: [slice('all', estimate(0.9, 0.8, 0.95), ['last', 0.5, estimate(0.4, 0.3, 0.5)])],
    ...changes,
  } as NextTaskEvaluation;
  return evaluationWarnings({ parts: [part], model: { name: 'tcn' } as never });
}

describe('of next tasks', () => {
  test('there is none for a model that beats all baselines for sure', () => {
    expect(warned({})).toEqual([]);
  });

  test('a difference whose interval holds 0 is no better model, and the baseline that is farthest ahead is named', () => {
    const slices = [
      slice(
        'all',
        estimate(0.9),
        ['last', 0.5, estimate(0.4, 0.3, 0.5)],
        ['near', 0.89, estimate(0.01, -0.01, 0.03)],
        ['ahead', 0.92, estimate(-0.02, -0.04, -0.01)],
      ),
    ];
    expect(warned({ slices })).toEqual([
      'On the seen test tcn is not better than the baseline "ahead": top-1 90.0 % against 92.0 %, a difference of −2.00 points (−4.00 … −1.00).',
    ]);
    const [{ baselines }] = slices as [TaskSlice];
    const near = [{ ...slices[0]!, baselines: baselines.slice(0, 2) }];
    expect(warned({ slices: near })[0]).toMatch(/"near": .* \+1\.00 points \(−1\.00 … \+3\.00\)/);
  });

  test('a model that only beats it by idle is told', () => {
    const slices = [
      slice('all', estimate(0.9), ['last', 0.5, estimate(0.4, 0.3, 0.5)]),
      slice('withoutIdle', estimate(0.3), ['last', 0.5, estimate(-0.2, -0.3, -0.1)]),
    ];
    expect(warned({ slices })).toEqual([
      'On the seen test, where what comes is not idle, tcn is not better than the baseline "last": top-1 30.0 % against 50.0 %.',
    ]);
  });

  test('much idle, many unknown targets, too few blocks', () => {
    expect(warned({ idleTargets: 401 })[0]).toMatch(/40\.1 % of the targets are idle/);
    expect(warned({ idleTargets: 400 })).toEqual([]);
    expect(warned({ unknownTargets: 101 })[0]).toMatch(/10\.1 % of the targets are not in the vocabulary/);
    const none = estimate(0.9, null, null);
    expect(warned({ slices: [slice('all', none)] })[0]).toMatch(/The seen test has 1000 targets, too few/);
  });
});

describe('of times', () => {
  const times = (value: number, difference: Estimate) => ({
    model: { logMae: estimate(value, value - 0.1, value + 0.1) },
    baselines: [{ name: 'last value', scores: { logMae: estimate(1) }, difference: { logMae: difference } }],
  });
  const warn = (changes: object) =>
    evaluationWarnings({
      parts: [
        {
          ...{ task: 'inter-arrival', part: 'given', targets: 50, blockEvents: 2 },
          collapse: { spreadRatio: 0.5, freeRunRatio: null, isCollapsed: false },
          horizons: [{ steps: 1, ...times(0.5, estimate(-0.5, -0.6, -0.4)) }],
          ...changes,
        } as unknown as InterArrivalEvaluation,
      ],
      model: { name: 'lstm' } as never,
    });

  test('a smaller error is better', () => {
    expect(warn({})).toEqual([]);
    const horizons = [
      { steps: 1, ...times(0.5, estimate(-0.5, -0.6, -0.4)) },
      { steps: 10, ...times(1.1, estimate(0.1, -0.1, 0.3)) },
      { steps: 100, ...times(0.9, estimate(-0.1, -0.3, 0.1)) },
    ];
    expect(warn({ horizons })).toEqual([
      'On the recordings given lstm is not better than a baseline: 10 events ahead "last value" (log-MAE 1.100 against 1.000), 100 events ahead "last value" (log-MAE 0.900 against 1.000).',
    ]);
  });

  test('a collapsed forecast', () => {
    const collapse = { spreadRatio: 0.02, freeRunRatio: 0.03, isCollapsed: true };
    expect(warn({ collapse })[0]).toMatch(/collapsed .* 2\.0 % .* free run 3\.0 %/);
  });
});
