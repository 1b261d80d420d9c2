/** How far long work has come. */
export interface Progress {
  /** Bytes of the source (as it lies on disk, compressed or not) that were consumed. */
  readonly doneBytes: number;
  /** Size of the source on disk; undefined for a pipe. */
  readonly totalBytes: number | undefined;
  /** Events in the model so far. */
  readonly events: number;
}

export type ProgressListener = (progress: Progress) => void;
