import type { Estimate } from '../../../../src/protocol/evaluation.js';
import type {
  Judgement,
  ModelJudgement,
  PartResult,
  ThresholdFigures,
} from '../../../../src/protocol/neuralCfs.js';
import type { NeuralCfsStudy } from '../../../../src/protocol/neuralCfsStudy.js';

export function estimate(value: number, low: number | null = null, high: number | null = null): Estimate {
  return { value, low, high };
}

/** 100 rows of the test, 20 of them positive; three scores occur. */
export function judgement(changes: Partial<Judgement> = {}): Judgement {
  return {
    rows: 100,
    positives: 20,
    blocks: 40,
    atHalf: atThreshold(0.5, 10, 5),
    atTrained: atThreshold(0.3, 16, 30),
    averagePrecision: estimate(0.55, 0.4, 0.7),
    rocAuc: estimate(0.8),
    precisionAtRecall: [{ recall: 0.5, precision: estimate(0.667) }],
    precisionAtPrevalence: [{ of: 'thesis: hackbench', share: 0.000029, precision: 0.0002 }],
    curve: { thresholds: [0.9, 0.6, 0.1], truePositives: [5, 10, 20], falsePositives: [0, 5, 80] },
    ...changes,
  };
}

export function atThreshold(
  threshold: number,
  truePositives: number,
  falsePositives: number,
): ThresholdFigures {
  return {
    threshold,
    ...{ truePositives, falsePositives },
    falseNegatives: 20 - truePositives,
    trueNegatives: 80 - falsePositives,
    accuracy: estimate((truePositives + 80 - falsePositives) / 100),
    balancedAccuracy: estimate((truePositives / 20 + 1 - falsePositives / 80) / 2, 0.6, 0.8),
    precision: estimate(truePositives / (truePositives + falsePositives)),
    recall: estimate(truePositives / 20),
    f1: estimate(0.5),
    mcc: estimate(0.4),
  };
}

export function modelOf(name: string, title: string, changes: Partial<ModelJudgement> = {}): ModelJudgement {
  return {
    ...{ name, title, summary: `what ${name} is`, trainingSeconds: 1, judgement: judgement() },
    ...{ isThesis: name === 'mlp' || name === 'libml', failure: null, lessBaseline: null },
    ...changes,
  };
}

const BOOSTING = modelOf('boosting', 'Gradient boosting', {
  judgement: judgement({ averagePrecision: estimate(0.7, 0.6, 0.8) }),
});
const LIBML = modelOf('libml', 'LibML (SGD, batch 1)', {
  lessBaseline: { baseline: 'Gradient boosting', averagePrecision: estimate(-0.15, -0.2, -0.1) },
});
const RULE = modelOf('rule', "Kernel's rule");

export function partOf(workload: string | null, changes: Partial<PartResult> = {}): PartResult {
  return {
    workload,
    trainedOn: 'all',
    training: { rows: 200, positives: 40 },
    test: { rows: 100, positives: 20 },
    refusal: null,
    models: [BOOSTING, LIBML, RULE],
    ...changes,
  };
}

