import type { PartEvaluation } from '../../protocol/evaluation.js';

/** A part whose events are not written yet. */
export type Unwritten<Part extends PartEvaluation> = Part extends PartEvaluation
  ? Omit<Part, 'eventsSha256'>
  : never;

/** What was predicted of each event of a part: parallel columns, in the order of the part's rows. */
export type EvaluatedEvents = NextTaskEvents | InterArrivalEvents;

interface EventsCommon {
  readonly count: number;
  /** The event that was to be predicted: its row in the part. */
  readonly row: Uint32Array;
  /** Index in `PartEvaluation.recordings`. */
  readonly recording: Uint32Array;
  readonly cpu: Uint16Array;
  /** Absolute, of the event that was to be predicted. */
  readonly timeNs: BigInt64Array;
  /** Whether more than one task was runnable: 0, 1, or 255 where it is not told. */
  readonly contested: Uint8Array;
}

export interface NextTaskEvents extends EventsCommon {
  readonly task: 'next-task';
  /** Indices in the vocabulary; 0 is UNK. */
  readonly target: Int32Array;
  readonly guess: Int32Array;
  /** Of the target among the answers, UNK not being one: 1 is right; 0: the target is UNK. */
  readonly rank: Uint32Array;
  /** Probability of the guess. */
  readonly confidence: Float64Array;
  /** Probability of the target; NaN where that is UNK. */
  readonly probability: Float64Array;
  /** Guesses of each baseline by its name, 0 where it had none. */
  readonly baselines: ReadonlyMap<string, Int32Array>;
}

export interface InterArrivalEvents extends EventsCommon {
  readonly task: 'inter-arrival';
  /** Whose event it was that was to be predicted: index in the vocabulary. */
  readonly target: Int32Array;
  /** ln(1 + ns) from the event before. */
  readonly targetLog: Float64Array;
  /** The median that was forecast, or the point. */
  readonly guessLog: Float64Array;
  /** The same of each baseline by its name; NaN where it had none. */
  readonly baselines: ReadonlyMap<string, Float64Array>;
}
