import { mixed } from '../../dataset/chance.js';

/** With no more blocks than that all ways to turn them are tried. */
const MOST_EXACT = 16;
/** Else so many are drawn: none of them makes p smaller than 1 in 10,000. */
const DRAWN = 9999;
/** As many signs as a number has bits. */
const WORD = 32;

export interface SignFlipResult {
  readonly kind: 'exact' | 'sampled';
  /** Two-sided, never 0. */
  readonly p: number;
  readonly blocks: number;
  readonly tried: number;
}

/**
 * Were two models alike, each block of events could as well have had its difference the other way round. How often does
 * turning blocks at random part the models at least as far as they are? A permutation test on the sums of blocks (Fisher,
 * "The Design of Experiments", 1935, §21; Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses", 2005, §3):
 * events of a block may depend on each other in any way, blocks are taken to be independent. Draws count the observed
 * one, p = (b + 1) / (m + 1) (Phipson and Smyth, "Permutation P-values should never be zero", 2010).
 * @param sums of the differences in each block
 */
export function signFlipTest(sums: Float64Array, seed: number): SignFlipResult {
  const observed = Math.abs(sums.reduce((sum, each) => sum + each, 0));
  const scale = sums.reduce((sum, each) => sum + Math.abs(each), 0);
  // Sums in another order differ by rounding.
  const threshold = observed - 1e-12 * scale;
  const blocks = sums.length;
  if (blocks <= MOST_EXACT) {
    const tried = 2 ** blocks;
    let asFar = 0;
    for (let signs = 0; signs < tried; signs += 1) {
      if (Math.abs(turned(sums, () => signs)) >= threshold) asFar += 1;
    }
    return { kind: 'exact', p: asFar / tried, blocks, tried };
  }
  let asFar = 1;
  for (let draw = 0; draw < DRAWN; draw += 1) {
    let state = mixed(seed, draw) || 1;
    const sum = turned(sums, () => (state = xorshift(state)));
    if (Math.abs(sum) >= threshold) asFar += 1;
  }
  return { kind: 'sampled', p: asFar / (DRAWN + 1), blocks, tried: DRAWN };
}

/** The sum with the signs that the bits of words tell, a word for each 32 blocks. */
function turned(sums: Float64Array, nextWord: () => number): number {
  let total = 0;
  for (let from = 0; from < sums.length; from += WORD) {
    let word = nextWord();
    const to = Math.min(sums.length, from + WORD);
    for (let at = from; at < to; at += 1, word >>>= 1) {
      total += (1 - 2 * (word & 1)) * sums[at]!;
    }
  }
  return total;
}

/** Marsaglia, "Xorshift RNGs", 2003: 32 bits that are not 0. */
function xorshift(state: number): number {
  let next = state ^ (state << 13);
  next ^= next >>> 17;
  return next ^ (next << 5);
}

export interface McNemar {
  /** Events that only the one, and only the other, model had right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Two-sided mid-p. Events that follow each other are no independent trials: it is smaller than it should be. */
  readonly midP: number;
}

/**
 * McNemar's test of two shares of right answers on the same events, by the events that parted them; mid-p of the binomial
 * distribution (Fagerland, Lydersen and Laake, "The McNemar test for binary matched-pairs data", 2013).
 */
export function mcNemar(onlyFirst: number, onlySecond: number): McNemar {
  const trials = onlyFirst + onlySecond;
  const least = Math.min(onlyFirst, onlySecond);
  // f(x) = C(n, x) / 2^n, from the largest wanted term down: f(x − 1) = f(x) · x / (n − x + 1).
  let logTerm = -trials * Math.LN2;
  for (let x = 1; x <= least; x += 1) logTerm += Math.log((trials - x + 1) / x);
  let term = Math.exp(logTerm);
  let half = term / 2;
  for (let x = least; x > 0 && term > 0; x -= 1) {
    term *= x / (trials - x + 1);
    half += term;
  }
  return { onlyFirst, onlySecond, midP: Math.min(1, 2 * half) };
}
