import type { RecordColumnSpec } from './recordColumns.js';

const TWO_32 = 2 ** 32;

/** Whole numbers, one a row. Room must have been reserved before a row is set. */
export interface RecordColumn {
  readonly bytesPerRow: number;
  reserve(rows: number): void;
  set(row: number, value: number): void;
  /** The value as a number: exact up to 2^53. */
  at(row: number): number;
  /** The value, exact. */
  exactAt(row: number): bigint;
}

export function createRecordColumn(bytes: RecordColumnSpec['bytes']): RecordColumn {
  return bytes === 8 ? new WideColumn() : new NarrowColumn(bytes);
}

type NarrowArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Numbers that are small as a rule: as many bytes as the largest so far takes. */
class NarrowColumn implements RecordColumn {
  #values: NarrowArray;
  /** Largest value that fits; what is negative goes to float64 at once. */
  #limit: number;

  constructor(bytes: 1 | 2 | 4) {
    this.#values = bytes === 1 ? new Uint8Array(0) : bytes === 2 ? new Uint16Array(0) : new Uint32Array(0);
    this.#limit = 2 ** (8 * bytes) - 1;
  }

  get bytesPerRow(): number {
    return this.#values.BYTES_PER_ELEMENT;
  }

  reserve(rows: number): void {
    const values = this.#values;
    if (rows <= values.length) return;
    const larger = new (values.constructor as new (length: number) => NarrowArray)(rows);
    larger.set(values);
    this.#values = larger;
  }

  set(row: number, value: number): void {
    if (value > this.#limit || value < 0) this.#widen(value);
    this.#values[row] = value;
  }

  at(row: number): number {
    return this.#values[row]!;
  }

  exactAt(row: number): bigint {
    return BigInt(this.#values[row]!);
  }

  #widen(value: number): void {
    const values = this.#values;
    if (values instanceof Float64Array) return;
    const isLarge = value < 0 || value >= TWO_32;
    const larger = isLarge
      ? new Float64Array(values.length)
      : value > 0xffff
        ? new Uint32Array(values.length)
        : new Uint16Array(values.length);
    larger.set(values);
    this.#values = larger;
    this.#limit = isLarge ? Number.MAX_SAFE_INTEGER : 2 ** (8 * larger.BYTES_PER_ELEMENT) - 1;
  }
}

/** 64 bits in two halves, the lower one first: no BigInt has to be made to write a row. */
export class WideColumn implements RecordColumn {
  readonly bytesPerRow = 8;
  #halves = new Uint32Array(0);

  reserve(rows: number): void {
    if (2 * rows <= this.#halves.length) return;
    const larger = new Uint32Array(2 * rows);
    larger.set(this.#halves);
    this.#halves = larger;
  }

  set(row: number, value: number): void {
    const high = Math.floor(value / TWO_32);
    this.#halves[2 * row] = value - high * TWO_32;
    // A negative half is stored in two's complement.
    this.#halves[2 * row + 1] = high;
  }

  /** For what a number does not hold exactly: −2^63 … 2^64 − 1; from 2^63 on it reads back as negative. */
  setExact(row: number, value: bigint): void {
    const bits = BigInt.asUintN(64, value);
    this.#halves[2 * row] = Number(bits & 0xffff_ffffn);
    this.#halves[2 * row + 1] = Number(bits >> 32n);
  }

  at(row: number): number {
    return (this.#halves[2 * row + 1]! | 0) * TWO_32 + this.#halves[2 * row]!;
  }

  exactAt(row: number): bigint {
    return (BigInt(this.#halves[2 * row + 1]! | 0) << 32n) + BigInt(this.#halves[2 * row]!);
  }
}
