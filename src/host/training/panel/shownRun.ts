import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DisposableStore, type Disposable } from '../../../base/disposable.js';
import { Failure, messageOf } from '../../../base/errors.js';
import { readHistory, readMetrics } from '../../../learning/runs/runFiles.js';
import type { TrainingConfig } from '../../../learning/trainer/config/config.js';
import { readRunConfig } from '../../../learning/trainer/resumedConfig.js';
import { readRun, runPaths, stateOf, type RunInfo } from '../../../learning/trainer/runFolder.js';
import type { EpochRecord } from '../../../protocol/trainerMessages.js';
import type {
  MetricsView,
  TrainingPanelState,
  TrainingView,
  TrainingViewState,
} from '../../../protocol/trainingPanelMessages.js';
import { isOver, type TrainingJob, type TrainingJobs } from '../trainingJob.js';
import { historyView, withEpoch } from './historyView.js';
import { metricsView } from './metricsView.js';
import { runFacts } from './runFacts.js';

export interface ShownRunListener {
  /** State or progress; the latter several times a second. */
  changed(): void;
  /** Epochs or metrics. */
  resultsChanged(): void;
}

/** Reading holds the editor's extensions up, and is to take less than a hundredth of their time. */
const REST_FACTOR = 100;
const GONE = 'The run is no longer there: it was moved or deleted. Close this view, or put it back.';

const RESUMABLE: ReadonlySet<TrainingViewState> = new Set(['queued', 'cancelled', 'failed', 'interrupted']);

/**
 * One run as its files and, when this window trains it, its job tell of it. A run of another process is followed by its files:
 * call `look` now and then.
 */
export class ShownRun implements Disposable {
  readonly #owned = new DisposableStore();
  #ofJob = new DisposableStore();
  #job: TrainingJob | undefined;
  #jobState: TrainingViewState | null = null;
  #run: RunInfo | null = null;
  #config: TrainingConfig | null = null;
  #history: readonly EpochRecord[] = [];
  #metrics: MetricsView | null = null;
  #problem: string | null = null;
  /** Sizes and times of the files when they were read. */
  #stamp = '';
  #restUntilMs = 0;
  #reading: Promise<void> | null = null;

  /** @param shownPath makes a path short */
  constructor(
    readonly folder: string,
    private readonly jobs: TrainingJobs,
    private readonly listener: ShownRunListener,
    private readonly shownPath: (path: string) => string,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#owned.add(jobs.onChanged(() => this.#follow()));
    this.#owned.add({ dispose: () => this.#ofJob.dispose() });
    this.#bind();
  }

