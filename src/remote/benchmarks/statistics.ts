/** Figures of a few values. Nothing here knows of benchmarks. */

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at]!;
  return sum / values.length;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: ArrayLike<number>): number {
  return medianOfSorted(Float64Array.from(values).sort());
}

export function medianOfSorted(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Of a sample: divided by n − 1. NaN for fewer than two values. */
export function variance(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += (values[at]! - centre) ** 2;
  return sum / (values.length - 1);
}

/** The value below which this share lies, between neighbours in proportion (as numpy's default does). */
export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const position = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // Also right where a value is infinite.
  return low === high ? low : low + (high - low) * (position - below);
}
