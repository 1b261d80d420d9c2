import { nearestRank } from '../percentile.js';

/** How wide the kernels of a density are: rules that are documented, and nothing chosen by eye. */

/**
 * Silverman's rule of thumb, 0.9 · min(σ, IQR / 1.34) · n^(−1/5) (Silverman, "Density Estimation for Statistics and
 * Data Analysis", 1986, eq. 3.31). σ is with n − 1, the quartiles lie between neighbours in proportion. 0 when all
 * values are alike; σ alone where the quartiles coincide.
 * @param sorted values on the axis that is drawn, rising
 */
export function silvermanBandwidth(sorted: Float64Array): number {
  return 0.9 * spreadOf(sorted, 1.34) * sorted.length ** -0.2;
}

/** The smaller of σ and the interquartile range over `divisor`, which is its size for a normal distribution with σ = 1. */
export function spreadOf(sorted: Float64Array, divisor: number): number {
  const deviation = standardDeviation(sorted);
  const range = quartile(sorted, 0.75) - quartile(sorted, 0.25);
  return range > 0 ? Math.min(deviation, range / divisor) : deviation;
}

/**
 * The usual step between two different values of the middle half, the median of their gaps: the grid of a clock, where there
 * is one, and next to nothing where there is none. A kernel that is narrower than the grid draws the clock. 0 when the
 * middle half is one value.
 */
export function usualStep(sorted: Float64Array): number {
  const from = Math.floor(sorted.length / 4);
  const to = Math.ceil((3 * sorted.length) / 4);
  const gaps: number[] = [];
  for (let at = from + 1; at < to; at += 1) {
    const gap = sorted[at]! - sorted[at - 1]!;
    if (gap > 0) gaps.push(gap);
  }
  const ordered = Float64Array.from(gaps).sort();
  return ordered.length === 0 ? 0 : ordered[nearestRank(ordered.length, 50)]!;
}

function standardDeviation(values: Float64Array): number {
  if (values.length < 2) return 0;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

function quartile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (sorted[Math.min(below + 1, sorted.length - 1)]! - low) * (position - below);
}
