/**
 * Chance that is a function of what it is for, not of what was drawn before: a run that goes on after an interruption
 * needs no generator restored, and any member of a shuffled order can be asked for alone.
 */

/** Rounds of the Feistel network. Four make a pseudo-random permutation (Luby and Rackoff, 1988); two more cost little. */
const ROUNDS = 6;

/** 32 well mixed bits of several whole numbers (the finaliser of MurmurHash3 over each in turn). */
export function mixed(...values: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const value of values) {
    hash = scrambled(hash ^ (value | 0));
    // Seeds above 2^32 differ in their upper half.
    const upper = Math.floor(value / 2 ** 32) | 0;
    if (upper !== 0) hash = scrambled(hash ^ upper ^ 0x5bd1e995);
    hash = (hash + 0x6d2b79f5) | 0;
  }
  return scrambled(hash);
}

function scrambled(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A shuffled order of 0 … count − 1 of which any member can be computed alone and nothing is stored: a Feistel network over
 * the next power of four, walked until it lands below `count` (Black and Rogaway, "Ciphers with arbitrary finite domains",
 * 2002), which takes less than four steps on average.
 */
export class Permutation {
  readonly #keys: Int32Array;
  readonly #halfBits: number;
  readonly #halfMask: number;

  /** `count` up to 2^32. */
  constructor(
    readonly count: number,
    seed: number,
    epoch: number,
  ) {
    this.#halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, count)) / 2));
    this.#halfMask = 2 ** this.#halfBits - 1;
    this.#keys = Int32Array.from({ length: ROUNDS }, (_, round) => mixed(seed, epoch, round));
  }

  /** What stands at a place of the order. */
  at(place: number): number {
    let value = place;
    do value = this.#encrypted(value);
    while (value >= this.count);
    return value;
  }

  #encrypted(value: number): number {
    const bits = this.#halfBits;
    const mask = this.#halfMask;
    let left = (value >>> bits) & mask;
    let right = value & mask;
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = left ^ (scrambled(right ^ this.#keys[round]!) & mask);
      left = right;
      right = next;
    }
    return ((left << bits) | right) >>> 0;
  }
}

/** The values in an order that follows from the seed and from what it is for. */
export function shuffled<T>(values: readonly T[], seed: number, purpose: number): T[] {
  const order = new Permutation(values.length, seed, purpose);
  return values.map((_, place) => values[order.at(place)]!);
}
