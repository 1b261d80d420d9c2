import { hash32 } from '../dropoutMask.js';

/**
 * What `dropout` multiplies with: 0, or 1 / (1 - rate). The same elements as `isDropped` tells, written out because it is asked
 * for millions of them a step.
 */
export function dropoutFactors(length: number, rate: number, seed: number): Float32Array {
  const factors = new Float32Array(length).fill(1 / (1 - rate));
  const key = hash32(seed);
  // A whole hash is below the rate's share of 2^32 exactly when it is below the next whole number; signed numbers with
  // their sign turned are in the order of unsigned ones, and stay small integers.
  const limit = (Math.ceil(rate * 2 ** 32) - 2 ** 31) | 0;
  if (rate === 0) return factors;
  for (let index = 0; index < length; index += 1) {
    let x = index ^ key;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    if ((x ^ (x >>> 16) ^ 0x80000000) < limit) factors[index] = 0;
  }
  return factors;
}
