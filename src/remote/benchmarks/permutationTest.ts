import { SeededRandom } from '../../base/seededRandom.js';
import { mean } from './statistics.js';

export interface PermutationResult {
  readonly kind: 'exact' | 'sampled';
  readonly p: number;
  /** Ways to deal the values to the two sides: (n + m)! / (n! m!). Approximate beyond 2^53. */
  readonly arrangements: number;
  readonly tried: number;
  /** The smallest p that these sizes can give. */
  readonly smallestP: number;
}

export interface PermutationLimits {
  /** With no more arrangements than that all are tried. */
  readonly maxExact: number;
  /** Else so many are drawn. */
  readonly drawn: number;
}

export const USUAL_PERMUTATIONS: PermutationLimits = { maxExact: 200_000, drawn: 20_000 };

/**
 * Two-sided permutation test of the difference of means: how often would chance alone, dealing the same values to the two
 * sides, part their means at least as far? Drawn arrangements count the observed one too, p = (b + 1) / (m + 1), so that
 * p is never 0 (Phipson and Smyth, "Permutation P-values should never be zero", 2010).
 */
export function permutationTest(
  a: readonly number[],
  b: readonly number[],
  seed: number,
  limits: PermutationLimits = USUAL_PERMUTATIONS,
): PermutationResult {
  const pool = Float64Array.from([...a, ...b]);
  const arrangements = countArrangements(a.length, b.length);
  const isAsFar = farness(pool, a.length, Math.abs(mean(a) - mean(b)));
  if (arrangements <= limits.maxExact) {
    const asFar = countExact(pool, a.length, isAsFar);
    return {
      kind: 'exact',
      p: asFar / arrangements,
      arrangements,
      tried: arrangements,
      smallestP: smallestPossibleP(a.length, b.length),
    };
  }
  const asFar = countDrawn(pool, a.length, isAsFar, limits.drawn, new SeededRandom(seed));
  return {
    kind: 'sampled',
    p: (asFar + 1) / (limits.drawn + 1),
    arrangements,
    tried: limits.drawn,
    smallestP: 1 / (limits.drawn + 1),
  };
}

/** (n + m)! / (n! m!) */
export function countArrangements(n: number, m: number): number {
  let count = 1;
  for (let each = 1; each <= Math.min(n, m); each += 1) {
    count = (count * (Math.max(n, m) + each)) / each;
    if (count < 2 ** 53) count = Math.round(count);
  }
  return count;
}

/** Of the exact test. Sides of one size have each arrangement twice, mirrored. */
export function smallestPossibleP(n: number, m: number): number {
  return Math.min(1, (n === m ? 2 : 1) / countArrangements(n, m));
}

/** Whether a side with this sum parts the means as far as observed; sums in another order may differ by rounding. */
function farness(pool: Float64Array, size: number, observed: number): (sum: number) => boolean {
  const total = pool.reduce((sum, value) => sum + value, 0);
  const scale = pool.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const threshold = observed - 1e-12 * scale;
  const rest = pool.length - size;
  return (sum) => Math.abs(sum / size - (total - sum) / rest) >= threshold;
}

/** Goes through all combinations in lexical order. */
function countExact(pool: Float64Array, size: number, isAsFar: (sum: number) => boolean): number {
  const chosen = Array.from({ length: size }, (_unused, at) => at);
  let count = 0;
  for (;;) {
    let sum = 0;
    for (const at of chosen) sum += pool[at]!;
    if (isAsFar(sum)) count += 1;
    let moving = size - 1;
    while (moving >= 0 && chosen[moving] === pool.length - size + moving) moving -= 1;
    if (moving < 0) return count;
    chosen[moving]! += 1;
    for (let after = moving + 1; after < size; after += 1) chosen[after] = chosen[after - 1]! + 1;
  }
}

function countDrawn(
  pool: Float64Array,
  size: number,
  isAsFar: (sum: number) => boolean,
  drawn: number,
  random: SeededRandom,
): number {
  const values = Float64Array.from(pool);
  let count = 0;
  for (let draw = 0; draw < drawn; draw += 1) {
    let sum = 0;
    for (let at = 0; at < size; at += 1) {
      const other = at + random.below(values.length - at);
      const picked = values[other]!;
      values[other] = values[at]!;
      values[at] = picked;
      sum += picked;
    }
    if (isAsFar(sum)) count += 1;
  }
  return count;
}

/**
 * Holm's correction ("A simple sequentially rejective multiple test procedure", 1979): p-values, in the order given, such
 * that the chance of even one false claim among all of them stays below the level to which they are compared.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, at) => ({ p, at })).sort((x, y) => x.p - y.p);
  const adjusted = new Array<number>(ps.length).fill(1);
  let highest = 0;
  for (const [rank, { p, at }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (ps.length - rank)));
    adjusted[at] = highest;
  }
  return adjusted;
}
