import { throwIfCancelled } from '../../../base/cancellation.js';
import { isFailure } from '../../../base/errors.js';
import { Permutation } from '../../../dataset/chance.js';
import type { FeatureTable, Labelled, MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import type { PermutationImportance, TrainedImportance } from '../../../protocol/neuralCfs.js';
import type { Classifier, ClassifierKind, ScoredTable } from '../classifier.js';
import { refusalOf, rowCounts } from '../judgement/enoughRows.js';
import { notNumbers } from '../judgement/judge.js';
import { Ranking } from '../judgement/ranking.js';
import { preparedRows, type PreparedRows } from './preparedRows.js';
import { commonMigrationCost, trainingOptions } from './trainModels.js';

export interface PermutationOptions {
  /** Shuffles of each column; their spread tells what chance does. */
  readonly repeats: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * By column, how much average precision a trained model loses when the column's values are shuffled among the rows (Breiman
 * 2001, on rows that it was not trained on). The model is not trained anew; of two columns that tell the same, each seems to
 * matter less than both do. Columns as they are in the table. Failure: `cancelled`.
 * @param labels [rows] both classes
 */
export function permutationImportance(
  classifier: Classifier,
  test: ScoredTable,
  labels: Uint8Array,
  { repeats, seed, signal }: PermutationOptions,
): PermutationImportance[] {
  const worth = (table: ScoredTable) =>
    new Ranking(classifier.scores(table), labels, []).figures().averagePrecision;
  const whole = worth(test);
  return test.features.names.map((column, at) => {
    const drops = Array.from({ length: repeats }, (_, repeat) => {
      throwIfCancelled(signal);
      const order = new Permutation(labels.length, seed, at * repeats + repeat);
      return whole - worth(withShuffled(test, at, order));
    });
    const mean = drops.reduce((sum, each) => sum + each, 0) / repeats;
    return { column, drop: { mean, least: Math.min(...drops), most: Math.max(...drops) } };
  });
}

/** Shuffles of each column. */
const REPEATS = 5;

/**
 * Trains a model at natural prevalence on one part of the history groups and shuffles the columns of the other. With too few of a
 * class, or nothing to split, there is a refusal. Failures: `cancelled`, those of training.
 */
export async function trainedImportance(
  set: MigrationSet,
  labels: Labelled,
  kind: ClassifierKind,
  { seed, signal }: Omit<PermutationOptions, 'repeats'>,
): Promise<TrainedImportance> {
  const { experiment } = labels;
  const { name, title } = kind;
  let prepared: PreparedRows;
  try {
    prepared = preparedRows(set, labels, 'group', { seed });
  } catch (error) {
    if (!isFailure(error, 'bad-input')) throw error;
    const training = { rows: set.rows, positives: labels.positives };
    const facts = { experiment, name, title, training, test: { rows: 0, positives: 0 }, repeats: REPEATS };
    return { ...facts, averagePrecision: null, refusal: error.message, importance: [] };
  }
  const { train, test, classWeights } = prepared;
  const [training, tested] = [rowCounts(train.labels), rowCounts(test.labels)];
  const facts = { experiment, name, title, training, test: tested, repeats: REPEATS };
  const refused = (refusal: string) => ({ ...facts, averagePrecision: null, refusal, importance: [] });
  const refusal = refusalOf('training', training) ?? refusalOf('test', tested);
  if (refusal !== null) return refused(refusal);
  const options = { seed, classWeights, signal, migrationCostNs: commonMigrationCost(set) };
  const classifier = await kind.train(train, experiment, trainingOptions(options));
  try {
    const scores = classifier.scores(test);
    if (notNumbers(scores) > 0) return refused('Its training diverged: it gives no numbers.');
    const { averagePrecision } = new Ranking(scores, test.labels, []).figures();
    const importance = permutationImportance(classifier, test, test.labels, {
      repeats: REPEATS,
      seed,
      signal,
    });
    return { ...facts, averagePrecision, refusal: null, importance };
  } finally {
    classifier.dispose();
  }
}

/** One column in another order: normalised and raw values alike. */
function withShuffled({ features, raw }: ScoredTable, column: number, order: Permutation): ScoredTable {
  const shuffled = (table: FeatureTable): FeatureTable => {
    const width = table.names.length;
    const values = table.values.slice();
    for (let row = 0; row < table.rows; row += 1) {
      values[row * width + column] = table.values[order.at(row) * width + column]!;
    }
    return { ...table, values };
  };
  return { features: shuffled(features), raw: shuffled(raw) };
}
