import * as v from 'valibot';
import { estimateSchema } from './evaluationSchemas.js';
import type { NeuralCfsResults } from './neuralCfs.js';

// What results of the experiments may hold: checked when a file of them is read, and when a view gets them.

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const text = v.string();
export const experimentSchema = v.picklist([1, 2, 3]);
export const wayNameSchema = v.picklist(['published', 'group', 'recording', 'workload']);
export const rowCountsSchema = v.object({ rows: count, positives: count });
const confusion = {
  truePositives: count,
  falsePositives: count,
  falseNegatives: count,
  trueNegatives: count,
};

const atThreshold = v.object({
  threshold: v.number(),
  ...confusion,
  accuracy: estimateSchema,
  balancedAccuracy: estimateSchema,
  precision: v.nullable(estimateSchema),
  recall: estimateSchema,
  f1: estimateSchema,
  mcc: estimateSchema,
});

const curve = v.pipe(
  v.object({
    thresholds: v.array(v.number()),
    truePositives: v.array(count),
    falsePositives: v.array(count),
  }),
  v.check(
    ({ thresholds, truePositives, falsePositives }) =>
      thresholds.length === truePositives.length && thresholds.length === falsePositives.length,
    'has columns of different lengths',
  ),
);

const judgement = v.object({
  rows: count,
  positives: count,
  blocks: count,
  atHalf: atThreshold,
  atTrained: v.nullable(atThreshold),
  averagePrecision: estimateSchema,
  rocAuc: estimateSchema,
  precisionAtRecall: v.array(v.object({ recall: share, precision: estimateSchema })),
  precisionAtPrevalence: v.array(v.object({ of: text, share, precision: share })),
  curve,
});

export const modelJudgementSchema = v.object({
  name: text,
  title: text,
  isThesis: v.boolean(),
  summary: text,
  trainingSeconds: v.number(),
  judgement: v.nullable(judgement),
  failure: v.nullable(text),
  lessBaseline: v.nullable(v.object({ baseline: text, averagePrecision: estimateSchema })),
});

export const cleaningStepsSchema = v.array(
  v.object({ name: text, rows: count, positives: count, columns: count, left: v.array(text) }),
);

const way = v.object({
  way: wayNameSchema,
  split: text,
  steps: cleaningStepsSchema,
  parts: v.array(
    v.object({
      workload: v.nullable(text),
      trainedOn: v.picklist(['part', 'all']),
      training: rowCountsSchema,
      test: rowCountsSchema,
      refusal: v.nullable(text),
      models: v.array(modelJudgementSchema),
    }),
  ),
});

const bar = v.object({
  benchmark: text,
  torch: v.nullable(share),
  libml: v.nullable(share),
  other: v.nullable(share),
});

export const judgedRecordingsSchema = v.array(
  v.object({
    path: text,
    name: text,
    workload: text,
    machine: v.nullable(text),
    sha256: text,
    rows: count,
  }),
);

export const neuralCfsResultsSchema: v.GenericSchema<unknown, NeuralCfsResults> = v.object({
  format: v.literal('kernel-oracle-neural-cfs'),
  version: v.literal(1),
  kernelOracleVersion: text,
  evaluated: text,
  seed: count,
  rows: count,
  recordings: judgedRecordingsSchema,
  experiments: v.array(
    v.object({
      experiment: experimentSchema,
      title: text,
      columns: v.array(text),
      counts: v.array(v.object({ workload: text, rows: count, positives: count })),
      thesis: v.object({ figure: text, bars: v.array(bar), remark: text }),
      ways: v.array(way),
      notes: v.array(text),
    }),
  ),
  warnings: v.array(text),
});
