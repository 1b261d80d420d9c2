import { Failure } from '../../../base/errors.js';
import { webAssembly, type WasmMemory } from '../../../base/webAssembly.js';

const PAGE_BYTES = 65536;
/** A cache line: threads that write neighbouring blocks do not disturb each other. */
const ALIGNMENT = 64;
/** Of memory beyond what is asked for when it grows, so that it seldom does. */
const GROWTH_BYTES = 16 * 2 ** 20;

export interface Block {
  readonly address: number;
  readonly bytes: number;
}

/**
 * The engine's memory, shared with its threads: blocks from a list of free stretches, the first that fits. It grows up to a
 * limit and never shrinks.
 */
export class LinearMemory {
  readonly memory: WasmMemory;
  readonly #maxBytes: number;
  /** By address; neighbours are joined. */
  readonly #free: { address: number; bytes: number }[] = [];
  #bytes: number;
  #usedBytes = 0;
  #floats: Float32Array<SharedArrayBuffer>;
  #ints: Int32Array<SharedArrayBuffer>;

  /** @param firstFree what lies below is not given away */
  constructor(firstFree: number, maxBytes: number) {
    const maximum = Math.min(65536, Math.floor(maxBytes / PAGE_BYTES));
    const initial = Math.ceil(firstFree / PAGE_BYTES) + 1;
    if (maximum < initial)
      throw new Failure('too-large', `The embedded engine needs more memory than ${maxBytes} bytes.`);
    this.memory = new webAssembly.Memory({ initial, maximum, shared: true });
    this.#maxBytes = maximum * PAGE_BYTES;
    this.#bytes = initial * PAGE_BYTES;
    this.#free.push({ address: firstFree, bytes: this.#bytes - firstFree });
    this.#floats = new Float32Array(this.#buffer);
    this.#ints = new Int32Array(this.#buffer);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  allocate(bytes: number): Block {
    const wanted = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const index = this.#free.findIndex((stretch) => stretch.bytes >= wanted);
    const stretch = index < 0 ? this.#grow(wanted) : this.#free[index]!;
    const block = { address: stretch.address, bytes: wanted };
    stretch.address += wanted;
    stretch.bytes -= wanted;
    if (stretch.bytes === 0) this.#free.splice(this.#free.indexOf(stretch), 1);
    this.#usedBytes += wanted;
    return block;
  }

  release({ address, bytes }: Block): void {
    this.#usedBytes -= bytes;
    const found = this.#free.findIndex((stretch) => stretch.address > address);
    const at = found < 0 ? this.#free.length : found;
    this.#free.splice(at, 0, { address, bytes });
    this.#joinWithNext(at);
    if (at > 0) this.#joinWithNext(at - 1);
  }

  /** A view, good until memory grows: ask again after each allocation. */
  floats(address: number, length: number): Float32Array<SharedArrayBuffer> {
    return this.#floats.subarray(address / 4, address / 4 + length);
  }

  ints(address: number, length: number): Int32Array<SharedArrayBuffer> {
    return this.#ints.subarray(address / 4, address / 4 + length);
  }

  doubles(address: number, length: number): Float64Array<SharedArrayBuffer> {
    return new Float64Array(this.#buffer, address, length);
  }

  get #buffer(): SharedArrayBuffer {
    return this.memory.buffer;
  }

  /** @returns a free stretch at the end that has room for so many */
  #grow(wanted: number): { address: number; bytes: number } {
    const last = this.#free.at(-1);
    const isAtEnd = last !== undefined && last.address + last.bytes === this.#bytes;
    const missing = wanted - (isAtEnd ? last.bytes : 0);
    const room = this.#maxBytes - this.#bytes;
    if (missing > room) this.#fail(wanted);
    const pages = Math.ceil(Math.min(room, Math.max(missing, GROWTH_BYTES)) / PAGE_BYTES);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      this.#fail(wanted, cause);
    }
    const grown = { address: this.#bytes, bytes: pages * PAGE_BYTES };
    this.#bytes += grown.bytes;
    this.#floats = new Float32Array(this.#buffer);
    this.#ints = new Int32Array(this.#buffer);
    if (!isAtEnd) {
      this.#free.push(grown);
      return grown;
    }
    last.bytes += grown.bytes;
    return last;
  }

  #joinWithNext(index: number): void {
    const stretch = this.#free[index]!;
    const next = this.#free[index + 1];
    if (next === undefined || stretch.address + stretch.bytes !== next.address) return;
    stretch.bytes += next.bytes;
    this.#free.splice(index + 1, 1);
  }

  #fail(wanted: number, cause?: unknown): never {
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
    throw new Failure(
      'too-large',
      `The embedded engine has no room for another ${megabytes(wanted)} MB: ${megabytes(this.#usedBytes)} MB of ` +
        `${megabytes(this.#maxBytes)} MB are in use. Make the batch, the window or the model (units, channels, layers) ` +
        'smaller, or allow the engine more memory.',
      { cause },
    );
  }
}
