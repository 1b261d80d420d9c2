import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../base/cancellation.js';
import type { FeatureTable } from '../../../dataset/migrations/migrationSet.js';
import type { Classifier, ClassifierKind, TrainingOptions, TrainingTable } from '../classifier.js';
import { exampleWeights } from './classWeighting.js';
import { solved } from './linearSystem.js';
import { sigmoid } from './sigmoid.js';

const MOST_ROUNDS = 100;
const MOST_HALVINGS = 30;
/** A round that gains less of the loss is the last. */
const LEAST_GAIN = 1e-10;

/**
 * Logistic regression: the least of ½|w|² + Σ cross entropy, weighted, over weights w and an intercept that costs nothing, as
 * scikit-learn's with its defaults. The penalty makes it exist where a plane parts the classes.
 */
export const logistic: ClassifierKind = {
  name: 'logistic',
  title: 'Logistic regression',
  isThesis: false,
  train: trainLogistic,
};

/**
 * By Newton's method, which is iteratively reweighted least squares here (Hastie et al., "The Elements of Statistical
 * Learning", 2nd edition, 4.4.1); steps that do not gain are halved.
 */
async function trainLogistic(
  { features, labels }: TrainingTable,
  _experiment: 1 | 2 | 3,
  { classWeights, signal }: TrainingOptions,
): Promise<Classifier> {
  const weights = exampleWeights(labels, classWeights);
  const size = features.names.length + 1;
  let at = new Float64Array(size);
  let loss = lossOf(features, labels, weights, at);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    throwIfCancelled(signal);
    const { gradient, hessian } = slopesOf(features, labels, weights, at);
    const step = solved(hessian, gradient);
    let next = at.map((value, index) => value - step[index]!);
    let nextLoss = lossOf(features, labels, weights, next);
    for (let halving = 0; nextLoss > loss && halving < MOST_HALVINGS; halving += 1) {
      next = next.map((value, index) => (value + at[index]!) / 2);
      nextLoss = lossOf(features, labels, weights, next);
    }
    const gained = loss - nextLoss;
    if (gained > 0) [at, loss] = [next, nextLoss];
    if (!(gained > LEAST_GAIN * Math.max(1, loss))) break;
    await setImmediate();
  }
  return {
    scores: (table) => {
      const found = new Float32Array(table.features.rows);
      for (let row = 0; row < found.length; row += 1) found[row] = sigmoid(logitOf(table.features, at, row));
      return found;
    },
    summary: summaryOf(features.names, at),
    body: () => ({
      kind: 'linear',
      weights: Array.from(at.subarray(0, -1), Math.fround),
      bias: Math.fround(at.at(-1)!),
    }),
    dispose: () => undefined,
  };
}

/** The three weights that matter most; the features are normalised, so they can be compared. */
function summaryOf(names: readonly string[], at: Float64Array): string {
  const order = names.map((name, index) => ({ name, weight: at[index]! }));
  order.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return order
    .slice(0, 3)
    .map(({ name, weight }) => `${name} ${weight < 0 ? '−' : '+'}${Math.abs(weight).toPrecision(3)}`)
    .join(', ');
}

/** @param at weights and, last, the intercept */
function logitOf({ names, values }: FeatureTable, at: Float64Array, row: number): number {
  const width = names.length;
  let sum = at[width]!;
  for (let column = 0; column < width; column += 1) sum += at[column]! * values[row * width + column]!;
  return sum;
}

function lossOf(
  features: FeatureTable,
  labels: Uint8Array,
  weights: readonly [number, number],
  at: Float64Array,
): number {
  let sum = 0;
  for (let column = 0; column < features.names.length; column += 1) sum += (at[column]! * at[column]!) / 2;
  for (let row = 0; row < labels.length; row += 1) {
    const logit = logitOf(features, at, row);
    const against = labels[row] === 1 ? -logit : logit;
    // ln(1 + e^x) without overflow.
    sum += weights[labels[row]!]! * (Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against))));
  }
  return sum;
}

/** Gradient [n + 1] and Hessian [n + 1, n + 1], the intercept last. */
function slopesOf(
  features: FeatureTable,
  labels: Uint8Array,
  weights: readonly [number, number],
  at: Float64Array,
): { gradient: Float64Array; hessian: Float64Array } {
  const width = features.names.length;
  const size = width + 1;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const inputs = new Float64Array(size).fill(1);
  for (let row = 0; row < labels.length; row += 1) {
    for (let column = 0; column < width; column += 1) inputs[column] = features.values[row * width + column]!;
    const weight = weights[labels[row]!]!;
    const probability = sigmoid(logitOf(features, at, row));
    const slope = weight * (probability - labels[row]!);
    const curvature = weight * probability * (1 - probability);
    for (let a = 0; a < size; a += 1) {
      gradient[a]! += slope * inputs[a]!;
      const scaled = curvature * inputs[a]!;
      for (let b = 0; b <= a; b += 1) hessian[a * size + b]! += scaled * inputs[b]!;
    }
  }
  for (let a = 0; a < size; a += 1) {
    if (a < width) {
      gradient[a]! += at[a]!;
      hessian[a * size + a]! += 1;
    }
    for (let b = 0; b < a; b += 1) hessian[b * size + a] = hessian[a * size + b]!;
  }
  // The intercept costs nothing: where all rows are told for sure nothing would hold it.
  hessian[size * size - 1]! += 1e-9;
  return { gradient, hessian };
}
