import { byRoute, routeOf, type ClockLine, type Moves } from './moves.js';

/** Pairs that vote: more cost time and tell nothing new. */
const MOST_PAIRS = 400_000;
/** Pairs that the slope is looked for with. */
const MOST_SLOPE_PAIRS = 4000;
/** Moves come within this after their calls, nearly all: the width of a peak, ns. */
const PEAK_NS = 1e6;
/** Most of them come within this: the peak's steep side, which sets the offset, ns. */
const STEEP_NS = 2e5;
/** Clocks of one machine that run apart faster than this are broken, seconds a second. */
const MOST_DRIFT = 2e-4;
/** A drift that adds up to less over the recording is not told from none, ns. */
const LEAST_DRIFT_NS = 1e5;
/** What lies before this share of the delays is taken for the shortest one: outliers are not to set the offset. */
const SHORTEST_SHARE = 0.02;

interface Pairs {
  /** Time of the call, and of a move with its route less that. */
  readonly atNs: Float64Array;
  readonly differenceNs: Float64Array;
}

/**
 * The line from the calls' clock to the moves' that most pairs agree on; null when there are no pairs. Each call is paired with
 * every move of the same task between the same CPUs: the true ones differ by the clocks' offset and a short delay, the others by
 * anything, so that the true offset is where differences are densest. The slope is tried in steps, then fitted by least
 * squares; the offset makes the shortest delays zero, so it is too large by the shortest delay.
 */
export function voteOnClocks(calls: Moves, moves: Moves): ClockLine | null {
  const pairs = pairsOf(calls, moves);
  const { length } = pairs.atNs;
  if (length === 0) return null;
  const startNs = calls.timeNs[0]!;
  const spanNs = calls.timeNs[calls.length - 1]! - startNs;
  const pivotNs = startNs + spanNs / 2;
  const widthNs = PEAK_NS + MOST_DRIFT * spanNs;
  const rough = densest(pairs.differenceNs.slice().sort(), widthNs);
  const near = subset(pairs, (_, difference) => Math.abs(difference - rough - widthNs / 2) <= widthNs);
  const drift = bestSlope(near, pivotNs, spanNs);
  return refined(near, drift, pivotNs, spanNs);
}

function pairsOf(calls: Moves, moves: Moves): Pairs {
  const routes = byRoute(moves);
  let total = 0;
  for (let call = 0; call < calls.length; call += 1) total += routes.get(routeOf(calls, call))?.length ?? 0;
  const step = Math.max(1, Math.ceil(total / MOST_PAIRS));
  const atNs: number[] = [];
  const differenceNs: number[] = [];
  for (let call = 0; call < calls.length; call += step) {
    const time = calls.timeNs[call]!;
    for (const move of routes.get(routeOf(calls, call)) ?? []) {
      atNs.push(time);
      differenceNs.push(moves.timeNs[move]! - time);
    }
  }
  return { atNs: Float64Array.from(atNs), differenceNs: Float64Array.from(differenceNs) };
}

function subset(
  { atNs, differenceNs }: Pairs,
  accepts: (atNs: number, differenceNs: number) => boolean,
): Pairs {
  const chosen: number[] = [];
  for (let i = 0; i < atNs.length; i += 1) if (accepts(atNs[i]!, differenceNs[i]!)) chosen.push(i);
  return {
    atNs: Float64Array.from(chosen, (i) => atNs[i]!),
    differenceNs: Float64Array.from(chosen, (i) => differenceNs[i]!),
  };
}

/** Start of the window of a width that holds most of the values. */
function densest(sorted: Float64Array, widthNs: number): number {
  return densestWindow(sorted, widthNs).startNs;
}

function densestWindow(
  sorted: Float64Array,
  widthNs: number,
): { readonly startNs: number; readonly count: number } {
  let best = 0;
  let count = 0;
  for (let first = 0, end = 0; first < sorted.length; first += 1) {
    while (end < sorted.length && sorted[end]! <= sorted[first]! + widthNs) end += 1;
    if (end - first > count) [best, count] = [first, end - first];
  }
  return { startNs: sorted[best] ?? 0, count };
}

/** Of the slopes that are tried, the one whose densest peak is the highest; of equals the flattest. */
function bestSlope(pairs: Pairs, pivotNs: number, spanNs: number): number {
  const every = Math.max(1, Math.ceil(pairs.atNs.length / MOST_SLOPE_PAIRS));
  let index = 0;
  const sample = subset(pairs, () => index++ % every === 0);
  // A step changes the ends of the line by a quarter of a peak.
  const step = PEAK_NS / 2 / Math.max(spanNs, 1);
  const steps = Math.min(1000, Math.floor(MOST_DRIFT / step));
  let best = 0;
  let most = 0;
  for (let i = 0; i <= 2 * steps; i += 1) {
    // 0, 1, −1, 2, −2, …
    const slope = (i % 2 === 0 ? -i / 2 : (i + 1) / 2) * step;
    const { count } = densestWindow(residuals(sample, slope, pivotNs).sort(), PEAK_NS);
    if (count > most) [best, most] = [slope, count];
  }
  return best;
}

function residuals({ atNs, differenceNs }: Pairs, drift: number, pivotNs: number): Float64Array {
  return differenceNs.map((difference, i) => difference - drift * (atNs[i]! - pivotNs));
}

function refined(pairs: Pairs, slope: number, pivotNs: number, spanNs: number): ClockLine {
  let drift = slope;
  for (let round = 0; round < 3; round += 1) {
    drift += slopeOf(peakOf(pairs, drift, pivotNs), drift, pivotNs);
  }
  if (Math.abs(drift) * spanNs < LEAST_DRIFT_NS || Math.abs(drift) > 1.1 * MOST_DRIFT) drift = 0;
  const sorted = residuals(peakOf(pairs, drift, pivotNs), drift, pivotNs).sort();
  const startNs = densest(sorted, STEEP_NS);
  const peak = sorted.filter((residual) => residual >= startNs && residual <= startNs + STEEP_NS);
  return { offsetNs: peak[Math.floor(SHORTEST_SHARE * peak.length)] ?? 0, drift, pivotNs };
}

function peakOf(pairs: Pairs, drift: number, pivotNs: number): Pairs {
  const startNs = densest(residuals(pairs, drift, pivotNs).sort(), PEAK_NS);
  return subset(pairs, (atNs, difference) => {
    const residual = difference - drift * (atNs - pivotNs);
    return residual >= startNs && residual <= startNs + PEAK_NS;
  });
}

/** Slope of what a line leaves, by least squares. */
function slopeOf(pairs: Pairs, drift: number, pivotNs: number): number {
  const rest = residuals(pairs, drift, pivotNs);
  const mean = (values: Float64Array) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const [meanTime, meanRest] = [mean(pairs.atNs), mean(rest)];
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < rest.length; i += 1) {
    const time = pairs.atNs[i]! - meanTime;
    covariance += time * (rest[i]! - meanRest);
    variance += time * time;
  }
  return variance > 0 ? covariance / variance : 0;
}
