import { describe, expect, test } from 'vitest';
import { evaluationLines } from '../../../src/cli/evaluationText.js';
import {
  EVALUATION_VERSION,
  type Estimate,
  type Evaluation,
  type InterArrivalEvaluation,
  type NextTaskEvaluation,
  type NextTaskScores,
  type TimeScores,
} from '../../../src/protocol/evaluation.js';

const WIDTH = 110;

function estimate(value: number, spread: number | null = 0.0123): Estimate {
  return spread === null
    ? { value, low: null, high: null }
    : { value, low: value - spread, high: value + spread };
}

function scores(value: number, logLoss: number | null): NextTaskScores {
  return {
    top1: estimate(value),
    top3: estimate(value),
    mrr: estimate(value),
    logLoss: logLoss === null ? null : estimate(logLoss),
  };
}

function group(name: string) {
  return {
    ...{ name, category: 'a_category_of_a_long_name', targets: 1_234_567, withoutIdle: null },
    model: estimate(0.9),
    baselines: [
      { name: 'constant', top1: 0.2, difference: estimate(0.7) },
      { name: 'most frequent successor', top1: 0.8, difference: estimate(0.1) },
    ],
  };
}

const TASKS: NextTaskEvaluation = {
  ...{ task: 'next-task', part: 'seen', targets: 1_000_000, unknownTargets: 250_000, idleTargets: 1000 },
  recordings: [{ path: '/a', workload: 'w', category: 'c', targets: 1_000_000 }],
  ...{ eventsFile: 'seen.columns', eventsSha256: 'c'.repeat(64), blockEvents: 2000, contestedTargets: null },
  slices: [
    {
      ...{ slice: 'all', targets: 1_000_000, model: scores(0.987_654, 12.3456) },
      baselines: [
        { name: 'most frequent successor', scores: scores(0.5, null), difference: scores(-0.45, null) },
      ],
    },
  ],
  calibration: { ece: 0.1, bins: [{ from: 0, to: 1 / 15, events: 3, confidence: 0.05, accuracy: 0 }] },
  byWorkload: [group('a workload with a name that goes on and on')],
  byCpu: [group('0')],
  byTask: Array.from({ length: 30 }, (_, at) => ({
    ...{ task: `task\u001b[31m${at}`, index: at + 1, support: 5, predicted: 0 },
    ...{ precision: null, recall: 0, f1: 0 },
  })),
  macro: { workloadTop1: 0.9, taskRecall: 0.1, taskF1: 0.2 },
};

function timeScores(coverage: number | null): TimeScores {
  const of = estimate(12.345, null);
  return {
    ...{ logMae: estimate(1.5), mase: of, pinball: of, crps: of },
    coverage50: coverage === null ? null : estimate(coverage),
    coverage90: null,
  };
}

const TIMES: InterArrivalEvaluation = {
  ...{ task: 'inter-arrival', part: 'unseen', targets: 500, recordings: [], blockEvents: 5 },
  ...{ eventsFile: 'unseen.columns', eventsSha256: 'd'.repeat(64) },
  horizons: [
    {
      ...{ steps: 1000, targets: 100_000, model: timeScores(0.5) },
      baselines: [{ name: 'median of the last 15', scores: timeScores(null), difference: timeScores(null) }],
    },
  ],
  collapse: { spreadRatio: 0.5, freeRunRatio: null, isCollapsed: false },
  byWorkload: [
    {
      name: 'w',
      category: 'c',
      targets: 5,
      logMae: estimate(1, null),
      baselines: [{ name: 'b', logMae: 2, difference: estimate(-1, null) }],
    },
  ],
};

const EVALUATION: Evaluation = {
  ...{ format: 'kernel-oracle-evaluation', version: EVALUATION_VERSION, kernelOracleVersion: '1.2.3' },
  evaluated: '2026-01-02T03:04:05.000Z',
  model: { name: 'tcn', task: 'next-task', parameters: 5, epoch: 2, engine: 'embedded' },
  ...{ weightsSha256: 'a'.repeat(64), dataset: { path: '/data', sha256: 'b' } },
  bootstrap: { resamples: 1000, seed: 42 },
  parts: [TASKS, TIMES],
  cost: {
    machine: 'a processor',
    engines: [
      {
        ...{ engine: 'embedded', threads: 2, single: { p50Ns: 682_134, p99Ns: 1_250 } },
        batched: { windows: 128, windowsPerSecond: 1397.4 },
      },
    ],
    streaming: { p50Ns: 9_870, p99Ns: 25_000, events: 10_000 },
  },
  warnings: ['word '.repeat(60).trim()],
};

describe('an evaluation as text', () => {
  const lines = [...evaluationLines(EVALUATION)];
  const text = lines.join('\n');

  test('is readable in 110 columns, warnings as well', () => {
    expect(lines.filter(({ length }) => length > WIDTH)).toEqual([]);
    expect(lines.filter((line) => line.includes('word word'))).toHaveLength(3);
  });

  test('has figures with intervals, differences with signs, and a dash for what is not known', () => {
    expect(text).toMatch(/the model +98\.77 \(97\.54 … 100\.00\) +98\.77 +0\.9877 +12\.3456/);
    expect(text).toMatch(/most frequent successor +50\.00 .* −45\.00 \(−46\.23 … −43\.77\) .* -$/m);
    expect(text).toMatch(/contested not known/);
    expect(text).toMatch(/80\.00 most frequent s…/);
    expect(text).toMatch(/the model +1\.500 \(1\.488 … 1\.512\) .* 50\.0 +-$/m);
    expect(text).toMatch(
      /a workload with a name that g… +most frequent successor +80\.00 +\+10\.00 \(\+8\.77 … \+11\.23\)$/m,
    );
    expect(text).toMatch(/^w +b +2\.000 +−1\.000$/m);
    expect(text).toMatch(/spread .* 0\.500, in a free run not known/);
    expect(text).toMatch(/embedded +2 +682 +1\.3 +1397 \(128\)/);
    expect(text).toMatch(/event by event, p50 9\.9 µs, p99 25\.0 µs/);
  });

  test('names the most frequent tasks and how many there are; none of them commands the terminal', () => {
    expect(text).toContain('task (15 of 30)');
    expect(text).not.toContain('\u001b');
  });
});
