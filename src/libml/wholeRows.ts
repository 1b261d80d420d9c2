import type { RawRows } from '../learning/migrations/deployableModel.js';

/** Rows of whole numbers of 64 bits, exact whatever they are: [rows, features], a row behind the other. */
export interface ExactRows {
  readonly rows: number;
  readonly values: BigInt64Array;
}

export type WholeRows = RawRows | ExactRows;

/** What a model says of rows. */
export interface Answers {
  /** [rows] what is compared with the threshold, in the model's own unit. Whole numbers of fixed-point models and trees are exact. */
  readonly logits: Float64Array;
  /** [rows] 1: above the threshold */
  readonly decisions: Uint8Array;
}

/** The same values as numbers of 64 bits. Throws a RangeError where one is no whole number. */
export function exactRows({ rows, values }: WholeRows): ExactRows {
  return values instanceof BigInt64Array
    ? { rows, values }
    : { rows, values: BigInt64Array.from(values, BigInt) };
}

/** Limits of signed 64-bit numbers. */
export const LONG_MAX = 2n ** 63n - 1n;
export const LONG_MIN = -(2n ** 63n);

/** a − b, or the nearest number of 64 bits: libml_less() of media/libml/libml_whole.h. */
export function saturatingLess(a: bigint, b: bigint): bigint {
  const difference = a - b;
  if (difference > LONG_MAX) return LONG_MAX;
  return difference < LONG_MIN ? LONG_MIN : difference;
}
