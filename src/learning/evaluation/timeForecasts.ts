import { quantileAt, sampleQuantile } from '../forecast/quantileFunction.js';

/** Levels of forecasts that have none of their own: those that models of quantiles have unless told. */
export const USUAL_LEVELS: readonly number[] = [0.05, 0.25, 0.5, 0.75, 0.95];
/** Places at which a quantile function is integrated. */
const INTEGRATION_STEPS = 100;

/** How far forecasts of the time to an event were off, event by event, of ln(1 + ns). */
export interface TimeErrors {
  /** What was forecast: the median, or the point. */
  readonly guess: Float64Array;
  /** 0 where there was no forecast. */
  readonly weights: Uint8Array;
  /** |target − median|. */
  readonly absolute: Float64Array;
  /** Mean pinball loss over the levels. */
  readonly pinball: Float64Array;
  /** Continuous ranked probability score. */
  readonly crps: Float64Array;
  /** Whether the target is in the central interval of 50 and of 90 %; `null`: points have none. */
  readonly in50: Uint8Array | null;
  readonly in90: Uint8Array | null;
}

/** A forecast as its quantiles. */
interface Forecast {
  readonly quantile: (level: number) => number;
  readonly crps: (target: number) => number;
}

/**
 * Errors of forecasts by quantiles. What lies between the levels and beyond them is that of `quantileAt`; the CRPS is twice the
 * pinball loss integrated over all levels (Gneiting & Ranjan 2011, "Comparing density forecasts using threshold- and
 * quantile-weighted scoring rules"), here the mean over the middles of 100 equal stretches of them.
 * @param quantiles [targets · levels]
 */
export function quantileErrors(
  target: Float64Array,
  quantiles: Float64Array,
  levels: readonly number[],
): TimeErrors {
  return errorsOf(target, levels, (at) => {
    const own = quantiles.subarray(at * levels.length, (at + 1) * levels.length);
    const quantile = (level: number) => quantileAt(levels, own, level);
    return { quantile, crps: (value) => integratedCrps(quantile, value) };
  });
}

/**
 * Errors of forecasts by samples: quantiles by linear interpolation of the ordered ones, and the CRPS of the distribution that
 * is on the samples alone, mean |xᵢ − y| − ½ mean |xᵢ − xⱼ| (Gneiting & Raftery 2007, "Strictly proper scoring rules", eq. 20).
 * @param ensemble [targets · samples]
 */
export function ensembleErrors(
  target: Float64Array,
  ensemble: Float64Array,
  samples: number,
  levels: readonly number[],
): TimeErrors {
  return errorsOf(target, levels, (at) => {
    const sorted = ensemble.slice(at * samples, (at + 1) * samples).sort();
    return {
      quantile: (level) => sampleQuantile(sorted, level),
      crps: (value) => ensembleCrps(sorted, value),
    };
  });
}

/**
 * Errors of points: a point stands for each of its levels, and its CRPS is its distance.
 * @param points NaN where there is none
 */
export function pointErrors(
  target: Float64Array,
  points: Float64Array,
  levels: readonly number[],
): TimeErrors {
  const absolute = target.map((value, at) => Math.abs(value - points[at]!));
  return {
    guess: points,
    weights: Uint8Array.from(points, (point) => (Number.isNaN(point) ? 0 : 1)),
    absolute,
    pinball: target.map((value, at) => meanPinball(value, levels, () => points[at]!)),
    crps: absolute,
    in50: null,
    in90: null,
  };
}

/** @param sorted ascending */
export function ensembleCrps(sorted: Float64Array, target: number): number {
  const { length } = sorted;
  let [distance, spread] = [0, 0];
  for (let at = 0; at < length; at += 1) {
    distance += Math.abs(sorted[at]! - target);
    // Of ordered values Σᵢⱼ |xᵢ − xⱼ| is 2 Σᵢ (2 i − m + 1) xᵢ.
    spread += 2 * (2 * at - length + 1) * sorted[at]!;
  }
  return distance / length - spread / (2 * length * length);
}

function errorsOf(
  target: Float64Array,
  levels: readonly number[],
  forecastAt: (at: number) => Forecast,
): TimeErrors {
  const count = target.length;
  const guess = new Float64Array(count);
  const pinball = new Float64Array(count);
  const crps = new Float64Array(count);
  const in50 = new Uint8Array(count);
  const in90 = new Uint8Array(count);
  for (let at = 0; at < count; at += 1) {
    const forecast = forecastAt(at);
    const { quantile } = forecast;
    const value = target[at]!;
    guess[at] = quantile(0.5);
    pinball[at] = meanPinball(value, levels, quantile);
    crps[at] = forecast.crps(value);
    in50[at] = isBetween(value, quantile(0.25), quantile(0.75));
    in90[at] = isBetween(value, quantile(0.05), quantile(0.95));
  }
  const absolute = target.map((value, at) => Math.abs(value - guess[at]!));
  return { guess, weights: new Uint8Array(count).fill(1), absolute, pinball, crps, in50, in90 };
}

function integratedCrps(quantile: (level: number) => number, target: number): number {
  let sum = 0;
  for (let step = 0; step < INTEGRATION_STEPS; step += 1) {
    const level = (step + 0.5) / INTEGRATION_STEPS;
    sum += pinballLoss(target, quantile(level), level);
  }
  return (2 * sum) / INTEGRATION_STEPS;
}

function meanPinball(target: number, levels: readonly number[], quantile: (level: number) => number): number {
  return levels.reduce((sum, level) => sum + pinballLoss(target, quantile(level), level), 0) / levels.length;
}

/** Koenker and Bassett 1978. */
function pinballLoss(target: number, quantile: number, level: number): number {
  const error = target - quantile;
  return error >= 0 ? level * error : (level - 1) * error;
}

function isBetween(value: number, low: number, high: number): 0 | 1 {
  return value >= low && value <= high ? 1 : 0;
}
