import { throwIfCancelled } from '../../../base/cancellation.js';
import { isFailure } from '../../../base/errors.js';
import type { CleanedTable } from '../../../dataset/migrations/cleaning.js';
import type { Experiment, MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import type { Classifier, ClassifierKind, TrainingOptions } from '../classifier.js';
import { HALF, notNumbers } from '../judgement/judge.js';
import { Ranking } from '../judgement/ranking.js';
import { bestThreshold } from '../judgement/thresholdCurve.js';

/** A model that was trained, and what it says of the test. */
export interface TrainedModel {
  readonly kind: ClassifierKind;
  readonly summary: string;
  readonly trainingSeconds: number;
  /** `null`: `failure` says why there are none. */
  readonly scores: Float32Array | null;
  readonly failure: string | null;
  /** The best one on the training rows; `null` unless asked for. */
  readonly threshold: number | null;
}

export interface TrainModelsOptions {
  readonly seed: number;
  readonly classWeights: readonly [number, number];
  /** Choose a threshold on the training rows, too. */
  readonly withThreshold: boolean;
  readonly migrationCostNs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onModel?: ((title: string) => void) | undefined;
}

/** One after the other on the same rows. Failures: `cancelled`, those of the engine; what a model cannot learn from is told in its place. */
export async function trainModels(
  kinds: readonly ClassifierKind[],
  experiment: Experiment,
  train: CleanedTable,
  test: CleanedTable,
  options: TrainModelsOptions,
): Promise<TrainedModel[]> {
  const trained: TrainedModel[] = [];
  for (const kind of kinds) {
    throwIfCancelled(options.signal);
    options.onModel?.(kind.title);
    trained.push(...(await trainModel(kind, experiment, train, [test], options)));
  }
  return trained;
}

/** One model, trained once, on each of several tests. Failures: as of `trainModels`. */
export async function trainModel(
  kind: ClassifierKind,
  experiment: Experiment,
  train: CleanedTable,
  tests: readonly CleanedTable[],
  { withThreshold, ...told }: Omit<TrainModelsOptions, 'onModel'>,
): Promise<TrainedModel[]> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const classifier = await kind.train(train, experiment, trainingOptions(told));
    try {
      const facts = { kind, summary: classifier.summary, trainingSeconds: seconds() };
      const threshold = withThreshold ? thresholdOf(classifier.scores(train), train) : null;
      return tests.map((test) => ({ ...facts, ...scoresOf(classifier, test, threshold) }));
    } finally {
      classifier.dispose();
    }
  } catch (error) {
    if (!isFailure(error, 'bad-input')) throw error;
    const failed = { kind, summary: '', trainingSeconds: seconds(), ...withoutScores(error.message) };
    return tests.map(() => failed);
  }
}

/** What a model is told, without what is not known. */
export function trainingOptions({
  seed,
  classWeights,
  migrationCostNs,
  signal,
}: Omit<TrainModelsOptions, 'withThreshold' | 'onModel'>): TrainingOptions {
  return {
    ...{ seed, classWeights },
    ...(migrationCostNs === undefined ? {} : { migrationCostNs }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** The migration cost of all recordings; undefined where they differ or one does not tell. */
export function commonMigrationCost({ recordings }: MigrationSet): number | undefined {
  const costs = new Set(recordings.map(({ migrationCostNs }) => migrationCostNs ?? undefined));
  return costs.size === 1 ? [...costs][0] : undefined;
}

function scoresOf(classifier: Classifier, test: CleanedTable, threshold: number | null) {
  const scores = classifier.scores(test);
  const odd = notNumbers(scores);
  return odd === 0
    ? { scores, threshold, failure: null }
    : withoutScores(`It gives no number for ${odd} of ${scores.length} rows: its training diverged.`);
}

function withoutScores(failure: string) {
  return { scores: null, threshold: null, failure };
}

function thresholdOf(scores: Float32Array, { labels, positives }: CleanedTable): number {
  if (notNumbers(scores) > 0) return HALF;
  return bestThreshold(new Ranking(scores, labels, []), positives, labels.length - positives);
}
