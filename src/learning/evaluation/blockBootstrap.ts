import type { Estimate } from '../../protocol/evaluation.js';
import { sampleQuantile } from '../forecast/quantileFunction.js';
import { streamOf, uniform } from '../layers/chance.js';

export const RESAMPLES = 1000;
/** An interval of fewer blocks would be narrower than what is known. */
export const LEAST_BLOCKS = 10;
/** More make no interval better, and each costs. */
const MOST_BLOCKS = 500;
/** However long what happens depends on what happened: longer blocks would be too few. */
const WANTED_BLOCKS = 20;
/** Lags of the autocorrelation that are looked at. */
const MOST_LAGS = 1000;
const LOW = 0.025;
const HIGH = 0.975;
/** Blocks that are best for a variance leave an interval too narrow: half as long again loses less of what reaches across them. */
const LONGER = 1.5;
/** Of the standard normal distribution at 97.5 %. */
const NORMAL_QUANTILE = 1.959964;

/**
 * 95 % intervals of ratios of sums over events that depend on each other. Events are drawn again not one by one but as blocks of
 * consecutive ones of a recording, of the same length, with replacement and from all recordings alike (Carlstein 1986; so what
 * recordings differ in widens the intervals, too). All ratios are of the same draws, so a difference of two is paired.
 */
export class BlockBootstrap {
  /** First event of each block, and behind the last one the number of events. */
  readonly #starts: Uint32Array;
  /** By resample: the blocks that were drawn. */
  readonly #drawn: Uint16Array;

  /**
   * @param recording of each event, those of one recording side by side
   * @param blockEvents wanted length; each recording is cut into blocks as equal as can be
   */
  constructor(
    recording: ArrayLike<number>,
    readonly blockEvents: number,
    seed: number,
    readonly resamples = RESAMPLES,
  ) {
    this.#starts = blockStarts(recording, blockEvents);
    const stream = streamOf(seed, 'block bootstrap');
    const { blocks } = this;
    this.#drawn = Uint16Array.from({ length: resamples * blocks }, (_, at) =>
      Math.floor(uniform(stream, at) * blocks),
    );
  }

  get blocks(): number {
    return this.#starts.length - 1;
  }

  /** @param values of each event @param weights of each event, 0 leaves it out; all 1 unless given */
  ratio(values: ArrayLike<number>, weights: ArrayLike<number> | null = null): Ratio {
    const { blocks } = this;
    const above = new Float64Array(blocks);
    const below = new Float64Array(blocks);
    let told = 0;
    let [least, most] = [Infinity, -Infinity];
    for (let block = 0; block < blocks; block += 1) {
      for (let at = this.#starts[block]!; at < this.#starts[block + 1]!; at += 1) {
        const weight = weights === null ? 1 : weights[at]!;
        // What has no weight need not have a value.
        if (weight === 0) continue;
        const value = values[at]!;
        above[block]! += weight * value;
        below[block]! += weight;
        if (value < least) least = value;
        if (value > most) most = value;
      }
      if (below[block]! > 0) told += 1;
    }
    const resampled = told < LEAST_BLOCKS ? new Float64Array(0) : this.#resampled(above, below);
    return new Ratio(total(above) / total(below), resampled, told, [least, most]);
  }

  /** Of each resample, how often each block is in it: for statistics that are no ratio of sums. The array is written anew. */
  *counts(): Generator<Uint16Array> {
    const { blocks } = this;
    const counts = new Uint16Array(blocks);
    for (let resample = 0; resample < this.resamples; resample += 1) {
      counts.fill(0);
      const end = (resample + 1) * blocks;
      for (let at = resample * blocks; at < end; at += 1) counts[this.#drawn[at]!]! += 1;
      yield counts;
    }
  }

  /** What the values of each block sum up to. @param weights as of `ratio` */
  sums(values: ArrayLike<number>, weights: ArrayLike<number>): Float64Array {
    const sums = new Float64Array(this.blocks);
    for (let block = 0; block < sums.length; block += 1) {
      for (let at = this.#starts[block]!; at < this.#starts[block + 1]!; at += 1) {
        if (weights[at] !== 0) sums[block]! += weights[at]! * values[at]!;
      }
    }
    return sums;
  }

  #resampled(above: Float64Array, below: Float64Array): Float64Array {
    const { blocks, resamples } = this;
    const values = new Float64Array(resamples);
    for (let resample = 0; resample < values.length; resample += 1) {
      let [sum, weight] = [0, 0];
      const end = (resample + 1) * blocks;
      for (let at = resample * blocks; at < end; at += 1) {
        const block = this.#drawn[at]!;
        sum += above[block]!;
        weight += below[block]!;
      }
      values[resample] = sum / weight;
    }
    return values;
  }
}

type Range = readonly [least: number, most: number];

/** A ratio of sums, and what it was in the resamples. */
export class Ratio {
  /**
   * @param resampled NaN where nothing with a weight was drawn; empty: too few blocks to tell
   * @param blocks that have a weight
   * @param range of the values, which no mean of them leaves
   */
  constructor(
    readonly value: number,
    private readonly resampled: Float64Array,
    private readonly blocks: number,
    private readonly range: Range,
  ) {}

  estimate(): Estimate {
    return estimateOf(this.value, this.resampled, this.blocks, this.range);
  }

  /** This less another one of the same bootstrap. */
  less(other: Ratio): Estimate {
    const apart = this.resampled.map((value, at) => value - (other.resampled[at] ?? NaN));
    const range = [this.range[0] - other.range[1], this.range[1] - other.range[0]] as const;
    return estimateOf(this.value - other.value, apart, Math.min(this.blocks, other.blocks), range);
  }
}

