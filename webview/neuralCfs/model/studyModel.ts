import type {
  ExperimentNumber,
  ExperimentResult,
  ModelJudgement,
  PartResult,
  TrainedImportance,
  WayName,
  WayResult,
} from '../../../src/protocol/neuralCfs.js';
import type {
  ColumnRanking,
  NeuralCfsStudy,
  RankedWorkload,
  StudyState,
  StudyViewState,
} from '../../../src/protocol/neuralCfsStudy.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';
import { judgedModels } from './judgedModels.js';

export const TABS = ['experiments', 'threshold', 'columns', 'transfer', 'data'] as const;
export type TabId = (typeof TABS)[number];

/** What the parts of the view share. Each part sets what its user does and follows what others set. */
export class StudyModel {
  readonly state = new Signal<StudyState | null>(null);
  /** Why nothing can be shown. */
  readonly failure = new Signal<string | null>(null);
  readonly tab = new Signal<TabId>('experiments');
  /** Wanted, as all that follow; what is shown may be another where there is no such. The second is the one that counts. */
  readonly experiment = new Signal<ExperimentNumber>(2);
  readonly way = new Signal<WayName | null>(null);
  /** `null`: all. */
  readonly workload = new Signal<string | null>(null);
  readonly modelName = new Signal<string | null>(null);
  /** `null`: 0.5 */
  readonly threshold = new Signal<number | null>(null);
  readonly isRepeating = new Signal(false);
  readonly announcement = new Signal<string>('');
  readonly notice = new Signal<Notice | null>(null);

  constructor() {
    // A score means something else in another model.
    for (const signal of [this.experiment, this.way, this.workload, this.modelName]) {
      (signal as Signal<unknown>).subscribe(() => this.threshold.set(null));
    }
  }

  get study(): NeuralCfsStudy | null {
    const { value } = this.state;
    return value?.kind === 'ready' ? value.study : null;
  }

  /** Those that anything is told of. */
  get experiments(): readonly ExperimentNumber[] {
    const { study } = this;
    if (study === null) return [];
    const { results, rankings, importance, transfers } = study;
    const told = [...(results?.experiments ?? []), ...rankings, ...importance, ...transfers];
    return [...new Set(told.map(({ experiment }) => experiment))].sort();
  }

  get shownExperiment(): ExperimentNumber {
    const { experiments } = this;
    const wanted = this.experiment.value;
    return experiments.includes(wanted) ? wanted : (experiments.at(-1) ?? wanted);
  }

  get result(): ExperimentResult | null {
    return this.#ofExperiment(this.study?.results?.experiments ?? []);
  }

  /** By history group unless wanted otherwise: what is learned by heart is worth nothing there. */
  get shownWay(): WayResult | null {
    const ways = this.result?.ways ?? [];
    const of = (name: WayName | null) => ways.find(({ way }) => way === name);
    return of(this.way.value) ?? of('group') ?? ways[0] ?? null;
  }

  get shownPart(): PartResult | null {
    const parts = this.shownWay?.parts ?? [];
    return parts.find(({ workload }) => workload === this.workload.value) ?? parts[0] ?? null;
  }

  get shownModel(): ModelJudgement | null {
    const models = judgedModels(this.shownPart);
    return models.find(({ name }) => name === this.modelName.value) ?? models[0] ?? null;
  }

  get ranking(): ColumnRanking | null {
    return this.#ofExperiment(this.study?.rankings ?? []);
  }

  /** All workloads together where there is no such one. */
  get rankedWorkload(): RankedWorkload | null {
    const workloads = this.ranking?.workloads ?? [];
    return workloads.find(({ workload }) => workload === this.workload.value) ?? workloads.at(-1) ?? null;
  }

  get importance(): TrainedImportance | null {
    return this.#ofExperiment(this.study?.importance ?? []);
  }

  get memory(): StudyViewState {
    return {
      tab: this.tab.value,
      experiment: this.experiment.value,
      way: this.way.value,
      workload: this.workload.value,
      model: this.modelName.value,
      threshold: this.threshold.value,
    };
  }

  recall({ tab, experiment, way, workload, model, threshold }: StudyViewState): void {
    this.tab.set(TABS.find((each) => each === tab) ?? 'experiments');
    this.experiment.set(experiment);
    this.way.set(way);
    this.workload.set(workload);
    this.modelName.set(model);
    this.threshold.set(threshold);
  }

  /** Calls `show` now, and whenever what is shown changes: not at movements of the threshold. */
  follow(show: () => void): void {
    for (const signal of [this.state, this.experiment, this.way, this.workload]) {
      (signal as Signal<unknown>).subscribe(show);
    }
    show();
  }

  /** Calls `action` whenever something that is kept over a reload changes. */
  onMemory(action: () => void): void {
    const { tab, experiment, way, workload, modelName, threshold } = this;
    for (const signal of [tab, experiment, way, workload, modelName, threshold]) {
      (signal as Signal<unknown>).subscribe(action);
    }
  }

  #ofExperiment<T extends { readonly experiment: ExperimentNumber }>(all: readonly T[]): T | null {
    return all.find(({ experiment }) => experiment === this.shownExperiment) ?? null;
  }
}
