import { Failure } from '../../../base/errors.js';
import { columnWarnings } from '../../../dataset/migrations/columnWarnings.js';
import { candidateColumns, experimentColumns } from '../../../dataset/migrations/experimentColumns.js';
import { labelled } from '../../../dataset/migrations/labels.js';
import type { Experiment, Labelled, MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import { columnOf } from '../../../dataset/migrations/setColumns.js';
import type { ModelJudgement } from '../../../protocol/neuralCfs.js';
import type { Classifier, ClassifierKind } from '../classifier.js';
import type { DeployableBody, DeployableFeature, DeployableModel, RawRows } from '../deployableModel.js';
import { judgePart } from '../experiments/judgeModels.js';
import { preparedRows, type PreparedRows } from '../experiments/preparedRows.js';
import { thesisShares } from '../experiments/thesisFigures.js';
import { commonMigrationCost, trainingOptions, type TrainedModel } from '../experiments/trainModels.js';
import { refusalOf, rowCounts } from '../judgement/enoughRows.js';
import { HALF, notNumbers } from '../judgement/judge.js';
import { Ranking } from '../judgement/ranking.js';
import { bestThreshold } from '../judgement/thresholdCurve.js';
import { sigmoid } from '../models/sigmoid.js';
import { drawnRows, sampleRows } from './drawnRows.js';
import {
  RUN_FORMAT,
  RUN_VERSION,
  type NeuralCfsRun,
  type RunSplit,
  type ThresholdChoice,
  type TrainedRun,
} from './neuralCfsRun.js';

export interface TrainRunOptions {
  readonly kind: ClassifierKind;
  readonly split: RunSplit;
  /** Inputs in their order; the thesis's unless given. */
  readonly columns?: readonly string[] | undefined;
  readonly threshold: ThresholdChoice;
  readonly seed: number;
  readonly kernelOracleVersion: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  /** Called with what is being done. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** A run before its files are written. */
export interface NewRun extends Omit<TrainedRun, 'info'> {
  readonly info: Omit<NeuralCfsRun, 'files'>;
}

/** Further out a sigmoid is 0 or 1 in any float. */
const MOST_LOGIT = 40;

/**
 * One model, trained to be used: on the training rows at natural prevalence with class weights, judged on the test.
 * Failures: those of `labelled` and `preparedRows`, `bad-input` (too few rows of a class to learn from, training diverged),
 * `wrong-usage` (columns that are none or are not known before the decision; a model that cannot be carried elsewhere),
 * `cancelled`.
 */
export async function trainRun(
  set: MigrationSet,
  experiment: Experiment,
  options: TrainRunOptions,
): Promise<NewRun> {
  const { kind, seed, signal } = options;
  const columns = checkedColumns(set, options.columns ?? experimentColumns(experiment));
  const labels = labelled(set, experiment);
  const rows = rowsWithVariance(set, labels, options.split, columns, seed);
  const counts = rowCounts(rows.train.labels);
  const tooFew = refusalOf('training', counts);
  if (tooFew !== null)
    throw new Failure('bad-input', `${tooFew} Add recordings, or choose another experiment.`);
  options.onProgress?.(`training ${kind.title}`);
  const { classWeights } = rows;
  const start = performance.now();
  const migrationCostNs = commonMigrationCost(set);
  const classifier = await kind.train(
    rows.train,
    experiment,
    trainingOptions({ seed, classWeights, migrationCostNs, signal }),
  );
  try {
    const trainingSeconds = (performance.now() - start) / 1000;
    options.onProgress?.(`judging ${kind.title}`);
    return runOf({ set, labels, options, columns, rows, classifier, trainingSeconds });
  } finally {
    classifier.dispose();
  }
}

interface Training {
  readonly set: MigrationSet;
  readonly labels: Labelled;
  readonly options: TrainRunOptions;
  readonly columns: readonly string[];
  readonly rows: PreparedRows;
  readonly classifier: Classifier;
  readonly trainingSeconds: number;
}

function runOf(training: Training): NewRun {
  const { set, labels, options, columns, rows, classifier } = training;
  const { kind, seed } = options;
  if (classifier.body === undefined) {
    throw new Failure('wrong-usage', `${kind.title} cannot be carried elsewhere: choose another model.`);
  }
  const body = classifier.body();
  const best = trainedThreshold(classifier, rows);
  const threshold = options.threshold === 'half' ? HALF : best;
  const scores = classifier.scores(rows.test);
  requireNumbers(scores);
  const { model, refusal } = judged(training, scores, best);
  const calibration = drawnRows(set, rows.train, seed);
  const info = {
    format: RUN_FORMAT,
    version: RUN_VERSION,
    kernelOracleVersion: options.kernelOracleVersion,
    made: options.now().toISOString(),
    experiment: labels.experiment,
    seed,
    recordings: set.recordings.map(({ path, name, workload, machine, sha256, rows: count }) => ({
      ...{ path, name, workload, machine, sha256, rows: count },
    })),
    rows: set.rows,
    split: { by: options.split, note: rows.split },
    columns,
    cleaning: rows.steps.map(({ name, rows: count, positives, columns: left, left: out }) => ({
      ...{ name, rows: count, positives, columns: left, left: out },
    })),
    scaling: rows.scaling.map(({ name, mean, deviation }) => ({ name, mean, deviation })),
    classWeights: rows.classWeights,
    training: rowCounts(rows.train.labels),
    test: rowCounts(rows.test.labels),
    model,
    refusal,
    threshold: { choice: options.threshold, score: threshold },
    warnings: warningsOf(training, refusal),
  } as const;
  return {
    info,
    model: {
      features: featuresOf(rows, calibration),
      body,
      threshold: deployableThreshold(body, threshold),
    } satisfies DeployableModel,
    calibration,
    test: drawnRows(set, rows.test, seed),
    samples: sampleRows(set, rows.test, scores, threshold, seed),
  };
}

/** Failures: those of `columnOf`, `wrong-usage`. */
function checkedColumns(set: MigrationSet, columns: readonly string[]): readonly string[] {
  const known: readonly string[] = candidateColumns(set);
  for (const [at, name] of columns.entries()) {
    columnOf(set, name);
    if (!known.includes(name)) {
      throw new Failure(
        'wrong-usage',
        `The column "${name}" is known only after the decision. Known before it: ${known.join(', ')}.`,
      );
    }
    if (columns.indexOf(name) < at) throw new Failure('wrong-usage', `The column "${name}" is named twice.`);
  }
  return columns;
}

/**
 * A column may have become constant when invalid rows went. A weight of it was never trained, and elsewhere it may have other
 * values: such columns are left out.
 */
function rowsWithVariance(
  set: MigrationSet,
  labels: Labelled,
  split: RunSplit,
  columns: readonly string[],
  seed: number,
): PreparedRows {
  const rows = preparedRows(set, labels, split, { seed, columns });
  const varying = rows.scaling.filter(({ deviation }) => deviation > 0).map(({ name }) => name);
  if (varying.length === rows.scaling.length) return rows;
  if (varying.length > 0) return rowsWithVariance(set, labels, split, varying, seed);
  throw new Failure(
    'bad-input',
    `None of these columns differs between the valid calls: ${columns.join(', ')}.`,
  );
}

function requireNumbers(scores: Float32Array): void {
  const odd = notNumbers(scores);
  if (odd === 0) return;
  throw new Failure(
    'bad-input',
    `It gives no number for ${odd} of ${scores.length} rows: its training diverged. Choose another seed or other columns.`,
  );
}

function trainedThreshold(classifier: Classifier, { train }: PreparedRows): number {
  const scores = classifier.scores(train);
  requireNumbers(scores);
  return bestThreshold(
    new Ranking(scores, train.labels, []),
    train.positives,
    scores.length - train.positives,
  );
}

function judged(
  { set, labels, options, rows, classifier, trainingSeconds }: Training,
  scores: Float32Array,
  threshold: number,
): { model: ModelJudgement; refusal: string | null } {
  const { kind, seed } = options;
  const { summary } = classifier;
  const trained: TrainedModel = { kind, summary, trainingSeconds, scores, failure: null, threshold };
  const natural = { of: 'these recordings', share: labels.positives / set.rows };
  const part = judgePart(
    set,
    rows.test,
    [trained],
    { workload: null, trainedOn: 'all', training: rowCounts(rows.train.labels) },
    { seed, prevalences: [natural, ...thesisShares(labels.experiment)] },
  );
  const { name, title, isThesis } = kind;
  const without = { name, title, isThesis, summary, trainingSeconds, judgement: null, failure: null };
  return { model: part.models[0] ?? { ...without, lessBaseline: null }, refusal: part.refusal };
}

function warningsOf({ set, labels, rows, columns }: Training, refusal: string | null): string[] {
  const inputs = rows.scaling.map(({ name }) => name);
  const constant = columns.filter((name) => !inputs.includes(name));
  return [
    ...columnWarnings(labels.experiment, inputs).map(({ column, text }) => `${column}: ${text}`),
    ...(constant.length === 0 ? [] : [`Left out, as they do not vary: ${constant.join(', ')}.`]),
    ...set.recordings.flatMap(({ name, lost }) =>
      lost > 0 ? [`${name}: ${lost} records were lost when it was recorded.`] : [],
    ),
    ...(refusal === null ? [] : [`Not judged: ${refusal}`]),
  ];
}

function featuresOf({ scaling }: PreparedRows, { rows, values }: RawRows): DeployableFeature[] {
  return scaling.map(({ name, mean, deviation }, column) => {
    let [least, most] = [Infinity, -Infinity];
    for (let row = 0; row < rows; row += 1) {
      const value = values[row * scaling.length + column]!;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return { name, mean, deviation, least, most };
  });
}

/**
 * The log-odds above which a call is positive whose score is not below the threshold. That of a tree lies half-way between those of
 * its leaves, so that no rounding matters.
 */
export function deployableThreshold(body: DeployableBody, threshold: number): number {
  if (body.kind !== 'tree') {
    const logit = Math.log(threshold / (1 - threshold));
    return Math.max(-MOST_LOGIT, Math.min(MOST_LOGIT, logit));
  }
  const leaves = body.nodes.flatMap((node) => ('logit' in node ? [node.logit] : [])).sort((a, b) => a - b);
  const first = leaves.findIndex((logit) => Math.fround(sigmoid(logit)) >= threshold);
  if (first < 0) return leaves.at(-1)! + 1;
  return first === 0 ? leaves[0]! - 1 : (leaves[first - 1]! + leaves[first]!) / 2;
}
