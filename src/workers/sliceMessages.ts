import type { SliceResult } from '../trace/recording/sliceDecoders.js';

export interface SliceTask {
  readonly id: number;
  readonly format: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SliceAnswer extends SliceResult {
  readonly id: number;
  /** A defect in the decoder. */
  readonly failure?: string;
}
