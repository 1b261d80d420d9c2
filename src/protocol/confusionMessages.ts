/**
 * What the confusion matrix asks of the host, and what it is told. Rows are what came, columns what was guessed. Classes are
 * named by their index in the vocabulary of tasks: 0 is UNK, −1 stands for all classes that are shown as one.
 */
import type { SliceName } from './evaluation.js';

export type ConfusionOrder = 'frequency' | 'clustered';

/** Which events, whose guesses, and how many classes have a row of their own. */
export interface ConfusionQuery {
  /** Of `PartEvaluation.part`; the first where there is none of that name. */
  readonly part: string;
  readonly slice: SliceName;
  /** Name of a baseline; `null`: the model. */
  readonly baseline: string | null;
  /** The most frequent so many are shown apart. */
  readonly classes: number;
  readonly order: ConfusionOrder;
}

export interface ConfusionClass {
  readonly index: number;
  readonly name: string;
  /** Events that it came at. */
  readonly support: number;
  /** Events that it was guessed at. */
  readonly predicted: number;
}

export interface ConfusionPart {
  readonly part: string;
  readonly targets: number;
  /** Slices that have events. */
  readonly slices: readonly { readonly slice: SliceName; readonly targets: number }[];
}

/** A matrix, in the order in which it is to be shown; cells that are empty are left out. */
export interface ConfusionMatrix {
  /** As far as it could be had. */
  readonly query: ConfusionQuery;
  readonly classes: readonly ConfusionClass[];
  /** Known classes that occur, shown apart or not. */
  readonly allClasses: number;
  /** Share of the events whose target and guess are both shown apart. */
  readonly covered: number;
  /** Places in `classes` of target and guess, and how many events. */
  readonly target: Uint32Array;
  readonly guess: Uint32Array;
  readonly count: Uint32Array;
  readonly events: number;
  readonly right: number;
  /** Events whose target is UNK. */
  readonly unknown: number;
  /** Right ones among those whose target and guess are both shown as "other". */
  readonly rightOfOther: number;
}

/** What is shown beside the matrix, and does not change with the choices. */
export interface ConfusionRun {
  readonly folder: string;
  readonly title: string;
  readonly model: string;
  /** ISO 8601, UTC. */
  readonly evaluated: string;
  readonly parts: readonly ConfusionPart[];
  readonly baselines: readonly string[];
  readonly warnings: readonly string[];
  /** The figures are of other weights than those that the run has now. */
  readonly isOutdated: boolean;
}

export type ConfusionState =
  | { readonly kind: 'ready'; readonly run: ConfusionRun; readonly matrix: ConfusionMatrix }
  /** There is nothing to show yet, and why. `canEvaluate`: evaluating the run would change that. */
  | {
      readonly kind: 'missing';
      readonly title: string;
      readonly message: string;
      readonly canEvaluate: boolean;
    };

/** A cell of a matrix: classes by their indices. */
export interface ConfusionCell {
  readonly target: number;
  readonly guess: number;
}

export const EVENT_SORT_KEYS = ['time', 'cpu', 'recording', 'target', 'guess', 'confidence', 'rank'] as const;
export type EventSortKey = (typeof EVENT_SORT_KEYS)[number];

export interface ConfusionEvent {
  /** Its place among the events of the part. */
  readonly event: number;
  /** Absolute, by the clock of the recording, as decimal text: beyond 2^53. */
  readonly timeNs: string;
  readonly cpu: number;
  readonly recording: string;
  readonly target: string;
  readonly guess: string;
  readonly isRight: boolean;
  /** Probability of the guess; `null`: baselines do not tell. */
  readonly confidence: number | null;
  /** Of the target among all answers, 1 the first; `null` where it is UNK, or baselines guessed. */
  readonly rank: number | null;
}

export interface ConfusionEvents {
  readonly total: number;
  readonly rows: readonly ConfusionEvent[];
}

export interface ConfusionRequests {
  /** `null`: what is shown first. */
  confusionState: { params: { readonly query: ConfusionQuery | null }; result: ConfusionState };
  /** The events of a cell. */
  confusionEvents: {
    params: {
      readonly query: ConfusionQuery;
      readonly cell: ConfusionCell;
      readonly sort: EventSortKey;
      readonly descending: boolean;
      readonly offset: number;
      readonly limit: number;
    };
    result: ConfusionEvents;
  };
  /** Shows an event in the trace editor, in the recording that it is of. */
  openConfusionEvent: { params: { readonly part: string; readonly event: number }; result: null };
}

export const NORMALISATIONS = ['row', 'column', 'none'] as const;
/** What a cell is divided by: the events of its target, those of its guess, or nothing. */
export type Normalisation = (typeof NORMALISATIONS)[number];

/** What the view keeps over hiding and reloads, beside the folders. */
export interface ConfusionMemory {
  readonly query: ConfusionQuery | null;
  readonly normalisation: Normalisation;
  readonly cell: ConfusionCell | null;
}
