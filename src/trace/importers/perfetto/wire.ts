/**
 * The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding): fields of a tag and a value.
 *
 *     08 96 01          tag (field 1 << 3 | wire type 0), varint 150
 *     12 03 61 62 63    tag (field 2 << 3 | wire type 2), length 3, "abc"
 *
 * A reader of our own: the libraries for JavaScript make an object of each message and a BigInt or Long of each 64-bit
 * number, which for a file of 10 million events is most of the time and all of the memory. This one allocates nothing.
 */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;

/** A varint has 7 bits a byte, 64 bits at most. */
export const VARINT_BYTES = 10;
const TWO_TO_32 = 4294967296;
const EMPTY = new Uint8Array(0);
const decoder = new TextDecoder();

/**
 * Goes over the fields of a message, or over the numbers of a packed array, in `[at, end)`. Nothing outside of it is
 * looked at: whatever does not fit ends the reading with `isDamaged`.
 */
export class WireReader {
  bytes: Uint8Array = EMPTY;
  at = 0;
  end = 0;
  /** The field read last. */
  field = 0;
  wireType = 0;
  /** Its number: low and high 32 bits, both as signed integers. */
  lo = 0;
  hi = 0;
  /** Its content `[start, stop)`, when it has a length. */
  start = 0;
  stop = 0;
  isDamaged = false;

  open(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.isDamaged = false;
    return this;
  }

  /** Reads the next field with its value; false at the end, and where there is none. */
  next(): boolean {
    if (this.at >= this.end || !this.varint()) return false;
    const tag = this.lo;
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.hi !== 0 || this.field === 0) return this.#damage();
    switch (this.wireType) {
      case VARINT:
        return this.varint();
      case LENGTH_DELIMITED:
        return this.#content();
      case FIXED64:
        return this.#fixed(8);
      case FIXED32:
        return this.#fixed(4);
      // 3 and 4 are groups, which nobody writes any more; 6 and 7 do not exist.
      default:
        return this.#damage();
    }
  }

  /** Reads a number, as it stands in a packed array; false when it does not end in `end`. */
  varint(): boolean {
    const { at } = this;
    if (at < this.end) {
      const byte = this.bytes[at]!;
      if (byte < 0x80) {
        this.at = at + 1;
        this.lo = byte;
        this.hi = 0;
        return true;
      }
    }
    return this.#longVarint();
  }

  /** The number as an unsigned integer; exact up to 2^53. */
  unsigned(): number {
    return (this.hi >>> 0) * TWO_TO_32 + (this.lo >>> 0);
  }

  /** The number as a signed integer; exact within ±2^53. */
  signed(): number {
    return this.hi * TWO_TO_32 + (this.lo >>> 0);
  }

  text(): string {
    return decoder.decode(this.bytes.subarray(this.start, this.stop));
  }

  #longVarint(): boolean {
    const { bytes } = this;
    let { at } = this;
    const end = Math.min(this.end, at + VARINT_BYTES);
    let lo = 0;
    let hi = 0;
    for (let shift = 0; at < end; shift += 7) {
      const byte = bytes[at]!;
      const bits = byte & 0x7f;
      at += 1;
      if (shift < 32) lo |= bits << shift;
      if (shift === 28) hi = bits >>> 4;
      else if (shift > 32) hi |= bits << (shift - 32);
      if (byte < 0x80) {
        this.at = at;
        this.lo = lo;
        this.hi = hi;
        return true;
      }
    }
    return this.#damage();
  }

  #content(): boolean {
    if (!this.varint()) return false;
    const length = this.unsigned();
    if (length > this.end - this.at) return this.#damage();
    this.start = this.at;
    this.stop = this.at + length;
    this.at = this.stop;
    return true;
  }

  #fixed(length: number): boolean {
    const { bytes, at } = this;
    if (length > this.end - at) return this.#damage();
    this.lo = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    this.hi =
      length === 4
        ? 0
        : bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
    this.at = at + length;
    return true;
  }

  #damage(): false {
    this.isDamaged = true;
    return false;
  }
}
