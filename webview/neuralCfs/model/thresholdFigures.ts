import type { Judgement } from '../../../src/protocol/neuralCfs.js';

/** What is called positive from a score on. */
export interface ThresholdPoint {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

/** What a threshold comes to on the rows of the test; shares 0 … 1, `null` where there is nothing to divide by. */
export interface FiguresAtThreshold {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  /** `null`: nothing is called positive. */
  readonly precision: number | null;
  readonly recall: number;
  readonly falsePositiveRate: number;
  readonly falsePositivesPerThousand: number;
  readonly balancedAccuracy: number;
  readonly accuracy: number;
  /** Matthews' correlation, −1 … 1; 0 where all rows are called alike. */
  readonly mcc: number;
}

/**
 * The thresholds at which counts are known exactly, from the highest on: those of the curve, which was thinned out, with 0.5 and the
 * one that was found in training between them.
 */
export function thresholdPoints({ curve, atHalf, atTrained }: Judgement): ThresholdPoint[] {
  const points = new Map<number, ThresholdPoint>();
  for (const [at, threshold] of curve.thresholds.entries()) {
    points.set(threshold, {
      threshold,
      truePositives: curve.truePositives[at] ?? 0,
      falsePositives: curve.falsePositives[at] ?? 0,
    });
  }
  for (const each of [atHalf, atTrained]) {
    if (each === null || points.has(each.threshold)) continue;
    const { threshold, truePositives, falsePositives } = each;
    points.set(threshold, { threshold, truePositives, falsePositives });
  }
  return [...points.values()].sort((a, b) => b.threshold - a.threshold);
}

/**
 * Place of the threshold in use: the wanted one or, where its counts are not known, the next higher one; the highest where there is
 * none. @param wanted `null`: 0.5
 */
export function placeOf(points: readonly ThresholdPoint[], wanted: number | null): number {
  const score = wanted ?? 0.5;
  return Math.max(
    0,
    points.findLastIndex(({ threshold }) => threshold >= score),
  );
}

/** @param positives of the rows of the test */
export function figuresAt(
  { truePositives, falsePositives }: Omit<ThresholdPoint, 'threshold'>,
  { rows, positives }: Pick<Judgement, 'rows' | 'positives'>,
): FiguresAtThreshold {
  const negatives = rows - positives;
  const falseNegatives = positives - truePositives;
  const trueNegatives = negatives - falsePositives;
  const called = truePositives + falsePositives;
  const recall = truePositives / positives;
  const falsePositiveRate = falsePositives / negatives;
  const margins = called * positives * negatives * (rows - called);
  return {
    ...{ truePositives, falsePositives, falseNegatives, trueNegatives },
    precision: called === 0 ? null : truePositives / called,
    recall,
    falsePositiveRate,
    falsePositivesPerThousand: (1000 * falsePositives) / rows,
    balancedAccuracy: (recall + 1 - falsePositiveRate) / 2,
    accuracy: (truePositives + trueNegatives) / rows,
    mcc:
      margins === 0
        ? 0
        : (truePositives * trueNegatives - falsePositives * falseNegatives) / Math.sqrt(margins),
  };
}

/**
 * What precision would be, were positives this share of the calls and recall and false positive rate the same: Bayes' rule.
 * `null` where nothing is called positive.
 */
export function precisionAtShare(
  share: number,
  { recall, falsePositiveRate }: Pick<FiguresAtThreshold, 'recall' | 'falsePositiveRate'>,
): number | null {
  const right = share * recall;
  const called = right + (1 - share) * falsePositiveRate;
  return called === 0 ? null : right / called;
}

/** What the share of calls that are called right would be: classes as frequent as that. */
export function accuracyAtShare(
  share: number,
  { recall, falsePositiveRate }: Pick<FiguresAtThreshold, 'recall' | 'falsePositiveRate'>,
): number {
  return share * recall + (1 - share) * (1 - falsePositiveRate);
}
