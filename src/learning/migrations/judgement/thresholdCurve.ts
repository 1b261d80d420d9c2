import type { ThresholdCurve } from '../../../protocol/neuralCfs.js';
import type { ConfusionCounts } from './confusionCounts.js';
import { sharesOf } from './confusionCounts.js';
import type { Ranking } from './ranking.js';

/** Points of a curve: more than a chart of a few hundred pixels shows. */
const POINTS = 300;

interface Point {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

/**
 * Counts at every threshold, thinned out where recall, false positive rate and precision hardly change: at most about 300
 * points. The first and the last distinct score are always there.
 */
export function thresholdCurve(ranking: Ranking, positives: number, negatives: number): ThresholdCurve {
  const all = [...ranking.thresholds()];
  const kept = all.length <= POINTS ? all : thinned(all, positives, negatives);
  return {
    thresholds: kept.map(({ threshold }) => threshold),
    truePositives: kept.map(({ truePositives }) => truePositives),
    falsePositives: kept.map(({ falsePositives }) => falsePositives),
  };
}

function thinned(points: readonly Point[], positives: number, negatives: number): Point[] {
  const lengths = new Float64Array(points.length);
  for (let at = 1; at < points.length; at += 1) {
    const [before, here] = [points[at - 1]!, points[at]!];
    lengths[at] =
      lengths[at - 1]! +
      (here.truePositives - before.truePositives) / positives +
      (here.falsePositives - before.falsePositives) / negatives +
      Math.abs(precision(here) - precision(before));
  }
  const step = lengths.at(-1)! / (POINTS - 2);
  const kept: Point[] = [];
  let next = 0;
  for (const [at, point] of points.entries()) {
    if (lengths[at]! < next && at < points.length - 1) continue;
    kept.push(point);
    next = lengths[at]! + step;
  }
  return kept;
}

function precision({ truePositives, falsePositives }: Point): number {
  return truePositives / (truePositives + falsePositives);
}

/**
 * The threshold with the highest Matthews correlation, half-way to the next lower score, so that rows that are scored a little
 * below the last one called positive are called so as well. 0.5 where all scores are alike.
 */
export function bestThreshold(ranking: Ranking, positives: number, negatives: number): number {
  const points = [...ranking.thresholds()];
  let [best, highest] = [0.5, 0];
  for (const [at, { threshold, truePositives, falsePositives }] of points.entries()) {
    const { mcc } = sharesOf(countsOf({ truePositives, falsePositives }, positives, negatives));
    if (mcc <= highest) continue;
    highest = mcc;
    best = (threshold + (points[at + 1]?.threshold ?? threshold)) / 2;
  }
  return best;
}

function countsOf(
  { truePositives, falsePositives }: Omit<Point, 'threshold'>,
  positives: number,
  negatives: number,
): ConfusionCounts {
  return {
    truePositives,
    falsePositives,
    falseNegatives: positives - truePositives,
    trueNegatives: negatives - falsePositives,
  };
}
