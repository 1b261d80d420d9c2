import { isFailure } from '../../../base/errors.js';
import { experimentColumns } from '../../../dataset/migrations/experimentColumns.js';
import { labelled } from '../../../dataset/migrations/labels.js';
import type { Experiment, Labelled, MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import { columnOf, rowsWhere, workloadsOf } from '../../../dataset/migrations/setColumns.js';
import type {
  CleaningCounts,
  ExperimentResult,
  JudgedRecording,
  NeuralCfsResults,
  PartResult,
  WayName,
  WayResult,
  WorkloadCounts,
} from '../../../protocol/neuralCfs.js';
import type { ClassifierKind } from '../classifier.js';
import { refusalOf, rowCounts } from '../judgement/enoughRows.js';
import type { JudgeOptions } from '../judgement/judge.js';
import { notesOf } from './experimentNotes.js';
import { judgePart, refusedPart } from './judgeModels.js';
import { preparedRows, type PreparedRows } from './preparedRows.js';
import { THESIS_FIGURES, thesisShares } from './thesisFigures.js';
import { commonMigrationCost, trainModels, type TrainedModel } from './trainModels.js';

export const EXPERIMENT_TITLES: Readonly<Record<Experiment, string>> = {
  1: 'is the task migrated?',
  2: 'does its history end in a forced migration?',
  3: 'is this migration forced?',
};

export interface ExperimentsOptions {
  readonly kinds: readonly ClassifierKind[];
  readonly ways: readonly WayName[];
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** What is being trained on, and which model. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface AllExperimentsOptions extends ExperimentsOptions {
  readonly experiments: readonly Experiment[];
  readonly kernelOracleVersion: string;
  readonly now: () => Date;
}

/** Several experiments on the same recordings. Failures: as of `runExperiment`. */
export async function runExperiments(
  set: MigrationSet,
  options: AllExperimentsOptions,
): Promise<NeuralCfsResults> {
  const experiments: ExperimentResult[] = [];
  for (const experiment of options.experiments)
    experiments.push(await runExperiment(set, experiment, options));
  return {
    format: 'kernel-oracle-neural-cfs',
    version: 1,
    kernelOracleVersion: options.kernelOracleVersion,
    evaluated: options.now().toISOString(),
    seed: options.seed,
    rows: set.rows,
    recordings: judgedRecordings(set),
    experiments,
    warnings: lossWarnings(set),
  };
}

/** The recordings of a set, as results name them. */
export function judgedRecordings({ recordings }: MigrationSet): JudgedRecording[] {
  return recordings.map(({ path, name, workload, machine, sha256, rows }) => ({
    ...{ path, name, workload, machine, sha256, rows },
  }));
}

/** What was lost changes which calls there are, and so every share. */
export function lossWarnings({ recordings }: MigrationSet): string[] {
  return recordings.flatMap(({ name, lost }) =>
    lost > 0 ? [`${name}: ${lost} records were lost when it was recorded.`] : [],
  );
}

/**
 * An experiment of the thesis on recordings of one's own: every kind of model, in every way that is asked for, over all
 * workloads and by each.
 * Failures: those of `labelled` (a recording does not tell the label), `bad-input` (one lacks a column), `cancelled`, the engine's.
 */
export async function runExperiment(
  set: MigrationSet,
  experiment: Experiment,
  options: ExperimentsOptions,
): Promise<ExperimentResult> {
  const labels = labelled(set, experiment);
  // A column that is missing is missing in every way; what a way alone cannot do is told in its place.
  for (const column of experimentColumns(experiment)) columnOf(set, column);
  const ways: WayResult[] = [];
  for (const way of options.ways) ways.push(await new WayRun(set, labels, way, options).result());
  const facts = {
    experiment,
    title: EXPERIMENT_TITLES[experiment],
    columns: experimentColumns(experiment),
    counts: countsOf(set, labels),
    thesis: THESIS_FIGURES[experiment],
    ways,
  };
  return { ...facts, notes: notesOf(facts) };
}

function countsOf(set: MigrationSet, { labels }: Labelled): WorkloadCounts[] {
  return workloadsOf(set).map((workload) => {
    const rows = rowsWhere(set, (recording) => recording.workload === workload);
    return { workload, ...rowCounts(Uint8Array.from(rows, (row) => labels[row]!)) };
  });
}

/** One experiment in one way. */
class WayRun {
  readonly #judge: JudgeOptions;

  constructor(
    private readonly set: MigrationSet,
    private readonly labels: Labelled,
    private readonly way: WayName,
    private readonly options: ExperimentsOptions,
  ) {
    const natural = { of: 'these recordings', share: labels.positives / set.rows };
    this.#judge = { seed: options.seed, prevalences: [natural, ...thesisShares(labels.experiment)] };
  }

  async result(): Promise<WayResult> {
    let rows: PreparedRows;
    try {
      rows = preparedRows(this.set, this.labels, this.way, { seed: this.options.seed });
    } catch (error) {
      if (!isFailure(error, 'bad-input')) throw error;
      return this.#refused(error.message);
    }
    const training = rowCounts(rows.train.labels);
    const whole = { workload: null, trainedOn: 'all', training } as const;
    const refusal = refusalOf('training', training) ?? refusalOf('test', rowCounts(rows.test.labels));
    const models = refusal === null ? await this.#trained(rows, 'all workloads') : [];
    const parts = [judgePart(this.set, rows.test, models, whole, this.#judge)];
    for (const workload of workloadsOf(this.set)) {
      if (this.way === 'published') parts.push(await this.#ownPart(workload));
      else if (refusal === null) parts.push(...this.#sharedPart(workload, rows, models));
    }
    return { way: this.way, split: rows.split, steps: rows.steps.map(stepCounts), parts };
  }

  /** Of one workload there is no split by workload, without a positive no half of them: the other ways may do. */
  #refused(refusal: string): WayResult {
    const { way, set, labels } = this;
    const counts = { rows: set.rows, positives: labels.positives };
    const whole = { workload: null, trainedOn: 'all' } as const;
    const parts = [refusedPart(whole, counts, { rows: 0, positives: 0 }, refusal)];
    return { way, split: 'Nothing was split.', steps: [], parts };
  }

  /** As the thesis: a model for every workload, of its rows alone. */
  async #ownPart(workload: string): Promise<PartResult> {
    const { set, labels, way, options } = this;
    const rows = rowsWhere(set, (recording) => recording.workload === workload);
    const part = { workload, trainedOn: 'part' } as const;
    let prepared: PreparedRows;
    try {
      prepared = preparedRows(set, labels, way, { seed: options.seed, rows });
    } catch (error) {
      if (!isFailure(error, 'bad-input')) throw error;
      const counts = rowCounts(Uint8Array.from(rows, (row) => labels.labels[row]!));
      return refusedPart(part, counts, { rows: 0, positives: 0 }, error.message);
    }
    const { train, test } = prepared;
    const [training, tested] = [rowCounts(train.labels), rowCounts(test.labels)];
    const refusal = refusalOf('training', training) ?? refusalOf('test', tested);
    if (refusal !== null) return refusedPart(part, training, tested, refusal);
    const models = await this.#trained(prepared, workload);
    return judgePart(set, test, models, { ...part, training }, this.#judge);
  }

  /** The model of all workloads on one's rows of the test; none where it has no such rows. */
  #sharedPart(
    workload: string,
    { train, test }: PreparedRows,
    models: readonly TrainedModel[],
  ): PartResult[] {
    const { set } = this;
    const places = Uint32Array.from(test.rows, (_, at) => at).filter(
      (at) => set.recordings[set.recording[test.rows[at]!]!]!.workload === workload,
    );
    if (places.length === 0) return [];
    const training = rowCounts(train.labels);
    return [judgePart(set, test, models, { workload, trainedOn: 'all', training, places }, this.#judge)];
  }

  #trained({ train, test, classWeights }: PreparedRows, what: string): Promise<TrainedModel[]> {
    const { kinds, seed, signal, onProgress } = this.options;
    const { experiment } = this.labels;
    return trainModels(kinds, experiment, train, test, {
      seed,
      classWeights,
      withThreshold: this.way !== 'published',
      migrationCostNs: commonMigrationCost(this.set),
      signal,
      onModel: (title) => onProgress?.(`experiment ${experiment}, ${WAY_TEXTS[this.way]}, ${what}: ${title}`),
    });
  }
}

export const WAY_TEXTS: Readonly<Record<WayName, string>> = {
  published: 'as published',
  group: 'split by history group',
  recording: 'split by recording',
  workload: 'split by workload',
};

function stepCounts({ name, rows, positives, columns, left }: PreparedRows['steps'][number]): CleaningCounts {
  return { name, rows, positives, columns, left };
}
