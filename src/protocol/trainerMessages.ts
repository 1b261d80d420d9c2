/** What the host and the process that trains say to each other. */

export type TrainerCommand =
  | {
      readonly kind: 'start';
      readonly configPath: string;
      readonly runFolder: string;
      /** Go on with the run that is there; `configPath` is then the run's own as a rule. */
      readonly resume: boolean;
    }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Ends the run with a checkpoint from which it can go on. */
  | { readonly kind: 'cancel' };

/** How far a run is; several times a second. */
export interface TrainingProgress {
  readonly phase: 'training' | 'validating' | 'evaluating' | 'paused';
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Done in this epoch. */
  readonly batch: number;
  readonly batches: number;
  readonly step: number;
  /** Mean of this epoch so far; `null` before its first batch. */
  readonly loss: number | null;
  readonly learningRate: number;
  readonly examplesPerSecond: number | null;
  readonly memoryBytes: number;
  /** Validation loss of the best epoch. */
  readonly bestLoss: number | null;
  /** Should no epoch be left out. */
  readonly remainingMs: number | null;
}

/** A line of `history.jsonl`. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
  readonly time: string;
  readonly trainLoss: number;
  /** `null` without a validation part. */
  readonly validationLoss: number | null;
  /** Of a next-task model. */
  readonly accuracy: number | null;
  readonly top5: number | null;
  readonly accuracyWithoutIdle: number | null;
  /** Of a forecaster: mean |error| of ln(1 + ns). */
  readonly mae: number | null;
  readonly learningRate: number;
  readonly examplesPerSecond: number | null;
  readonly memoryBytes: number;
  readonly isBest: boolean;
}

export type TrainerEvent =
  /** The process is there and waits for `start`. */
  | { readonly kind: 'ready' }
  /** Every second: a process that is silent for long hangs. */
  | { readonly kind: 'heartbeat'; readonly residentBytes: number }
  | { readonly kind: 'progress'; readonly progress: TrainingProgress }
  | { readonly kind: 'epoch'; readonly record: EpochRecord }
  /** The last message, or `failed` is. */
  | { readonly kind: 'ended'; readonly state: 'finished' | 'cancelled'; readonly message: string | null }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
