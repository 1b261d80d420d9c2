/** All that the experiments of NeuralCFS come to on some recordings, in one go: what a study file holds. */
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../base/cancellation.js';
import { featureRanking } from '../../../dataset/migrations/featureRanking.js';
import { labelled } from '../../../dataset/migrations/labels.js';
import type { MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import { readMigrationSet } from '../../../dataset/migrations/readMigrationSet.js';
import type {
  ExperimentNumber,
  NeuralCfsResults,
  TrainedImportance,
  TransferResult,
} from '../../../protocol/neuralCfs.js';
import type { ColumnRanking, NeuralCfsStudy, StudySettings } from '../../../protocol/neuralCfsStudy.js';
import { STUDY_FORMAT, STUDY_VERSION } from '../../../protocol/neuralCfsStudySchemas.js';
import type { ClassifierKind } from '../classifier.js';
import { trainedImportance } from '../experiments/permutationImportance.js';
import { judgedRecordings, lossWarnings, runExperiments } from '../experiments/runExperiments.js';
import { transferMatrix, transferNames } from '../experiments/transfer.js';
import { classifierKinds } from '../models/classifierKinds.js';
import { columnRanking } from './columnRanking.js';
import { StepCounter, trainingsOf, type StudyProgress } from './studyProgress.js';
import { requireLabels } from './studySettings.js';

export interface StudyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StudyProgress) => void) | undefined;
  readonly now: () => Date;
  readonly version: string;
}

/**
 * Reads the recordings and does all that is asked for. What cannot be told of them (a way of splitting for which there is too
 * little, a second machine) is left out, with the reason in its place or among the warnings.
 * Failures: those of `readMigrationSet`, `requireLabels` and `classifierKinds`; `bad-input` (a column that is needed is missing);
 * `cancelled`; the engine's.
 */
export async function makeStudy(settings: StudySettings, options: StudyOptions): Promise<NeuralCfsStudy> {
  const { signal, onProgress, now, version } = options;
  const began = now();
  // Before anything is read: a name that nobody knows is known at once.
  const kinds = kindsOf(settings);
  const set = await readMigrationSet(settings.paths, {
    signal,
    onProgress: ({ path, done, total }) =>
      onProgress?.({ text: `reading ${path} (${done + 1} of ${total})`, done: 0, total: null }),
  });
  requireLabels(set, settings);
  const study = await new Study(set, settings, kinds, options).result();
  const { leftOut = [] } = set;
  return {
    format: STUDY_FORMAT,
    version: STUDY_VERSION,
    kernelOracleVersion: version,
    made: began.toISOString(),
    elapsedSeconds: Math.max(0, (now().getTime() - began.getTime()) / 1000),
    settings,
    rows: set.rows,
    recordings: judgedRecordings(set),
    leftOut: leftOut.map(({ path, reason }) => ({ path, reason })),
    ...study,
  };
}

interface StudyKinds {
  readonly judged: readonly ClassifierKind[];
  readonly shuffled: ClassifierKind | undefined;
  readonly carried: ClassifierKind | undefined;
}

function kindsOf({ models, importanceOf, transferOf }: StudySettings): StudyKinds {
  const one = (name: string | null) => (name === null ? undefined : classifierKinds([name])[0]);
  return { judged: classifierKinds(models), shuffled: one(importanceOf), carried: one(transferOf) };
}

type StudyParts = Pick<NeuralCfsStudy, 'warnings' | 'results' | 'rankings' | 'importance' | 'transfers'>;

/** One study of recordings that were read. */
class Study {
  readonly #transferBy: StudySettings['transferBy'];
  readonly #steps: StepCounter;

  constructor(
    private readonly set: MigrationSet,
    private readonly settings: StudySettings,
    private readonly kinds: StudyKinds,
    private readonly options: StudyOptions,
  ) {
    this.#transferBy =
      kinds.carried === undefined
        ? []
        : settings.transferBy.filter((by) => transferNames(set, by).length > 1);
    this.#steps = new StepCounter(this.#units(), (progress) => options.onProgress?.(progress));
  }

