import { normalCdf, studentQuantile } from '../../base/distributions.js';
import { SeededRandom } from '../../base/seededRandom.js';
import { mean, medianOfSorted, quantileOfSorted, variance } from './statistics.js';

/** Two ends; null where the values allow none. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly seed: number;
  readonly resamples: number;
  /** 0.95 */
  readonly confidence: number;
}

export interface RatioIntervals {
  readonly means: Interval | null;
  readonly medians: Interval | null;
}

/**
 * Bootstrap intervals of the ratios of means and of medians, other / baseline: both sides are drawn anew with
 * replacement, as Kalibera and Jones do for benchmarks ("Quantifying Performance Changes with Effect Size Confidence
 * Intervals", 2012).
 *
 * Percentile intervals of few values are too narrow, as a resample varies by (n − 1)/n less than a sample and knows
 * nothing of Student's t. So the percentiles are taken further out by both: Hesterberg's expanded percentile interval
 * ("What Teachers Should Know About the Bootstrap", 2015, section 5.3), here with the degrees of freedom after Welch.
 *
 * Null for fewer than two values on a side, and where a resample's baseline is not above zero.
 */
export function ratioIntervals(
  baseline: readonly number[],
  other: readonly number[],
  options: BootstrapOptions,
): RatioIntervals {
  if (baseline.length < 2 || other.length < 2) return { means: null, medians: null };
  const random = new SeededRandom(options.seed);
  const means = new Float64Array(options.resamples);
  const medians = new Float64Array(options.resamples);
  const below = new Float64Array(baseline.length);
  const above = new Float64Array(other.length);
  for (let at = 0; at < options.resamples; at += 1) {
    resample(baseline, below, random);
    resample(other, above, random);
    means[at] = mean(above) / mean(below);
    medians[at] = medianOfSorted(above.sort()) / medianOfSorted(below.sort());
  }
  const tail = expandedTail([baseline, other], options.confidence);
  return { means: percentiles(means, tail), medians: percentiles(medians, tail) };
}

/** The share to leave out at either end for a figure made of the means of these samples, all of one weight. */
export function expandedTail(samples: readonly (readonly number[])[], confidence: number): number {
  const usual = (1 - confidence) / 2;
  const terms = samples.map((values) => ({ size: values.length, variance: relativeVariance(values) }));
  const total = terms.reduce((sum, { variance }) => sum + variance, 0);
  if (!(total > 0)) return usual;
  const ofResamples = terms.reduce((sum, { size, variance }) => sum + (variance * (size - 1)) / size, 0);
  const narrowness = Math.sqrt(total / ofResamples);
  return normalCdf(-narrowness * studentQuantile(1 - usual, welchDegrees(terms)));
}

/** Variance of the mean over the square of the mean: that of its logarithm, nearly. */
function relativeVariance(values: readonly number[]): number {
  return variance(values) / values.length / mean(values) ** 2;
}

/** Degrees of freedom of a sum of means with these variances (Welch and Satterthwaite). */
function welchDegrees(terms: readonly { readonly size: number; readonly variance: number }[]): number {
  const total = terms.reduce((sum, { variance }) => sum + variance, 0);
  return total ** 2 / terms.reduce((sum, { size, variance }) => sum + variance ** 2 / (size - 1), 0);
}

export function percentiles(values: Float64Array, tail: number): Interval | null {
  if (!values.every((value) => Number.isFinite(value) && value > 0)) return null;
  const sorted = values.sort();
  return { low: quantileOfSorted(sorted, tail), high: quantileOfSorted(sorted, 1 - tail) };
}

export function resample(from: readonly number[], into: Float64Array, random: SeededRandom): void {
  for (let at = 0; at < into.length; at += 1) into[at] = from[random.below(from.length)]!;
}

/** Interval of the mean by Student's t; null for fewer than two values. */
export function meanInterval(values: readonly number[], confidence: number): Interval | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  const half =
    studentQuantile(0.5 + confidence / 2, values.length - 1) * Math.sqrt(variance(values) / values.length);
  return { low: centre - half, high: centre + half };
}

/**
 * The smallest relative difference of means that a test at this level sees with this power, given how much these values
 * vary (Bloom, "Minimum Detectable Effects", 1995): (t of the level + t of the power) · standard error.
 * Null for fewer than two values on a side.
 */
export function detectableDifference(
  baseline: readonly number[],
  other: readonly number[],
  level: number,
  power: number,
): number | null {
  if (baseline.length < 2 || other.length < 2) return null;
  const terms = [baseline, other].map((values) => ({
    size: values.length,
    variance: relativeVariance(values),
  }));
  const total = terms.reduce((sum, { variance }) => sum + variance, 0);
  if (!Number.isFinite(total)) return null;
  if (total === 0) return 0;
  const degrees = welchDegrees(terms);
  const factor = studentQuantile(1 - level / 2, degrees) + studentQuantile(power, degrees);
  return factor * Math.sqrt(total);
}
