import { SeededRandom } from '../../base/seededRandom.js';
import { nearestRank } from '../percentile.js';

export interface MedianRatioOptions {
  readonly seed: number;
  readonly resamples: number;
  /** 0.95 */
  readonly confidence: number;
}

/**
 * Bootstrap interval (percentiles) of the ratio of medians, other / baseline: both sides are drawn anew with replacement.
 *
 * Nothing has to be drawn value by value. The m-th smallest of n draws from n values is the value number ⌈n · U⌉, where U,
 * the m-th smallest of n uniform numbers, has the distribution Beta(m, n − m + 1) (David and Nagaraja, "Order
 * Statistics", 2003, section 2.3): the same bootstrap, at the same cost for a million values as for a hundred.
 *
 * It takes the values as independent. Calls of one run are not quite, and nothing in it knows how much runs differ.
 * @param baseline, other rising; medians by nearest rank
 * @returns null for fewer than two values on a side, and where a resample's baseline is not above zero
 */
export function medianRatioInterval(
  baseline: Float64Array,
  other: Float64Array,
  { seed, resamples, confidence }: MedianRatioOptions,
): { readonly low: number; readonly high: number } | null {
  if (baseline.length < 2 || other.length < 2) return null;
  const random = new SeededRandom(seed);
  const ratios = new Float64Array(resamples);
  for (let at = 0; at < resamples; at += 1) {
    ratios[at] = resampledMedian(other, random) / resampledMedian(baseline, random);
  }
  if (!ratios.every((ratio) => Number.isFinite(ratio) && ratio > 0)) return null;
  ratios.sort();
  const tail = (1 - confidence) / 2;
  return {
    low: ratios[nearestRank(resamples, 100 * tail)]!,
    high: ratios[nearestRank(resamples, 100 * (1 - tail))]!,
  };
}

/** The median of as many draws with replacement as there are values. */
function resampledMedian(sorted: Float64Array, random: SeededRandom): number {
  const n = sorted.length;
  const rank = nearestRank(n, 50) + 1;
  const [below, above] = [gamma(rank, random), gamma(n - rank + 1, random)];
  const place = Math.ceil((n * below) / (below + above));
  return sorted[Math.min(n, Math.max(1, place)) - 1]!;
}

/** A draw of the gamma distribution with a shape of at least 1 (Marsaglia and Tsang, ACM TOMS 26, 2000). */
function gamma(shape: number, random: SeededRandom): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = standardNormal(random);
    const v = (1 + c * normal) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.unit()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Box and Muller, one of the two. */
function standardNormal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}
