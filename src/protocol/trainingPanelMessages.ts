import type { TrainingProgress } from './trainerMessages.js';

/**
 * What the view of one run of training asks of the extension, and what it is told. What is not known is `null`, never 0.
 */

/** `interrupted`: its process is gone without an end. `stopping`: it saves. `unreadable`: its files tell nothing. */
export type TrainingViewState =
  | 'queued'
  | 'starting'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'cancelled'
  | 'failed'
  | 'interrupted'
  | 'unreadable';

export interface LabelledText {
  readonly label: string;
  readonly value: string;
}

/** What may be done with the run now. */
export interface TrainingActionsView {
  readonly pause: boolean;
  readonly continue: boolean;
  readonly cancel: boolean;
  readonly resume: boolean;
}

export interface BestEpoch {
  readonly epoch: number;
  readonly loss: number;
}

export interface TrainingView {
  /** Absolute. */
  readonly folder: string;
  /** The folder's name. */
  readonly title: string;
  readonly state: TrainingViewState;
  /** Why it failed, ended early, or cannot be shown; in full. */
  readonly message: string | null;
  /** Model, data set, engine and the like, in the order in which they are shown. */
  readonly facts: readonly LabelledText[];
  /** Of the model; `null` before it is known. */
  readonly task: 'next-task' | 'inter-arrival' | null;
  /** Epochs that are done. */
  readonly epoch: number;
  readonly epochs: number;
  readonly best: BestEpoch | null;
  /** Of the epoch that runs; `null` when none does here. */
  readonly progress: TrainingProgress | null;
  readonly actions: TrainingActionsView;
  /** It is trained by another process, which alone can pause or end it: its number. */
  readonly foreignProcess: number | null;
}

/**
 * Epochs that are drawn, by column: of many epochs a few hundred that keep the extremes. Losses are means; `accuracy` and
 * `accuracyWithoutIdle` are shares of the validation part, `error` is the mean |error| of ln(1 + ns) there.
 */
export interface HistoryView {
  /** How many there are, of which the columns hold some. */
  readonly epochs: number;
  /** From 1, ascending. */
  readonly epoch: readonly number[];
  readonly trainLoss: readonly number[];
  readonly validationLoss: readonly (number | null)[];
  readonly accuracy: readonly (number | null)[];
  readonly accuracyWithoutIdle: readonly (number | null)[];
  readonly error: readonly (number | null)[];
  readonly learningRate: readonly number[];
  readonly examplesPerSecond: readonly (number | null)[];
  readonly memoryBytes: readonly number[];
}

/** The model or a baseline on one part. */
export interface MetricsRow {
  readonly name: string;
  readonly isModel: boolean;
  readonly targets: number;
  readonly unknownTargets: number | null;
  /** Mean loss; of the model only. */
  readonly loss: number | null;
  /** Shares 0…1 of next-task models. */
  readonly accuracy: number | null;
  readonly top5: number | null;
  readonly accuracyWithoutIdle: number | null;
  /** Of forecasters: mean |error| of ln(1 + ns), mean |error| in ns, mean pinball loss of ln(1 + ns). */
  readonly maeLog: number | null;
  readonly maeNs: number | null;
  readonly pinballLog: number | null;
}

export type PartOfMetrics = 'validation' | 'seen' | 'unseen';

export interface MetricsView {
  readonly parts: readonly { readonly part: PartOfMetrics; readonly rows: readonly MetricsRow[] }[];
}

/** All that the view shows. */
export interface TrainingPanelState {
  readonly view: TrainingView;
  readonly history: HistoryView;
  /** `null` until the run has finished. */
  readonly metrics: MetricsView | null;
}

type Nothing = Record<string, never>;

export interface TrainingPanelRequests {
  trainingState: { params: Nothing; result: TrainingPanelState };
  pauseTraining: { params: Nothing; result: null };
  continueTraining: { params: Nothing; result: null };
  cancelTraining: { params: Nothing; result: null };
  resumeTraining: { params: Nothing; result: null };
  openTrainingLog: { params: Nothing; result: null };
  openTrainingConfig: { params: Nothing; result: null };
}

export interface TrainingPanelEvents {
  /** State and progress, several times a second. */
  trainingUpdated: TrainingView;
  /** An epoch ended, or the run did. */
  trainingHistory: Pick<TrainingPanelState, 'history' | 'metrics'>;
}

/** What a webview keeps over a reload of the window. */
export interface TrainingPanelMemory {
  readonly runFolder: string;
}
