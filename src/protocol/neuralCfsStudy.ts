/**
 * A study of recordings of `can_migrate_task()`: all that the experiments of NeuralCFS come to, in one file `*.neural-cfs.json`,
 * and what the view of such a file asks of the host. What was not asked for is an empty list; `null` is "cannot be told".
 */
import type {
  CleaningCounts,
  ExperimentNumber,
  JudgedRecording,
  NeuralCfsResults,
  TrainedImportance,
  TransferResult,
  WayName,
} from './neuralCfs.js';

export interface NeuralCfsStudy {
  readonly format: 'kernel-oracle-neural-cfs-study';
  readonly version: 1;
  readonly kernelOracleVersion: string;
  /** ISO 8601, UTC. */
  readonly made: string;
  readonly elapsedSeconds: number;
  readonly settings: StudySettings;
  readonly rows: number;
  readonly recordings: readonly JudgedRecording[];
  /** Files that were found and not taken, and what is odd about those that were. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  readonly warnings: readonly string[];
  /** `null`: experiments were not asked for. */
  readonly results: NeuralCfsResults | null;
  /** One an experiment. */
  readonly rankings: readonly ColumnRanking[];
  readonly importance: readonly TrainedImportance[];
  readonly transfers: readonly TransferResult[];
}

export interface StudySettings {
  /** As they were given: files and folders. */
  readonly paths: readonly string[];
  readonly experiments: readonly ExperimentNumber[];
  readonly ways: readonly WayName[];
  /** Names of models. */
  readonly models: readonly string[];
  readonly balance: 'half' | 'natural';
  /** The model whose columns are shuffled, and that is carried from workload to workload; `null`: none. */
  readonly importanceOf: string | null;
  readonly transferOf: string | null;
  readonly transferBy: readonly ('workload' | 'machine')[];
  readonly seed: number;
}

/** How much each column tells of a label: tables 5.4 to 5.7 of the thesis from recordings of one's own. */
export interface ColumnRanking {
  readonly experiment: ExperimentNumber;
  readonly balance: 'half' | 'natural';
  readonly columns: readonly string[];
  /** By name, and at last all of them together where there are several. */
  readonly workloads: readonly RankedWorkload[];
  /** The best ones of all workloads united: by how many have them there, then by their best rank. */
  readonly union: readonly string[];
  /** The inputs that the thesis chose so. */
  readonly ofThesis: readonly string[];
  readonly warnings: readonly RankingWarning[];
}

export interface RankedWorkload {
  /** `null`: all workloads together. */
  readonly workload: string | null;
  /** Before cleaning. */
  readonly calls: number;
  readonly positives: number;
  readonly steps: readonly CleaningCounts[];
  /** By rank. Columns without variance are not in it. */
  readonly scores: readonly RankedColumn[];
  readonly top: readonly string[];
  /** Why nothing was scored; `null` where something was. */
  readonly reason: string | null;
}

export interface RankedColumn {
  readonly column: string;
  /** As `f_classif` of scikit-learn; `null`: without end (the classes never overlap). */
  readonly f: number | null;
  readonly p: number;
  /** Mutual information, and about what chance adds to it. */
  readonly nats: number;
  readonly biasNats: number;
  /** By F, from 1 on. */
  readonly rank: number;
}

export interface RankingWarning {
  readonly column: string;
  /** It tells rows apart; the label is made of it; calls that share it share their label. */
  readonly kind: 'identifies' | 'rule' | 'group';
  readonly text: string;
}

export type StudyState =
  | { readonly kind: 'reading'; readonly name: string }
  | { readonly kind: 'ready'; readonly name: string; readonly path: string; readonly study: NeuralCfsStudy };

/** What the view may ask. */
export interface StudyRequests {
  /** Fails with what is wrong with the file. */
  studyState: { params: Record<string, never>; result: StudyState };
  /** Opens a recording of the study by its place in `recordings`. */
  openRecording: { params: { readonly recording: number }; result: null };
  /** Makes the study anew with the same settings; ends when it is done or was given up. */
  repeatStudy: { params: Record<string, never>; result: null };
  /** Asks the user for a place; `null` when the user gave up. */
  saveFile: {
    params: {
      /** Proposed name with its ending. */
      readonly name: string;
      readonly content:
        { readonly kind: 'csv'; readonly text: string } | { readonly kind: 'png'; readonly base64: string };
    };
    result: { readonly path: string } | null;
  };
}

/** What the view is told without asking: the file changed on disk. */
export interface StudyEvents {
  studyUpdated: StudyState;
  failed: { readonly message: string };
}

/** What the view keeps with `setState` across hiding and reloads. */
export interface StudyViewState {
  readonly tab: string;
  readonly experiment: ExperimentNumber;
  readonly way: WayName | null;
  readonly workload: string | null;
  readonly model: string | null;
  /** Threshold that the user moved to, by score. */
  readonly threshold: number | null;
}
