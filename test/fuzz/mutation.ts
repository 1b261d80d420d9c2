import type { RandomNumbers } from '../support/randomNumbers.js';
import { joined } from './fuzzSeeds.js';

/** What a mutation may draw on beside the bytes themselves. */
export interface Material {
  readonly random: RandomNumbers;
  /** Another seed, to take pieces from. */
  readonly donor: Uint8Array;
  readonly words: readonly Uint8Array[];
}

/** Gives changed bytes; may change the given array in place and return it. */
export type Mutation = (bytes: Uint8Array, material: Material) => Uint8Array;

/** No input grows beyond this, so that a run stays short. */
export const MAX_INPUT_BYTES = 256 * 1024;

/** The bytes with `[from, to)` replaced. */
export function spliced(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  if (bytes.length - (to - from) + by.length > MAX_INPUT_BYTES) return bytes;
  return joined([bytes.subarray(0, from), by, bytes.subarray(to)]);
}

/** A length from 1 on, small ones more often: each doubling is as likely as the one before. */
export function someLength(random: RandomNumbers, limit: number): number {
  const bits = random(Math.floor(Math.log2(Math.max(1, limit))) + 1);
  return Math.min(limit, 2 ** bits + random(2 ** bits));
}

/** A place in the bytes. Headers are worth more than their share. */
export function somePlace(random: RandomNumbers, length: number): number {
  if (length === 0) return 0;
  const beginning = [length, length, 64, 1024, 8192][random(5)]!;
  return random(Math.min(length, beginning));
}
