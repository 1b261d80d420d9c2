import type { LatencyFigures, LatencyRatios } from '../../protocol/latencyMessages.js';
import { medianRatioInterval, type MedianRatioOptions } from '../density/medianRatio.js';
import { nearestRank } from '../percentile.js';

/** @param sorted ns, rising, not empty */
export function figuresOf(sorted: Float64Array): LatencyFigures {
  const n = sorted.length;
  const at = (percent: number) => sorted[nearestRank(n, percent)]!;
  let sum = 0;
  for (const value of sorted) sum += value;
  return {
    n,
    meanNs: sum / n,
    minNs: sorted[0]!,
    p50Ns: at(50),
    p90Ns: at(90),
    p99Ns: at(99),
    maxNs: sorted[n - 1]!,
  };
}

/** One side of a comparison. */
export interface ComparedLatencies {
  readonly label: string;
  /** ns, rising */
  readonly sorted: Float64Array;
  readonly figures: LatencyFigures;
}

/** Null where a ratio has no meaning: a baseline of 0. */
export function ratiosOf(
  baseline: ComparedLatencies,
  other: ComparedLatencies,
  against: number,
  options: MedianRatioOptions,
): LatencyRatios | null {
  if (!(baseline.figures.p50Ns > 0)) return null;
  const ofMedians = other.figures.p50Ns / baseline.figures.p50Ns;
  const ofMeans = other.figures.meanNs / baseline.figures.meanNs;
  const ofMediansInterval = medianRatioInterval(baseline.sorted, other.sorted, options);
  return {
    against,
    ofMedians,
    ofMediansInterval,
    ofMeans,
    words: wordsOf(baseline.label, other.label, ofMedians, ofMediansInterval, ofMeans, options.confidence),
  };
}

function wordsOf(
  baseline: string,
  other: string,
  ofMedians: number,
  interval: LatencyRatios['ofMediansInterval'],
  ofMeans: number,
  confidence: number,
): string {
  const told =
    interval === null
      ? ''
      : ` (${formatRatio(interval.low)} to ${formatRatio(interval.high)} at ${confidence * 100} %)`;
  const median = `The median of ${other} is ${formatRatio(ofMedians)} times that of ${baseline}${told}`;
  if (interval !== null && interval.low <= 1 && interval.high >= 1) {
    return `${median}: no difference of the medians can be seen. The mean is ${formatRatio(ofMeans)} times that of ${baseline}.`;
  }
  const parts = Math.sign(Math.log(ofMedians)) !== Math.sign(Math.log(ofMeans));
  return parts
    ? `${median}; the mean, which a few long calls decide, goes the other way: ${formatRatio(ofMeans)} times.`
    : `${median}, the mean ${formatRatio(ofMeans)} times.`;
}

/** `0.958`, `17.59`, `70.8`. */
export function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '-';
  if (ratio >= 1000) return ratio.toPrecision(4);
  return ratio.toFixed(ratio < 10 ? 3 : ratio < 100 ? 2 : 1);
}
