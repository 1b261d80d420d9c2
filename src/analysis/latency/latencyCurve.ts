import type { BandwidthRule, LatencyCurve, LatencySettings } from '../../protocol/latencyMessages.js';
import { silvermanBandwidth, usualStep } from '../density/bandwidth.js';
import { evenly, kernelDensity } from '../density/kernelDensity.js';
import { sheatherJonesBandwidth } from '../density/sheatherJones.js';
import { nearestRank } from '../percentile.js';

/** Places at which a curve is told: evenly over the axis, and as many at evenly chosen values, where it is steep. */
const EVEN_PLACES = 384;
const VALUE_PLACES = 256;
/** Bins of the histogram and values of the rug: as many as can be seen. */
const HISTOGRAM_BINS = 96;
const RUG_VALUES = 300;
/** Room beside the values, as a share of the axis. */
const ROOM = 0.04;
/** Of an axis on which all values are one. */
const LEAST_DECADES = 0.2;

/** The axis that is drawn: log10 of ns, or ns. */
export interface Axis {
  readonly settings: LatencySettings;
  readonly low: number;
  readonly high: number;
}

/** Where a latency stands on the axis. Below 1 ns there is nothing to measure: it counts as 1 ns on a logarithmic axis. */
export function onAxis(ns: number, { axis }: LatencySettings): number {
  return axis === 'log' ? Math.log10(Math.max(1, ns)) : ns;
}

export function fromAxis(place: number, { axis }: LatencySettings): number {
  return axis === 'log' ? 10 ** place : place;
}

/** The axis on which all sets stand, from the smallest value to the chosen percentile of each; null without values. */
export function axisOf(sets: readonly Float64Array[], settings: LatencySettings): Axis | null {
  if (sets.length === 0) return null;
  const percent = settings.range === 'all' ? 100 : settings.range === 'p99.9' ? 99.9 : 99;
  const lows = sets.map((sorted) => onAxis(sorted[0]!, settings));
  const highs = sets.map((sorted) => onAxis(sorted[nearestRank(sorted.length, percent)]!, settings));
  const [low, high] = [Math.min(...lows), Math.max(...highs)];
  const least = settings.axis === 'log' ? LEAST_DECADES : Math.max(1, 0.1 * high);
  const span = Math.max(high - low, least);
  return { settings, low: Math.max(0, low - ROOM * span), high: low + span * (1 + ROOM) };
}

/**
 * The density of a set, over the axis of all. The bandwidth is that of the rule, but no narrower than the grid on which the
 * values lie, times the factor.
 * @param sorted ns, rising, not empty
 */
export function curveOf(sorted: Float64Array, axis: Axis): LatencyCurve {
  const { settings, low, high } = axis;
  const places = settings.axis === 'log' ? sorted.map((ns) => onAxis(ns, settings)) : sorted;
  const bandwidth = settings.factor * ruledBandwidth(places, settings.rule, high - low);
  const at = placesOf(places, low, high);
  const density = kernelDensity(places, at, { bandwidth, reflectsAtZero: settings.axis === 'linear' });
  const beyond = sorted.length - firstAbove(places, high);
  return {
    ns: Array.from(at, (place) => fromAxis(place, settings)),
    density: Array.from(density),
    bandwidth,
    beyond: beyond / sorted.length,
    histogram: histogramOf(places, low, high),
    rugNs: rugOf(sorted, fromAxis(high, settings)),
  };
}

/** What the rule says, above 0 also where all values are alike. */
export function ruledBandwidth(sorted: Float64Array, rule: BandwidthRule, span: number): number {
  const ruled = rule === 'silverman' ? silvermanBandwidth(sorted) : sheatherJonesBandwidth(sorted);
  return Math.max(ruled, usualStep(sorted)) || span / 100;
}

function placesOf(sorted: Float64Array, low: number, high: number): Float64Array {
  const places = Array.from(evenly(low, high, EVEN_PLACES));
  for (let i = 0; i < VALUE_PLACES; i += 1) {
    const place = sorted[Math.floor(((i + 0.5) / VALUE_PLACES) * sorted.length)]!;
    if (place > low && place < high) places.push(place);
  }
  return Float64Array.from(new Set(places)).sort();
}

function histogramOf(sorted: Float64Array, low: number, high: number): number[] {
  const bins = new Array<number>(HISTOGRAM_BINS).fill(0);
  for (const place of sorted) {
    const bin = Math.floor(((place - low) / (high - low)) * HISTOGRAM_BINS);
    if (bin >= 0 && bin < HISTOGRAM_BINS) bins[bin]! += 1;
  }
  return bins.map((count) => count / sorted.length);
}

function rugOf(sorted: Float64Array, highNs: number): number[] {
  const count = Math.min(RUG_VALUES, sorted.length);
  const rug: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const ns = sorted[Math.floor(((i + 0.5) / count) * sorted.length)]!;
    if (ns <= highNs) rug.push(ns);
  }
  return rug;
}

/** How many values are not above a place. */
function firstAbove(sorted: Float64Array, place: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
