import type { Audit } from './audit.js';
import type { Evaluation } from './evaluation.js';
import type {
  BestEpoch,
  HistoryView,
  LabelledText,
  MetricsView,
  TrainingViewState,
} from './trainingPanelMessages.js';

/** What the model panel asks of the extension beside what all inspection panels ask. */

type Nothing = Record<string, never>;

/** A layer, or what is read: a node of the model's graph. */
export interface LayerView {
  /** `tcn/block0/conv1` */
  readonly name: string;
  readonly operation: string;
  /** Names of the nodes that it reads. */
  readonly inputs: readonly string[];
  /** Of what comes out for one event; `null`: one number. */
  readonly shape: readonly number[] | null;
  /** `3 taps, dilation 4` */
  readonly detail: string | null;
  /** How many numbers are learnt there. */
  readonly parameters: number;
  /** Running means and variances: kept, not learnt. */
  readonly statistics: number;
  readonly weights: readonly { readonly name: string; readonly rows: number; readonly columns: number }[];
}

/** The course of the training, for the charts of the training panel. */
export interface CourseView {
  readonly state: TrainingViewState;
  readonly task: 'next-task' | 'inter-arrival';
  readonly epochs: number;
  readonly best: BestEpoch | null;
  readonly history: HistoryView;
  readonly metrics: MetricsView | null;
}

/** Something that may be missing, or there but not readable. */
export type Found<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'problem'; readonly message: string };

export interface ModelPanelState {
  /** Absolute. */
  readonly folder: string;
  /** The folder's name. */
  readonly title: string;
  readonly task: 'next-task' | 'inter-arrival';
  readonly facts: readonly LabelledText[];
  /** There are best weights: it can be evaluated. */
  readonly hasWeights: boolean;
  /** In the order in which values pass. */
  readonly layers: Found<readonly LayerView[]>;
  readonly course: Found<CourseView>;
  readonly evaluation: Found<Evaluation>;
  /** The figures are of other weights than those that the run has now; `null`: there are no figures. */
  readonly isOutdated: boolean | null;
  readonly audit: Found<Audit>;
  /** The audit looked at other weights, or at another evaluation, than the run has now; `null`: there is none. */
  readonly isAuditOutdated: boolean | null;
}

export interface ModelPanelRequests {
  modelState: { params: Nothing; result: ModelPanelState };
}

/** What the view keeps over hiding and reloads, beside the folder. */
export interface ModelPanelMemory {
  readonly tab: string;
  readonly part: string;
  readonly slice: string;
  readonly measure: string;
}
