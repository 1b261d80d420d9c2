/** The pages of one CPU in a trace.dat, piece by piece: as they are, or in compressed chunks (version 7). */
import { messageOf } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';
import { FilePages } from '../tracepoint/filePages.js';
import type { PageLayout, PageSource } from '../tracepoint/ringBuffer.js';
import type { BlockDecompressor } from './blockDecompressor.js';
import type { CpuData } from './traceDatHead.js';

/**
 * How much a file may expand to, so that a small one cannot fill the memory. trace-cmd writes chunks of ten pages: what
 * all CPUs hold at the same time is a small part of any honest file. Empty pages expand by a factor of thousands, but
 * events hardly by one of ten.
 */
const HELD_BYTES = 128 * 1024 * 1024;
const EXPANDED = { bytes: 1024 * 1024 * 1024, factor: 1000 };
const EVENTS = { bytes: 32 * 1024 * 1024, factor: 100 };
const COMMIT_BITS = 2 ** 27 - 1;
/** Chunks are small: so much is read ahead of a CPU, and of all together. */
const AHEAD_BYTES = 256 * 1024;
const ALL_AHEAD_BYTES = 16 * 1024 * 1024;

/** Memory and work that the CPUs of a file share. */
export class ExpansionBudget {
  #heldBytes: number;
  #expandedBytes: number;
  #eventBytes: number;

  constructor(fileBytes: number) {
    this.#heldBytes = HELD_BYTES + fileBytes;
    this.#expandedBytes = EXPANDED.bytes + EXPANDED.factor * fileBytes;
    this.#eventBytes = EVENTS.bytes + EVENTS.factor * fileBytes;
  }

  /** Takes what a chunk needs in place of the one before; false when that is more than the file may ask for. */
  take(bytes: number, instead: number): boolean {
    if (bytes - instead > this.#heldBytes || bytes > this.#expandedBytes) return false;
    this.#heldBytes -= bytes - instead;
    this.#expandedBytes -= bytes;
    return true;
  }

  /** The same for the events in it. */
  takeEvents(pages: Uint8Array, { isLittleEndian, longBytes, pageBytes }: PageLayout): boolean {
    const view = new DataView(pages.buffer, pages.byteOffset, pages.byteLength);
    const commitAt = 8 + (longBytes === 8 && !isLittleEndian ? 4 : 0);
    for (let at = 0; at + commitAt + 4 <= pages.length; at += pageBytes) {
      this.#eventBytes -= Math.min(pageBytes, view.getUint32(at + commitAt, isLittleEndian) & COMMIT_BITS);
    }
    return this.#eventBytes >= 0;
  }
}

/** Called when a CPU's data cannot be read to their end. */
export type OnDamage = (cpu: number, atByte: number, why: string) => void;

/** What the page sources of a file share. */
export interface CpuPagesContext {
  readonly file: RandomAccess;
  readonly layout: PageLayout;
  /** CPUs that are read at the same time. */
  readonly cpuCount: number;
  readonly expand: BlockDecompressor | undefined;
  readonly budget: ExpansionBudget;
  readonly onDamage: OnDamage;
}

export function cpuPages(data: CpuData, isCompressed: boolean, context: CpuPagesContext): PageSource {
  if (isCompressed) return new ChunkedPages(data, context);
  const { file, layout, cpuCount, onDamage } = context;
  const { cpu, offset, sizeBytes } = data;
  const missing = offset + sizeBytes - file.sizeBytes;
  if (missing > 0)
    onDamage(cpu, file.sizeBytes, `${Math.min(missing, sizeBytes)} of its ${sizeBytes} bytes are missing`);
  return new FilePages(file, offset, sizeBytes, layout.pageBytes, cpuCount);
}

/** u32 chunks, each: u32 size of the block, u32 size expanded, block. */
class ChunkedPages implements PageSource {
  readBytes = 0;
  readonly #data: CpuData;
  readonly #context: CpuPagesContext;
  #at: number;
  readonly #endAt: number;
  /** Unknown before the first. */
  #chunksLeft: number | undefined;
  #heldBytes = 0;
  /** Bytes of the file from `#windowAt` on. */
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;

  constructor(data: CpuData, context: CpuPagesContext) {
    this.#data = data;
    this.#context = context;
    this.#at = data.offset;
    // trace-cmd does not count the number of chunks itself.
    this.#endAt = data.offset + 4 + data.sizeBytes;
  }

  next(): Uint8Array | undefined {
    const { file, expand, onDamage } = this.#context;
    const from = this.#at;
    try {
      if (expand === undefined) throw new Error('it is compressed, but the file says that nothing is');
      this.#chunksLeft ??= this.#u32();
      if (this.#chunksLeft === 0 || this.#data.sizeBytes === 0) {
        this.#end();
        return undefined;
      }
      this.#chunksLeft -= 1;
      const blockBytes = this.#u32();
      const sizeBytes = this.#u32();
      if (!this.#context.budget.take(sizeBytes, this.#heldBytes)) {
        throw new Error(`a chunk of it should expand to ${sizeBytes} bytes`);
      }
      this.#heldBytes = sizeBytes;
      const pages = expand(this.#bytes(blockBytes), sizeBytes);
      if (!this.#context.budget.takeEvents(pages, this.#context.layout)) {
        throw new Error('it expands to far more events than a file of this size can hold');
      }
      this.readBytes += this.#at - from;
      return pages;
    } catch (error) {
      onDamage(this.#data.cpu, Math.min(from, file.sizeBytes), messageOf(error));
      this.#end();
      return undefined;
    }
  }

  #end(): void {
    this.#context.budget.take(0, this.#heldBytes);
    this.#heldBytes = 0;
    this.#chunksLeft = 0;
  }

  #u32(): number {
    const bytes = this.#bytes(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, this.#context.layout.isLittleEndian);
  }

  #bytes(length: number): Uint8Array {
    if (this.#at + length > this.#endAt) throw new Error('a chunk of it is longer than all of it');
    const { file, cpuCount } = this.#context;
    let from = this.#at - this.#windowAt;
    if (from + length > this.#window.length) {
      const ahead = Math.min(this.#endAt - this.#at, AHEAD_BYTES, ALL_AHEAD_BYTES / cpuCount);
      this.#window = file.read(this.#at, Math.max(length, Math.floor(ahead)));
      this.#windowAt = this.#at;
      from = 0;
    }
    if (length > this.#window.length) throw new Error('the file ends there');
    this.#at += length;
    return this.#window.subarray(from, from + length);
  }
}
