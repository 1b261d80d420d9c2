/**
 * The contents of COMPRESSED records: pieces of one zstd stream over the whole recording, flushed at the end of each.
 * What comes out are records again; the last of a piece may be cut and goes on in the next. Sources: zstd_decompress_
 * stream in tools/perf/util/zstd.c, perf_session__process_compressed_event in tools/perf/util/session.c.
 */
import { messageOf } from '../../../base/errors.js';
import { ZstdDecoder } from '../../zstdDecoder.js';
import { Chunk } from './chunk.js';

/** Room for the expanded bytes of a step; a record has 64 KiB at most. */
const BUFFER_BYTES = 1024 * 1024;
/** What a compressed record may expand to where perf does not tell the size of its buffer. */
const DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024;
const MAX_LIMIT_BYTES = 512 * 1024 * 1024;
/** All together expand to so many times their size at most; stacks full of zeros come to some hundred. */
const MAX_RATIO = 1000;

class TooMuch extends Error {}
class Damaged extends Error {}

export class CompressedRecords {
  /** Compressed records so far. */
  count = 0;
  /** Takes bytes of records, says how many were whole records; the rest comes again with what follows. -1: damage. */
  readonly #onRecords: (chunk: Chunk) => number;
  readonly #isLittle: boolean;
  readonly #memory: (sizeBytes: number) => Uint8Array<ArrayBuffer>;
  readonly #decoder = new ZstdDecoder((piece) => {
    this.#take(piece);
  }, true);
  #limitBytes = DEFAULT_LIMIT_BYTES;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** What of the buffer was handed on and may still be waiting. */
  #chunks: Chunk[] = [];
  /** Buffers that were filled. To write into one again is cheaper than to have the system clear memory for a new one. */
  readonly #filled: { readonly bytes: Uint8Array<ArrayBuffer>; chunks: readonly Chunk[] }[] = [];
  /** What was not handed on yet begins and ends here. */
  #from = 0;
  #used = 0;
  #expandedBytes = 0;
  /** How much all that comes may still expand to. */
  #totalBytes = DEFAULT_LIMIT_BYTES;

  constructor(
    isLittle: boolean,
    onRecords: (chunk: Chunk) => number,
    memory: (sizeBytes: number) => Uint8Array<ArrayBuffer> = (sizeBytes) => new Uint8Array(sizeBytes),
  ) {
    this.#isLittle = isLittle;
    this.#onRecords = onRecords;
    this.#memory = memory;
  }

  /** perf's buffer for the expanded bytes: no record holds more. */
  set limitBytes(bytes: number) {
    if (bytes > 0) this.#limitBytes = Math.min(MAX_LIMIT_BYTES, 2 * bytes);
  }

  /** Expands the next piece; says what is wrong with it, as part of a sentence. */
  push(piece: Uint8Array): string | undefined {
    this.count += 1;
    this.#expandedBytes = 0;
    this.#totalBytes += MAX_RATIO * piece.length;
    try {
      this.#decoder.push(piece);
      this.#handOn();
    } catch (error) {
      if (error instanceof Damaged) return 'what it holds is damaged';
      if (error instanceof TooMuch) return error.message;
      return `a compressed record cannot be expanded (${messageOf(error)})`;
    }
    return undefined;
  }

  /** perf does not end its stream. */
  close(): void {
    this.#decoder.close();
  }

  #take(piece: Uint8Array): void {
    this.#expandedBytes += piece.length;
    this.#totalBytes -= piece.length;
    if (this.#expandedBytes > this.#limitBytes) {
      throw new TooMuch(`a compressed record expands to more than ${this.#limitBytes} bytes`);
    }
    if (this.#totalBytes < 0) {
      throw new TooMuch(`compressed records expand to more than ${MAX_RATIO} times their size`);
    }
    for (let from = 0; from < piece.length;) {
      if (this.#used === this.#buffer.length) this.#renewBuffer();
      const taken = Math.min(piece.length - from, this.#buffer.length - this.#used);
      this.#buffer.set(piece.subarray(from, from + taken), this.#used);
      this.#used += taken;
      from += taken;
    }
  }

  #handOn(): void {
    if (this.#used === this.#from) return;
    const chunk = new Chunk(this.#buffer.subarray(this.#from, this.#used), this.#isLittle);
    const done = this.#onRecords(chunk);
    if (done < 0) throw new Damaged();
    if (chunk.isHeld) this.#chunks.push(chunk);
    this.#from += done;
  }

  /** Records may wait in the old buffer: what is left of it begins another one. */
  #renewBuffer(): void {
    this.#handOn();
    const next = this.#freeBuffer() ?? this.#memory(BUFFER_BYTES);
    next.set(this.#buffer.subarray(this.#from, this.#used));
    if (this.#buffer.length > 0) this.#filled.push({ bytes: this.#buffer, chunks: this.#chunks });
    this.#chunks = [];
    this.#used -= this.#from;
    this.#from = 0;
    this.#buffer = next;
  }
  /** A filled buffer in which nothing waits any more. */
  #freeBuffer(): Uint8Array<ArrayBuffer> | undefined {
    const free = this.#filled.findIndex((filled) => {
      filled.chunks = filled.chunks.filter(({ isHeld }) => isHeld);
      return filled.chunks.length === 0;
    });
    return free < 0 ? undefined : this.#filled.splice(free, 1)[0]?.bytes;
  }
}
