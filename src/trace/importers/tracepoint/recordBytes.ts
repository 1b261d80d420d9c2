/** Whether numbers of typed arrays have their low byte first here, as everywhere but on a few mainframes. */
const IS_LITTLE_HOST = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Bytes that hold records, seen in the ways in which records are read. */
export class RecordBytes {
  readonly view: DataView;
  /**
   * The words at multiples of 4, where the kernel puts nearly everything: reading them is cheaper than by a DataView. Empty
   * where the bytes lie askew in memory, or numbers have another byte order than here.
   */
  readonly words: Int32Array;
  /** Set into an offset, makes it no multiple of 4 where there are no words. */
  readonly #askew: number;

  constructor(
    readonly bytes: Uint8Array,
    readonly isLittle: boolean,
  ) {
    const { buffer, byteOffset, byteLength } = bytes;
    this.view = new DataView(buffer, byteOffset, byteLength);
    const hasWords = isLittle && IS_LITTLE_HOST && byteOffset % 4 === 0;
    this.#askew = hasWords ? 0 : 1;
    this.words = hasWords ? new Int32Array(buffer, byteOffset, byteLength >>> 2) : new Int32Array(0);
  }

  /** Whether the bytes from `at` on are whole words of `words`. */
  hasWordsAt(at: number): boolean {
    return ((at | this.#askew) & 3) === 0;
  }

  /** The caller has checked that the bytes are there. */
  int32(at: number): number {
    // As short as it can be: V8 inlines so and so many bytecodes in all.
    return ((at | this.#askew) & 3) === 0 ? this.words[at >> 2]! : this.view.getInt32(at, this.isLittle);
  }
}
