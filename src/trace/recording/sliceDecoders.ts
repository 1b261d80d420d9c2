import type { DecodedSlice } from '../importers/importer.js';

export interface SliceResult {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Undefined when the bytes must be read in order. */
  readonly slice: DecodedSlice | undefined;
}

/** Threads (or whatever works beside this one) that decode stretches of a source. */
export interface SliceDecoders {
  /** How many work at the same time. */
  readonly count: number;
  /**
   * Decodes whole lines for the format of that name. The bytes are given away, and come back with the result. Rejects
   * when the decoders were closed or broke.
   */
  decode(format: string, bytes: Uint8Array<ArrayBuffer>): Promise<SliceResult>;
  close(): void;
}
