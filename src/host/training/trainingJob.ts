import type { Disposable } from '../../base/disposable.js';
import type { EpochRecord, TrainingProgress } from '../../protocol/trainerMessages.js';

/** `stopping`: it saves, and ends soon. The last three are final. */
export type JobState =
  'queued' | 'starting' | 'running' | 'paused' | 'stopping' | 'finished' | 'cancelled' | 'failed';

export function isOver(state: JobState): boolean {
  return state === 'finished' || state === 'cancelled' || state === 'failed';
}

/** One run that this window trains or will train. It goes on whether anything shows it or not. */
export interface TrainingJob {
  /** Absolute; what it is known by. */
  readonly runFolder: string;
  /** For lists and messages: the folder's name. */
  readonly title: string;
  readonly state: JobState;
  /** `null` before the first. */
  readonly progress: TrainingProgress | null;
  /** Why it failed, or ended before its last epoch; of one that runs, that nothing is heard of it. */
  readonly message: string | null;
  /** It stops between two steps, with a checkpoint written; one that starts, before its first. A waiting one waits on. */
  pause(): void;
  resume(): void;
  /**
   * A waiting one leaves the queue; a running one saves first, and can be resumed later. Asked again 5 s later, one that
   * still stops is ended at once.
   */
  cancel(): void;
  /** State or progress changed. */
  onChanged(listener: () => void): Disposable;
  onEpoch(listener: (record: EpochRecord) => void): Disposable;
}

/** The runs of this window, one at a time, in the order in which they were asked for. */
export interface TrainingJobs {
  /** Those that run or wait, first to last; then those that ended. */
  readonly all: readonly TrainingJob[];
  /** The newest of this folder. */
  of(runFolder: string): TrainingJob | undefined;
  /** One was added, or the state of one changed; its progress is its own to tell. */
  onChanged(listener: () => void): Disposable;
}
