import { silvermanBandwidth, spreadOf } from './bandwidth.js';

/** Bins a spread σ · n^(−1/5): the bandwidth is found to about a hundredth of itself. */
const BINS_PER_BANDWIDTH = 20;
/** Pairs whose distance is more bandwidths than this add nothing: exp(−9² / 2) is 10^−18. */
const REACH = 9;
/** Halvings of the interval in which the solution lies. */
const STEPS = 40;

/** Values in bins of one width: only those that hold something, in order. */
interface Bins {
  readonly width: number;
  readonly total: number;
  readonly index: Float64Array;
  readonly count: Float64Array;
}

/**
 * The bandwidth of Sheather and Jones, "A reliable data-based bandwidth selection method for kernel density estimation",
 * JRSS B 53, 1991: it solves their equation (12), with the pilot bandwidths a and b of a normal distribution. It suits
 * distributions of several peaks, which Silverman's rule smooths over. The sums over pairs run over bins.
 *
 * Where the equation has no solution between a tenth of the largest sensible bandwidth and that (heavily tied values), the
 * nearer end is the answer. As Silverman's rule for fewer than three values, or where all are alike.
 * @param sorted values on the axis that is drawn, rising
 */
export function sheatherJonesBandwidth(sorted: Float64Array): number {
  const n = sorted.length;
  const scale = spreadOf(sorted, 1.349);
  if (n < 3 || !(scale > 0)) return silvermanBandwidth(sorted);
  const bins = binned(sorted, (scale * n ** -0.2) / BINS_PER_BANDWIDTH);
  const a = 1.24 * scale * n ** (-1 / 7);
  const b = 1.23 * scale * n ** (-1 / 9);
  const third = -sixthDerivative(bins, b);
  const second = fourthDerivative(bins, a);
  const largest = 1.144 * scale * n ** -0.2;
  if (!(third > 0 && second > 0)) return largest;
  const pilot = 1.357 * (second / third) ** (1 / 7);
  const constant = 1 / (2 * Math.sqrt(Math.PI) * n);
  const surplus = (h: number) => {
    const roughness = fourthDerivative(bins, pilot * h ** (5 / 7));
    return roughness > 0 ? (constant / roughness) ** 0.2 - h : Infinity;
  };
  return rootBetween(surplus, 0.1 * largest, largest);
}

/** Where a function that falls through zero does so; the nearer end when it does not. */
function rootBetween(surplus: (h: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  if (surplus(low) <= 0) return low;
  if (surplus(high) >= 0) return high;
  for (let step = 0; step < STEPS && high - low > 1e-6 * high; step += 1) {
    const middle = (low + high) / 2;
    if (surplus(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function binned(sorted: Float64Array, width: number): Bins {
  const index: number[] = [];
  const count: number[] = [];
  for (const value of sorted) {
    const bin = Math.floor((value - sorted[0]!) / width);
    if (index.at(-1) === bin) count[count.length - 1]! += 1;
    else {
      index.push(bin);
      count.push(1);
    }
  }
  return {
    width,
    total: sorted.length,
    index: Float64Array.from(index),
    count: Float64Array.from(count),
  };
}

/** The estimate of ∫ f″² at a pilot bandwidth: a mean over pairs of the normal density's fourth derivative. */
function fourthDerivative(bins: Bins, h: number): number {
  const sum = overPairs(bins, h, (square) => Math.exp(-square / 2) * (square * square - 6 * square + 3), 3);
  return sum / (bins.total * (bins.total - 1) * h ** 5 * Math.sqrt(2 * Math.PI));
}

/** The estimate of −∫ f‴² in the same way. */
function sixthDerivative(bins: Bins, h: number): number {
  const sum = overPairs(
    bins,
    h,
    (square) => Math.exp(-square / 2) * (square ** 3 - 15 * square * square + 45 * square - 15),
    -15,
  );
  return sum / (bins.total * (bins.total - 1) * h ** 7 * Math.sqrt(2 * Math.PI));
}

/** Sum over all ordered pairs, each value with itself included. @param atZero what a pair without a distance adds */
function overPairs(bins: Bins, h: number, term: (square: number) => number, atZero: number): number {
  const { index, count, width, total } = bins;
  const lags = Math.ceil((REACH * h) / width);
  const terms = Float64Array.from({ length: lags + 1 }, (_, lag) => term(((lag * width) / h) ** 2));
  let within = 0;
  let between = 0;
  for (let at = 0; at < index.length; at += 1) {
    within += count[at]! * (count[at]! - 1);
    for (let other = at + 1; other < index.length && index[other]! - index[at]! <= lags; other += 1) {
      between += count[at]! * count[other]! * terms[index[other]! - index[at]!]!;
    }
  }
  return 2 * between + atZero * (within + total);
}
