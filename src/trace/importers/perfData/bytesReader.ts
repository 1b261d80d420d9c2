/** Reads numbers and texts one after the other; past the end nothing more is read and `isComplete` is false. */
export class BytesReader {
  at = 0;
  isComplete = true;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(
    bytes: Uint8Array,
    public isLittle: boolean,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.at;
  }

  u8(): number {
    return this.#has(1) ? this.#bytes[this.at++]! : 0;
  }

  u32(): number {
    if (!this.#has(4)) return 0;
    this.at += 4;
    return this.#view.getUint32(this.at - 4, this.isLittle);
  }

  u64(): bigint {
    if (!this.#has(8)) return 0n;
    this.at += 8;
    return this.#view.getBigUint64(this.at - 8, this.isLittle);
  }

  /** The next bytes; none when there are not as many. */
  take(count: number): Uint8Array {
    if (!this.#has(count)) return this.#bytes.subarray(0, 0);
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  /** The bytes up to the next NUL, which is skipped. */
  toNul(): Uint8Array {
    const end = this.#bytes.indexOf(0, this.at);
    const bytes = this.take(end < 0 ? this.left + 1 : end - this.at);
    this.at += end < 0 ? 0 : 1;
    return bytes;
  }

  /** `u32 length, bytes, padded with NUL`: how the features hold texts. */
  perfString(): string {
    return textOf(this.take(this.u32()));
  }

  #has(count: number): boolean {
    if (this.isComplete && count <= this.left) return true;
    this.isComplete = false;
    return false;
  }
}

const decoder = new TextDecoder();

/** Text up to the first NUL. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
