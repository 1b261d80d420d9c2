import type { Calibration, CalibrationBin } from '../../protocol/evaluation.js';

const BINS = 15;

/**
 * How often guesses of a confidence are right, in 15 bins of equal width, those without events left out, and the expected
 * calibration error over them (Guo et al. 2017, arXiv:1706.04599).
 * @param confidence of each event, 0 … 1
 */
export function calibrationOf(confidence: Float64Array, isRight: ArrayLike<number>): Calibration {
  const events = new Float64Array(BINS);
  const confidences = new Float64Array(BINS);
  const right = new Float64Array(BINS);
  for (let at = 0; at < confidence.length; at += 1) {
    const bin = Math.min(BINS - 1, Math.floor(confidence[at]! * BINS));
    events[bin]! += 1;
    confidences[bin]! += confidence[at]!;
    right[bin]! += isRight[at]!;
  }
  const bins: CalibrationBin[] = [];
  let ece = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    const count = events[bin]!;
    if (count === 0) continue;
    const [mean, accuracy] = [confidences[bin]! / count, right[bin]! / count];
    bins.push({ from: bin / BINS, to: (bin + 1) / BINS, events: count, confidence: mean, accuracy });
    ece += (count / confidence.length) * Math.abs(mean - accuracy);
  }
  return { ece, bins };
}
