/** Bins a bandwidth into which values are gathered: the curve is then right to about 0.03 % of its peak. */
const BINS_PER_BANDWIDTH = 16;
/** Beyond so many bandwidths a kernel adds nothing: exp(−6² / 2) is 10^−8. */
const REACH = 6;
/** Bins at most, 8 MiB: where an axis is that much longer than a bandwidth is wide, they are wider. */
const MAX_BINS = 2 ** 20;

export interface KernelDensityOptions {
  /** Of the Gaussian kernel: its standard deviation, above 0. */
  readonly bandwidth: number;
  /**
   * Values cannot be below 0: what a kernel would put there is put at its mirror image (Silverman 1986, section 2.10), so
   * that the area above 0 is 1.
   */
  readonly reflectsAtZero?: boolean;
}

/**
 * A Gaussian kernel density estimate at these places: a mean of normal densities around the values. Values are gathered into
 * fine bins first, each shared between its two neighbours in proportion (Wand, "Fast computation of multivariate kernel
 * estimators", 1994), so that a million of them cost little more than a thousand.
 * @param values on the axis that is drawn; not empty
 * @param at places, rising
 */
export function kernelDensity(
  values: Float64Array,
  at: Float64Array,
  { bandwidth, reflectsAtZero = false }: KernelDensityOptions,
): Float64Array {
  const low = at[0]! - REACH * bandwidth;
  const span = at.at(-1)! + REACH * bandwidth - low;
  const width = Math.max(bandwidth / BINS_PER_BANDWIDTH, span / MAX_BINS);
  const bins = new Float64Array(Math.ceil(span / width) + 2);
  for (const value of values) {
    gather(bins, (value - low) / width);
    if (reflectsAtZero) gather(bins, (-value - low) / width);
  }
  const scale = 1 / (values.length * bandwidth * Math.sqrt(2 * Math.PI));
  return at.map((place) => {
    if (reflectsAtZero && place < 0) return 0;
    const centre = (place - low) / width;
    const reach = (REACH * bandwidth) / width;
    const last = Math.min(bins.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let bin = Math.max(0, Math.ceil(centre - reach)); bin <= last; bin += 1) {
      const count = bins[bin]!;
      if (count !== 0) sum += count * Math.exp(-0.5 * (((bin - centre) * width) / bandwidth) ** 2);
    }
    return sum * scale;
  });
}

/** Adds a value at a place between two bins to both, the nearer one getting more. */
function gather(bins: Float64Array, place: number): void {
  if (!(place >= 0 && place < bins.length - 1)) return;
  const bin = Math.floor(place);
  const share = place - bin;
  bins[bin]! += 1 - share;
  bins[bin + 1]! += share;
}

/** Evenly spaced places from end to end. */
export function evenly(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}
