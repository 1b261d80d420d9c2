import { Failure } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';

/** What is read ahead: the parts of a header are small and follow each other. */
const WINDOW_BYTES = 256 * 1024;
/** Names of systems, buffers and clocks. */
const MAX_NAME_BYTES = 4096;

const decoder = new TextDecoder();

/**
 * Reads numbers and texts of a file one after the other. Every read checks that the file goes that far: Failure
 * `bad-input` with the offset and what was being read (`part`) when it does not.
 */
export class ByteCursor {
  /** Offset of what is read next. */
  at = 0;
  /** What is being read, for messages: `the event formats`. */
  part = 'the header';
  readonly #file: RandomAccess;
  readonly #isLittleEndian: boolean;
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;

  constructor(file: RandomAccess, isLittleEndian: boolean, at = 0) {
    this.#file = file;
    this.#isLittleEndian = isLittleEndian;
    this.at = at;
  }

  get remainingBytes(): number {
    return Math.max(0, this.#file.sizeBytes - this.at);
  }

  u8(): number {
    return this.bytes(1)[0]!;
  }

  u16(): number {
    return this.#viewOf(2).getUint16(0, this.#isLittleEndian);
  }

  u32(): number {
    return this.#viewOf(4).getUint32(0, this.#isLittleEndian);
  }

  u64(): bigint {
    return this.#viewOf(8).getBigUint64(0, this.#isLittleEndian);
  }

  i64(): bigint {
    return this.#viewOf(8).getBigInt64(0, this.#isLittleEndian);
  }

  /** A u64 that is an offset or a size: more than the largest exact number is as good as that. */
  size(): number {
    return Math.min(Number(this.u64()), Number.MAX_SAFE_INTEGER);
  }

  /** Bytes, only valid until the next read. */
  bytes(length: number): Uint8Array {
    if (length > this.remainingBytes) this.fail(`${length} bytes are needed there`);
    const from = this.at - this.#windowAt;
    if (from < 0 || from + length > this.#window.length) {
      this.#window = this.#file.read(this.at, Math.max(length, WINDOW_BYTES));
      this.#windowAt = this.at;
      if (this.#window.length < length) this.fail(`${length} bytes are needed there`);
    }
    const start = this.at - this.#windowAt;
    this.at += length;
    return this.#window.subarray(start, start + length);
  }

  text(length: number): string {
    return decoder.decode(this.bytes(length));
  }

  /** A text that ends with a zero byte. */
  name(): string {
    const from = this.at;
    const most = Math.min(MAX_NAME_BYTES, this.remainingBytes);
    const end = this.bytes(most).indexOf(0);
    this.at = from;
    if (end < 0) this.fail('a name has no end there');
    const text = this.text(end);
    this.at += 1;
    return text;
  }

  skip(length: number): void {
    if (length > this.remainingBytes) this.fail(`${length} bytes are needed there`);
    this.at += length;
  }

  /** Gives up. */
  fail(why: string): never {
    const { name, sizeBytes } = this.#file;
    throw new Failure(
      'bad-input',
      `${name} cannot be read on at byte ${this.at} of ${sizeBytes}, in ${this.part}: ${why}. The file is damaged or was cut off: copy it again, or record again.`,
    );
  }

  #viewOf(length: number): DataView {
    const bytes = this.bytes(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }
}