  /** Failure `not-found`: the folder holds no run, and none is to be made there. */
  async state(): Promise<TrainingPanelState> {
    await this.look();
    if (this.#run === null && this.#job === undefined && this.#problem === null) {
      throw new Failure(
        'not-found',
        `There is no run in ${this.folder}: it was moved or deleted. Close this view, or open another run in the view Runs.`,
      );
    }
    return { view: this.view, history: historyView(this.#history), metrics: this.#metrics };
  }

  get results(): Pick<TrainingPanelState, 'history' | 'metrics'> {
    return { history: historyView(this.#history), metrics: this.#metrics };
  }

  get view(): TrainingView {
    const run = this.#run;
    const state = this.#state;
    const progress = this.isOurs ? (this.#job?.progress ?? null) : null;
    const isAlive = state === 'running' || state === 'paused';
    const foreign = isAlive && !this.isOurs ? (run?.process?.pid ?? null) : null;
    const best = this.#history.findLast(({ isBest }) => isBest);
    return {
      folder: this.folder,
      title: basename(this.folder),
      state,
      message: this.#messageOf(state),
      facts: runFacts(run, this.#config, this.shownPath),
      task: run?.task ?? null,
      epoch: this.#history.at(-1)?.epoch ?? run?.epoch ?? 0,
      epochs: progress?.epochs ?? (run?.epochs || this.#config?.epochs) ?? 0,
      best:
        best === undefined
          ? (run?.best ?? null)
          : { epoch: best.epoch, loss: best.validationLoss ?? best.trainLoss },
      progress,
      actions: {
        pause: this.isOurs && state === 'running',
        continue: this.isOurs && state === 'paused',
        // Asked again, one that does not stop is ended.
        cancel: this.isOurs,
        resume: !this.isOurs && run !== null && this.#problem === null && RESUMABLE.has(state),
      },
      foreignProcess: foreign,
    };
  }

  /** This window trains it, or will: the job tells what changes. */
  get isOurs(): boolean {
    return this.#job !== undefined && !isOver(this.#job.state);
  }

  get job(): TrainingJob | undefined {
    return this.#job;
  }

  /** Reads the files again when they are not as they were. */
  async look(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  get #state(): TrainingViewState {
    const ofFile = this.#run === null ? null : stateOf(this.#run);
    if (this.#job === undefined) return this.#problem === null ? (ofFile ?? 'queued') : 'unreadable';
    if (this.isOurs) return this.#job.state;
    // It may go on elsewhere by now; and what its files say of a good end is the last word.
    return ofFile === 'running' || ofFile === 'paused' || ofFile === 'finished' ? ofFile : this.#job.state;
  }

  #messageOf(state: TrainingViewState): string | null {
    if (this.#problem !== null) return this.#problem;
    if (state === 'running' || state === 'paused' || state === 'queued') return this.#job?.message ?? null;
    return this.#job?.message ?? this.#run?.message ?? null;
  }

  #follow(): void {
    this.#bind();
    this.#jobChanged();
  }

  #bind(): void {
    const job = this.jobs.of(this.folder);
    if (job === this.#job) return;
    this.#ofJob.dispose();
    this.#ofJob = new DisposableStore();
    this.#job = job;
    if (job === undefined) return;
    this.#ofJob.add(job.onChanged(() => this.#jobChanged()));
    this.#ofJob.add(
      job.onEpoch((record) => {
        this.#history = withEpoch(this.#history, record);
        this.listener.resultsChanged();
      }),
    );
  }

  #jobChanged(): void {
    const state = this.#job?.state ?? null;
    this.listener.changed();
    // What it is made of is in the files once it runs, and how it ended once it has.
    const isUnknown = (this.#run?.parameters ?? 0) === 0 && this.#job?.progress != null;
    if (state === this.#jobState && !isUnknown) return;
    this.#jobState = state;
    void this.look();
  }

  async #read(): Promise<void> {
    const stamp = await stampOf(this.folder);
    if (stamp === this.#stamp && this.#problem === null) {
      // A process that died changes no file.
      if (this.#run?.process != null) this.listener.changed();
      return;
    }
    try {
      const run = await readRun(this.folder);
      if (run === null && this.#run !== null) throw new Failure('not-found', GONE);
      this.#run = run;
      this.#config = await readRunConfig(this.folder).catch(() => null);
      const isAll = await this.#readResults();
      this.#problem = null;
      // What was left for later is read when it is looked at again.
      this.#stamp = isAll ? stamp : '';
    } catch (error) {
      this.#problem = messageOf(error);
      this.listener.resultsChanged();
    }
    this.listener.changed();
  }

  /** @returns whether all was read: a long history that still grows is read the more seldom the longer that takes */
  async #readResults(): Promise<boolean> {
    const beganMs = this.nowMs();
    const isGrowing = this.#run?.state === 'running' || this.#run?.state === 'paused';
    if (isGrowing && beganMs < this.#restUntilMs) return false;
    this.#history = await readHistory(this.folder);
    // Of one that goes on with more epochs they are of an earlier end.
    const metrics = this.#run?.state === 'finished' ? await readMetrics(this.folder) : null;
    this.#metrics = metrics === null ? null : metricsView(metrics, this.#run!.model);
    const endedMs = this.nowMs();
    this.#restUntilMs = endedMs + (endedMs - beganMs) * REST_FACTOR;
    this.listener.resultsChanged();
    return true;
  }
}

async function stampOf(folder: string): Promise<string> {
  const { run, history, metrics, config } = runPaths(folder);
  const stamps = await Promise.all(
    [run, history, metrics, config].map((path) =>
      stat(path).then(
        ({ size, mtimeMs, ino }) => `${ino}:${size}:${mtimeMs}`,
        () => '-',
      ),
    ),
  );
  return stamps.join(' ');
}
