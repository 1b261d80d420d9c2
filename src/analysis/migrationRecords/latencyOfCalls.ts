import type { CallLatency, LatencyDensity } from '../../protocol/migrationMessages.js';
import type { RecordColumn } from '../../trace/migrations/recordColumn.js';
import { kernelDensity } from '../density/kernelDensity.js';
import { nearestRank, selectRank } from '../percentile.js';

/** Points at which a density is told. */
const POINTS = 128;
/** Bins a point in which the quartiles are looked for: the values need not be sorted. */
const BINS_PER_POINT = 4;
/** No narrower than this many decades: durations are whole nanoseconds from a clock of limited resolution. */
const LEAST_BANDWIDTH = 0.01;

/** How long the calls took: percentiles by nearest rank, and a density; null without calls. */
export function latencyOfCalls(column: RecordColumn, rows: number): CallLatency | null {
  if (rows === 0) return null;
  const values = new Float64Array(rows);
  let maxRow = 0;
  for (let row = 0; row < rows; row += 1) {
    const value = column.at(row);
    values[row] = value;
    if (value > values[maxRow]!) maxRow = row;
  }
  const maxNs = values[maxRow]!;
  const density = densityOfLogarithms(values);
  const percentile = (percent: number) => selectRank(values, rows, nearestRank(rows, percent));
  return {
    count: rows,
    p50Ns: percentile(50),
    p90Ns: percentile(90),
    p99Ns: percentile(99),
    maxNs,
    maxRow,
    density,
  };
}

/**
 * Gaussian kernel density of log10(value): durations spread over decades. Bandwidth by Silverman's rule,
 * 0.9 · min(σ, IQR/1.34) · n^(−1/5) (Silverman 1986, eq. 3.31). Values below 1 ns count as 1 ns.
 */
export function densityOfLogarithms(values: Float64Array): LatencyDensity {
  const { low, high, deviation } = momentsOf(values);
  const spread = Math.max(high - low, 0.2);
  const range = { low: low - 0.08 * spread, width: 1.16 * spread };
  const counts = gathered(values, range);
  const binWidth = range.width / counts.length;
  const bandwidth = Math.max(
    LEAST_BANDWIDTH,
    binWidth,
    bandwidthOf(counts, values.length, deviation, binWidth),
  );
  const at = Float64Array.from(
    { length: POINTS },
    (_, point) => range.low + ((point + 0.5) / POINTS) * range.width,
  );
  const density = kernelDensity(values.map(logarithm), at, { bandwidth });
  return { ns: Array.from(at, (log) => 10 ** log), density: Array.from(density) };
}

function logarithm(ns: number): number {
  return Math.log10(Math.max(1, ns));
}

function momentsOf(values: Float64Array) {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    const log = logarithm(value);
    low = Math.min(low, log);
    high = Math.max(high, log);
    sum += log;
    squares += log * log;
  }
  const mean = sum / values.length;
  return { low, high, deviation: Math.sqrt(Math.max(0, squares / values.length - mean * mean)) };
}

function gathered(values: Float64Array, range: { low: number; width: number }): Float64Array {
  const bins = POINTS * BINS_PER_POINT;
  const counts = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.floor(((logarithm(value) - range.low) / range.width) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]! += 1;
  }
  return counts;
}

function bandwidthOf(counts: Float64Array, total: number, deviation: number, binWidth: number): number {
  const quartileBin = (share: number) => {
    let sum = 0;
    for (let bin = 0; bin < counts.length; bin += 1) {
      sum += counts[bin]!;
      if (sum >= share * total) return bin;
    }
    return counts.length - 1;
  };
  const range = (quartileBin(0.75) - quartileBin(0.25)) * binWidth;
  const scale = range > 0 ? Math.min(deviation, range / 1.34) : deviation;
  return 0.9 * scale * total ** -0.2;
}
