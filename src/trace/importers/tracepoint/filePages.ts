import type { RandomAccess } from '../../../base/randomAccess.js';
import type { PageSource } from './ringBuffer.js';

/** Read from a CPU at once, and from all CPUs together. */
const PIECE_BYTES = 1024 * 1024;
const ALL_PIECES_BYTES = 64 * 1024 * 1024;

/** A CPU's pages as they lie in a file, some at a time. */
export class FilePages implements PageSource {
  readBytes = 0;
  readonly #file: RandomAccess;
  readonly #pieceBytes: number;
  #at: number;
  readonly #endAt: number;
  /** The piece before; it is not needed any more when the next one is asked for. */
  #last: Uint8Array | undefined;

  /** `cpuCount`: CPUs that are read at the same time. */
  constructor(file: RandomAccess, offset: number, sizeBytes: number, pageBytes: number, cpuCount: number) {
    this.#file = file;
    const share = Math.min(PIECE_BYTES, ALL_PIECES_BYTES / Math.max(1, cpuCount));
    this.#pieceBytes = Math.max(1, Math.floor(share / pageBytes)) * pageBytes;
    this.#at = offset;
    this.#endAt = Math.min(offset + sizeBytes, file.sizeBytes);
  }

  next(): Uint8Array | undefined {
    const length = Math.min(this.#pieceBytes, this.#endAt - this.#at);
    if (length <= 0) return undefined;
    const piece = this.#file.read(this.#at, length, this.#last);
    this.#last = piece;
    this.#at += piece.length;
    this.readBytes += piece.length;
    return piece.length === 0 ? undefined : piece;
  }
}
