import type { ModelOutputs } from '../models/model.js';

/** One event as a model reads it. */
export interface StreamEvent {
  /** Index in the vocabulary of tasks, 0 = UNK. */
  readonly task: number;
  readonly state: number;
  /** [F] standardised, in the order of the run's `windows.features`. */
  readonly features: ArrayLike<number>;
}

/**
 * A model that is told one event after the other and keeps what it needs of those before, so that nothing is worked out twice.
 * After `reset`, the outputs behind the n-th event are those of a window of these n events, to 1e-5 of the largest.
 */
export interface StreamingPredictor {
  readonly outputs: ModelOutputs;
  /** Length of what `next` gives: logits of tasks, a point, or quantiles. */
  readonly width: number;
  /**
   * [F] features of the next event, standardised as those of `StreamEvent`, for `kernel-oracle-2019`, which predicts them beside
   * the task (its columns behind those of the tasks, taken back from 0 … 1 by the range); `null` for all others. Overwritten by
   * `next`.
   */
  readonly nextFeatures: Float32Array | null;
  /** [width] the outputs behind this event; overwritten by the next call. */
  next(event: StreamEvent): Float32Array;
  /** As `next`, for an event whose outputs nobody asks for: the head is not worked out. */
  observe(event: StreamEvent): void;
  /** Forgets all events. */
  reset(): void;
  /** What it remembers, to go on from there more than once. */
  snapshot(): Float32Array;
  /** @param snapshot of a predictor of the same run */
  restore(snapshot: Float32Array): void;
  dispose(): void;
}
