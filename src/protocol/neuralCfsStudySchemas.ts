import * as v from 'valibot';
import { estimateSchema } from './evaluationSchemas.js';
import { INSPECTION_PARAMS, type ParamsOf } from './inspectionSchemas.js';
import {
  cleaningStepsSchema,
  experimentSchema,
  judgedRecordingsSchema,
  neuralCfsResultsSchema,
  rowCountsSchema,
  wayNameSchema,
} from './neuralCfsSchemas.js';
import type {
  NeuralCfsStudy,
  StudyRequests,
  StudySettings,
  StudyState,
  StudyViewState,
} from './neuralCfsStudy.js';

// What a study may hold: checked when its file is read, and when a view gets it.

/** Of `format` and `version`. */
export const STUDY_FORMAT = 'kernel-oracle-neural-cfs-study';
export const STUDY_VERSION = 1;

const MOST_PATHS = 10_000;
const MOST_SEED = 4_294_967_295;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const nonNegative = v.pipe(v.number(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const text = v.string();
const texts = v.array(text);
const name = v.pipe(text, v.minLength(1), v.maxLength(100));
const path = v.pipe(text, v.minLength(1), v.maxLength(4096));
const balance = v.picklist(['half', 'natural']);
const by = v.picklist(['workload', 'machine']);

export const studySettingsSchema: v.GenericSchema<unknown, StudySettings> = v.object({
  paths: v.pipe(v.array(path), v.minLength(1), v.maxLength(MOST_PATHS)),
  experiments: v.pipe(v.array(experimentSchema), v.minLength(1), v.maxLength(3)),
  ways: v.pipe(v.array(wayNameSchema), v.maxLength(4)),
  models: v.pipe(v.array(name), v.maxLength(100)),
  balance,
  importanceOf: v.nullable(name),
  transferOf: v.nullable(name),
  transferBy: v.pipe(v.array(by), v.maxLength(2)),
  seed: v.pipe(count, v.maxValue(MOST_SEED)),
});

const rankedWorkload = v.object({
  workload: v.nullable(text),
  calls: count,
  positives: count,
  steps: cleaningStepsSchema,
  scores: v.array(
    v.object({
      column: text,
      f: v.nullable(nonNegative),
      p: share,
      nats: v.number(),
      biasNats: v.number(),
      rank: v.pipe(count, v.minValue(1)),
    }),
  ),
  top: texts,
  reason: v.nullable(text),
});

const ranking = v.object({
  experiment: experimentSchema,
  balance,
  columns: texts,
  workloads: v.array(rankedWorkload),
  union: texts,
  ofThesis: texts,
  warnings: v.array(v.object({ column: text, kind: v.picklist(['identifies', 'rule', 'group']), text })),
});

const importance = v.object({
  experiment: experimentSchema,
  name: text,
  title: text,
  training: rowCountsSchema,
  test: rowCountsSchema,
  repeats: count,
  averagePrecision: v.nullable(share),
  refusal: v.nullable(text),
  importance: v.array(
    v.object({
      column: text,
      drop: v.object({ mean: v.number(), least: v.number(), most: v.number() }),
    }),
  ),
});

const cell = v.object({
  training: rowCountsSchema,
  test: rowCountsSchema,
  refusal: v.nullable(text),
  averagePrecision: v.nullable(estimateSchema),
  rocAuc: v.nullable(estimateSchema),
  balancedAccuracy: v.nullable(estimateSchema),
});

const transfer = v.pipe(
  v.object({
    experiment: experimentSchema,
    by,
    names: texts,
    model: v.object({ name: text, title: text }),
    cells: v.array(v.array(cell)),
  }),
  v.check(
    ({ names, cells }) => cells.length === names.length && cells.every((row) => row.length === names.length),
    'is no matrix of all names by all names',
  ),
);

export const neuralCfsStudySchema: v.GenericSchema<unknown, NeuralCfsStudy> = v.object({
  format: v.literal(STUDY_FORMAT),
  version: v.literal(STUDY_VERSION),
  kernelOracleVersion: text,
  made: v.pipe(text, v.isoTimestamp()),
  elapsedSeconds: nonNegative,
  settings: studySettingsSchema,
  rows: count,
  recordings: judgedRecordingsSchema,
  leftOut: v.array(v.object({ path: text, reason: text })),
  warnings: texts,
  results: v.nullable(neuralCfsResultsSchema),
  rankings: v.array(ranking),
  importance: v.array(importance),
  transfers: v.array(transfer),
});

const stateSchema: v.GenericSchema<unknown, StudyState> = v.variant('kind', [
  v.object({ kind: v.literal('reading'), name: text }),
  v.object({ kind: v.literal('ready'), name: text, path: text, study: neuralCfsStudySchema }),
]);

/** The state as the host sent it; `null` for what is none. */
export function readStudyState(value: unknown): StudyState | null {
  const parsed = v.safeParse(stateSchema, value);
  return parsed.success ? parsed.output : null;
}

const nothing = v.strictObject({});

/** Parameters of requests, checked when they arrive. */
export const STUDY_PARAMS: ParamsOf<StudyRequests> = {
  studyState: nothing,
  openRecording: v.strictObject({ recording: count }),
  repeatStudy: nothing,
  saveFile: INSPECTION_PARAMS.saveFile,
};

const viewState: v.GenericSchema<unknown, StudyViewState> = v.object({
  tab: name,
  experiment: experimentSchema,
  way: v.nullable(wayNameSchema),
  workload: v.nullable(text),
  model: v.nullable(name),
  threshold: v.nullable(v.number()),
});

/** What `setState` of an earlier page kept; `null` for what is none of ours. */
export function readStudyViewState(value: unknown): StudyViewState | null {
  const parsed = v.safeParse(viewState, value);
  return parsed.success ? parsed.output : null;
}
