import { toDisposable, type Disposable } from '../../base/disposable.js';
import { Failure } from '../../base/errors.js';
import { runPaths } from '../../learning/trainer/runFolder.js';
import { QueuedJob, type TrainingRequest } from './queuedJob.js';
import type { StartTrainer } from './trainerProcess.js';
import type { JobState, TrainingJob, TrainingJobs } from './trainingJob.js';

export interface QueueOptions {
  readonly startTrainer: StartTrainer;
  /** A job is over; the next one starts behind this. Not for those that the window's end stops. */
  readonly onEnded?: (job: TrainingJob) => Promise<void>;
  readonly nowMs?: () => number;
  readonly silentMs?: number;
  readonly endMs?: number;
}

/** How many that ended are remembered. */
const KEPT = 50;
const SILENT_MS = 30_000;
const END_MS = 10_000;

/**
 * Trains runs, one process at a time: two would only halve each other's speed and double the memory. A paused run keeps its
 * place; cancel it, which saves it, to let the others go first, and resume it behind them.
 */
export class TrainingQueue implements TrainingJobs, Disposable {
  readonly #open: QueuedJob[] = [];
  readonly #ended: QueuedJob[] = [];
  readonly #listeners = new Set<() => void>();
  #isClosing = false;

  constructor(private readonly options: QueueOptions) {}

  get all(): readonly TrainingJob[] {
    return [...this.#open, ...this.#ended];
  }

  /** The one that trains, or is paused, starts or stops. */
  get current(): TrainingJob | undefined {
    return this.#open.find(({ state, isOver }) => state !== 'queued' && !isOver);
  }

  /** In the order in which they will start. */
  get waiting(): readonly TrainingJob[] {
    return this.#open.filter(({ state }) => state === 'queued');
  }

  of(runFolder: string): TrainingJob | undefined {
    return this.all.find((job) => job.runFolder === runFolder);
  }

  onChanged(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  /** Failure `wrong-usage`: it is in the queue already, or the window closes. */
  add(request: TrainingRequest): TrainingJob {
    if (this.#isClosing) throw new Failure('wrong-usage', 'The window closes: nothing is begun any more.');
    const open = this.#open.find(({ runFolder }) => runFolder === request.runFolder);
    if (open !== undefined) {
      const what = open.state === 'queued' ? 'waits in the queue' : `is ${open.state}`;
      throw new Failure('wrong-usage', `The run ${open.title} ${what} already.`);
    }
    const job = new QueuedJob(request, {
      configPath: runPaths(request.runFolder).config,
      silentMs: this.options.silentMs ?? SILENT_MS,
      endMs: this.options.endMs ?? END_MS,
      nowMs: this.options.nowMs ?? Date.now,
    });
    this.#open.push(job);
    let state: JobState = job.state;
    job.onChanged(() => {
      if (state === job.state) return;
      state = job.state;
      this.#changed();
    });
    void job.ended.then(() => this.#over(job));
    this.#changed();
    this.#next();
    return job;
  }

  /** The window closes: what trains saves and ends; what waits stays as it is on the disk. */
  async shutDown(deadlineMs: number): Promise<void> {
    this.#isClosing = true;
    const open = this.#open.filter(({ state }) => state !== 'queued');
    for (const job of open) job.abandon();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)));
    await Promise.race([Promise.all(open.map(({ ended }) => ended)), deadline]);
    clearTimeout(timer);
  }

  dispose(): void {
    this.#isClosing = true;
    for (const job of this.#open) job.abandon();
  }

  async #over(job: QueuedJob): Promise<void> {
    try {
      if (!this.#isClosing) await this.options.onEnded?.(job);
    } finally {
      this.#open.splice(this.#open.indexOf(job), 1);
      this.#ended.unshift(job);
      this.#ended.splice(KEPT);
      this.#changed();
      this.#next();
    }
  }

  #next(): void {
    // One that is over is here until it has been told.
    if (this.#isClosing || this.#open.some(({ state }) => state !== 'queued')) return;
    this.#open[0]?.start(this.options.startTrainer);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
