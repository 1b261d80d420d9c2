import { Failure } from '../../../base/errors.js';
import type { TrainingOptions } from '../classifier.js';

export interface ClassCounts {
  readonly negatives: number;
  readonly positives: number;
}

/** Failure `bad-input` when there is no row of a class: nothing can be learnt then. */
export function countsOfBoth(labels: Uint8Array): ClassCounts {
  let positives = 0;
  for (const label of labels) positives += label;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) {
    throw new Failure(
      'bad-input',
      `Of the ${labels.length} calls to learn from ${positives} are positive: a model needs some of either class. Add ` +
        'recordings, or choose another experiment or split.',
    );
  }
  return { negatives, positives };
}

/**
 * What an example of class 0 and of class 1 counts, such that all rows together count as many as they are: learning rates and
 * penalties then mean the same whatever the scale of the weights. Failure as of `countsOfBoth`.
 */
export function exampleWeights(
  labels: Uint8Array,
  [first, second]: TrainingOptions['classWeights'],
): readonly [number, number] {
  const { negatives, positives } = countsOfBoth(labels);
  const scale = labels.length / (negatives * first + positives * second);
  return [first * scale, second * scale];
}