/** Two workloads on two machines, experiments 2 and 3 split by history group, columns, importance and transfer of experiment 2. */
export function exampleStudy(name = 'stress'): NeuralCfsStudy {
  const recordings = [name, 'nginx'].map((workload, at) => ({
    ...{ path: `/data/${at}.csv`, name: `recording ${at}`, workload, machine: `m${at}` },
    ...{ sha256: '00', rows: 500 },
  }));
  const counts = [
    { workload: name, rows: 500, positives: 100 },
    { workload: 'nginx', rows: 500, positives: 10 },
  ];
  const steps = [
    { name: 'float', rows: 700, positives: 80, columns: 3, left: [] },
    { name: 'invalid', rows: 650, positives: 79, columns: 2, left: ['50 rows: never ran'] },
  ];
  const few = partOf('nginx', { refusal: '4 positives among the 50 rows of the test.', models: [] });
  const experiments = ([2, 3] as const).map((experiment) => ({
    experiment,
    title: experiment === 2 ? 'does its history end in a forced migration?' : 'is this migration forced?',
    columns: ['pid', 'delta'],
    counts,
    thesis: {
      figure: `5.${experiment}`,
      bars: [{ benchmark: 'hackbench', torch: 1, libml: 0.968, other: 0.923 }],
      remark: 'A remark.',
    },
    ways: [
      {
        way: 'group' as const,
        split: 'The test is 4 of 9.',
        steps,
        parts: [partOf(null), partOf(name), few],
      },
    ],
    notes: ['A note.'],
  }));
  const scoreOf = (column: string, rank: number, f: number | null) => ({
    ...{ column, rank, f, p: 0.01, nats: 0.1 / rank, biasNats: 0.001 },
  });
  const scored = { calls: 500, positives: 100, steps, reason: null };
  return {
    format: 'kernel-oracle-neural-cfs-study',
    version: 1,
    kernelOracleVersion: '0',
    made: '2026-11-22T05:00:00.000Z',
    elapsedSeconds: 61,
    settings: {
      ...{ paths: ['/data'], experiments: [2, 3], ways: ['group'], models: ['libml', 'rule', 'boosting'] },
      ...{ balance: 'half', importanceOf: 'libml', transferOf: 'libml', transferBy: ['workload'], seed: 42 },
    },
    rows: 1000,
    recordings,
    leftOut: [{ path: '/data/odd.csv', reason: 'it has no column forced' }],
    warnings: ['recording 0: 3 records were lost.'],
    results: {
      ...{ format: 'kernel-oracle-neural-cfs', version: 1, kernelOracleVersion: '0', seed: 42 },
      ...{ evaluated: '2026-11-22T05:00:00.000Z', rows: 1000, recordings, experiments },
      warnings: ['recording 0: 3 records were lost.'],
    },
    rankings: [
      {
        experiment: 2,
        balance: 'half',
        columns: ['pid', 'delta', 'loop', 'lb_flags'],
        workloads: [
          { workload: 'nginx', ...scored, scores: [], top: [], reason: 'too few positives' },
          {
            workload: name,
            ...scored,
            scores: [scoreOf('pid', 1, null), scoreOf('loop', 2, 30), scoreOf('delta', 3, 0.002)],
            top: ['pid', 'loop'],
          },
          {
            workload: null,
            ...scored,
            scores: [scoreOf('loop', 1, 50), scoreOf('pid', 2, 20)],
            top: ['loop'],
          },
        ],
        union: ['pid', 'loop'],
        ofThesis: ['pid', 'delta'],
        warnings: [{ column: 'pid', kind: 'identifies', text: 'A PID identifies a task.' }],
      },
    ],
    importance: [
      {
        ...{
          experiment: 2,
          name: 'libml',
          title: 'LibML (SGD, batch 1)',
          repeats: 5,
          averagePrecision: 0.55,
        },
        ...{ training: { rows: 200, positives: 40 }, test: { rows: 100, positives: 20 }, refusal: null },
        importance: [
          { column: 'delta', drop: { mean: 0.01, least: -0.01, most: 0.02 } },
          { column: 'pid', drop: { mean: 0.2, least: 0.1, most: 0.3 } },
        ],
      },
    ],
    transfers: [
      {
        experiment: 2,
        by: 'workload',
        names: ['nginx', name],
        model: { name: 'libml', title: 'LibML (SGD, batch 1)' },
        cells: [
          [refused('too few positives'), refused('too few positives')],
          [cellOf(0.6), cellOf(0.8)],
        ],
      },
    ],
  };
}

function cellOf(value: number) {
  return {
    ...{ training: { rows: 300, positives: 60 }, test: { rows: 100, positives: 20 }, refusal: null },
    ...{ averagePrecision: estimate(value, value - 0.1, value + 0.1), rocAuc: estimate(0.75) },
    balancedAccuracy: estimate(0.7),
  };
}

function refused(refusal: string) {
  return {
    ...{ training: { rows: 300, positives: 4 }, test: { rows: 100, positives: 20 }, refusal },
    ...{ averagePrecision: null, rocAuc: null, balancedAccuracy: null },
  };
}
