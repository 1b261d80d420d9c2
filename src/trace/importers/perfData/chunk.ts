import { RecordBytes } from '../tracepoint/recordBytes.js';

/** So many may wait at the same time. */
export const MAX_CHUNKS = 16384;

/** A piece of the file, or of what came out of its compressed records; kept as long as one of its records waits. */
export class Chunk extends RecordBytes {
  /** Whether some of its records may wait. */
  isHeld = false;
  /** Its place in the queue while they do. */
  slot = 0;
}
