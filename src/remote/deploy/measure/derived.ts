/** Figures of what was measured: of each repeat, of each mode under each probe, and against `off`. */
import { seedFrom } from '../../../base/seededRandom.js';
import type { DeployedMode } from '../../../protocol/deployment.js';
import { ratioIntervals, type Interval } from '../../benchmarks/bootstrap.js';
import { median } from '../../benchmarks/statistics.js';
import type { LatencyProbe } from './probes.js';

/** ns */
export interface LatencyRepeatFigures {
  readonly n: number;
  readonly medianNs: number;
  readonly p99Ns: number;
  readonly meanNs: number;
}

export interface MedianRatio {
  /** Median of the repeats' medians, mode / off. */
  readonly ofMedians: number;
  /** 95 %; null: too few repeats. */
  readonly interval: Interval | null;
}

const RESAMPLES = 10_000;
const CONFIDENCE = 0.95;

/** By nearest rank, as the panel of latencies has it. @param sorted ns, rising, not empty */
export function figuresOfLatencies(sorted: Float64Array): LatencyRepeatFigures {
  const at = (percent: number) => sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1]!;
  let sum = 0;
  for (const value of sorted) sum += value;
  return { n: sorted.length, medianNs: at(50), p99Ns: at(99), meanNs: sum / sorted.length };
}

/**
 * The ratio of medians with an interval by repeat: whole repeats are drawn anew, as calls of one repeat are not independent of
 * each other, and repeats differ by more than their calls tell. Null without repeats on both sides.
 * @param off, mode medians of repeats, ns
 */
export function ratioByRepeat(
  off: readonly number[],
  mode: readonly number[],
  of: { readonly seed: number; readonly mode: DeployedMode; readonly probe: LatencyProbe },
): MedianRatio | null {
  if (off.length === 0 || mode.length === 0 || !(median(off) > 0)) return null;
  const seed = seedFrom(of.seed, of.mode, of.probe);
  const { medians } = ratioIntervals(off, mode, { seed, resamples: RESAMPLES, confidence: CONFIDENCE });
  return { ofMedians: median(mode) / median(off), interval: medians };
}

/** All values of several repeats, rising. */
export function together(repeats: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(repeats.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of repeats) {
    all.set(values, at);
    at += values.length;
  }
  return all.sort();
}
