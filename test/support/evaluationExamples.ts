import {
  EVALUATION_VERSION,
  type BaselineScores,
  type Estimate,
  type Evaluation,
  type InterArrivalEvaluation,
  type NextTaskEvaluation,
  type NextTaskScores,
  type TimeScores,
} from '../../src/protocol/evaluation.js';

const estimate = (value: number, half = 0.01): Estimate => ({ value, low: value - half, high: value + half });

const scores = (top1: number, logLoss: number | null): NextTaskScores => ({
  top1: estimate(top1),
  top3: estimate(Math.min(0.99, top1 + 0.1)),
  mrr: estimate(top1 + 0.05),
  logLoss: logLoss === null ? null : estimate(logLoss),
});

const baseline = (name: string, own: number, top1: number, logLoss: number | null): BaselineScores => ({
  name,
  scores: scores(top1, logLoss),
  difference: scores(own - top1, logLoss === null ? null : 0.5 - logLoss),
});

/** Figures of a next-task model that hold together, with tasks of these names. */
export function taskPart(part = 'seen', tasks: readonly string[] = ['swapper', 'a']): NextTaskEvaluation {
  return {
    task: 'next-task',
    part,
    targets: 1000,
    recordings: [{ path: '/r/a.ftrace', workload: 'mix', category: 'io', targets: 1000 }],
    eventsFile: `${part}.columns`,
    eventsSha256: 'cd'.repeat(32),
    blockEvents: 50,
    unknownTargets: 20,
    idleTargets: 300,
    contestedTargets: null,
    slices: (['all', 'withoutIdle', 'knownOnly'] as const).map((slice, at) => ({
      slice,
      targets: 1000 - 300 * at,
      model: scores(0.7 - at / 10, 0.5),
      baselines: [
        baseline('last', 0.7 - at / 10, 0.4, null),
        baseline('Markov 1', 0.7 - at / 10, 0.695, 0.6),
      ],
    })),
    calibration: {
      ece: 0.02,
      bins: [
        { from: 0, to: 0.5, events: 0, confidence: 0, accuracy: 0 },
        { from: 0.5, to: 1, events: 1000, confidence: 0.8, accuracy: 0.7 },
      ],
    },
    byWorkload: [
      {
        name: 'mix',
        category: 'io',
        targets: 1000,
        model: estimate(0.7),
        withoutIdle: 0.6,
        baselines: [{ name: 'last', top1: 0.4, difference: estimate(0.3) }],
      },
    ],
    byCpu: [
      { name: '0', category: null, targets: 1000, model: estimate(0.7), withoutIdle: null, baselines: [] },
    ],
    byTask: tasks.map((task, at) => ({
      task,
      index: at + 1,
      support: 500 - at,
      predicted: at === 0 ? 600 : 0,
      precision: at === 0 ? 0.8 : null,
      recall: at === 0 ? 0.9 : 0,
      f1: at === 0 ? 0.85 : 0,
    })),
    macro: { workloadTop1: 0.7, taskRecall: 0.45, taskF1: 0.4 },
  };
}

export function timePart(part = 'seen'): InterArrivalEvaluation {
  const of = (logMae: number, coverage: number | null): TimeScores => ({
    logMae: estimate(logMae),
    mase: estimate(logMae / 2),
    pinball: estimate(logMae / 3),
    crps: estimate(logMae / 1.2),
    coverage50: coverage === null ? null : estimate(coverage),
    coverage90: coverage === null ? null : estimate(Math.min(0.98, coverage + 0.35)),
  });
  return {
    task: 'inter-arrival',
    part,
    targets: 1000,
    recordings: [{ path: '/r/a.ftrace', workload: 'mix', category: 'io', targets: 1000 }],
    eventsFile: `${part}.columns`,
    eventsSha256: 'cd'.repeat(32),
    blockEvents: 50,
    horizons: [1, 10, 100].map((steps) => ({
      steps,
      targets: 1000 / steps,
      model: of(0.5 + steps / 100, 0.5),
      baselines: [{ name: 'last value', scores: of(1, null), difference: of(-0.5, null) }],
    })),
    collapse: { spreadRatio: 0.04, freeRunRatio: null, isCollapsed: true },
    byWorkload: [
      {
        name: 'mix',
        category: 'io',
        targets: 1000,
        logMae: estimate(0.5),
        baselines: [{ name: 'last value', logMae: 1, difference: estimate(-0.5) }],
      },
    ],
  };
}

/** An evaluation as it is written. */
export function taskEvaluation(changes: Partial<Evaluation> = {}): Evaluation {
  return {
    format: 'kernel-oracle-evaluation',
    version: EVALUATION_VERSION,
    kernelOracleVersion: '0.0.0',
    evaluated: '2026-11-21T18:00:00.000Z',
    model: { name: 'tcn', task: 'next-task', parameters: 1234, epoch: 3, engine: 'embedded' },
    weightsSha256: 'ab'.repeat(32),
    dataset: { path: '/data', sha256: 'cd' },
    bootstrap: { resamples: 1000, seed: 1 },
    parts: [taskPart('seen'), taskPart('unseen')],
    cost: {
      machine: 'a processor, 2 threads',
      engines: [
        {
          engine: 'embedded',
          threads: 1,
          single: { p50Ns: 400_000, p99Ns: 900_000 },
          batched: { windows: 128, windowsPerSecond: 12_345 },
        },
      ],
      streaming: { p50Ns: 9000, p99Ns: 20_000, events: 5000 },
    },
    warnings: ['A warning.'],
    ...changes,
  };
}

export function timeEvaluation(changes: Partial<Evaluation> = {}): Evaluation {
  return taskEvaluation({
    model: { name: 'inter-arrival-tcn', task: 'inter-arrival', parameters: 99, epoch: 1, engine: 'embedded' },
    parts: [timePart()],
    ...changes,
  });
}
