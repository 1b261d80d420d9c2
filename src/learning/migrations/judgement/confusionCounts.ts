/** What was called positive at a threshold, and what was. */
export interface ConfusionCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** A row is called positive when its score is not below the threshold. */
export function confusionAt(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
): ConfusionCounts {
  let [truePositives, falsePositives, falseNegatives, trueNegatives] = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    const isCalled = scores[row]! >= threshold;
    if (labels[row] === 1) {
      if (isCalled) truePositives += 1;
      else falseNegatives += 1;
    } else if (isCalled) falsePositives += 1;
    else trueNegatives += 1;
  }
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

/** Shares 0 … 1, NaN where there is nothing to divide by: precision when nothing is called positive, recall without positives. */
export interface ConfusionShares {
  readonly accuracy: number;
  /** Mean of the recalls of both classes: accuracy, were the classes half and half. */
  readonly balancedAccuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly falsePositiveRate: number;
  /** Harmonic mean of precision and recall; 0 when no positive is found. */
  readonly f1: number;
  /** Matthews' correlation, −1 … 1; 0 when all rows are called alike (as scikit-learn has it). */
  readonly mcc: number;
}

export function sharesOf(counts: ConfusionCounts): ConfusionShares {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = counts;
  const recall = tp / (tp + fn);
  const falsePositiveRate = fp / (fp + tn);
  const margins = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
  return {
    accuracy: (tp + tn) / (tp + fp + fn + tn),
    balancedAccuracy: (recall + 1 - falsePositiveRate) / 2,
    precision: tp / (tp + fp),
    recall,
    falsePositiveRate,
    f1: (2 * tp) / (2 * tp + fp + fn),
    mcc: margins === 0 ? 0 : (tp * tn - fp * fn) / Math.sqrt(margins),
  };
}