/**
 * By percentiles of the resamples, their distance from the value stretched as few blocks ask for.
 * @param resampled NaN where a resample has nothing to tell; empty: no interval
 * @param blocks that tell something @param range that no value of the statistic leaves
 */
export function estimateOf(
  value: number,
  resampled: Float64Array,
  blocks: number,
  [least, most]: Range,
): Estimate {
  const sorted = resampled.filter((each) => !Number.isNaN(each)).sort();
  if (sorted.length < 2) return { value, low: null, high: null };
  const stretch = stretchFor(blocks);
  const bound = (level: number) =>
    Math.min(most, Math.max(least, value + stretch * (sampleQuantile(sorted, level) - value)));
  return { value, low: bound(LOW), high: bound(HIGH) };
}

/**
 * What the spread of the resamples has to be taken times, so that it is that of the mean of so many blocks: √(n / (n − 1)), and
 * the quantile of Student's t with n − 1 degrees of freedom in place of the normal one, by the first terms of its expansion
 * (Abramowitz & Stegun 26.7.5).
 */
function stretchFor(blocks: number): number {
  const z = NORMAL_QUANTILE;
  const freedom = blocks - 1;
  const t = z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom * freedom);
  return (t / z) * Math.sqrt(blocks / freedom);
}

/**
 * Length of the blocks for a series: one and a half times (G / g)^⅔ n^⅓ with g the sum of its autocovariances over all lags and G that of their
 * products with the lag, which is best for the variance of a mean from blocks that do not overlap; lags from where the
 * autocorrelation stays within chance are faded out (Politis & White 2004, with the correction of Patton, Politis & White 2009;
 * for a first-order autoregression this is Carlstein's rule). Never so long that there are fewer than 20 blocks, nor so short
 * that there are more than 500.
 * @param series a value an event @param recording of each event: what lies in two is not compared
 */
export function blockLength(series: ArrayLike<number>, recording: ArrayLike<number>): number {
  const { length } = series;
  const least = Math.max(1, Math.ceil(length / MOST_BLOCKS));
  const most = Math.max(1, Math.floor(length / WANTED_BLOCKS));
  const best = Math.ceil(LONGER * dependence(series, recording) ** (2 / 3) * Math.cbrt(length));
  return Math.max(least, Math.min(most, best));
}

/** |G| / g as above; 0 for a series that is constant or does not depend on its past. */
function dependence(series: ArrayLike<number>, recording: ArrayLike<number>): number {
  const { length } = series;
  const centred = lessMeans(series, recording);
  const covariance = (lag: number) => {
    let sum = 0;
    for (let at = lag; at < length; at += 1) {
      if (recording[at] === recording[at - lag]) sum += centred[at]! * centred[at - lag]!;
    }
    return sum / length;
  };
  const variance = covariance(0);
  if (variance === 0) return 0;
  const covariances = significant(covariance, variance, length);
  const lags = 2 * (covariances.length - 1);
  let [g, weighted] = [variance, 0];
  for (let lag = 1; lag <= lags; lag += 1) {
    // The flat-top window: 1 up to half of the lags, then down to 0.
    const window = Math.min(1, 2 * (1 - lag / lags));
    const value = window * (covariances[lag] ?? covariance(lag));
    g += 2 * value;
    weighted += 2 * lag * value;
  }
  return g <= 0 ? 0 : Math.abs(weighted) / g;
}

/** Autocovariances up to the lag behind which several in turn are within chance. */
function significant(covariance: (lag: number) => number, variance: number, length: number): number[] {
  const found = [variance];
  const chance = 2 * Math.sqrt(Math.log10(Math.max(10, length)) / length) * variance;
  const inTurn = Math.max(5, Math.ceil(Math.sqrt(Math.log10(Math.max(10, length)))));
  const most = Math.min(MOST_LAGS, Math.floor(length / WANTED_BLOCKS));
  let within = 0;
  for (let lag = 1; lag <= most && within < inTurn; lag += 1) {
    const value = covariance(lag);
    within = Math.abs(value) < chance ? within + 1 : 0;
    found.push(value);
  }
  return found.slice(0, found.length - within);
}

/** Each recording's own mean taken off: what they differ in is no dependence on the past. */
function lessMeans(series: ArrayLike<number>, recording: ArrayLike<number>): Float64Array {
  const centred = new Float64Array(series.length);
  eachRun(recording, (start, end) => {
    let sum = 0;
    for (let at = start; at < end; at += 1) sum += series[at]!;
    const mean = sum / (end - start);
    for (let at = start; at < end; at += 1) centred[at] = series[at]! - mean;
  });
  return centred;
}

function blockStarts(recording: ArrayLike<number>, blockEvents: number): Uint32Array {
  const starts: number[] = [];
  eachRun(recording, (start, end) => {
    const blocks = Math.max(1, Math.round((end - start) / blockEvents));
    for (let block = 0; block < blocks; block += 1)
      starts.push(start + Math.floor((block * (end - start)) / blocks));
  });
  return Uint32Array.from([...starts, recording.length]);
}

function eachRun(recording: ArrayLike<number>, visit: (start: number, end: number) => void): void {
  let start = 0;
  for (let at = 1; at <= recording.length; at += 1) {
    if (at < recording.length && recording[at] === recording[start]) continue;
    visit(start, at);
    start = at;
  }
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