  async result(): Promise<StudyParts> {
    const { experiments } = this.settings;
    const rankings: ColumnRanking[] = [];
    for (const experiment of experiments) rankings.push(await this.#ranking(experiment));
    const results = await this.#results();
    const importance: TrainedImportance[] = [];
    const transfers: TransferResult[] = [];
    for (const experiment of experiments) {
      importance.push(...(await this.#importance(experiment)));
      transfers.push(...(await this.#transfers(experiment)));
    }
    return { warnings: this.#warnings(), results, rankings, importance, transfers };
  }

  #units(): number {
    const { experiments, ways } = this.settings;
    const transfers = this.#transferBy.reduce((sum, by) => sum + transferNames(this.set, by).length, 0);
    const each =
      1 +
      trainingsOf(this.set, ways, this.kinds.judged.length) +
      (this.kinds.shuffled === undefined ? 0 : 1) +
      transfers;
    return experiments.length * each;
  }

  async #ranking(experiment: ExperimentNumber): Promise<ColumnRanking> {
    const { balance, seed } = this.settings;
    const { signal } = this.options;
    this.#steps.begin(1);
    this.#steps.show(`experiment ${experiment}: scores of columns`);
    await this.#listen();
    return columnRanking(featureRanking(this.set, experiment, { balance, seed, signal }));
  }

  async #results(): Promise<NeuralCfsResults | null> {
    const { experiments, ways, seed } = this.settings;
    const { now, version, signal } = this.options;
    const { judged } = this.kinds;
    if (ways.length === 0 || judged.length === 0) return null;
    this.#steps.begin(experiments.length * trainingsOf(this.set, ways, judged.length));
    return runExperiments(this.set, {
      ...{ experiments, ways, seed, signal, now },
      kinds: judged,
      kernelOracleVersion: version,
      onProgress: this.#steps.show,
    });
  }

  async #importance(experiment: ExperimentNumber): Promise<TrainedImportance[]> {
    const { shuffled } = this.kinds;
    if (shuffled === undefined) return [];
    const { signal } = this.options;
    this.#steps.begin(1);
    this.#steps.show(`experiment ${experiment}: ${shuffled.title} with its columns shuffled`);
    await this.#listen();
    const { seed } = this.settings;
    return [await trainedImportance(this.set, labelled(this.set, experiment), shuffled, { seed, signal })];
  }

  /** Lets go of the process for a moment: that it should end is told by a message. */
  async #listen(): Promise<void> {
    await setImmediate();
    throwIfCancelled(this.options.signal);
  }

  async #transfers(experiment: ExperimentNumber): Promise<TransferResult[]> {
    const { carried: kind } = this.kinds;
    if (kind === undefined) return [];
    const found: TransferResult[] = [];
    for (const by of this.#transferBy) {
      this.#steps.begin(transferNames(this.set, by).length);
      const { seed } = this.settings;
      const { signal } = this.options;
      const onProgress = this.#steps.show;
      found.push(await transferMatrix(this.set, experiment, { by, kind, seed, signal, onProgress }));
    }
    return found;
  }

  #warnings(): string[] {
    const { recordings } = this.set;
    return [
      ...lossWarnings(this.set),
      ...recordings.flatMap(({ name, malformed, remarks = [] }) => [
        ...(malformed > 0 ? [`${name}: ${malformed} malformed lines were left out.`] : []),
        ...remarks.map((remark) => `${name}: ${remark}.`),
      ]),
      ...(this.kinds.carried === undefined ? [] : this.#missingTransfers()),
    ];
  }

  #missingTransfers(): string[] {
    return this.settings.transferBy.flatMap((by) => {
      if (this.#transferBy.includes(by)) return [];
      const [only] = transferNames(this.set, by);
      const why = only === undefined ? `no recording tells its ${by}` : `all recordings are of ${only}`;
      return [`There is no transfer from ${by} to ${by}: ${why}.`];
    });
  }
}
