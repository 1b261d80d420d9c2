/** What stands in the folder of a trained model of calls of `can_migrate_task()`: plain data, and what its files may hold. */
import * as v from 'valibot';
import type {
  CleaningCounts,
  ExperimentNumber,
  JudgedRecording,
  ModelJudgement,
  RowCounts,
  WayName,
} from '../../../protocol/neuralCfs.js';
import {
  cleaningStepsSchema,
  experimentSchema,
  judgedRecordingsSchema,
  modelJudgementSchema,
  rowCountsSchema,
} from '../../../protocol/neuralCfsSchemas.js';
import type { DeployableModel, RawRows } from '../deployableModel.js';

export const RUN_FORMAT = 'kernel-oracle-neural-cfs-run';
export const RUN_VERSION = 1;

/** What is never in training and test. */
export type RunSplit = Exclude<WayName, 'published'>;
/** `half`: 0.5. `trained`: the one with the highest Matthews correlation on the training rows. */
export type ThresholdChoice = 'half' | 'trained';

export interface NeuralCfsRun {
  readonly format: typeof RUN_FORMAT;
  readonly version: typeof RUN_VERSION;
  readonly kernelOracleVersion: string;
  /** ISO 8601, UTC. */
  readonly made: string;
  readonly experiment: ExperimentNumber;
  readonly seed: number;
  readonly recordings: readonly JudgedRecording[];
  readonly rows: number;
  /** How the rows were split, and that in a sentence. */
  readonly split: { readonly by: RunSplit; readonly note: string };
  /** Those that were asked for; `scaling` has those that are left, which are the model's inputs. */
  readonly columns: readonly string[];
  readonly cleaning: readonly CleaningCounts[];
  readonly scaling: readonly { readonly name: string; readonly mean: number; readonly deviation: number }[];
  readonly classWeights: readonly [number, number];
  readonly training: RowCounts;
  readonly test: RowCounts;
  /** What it is, and what it is worth on the test; without figures where `refusal` says why. */
  readonly model: ModelJudgement;
  readonly refusal: string | null;
  /** A call whose score is not below it is called positive. */
  readonly threshold: { readonly choice: ThresholdChoice; readonly score: number };
  readonly warnings: readonly string[];
  /** SHA-256 of the other files. */
  readonly files: Readonly<Record<'model' | 'calibration' | 'test' | 'samples', string>>;
}

/** Rows as recorded, with their labels. */
export interface LabelledRows extends RawRows {
  /** [rows] 1: positive */
  readonly labels: Uint8Array;
}

/** Rows of the test, and what the model said of them where it was trained. */
export interface SampleRows extends LabelledRows {
  /** [rows] 0 … 1 */
  readonly scores: Float32Array;
  /** [rows] 1: called positive */
  readonly decisions: Uint8Array;
}

/** A run with all that belongs to it. */
export interface TrainedRun {
  readonly info: NeuralCfsRun;
  readonly model: DeployableModel;
  /** Of the training rows, and of the test. */
  readonly calibration: LabelledRows;
  readonly test: LabelledRows;
  readonly samples: SampleRows;
}

const text = v.string();
const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sha256 = v.pipe(text, v.regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hexadecimal digits'));

export const neuralCfsRunSchema: v.GenericSchema<unknown, NeuralCfsRun> = v.object({
  format: v.literal(RUN_FORMAT),
  version: v.literal(RUN_VERSION),
  kernelOracleVersion: text,
  made: text,
  experiment: experimentSchema,
  seed: count,
  recordings: judgedRecordingsSchema,
  rows: count,
  split: v.object({ by: v.picklist(['group', 'recording', 'workload']), note: text }),
  columns: v.array(text),
  cleaning: cleaningStepsSchema,
  scaling: v.array(v.object({ name: text, mean: finite, deviation: finite })),
  classWeights: v.tuple([finite, finite]),
  training: rowCountsSchema,
  test: rowCountsSchema,
  model: modelJudgementSchema,
  refusal: v.nullable(text),
  threshold: v.object({ choice: v.picklist(['half', 'trained']), score: finite }),
  warnings: v.array(text),
  files: v.object({ model: sha256, calibration: sha256, test: sha256, samples: sha256 }),
});
