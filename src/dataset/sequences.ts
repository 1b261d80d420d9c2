/**
 * The columns of one part (train, validation, seen test, unseen test) of a data set: a row is a switch of tasks on a CPU,
 * rows follow each other in the order of time within a sequence, and sequences follow each other.
 */
export interface Sequences {
  readonly rows: number;
  /** Whom the CPU was given to: index in the vocabulary of tasks, 0 = UNK. What comes next is the `task` of the row behind. */
  readonly task: Int32Array;
  /** The state in which the task before left: index in the vocabulary of states, 0 = UNK. */
  readonly state: Uint8Array;
  readonly cpu: Uint16Array;
  /** ns since the row before in this sequence; NaN in the first row of a sequence, which has none before it. */
  readonly deltaNs: Float64Array;
  /** First row of each sequence, ascending; the first is 0. No window crosses into the next. */
  readonly starts: Uint32Array;
  /** What each sequence is, parallel to `starts`. */
  readonly origins: readonly SequenceOrigin[];
}

export interface SequenceOrigin {
  /** Index in the recordings of `dataset_meta.json`. */
  readonly recording: number;
  /** `null`: the CPUs are merged. */
  readonly cpu: number | null;
}

/** Index of what is not in a vocabulary. */
export const UNKNOWN = 0;

/** Whether a CPU had a choice is not told by the recording. */
export const NOT_TOLD = 255;

export const PART_NAMES = ['train', 'validation', 'seen', 'unseen'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** Columns beside task and state that a model may read, standardised by the training part. */
export const FEATURES = ['cpu', 'logDelta', 'delta'] as const;
export type Feature = (typeof FEATURES)[number];

/** Mean and standard deviation of the training part; a deviation of 0 counts as 1. `logDelta` is ln(1 + ns). */
export interface Standardisation {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Windows of one step of training or evaluation, time-major: row `t * size + b` is event t of window b, so that all windows'
 * events of one moment lie side by side, which is how recurrent and causal layers read them.
 */
export interface Batch {
  /** B, windows. The last batch of a pass may have fewer than the others. */
  readonly size: number;
  /** T, events of a window. */
  readonly length: number;
  /** [T*B] indices. */
  readonly task: Int32Array;
  readonly state: Int32Array;
  /** [T*B, F] standardised features, in the order that was asked for. */
  readonly features: Float32Array;
  /** [T*B] the task of the event behind each; UNK where that one is unknown. */
  readonly nextTask: Int32Array;
  /** [T*B] ln(1 + ns) from each event to the one behind it, standardised like `logDelta`. */
  readonly nextLogDelta: Float32Array;
}
