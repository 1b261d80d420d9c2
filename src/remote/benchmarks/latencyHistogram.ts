import type { Distribution } from './results.js';

/** Bins a decade: a bin is 8 % wide, narrower than what a mean over runs varies. */
const BINS_PER_DECADE = 30;

/**
 * Counts of values over logarithmic bins, for a results file: a million samples of 8 bytes become a few hundred numbers.
 * Values that are not above zero cannot stand on a logarithmic axis; they are counted in `count` and `mean` only.
 */
export function histogramOf(
  samples: Iterable<number>,
): Pick<Distribution, 'count' | 'mean' | 'edges' | 'counts'> {
  const byBin = new Map<number, number>();
  let count = 0;
  let sum = 0;
  for (const value of samples) {
    count += 1;
    sum += value;
    if (!(value > 0)) continue;
    const bin = Math.floor(Math.log10(value) * BINS_PER_DECADE);
    byBin.set(bin, (byBin.get(bin) ?? 0) + 1);
  }
  const bins = [...byBin.keys()].sort((a, b) => a - b);
  const first = bins[0] ?? 0;
  const length = bins.length === 0 ? 0 : bins.at(-1)! - first + 1;
  return {
    count,
    mean: count === 0 ? 0 : sum / count,
    edges: Array.from({ length: length + 1 }, (_unused, at) => 10 ** ((first + at) / BINS_PER_DECADE)),
    counts: Array.from({ length }, (_unused, at) => byBin.get(first + at) ?? 0),
  };
}

/**
 * The density over the logarithm of the value: share of a bin over its width in decades, at its geometric centre. Bins
 * that do not lie above zero are left out; null when none does.
 */
export function densityOf(
  distribution: Pick<Distribution, 'edges' | 'counts'>,
): { readonly at: number[]; readonly density: number[] } | null {
  const total = distribution.counts.reduce((sum, each) => sum + each, 0);
  const at: number[] = [];
  const density: number[] = [];
  for (const [bin, count] of distribution.counts.entries()) {
    const [low, high] = [distribution.edges[bin]!, distribution.edges[bin + 1]!];
    if (!(low > 0)) continue;
    at.push(Math.sqrt(low * high));
    density.push(count / total / Math.log10(high / low));
  }
  return total === 0 || at.length === 0 ? null : { at, density };
}
