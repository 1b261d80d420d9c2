/**
 * What the experiments of the NeuralCFS thesis come to on recordings of `can_migrate_task()`: plain data, for the command line,
 * panels and tests alike. Shares are 0 … 1; `null` is "cannot be told".
 */
import type { Estimate } from './evaluation.js';

/** 1: migrated? 2: does its history group end in a forced migration? 3: is this call forced? */
export type ExperimentNumber = 1 | 2 | 3;

export interface NeuralCfsResults {
  readonly format: 'kernel-oracle-neural-cfs';
  readonly version: 1;
  readonly kernelOracleVersion: string;
  /** ISO 8601, UTC. */
  readonly evaluated: string;
  readonly seed: number;
  readonly rows: number;
  readonly recordings: readonly JudgedRecording[];
  readonly experiments: readonly ExperimentResult[];
  /** What a reader should know before any figure. */
  readonly warnings: readonly string[];
}

export interface JudgedRecording {
  readonly path: string;
  readonly name: string;
  readonly workload: string;
  readonly machine: string | null;
  readonly sha256: string;
  readonly rows: number;
}

export interface ExperimentResult {
  readonly experiment: ExperimentNumber;
  readonly title: string;
  readonly columns: readonly string[];
  readonly counts: readonly WorkloadCounts[];
  readonly thesis: ThesisFigures;
  readonly ways: readonly WayResult[];
  /** What these figures do and do not tell. */
  readonly notes: readonly string[];
}

export interface WorkloadCounts {
  readonly workload: string;
  readonly rows: number;
  readonly positives: number;
}

/** Accuracies on balanced rows, as the thesis printed them. */
export interface ThesisFigures {
  readonly figure: string;
  readonly bars: readonly ThesisBar[];
  /** What it says besides. */
  readonly remark: string;
}

export interface ThesisBar {
  readonly benchmark: string;
  readonly torch: number | null;
  readonly libml: number | null;
  /** Its third bar: a separate run, or the model in the kernel. */
  readonly other: number | null;
}

/**
 * `published`: as the thesis did, classes half and half, normalised by all rows, split by row. The others are at natural
 * prevalence with class weights, normalised by the training rows, and split so that no history group, no recording, or no
 * workload is in training and test.
 */
export type WayName = 'published' | 'group' | 'recording' | 'workload';

export interface WayResult {
  readonly way: WayName;
  /** How rows were split, in a sentence. */
  readonly split: string;
  readonly steps: readonly CleaningCounts[];
  /** All workloads first, then each by itself. */
  readonly parts: readonly PartResult[];
}

/** Rows and columns that are left behind a step of cleaning, and what it took away. */
export interface CleaningCounts {
  readonly name: string;
  readonly rows: number;
  readonly positives: number;
  readonly columns: number;
  readonly left: readonly string[];
}

export interface PartResult {
  /** `null`: all. */
  readonly workload: string | null;
  /** The models were trained on rows of this part alone, or on the training rows of all workloads. */
  readonly trainedOn: 'part' | 'all';
  readonly training: RowCounts;
  readonly test: RowCounts;
  /** Why there are no figures. */
  readonly refusal: string | null;
  readonly models: readonly ModelJudgement[];
}

export interface RowCounts {
  readonly rows: number;
  readonly positives: number;
}

export interface ModelJudgement {
  /** `mlp`, `libml`, `constant`, `rule`, `logistic`, `tree`, `boosting` */
  readonly name: string;
  readonly title: string;
  readonly isThesis: boolean;
  readonly summary: string;
  /** Seconds that training took. */
  readonly trainingSeconds: number;
  /** `null` where it could not be trained or gave no numbers: `failure` says why. */
  readonly judgement: Judgement | null;
  readonly failure: string | null;
  /** Of a model of the thesis: less the baseline with the highest average precision, paired. */
  readonly lessBaseline: { readonly baseline: string; readonly averagePrecision: Estimate } | null;
}

export interface Judgement {
  readonly rows: number;
  readonly positives: number;
  /** Blocks of whole history groups that were drawn for the intervals. */
  readonly blocks: number;
  readonly atHalf: ThresholdFigures;
  /** At the threshold with the highest Matthews correlation on the training rows; `null` where that was not asked for. */
  readonly atTrained: ThresholdFigures | null;
  /** Area under precision over recall, in steps; by chance the share of positives. */
  readonly averagePrecision: Estimate;
  readonly rocAuc: Estimate;
  readonly precisionAtRecall: readonly { readonly recall: number; readonly precision: Estimate }[];
  /** What precision would be at other shares of positives, with the recall and false positive rate at 0.5. */
  readonly precisionAtPrevalence: readonly {
    readonly of: string;
    readonly share: number;
    readonly precision: number;
  }[];
  readonly curve: ThresholdCurve;
}

/** Rows whose score is not below the threshold are called positive. */
export interface ThresholdFigures {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  /** Share of rows that are called right, as frequent as the classes are in the test. */
  readonly accuracy: Estimate;
  /** Mean of the recalls of both classes. */
  readonly balancedAccuracy: Estimate;
  /** `null`: nothing is called positive. */
  readonly precision: Estimate | null;
  readonly recall: Estimate;
  readonly f1: Estimate;
  readonly mcc: Estimate;
}

/** Scores that occur, descending, thinned out to a few hundred; parallel. Above the first nothing is called positive. */
export interface ThresholdCurve {
  readonly thresholds: readonly number[];
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
}

/** Training on one group of recordings, testing on another; the diagonal is split by history group. */
export interface TransferResult {
  readonly experiment: ExperimentNumber;
  readonly by: 'workload' | 'machine';
  readonly names: readonly string[];
  readonly model: { readonly name: string; readonly title: string };
  /** [train][test] */
  readonly cells: readonly (readonly TransferCell[])[];
}

export interface TransferCell {
  readonly training: RowCounts;
  readonly test: RowCounts;
  /** Why there are no figures. */
  readonly refusal: string | null;
  readonly averagePrecision: Estimate | null;
  readonly rocAuc: Estimate | null;
  readonly balancedAccuracy: Estimate | null;
}

/** How much worse a trained model gets when a column is shuffled among the test's rows. */
export interface PermutationImportance {
  readonly column: string;
  /** Average precision lost: mean over the repeats, and the lowest and highest. */
  readonly drop: { readonly mean: number; readonly least: number; readonly most: number };
}

export interface TrainedImportance {
  readonly experiment: ExperimentNumber;
  readonly name: string;
  readonly title: string;
  readonly training: RowCounts;
  readonly test: RowCounts;
  readonly repeats: number;
  /** Of the test as it is; `null` where it was not scored: `refusal` says why. */
  readonly averagePrecision: number | null;
  readonly refusal: string | null;
  readonly importance: readonly PermutationImportance[];
}
