import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../base/cancellation.js';
import type { FeatureTable } from '../../../dataset/migrations/migrationSet.js';
import { binned, type BinnedColumn } from '../../trees/binnedTable.js';
import type { Classifier, ClassifierKind, TrainingOptions, TrainingTable } from '../classifier.js';
import { exampleWeights } from './classWeighting.js';
import { BestRound, crossEntropyOf, heldBack } from './heldBack.js';
import { columnsOf } from './rawColumns.js';
import { grownRegressionTree, type RegressionTree } from './regressionTree.js';
import { sigmoid } from './sigmoid.js';

const MOST_TREES = 200;
const PATIENCE = 10;
const RATE = 0.1;
const DEPTH = 4;

/**
 * Gradient boosting of small trees for the cross entropy, with second derivatives (Chen and Guestrin, "XGBoost", KDD 2016,
 * sections 2.1 to 2.3) on binned columns; the number of trees by a tenth of the rows.
 */
export const boosting: ClassifierKind = {
  name: 'boosting',
  title: 'Gradient boosting',
  isThesis: false,
  train: trainBoosting,
};

async function trainBoosting(
  { raw, labels }: TrainingTable,
  _experiment: 1 | 2 | 3,
  { seed, classWeights, signal }: TrainingOptions,
): Promise<Classifier> {
  const weights = exampleWeights(labels, classWeights);
  const { train, held } = heldBack(labels, seed);
  const columns = binned(columnsOf(raw), labels, 2);
  const heldLabels = Uint8Array.from(held, (row) => labels[row]!);
  const start = startOf(labels, weights);
  const logits = new Float64Array(labels.length).fill(start);
  const [slopes, curvatures] = [new Float64Array(labels.length), new Float64Array(labels.length)];
  const trees: RegressionTree[] = [];
  const best = new BestRound<number>(PATIENCE);
  while (trees.length < MOST_TREES && !best.isOver) {
    throwIfCancelled(signal);
    for (const row of train) {
      const probability = sigmoid(logits[row]!);
      const weight = weights[labels[row]!]!;
      slopes[row] = weight * (probability - labels[row]!);
      curvatures[row] = weight * probability * (1 - probability);
    }
    const grown = grownRegressionTree({ columns, slopes, curvatures }, train, DEPTH);
    trees.push(grown);
    for (let row = 0; row < logits.length; row += 1) logits[row]! += RATE * valueByBins(grown, columns, row);
    const scores = Float32Array.from(held, (row) => sigmoid(logits[row]!));
    best.offer(crossEntropyOf(scores, heldLabels, weights), () => trees.length);
    if (trees.length % 10 === 0) await setImmediate();
  }
  const kept = trees.slice(0, best.best);
  return {
    scores: (table) => scoresOf(table.raw, start, kept, columns),
    summary: `${kept.length} trees of up to ${DEPTH} questions`,
    dispose: () => undefined,
  };
}

/** The logit of the weighted share of positive rows. */
function startOf(labels: Uint8Array, weights: readonly [number, number]): number {
  let positives = 0;
  for (const label of labels) positives += label;
  return Math.log((positives * weights[1]) / ((labels.length - positives) * weights[0]));
}

function valueByBins(grown: RegressionTree, columns: readonly BinnedColumn[], row: number): number {
  let node = grown;
  while ('column' in node) node = columns[node.column]!.bins[row]! <= node.bin ? node.low : node.high;
  return node.value;
}

/** @param columns as in training: tables have their columns in the same order */
function scoresOf(
  { rows, values, names }: FeatureTable,
  start: number,
  trees: readonly RegressionTree[],
  columns: readonly BinnedColumn[],
): Float32Array {
  const places = columns.map(({ name }) => names.indexOf(name));
  const scores = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let logit = start;
    for (const grown of trees) {
      let node = grown;
      while ('column' in node) {
        const value = values[row * names.length + places[node.column]!]!;
        node = value > columns[node.column]!.cuts[node.bin]! ? node.high : node.low;
      }
      logit += RATE * node.value;
    }
    scores[row] = sigmoid(logit);
  }
  return scores;
}
