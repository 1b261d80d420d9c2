import { assertUnreachable } from '../../base/assert.js';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import { basename } from 'node:path';
import type { EpochRecord, TrainerEvent, TrainingProgress } from '../../protocol/trainerMessages.js';
import { exitMessage } from './exitMessage.js';
import type { StartTrainer, TrainerExit, TrainerProcess } from './trainerProcess.js';
import { isOver, type JobState, type TrainingJob } from './trainingJob.js';

/** A run to train: from the configuration in its folder. */
export interface TrainingRequest {
  readonly runFolder: string;
  /** Go on from its latest checkpoint. */
  readonly resume: boolean;
}

export interface JobOptions {
  /** The path of a run's configuration. */
  readonly configPath: string;
  /** A process of which nothing is heard for so long hangs, or the machine is far too busy. */
  readonly silentMs: number;
  /** How long a process that said its last word may take to end. */
  readonly endMs: number;
  readonly nowMs: () => number;
}

/** A second cancellation ends the process at once, but not when it was the second half of a double click. */
const PATIENCE_MS = 5000;
const CHECKS = 6;

/** One run in the queue, from waiting to its end. Only the queue starts it. */
export class QueuedJob implements TrainingJob {
  readonly runFolder: string;
  readonly title: string;
  readonly #listeners = new Set<() => void>();
  readonly #epochListeners = new Set<(record: EpochRecord) => void>();
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;
  #process: TrainerProcess | null = null;
  #state: JobState = 'queued';
  #progress: TrainingProgress | null = null;
  #message: string | null = null;
  #isReady = false;
  #shallPause = false;
  #cancelledMs: number | null = null;
  #lastWord: Extract<TrainerEvent, { kind: 'ended' | 'failed' }> | null = null;
  #silentChecks = 0;
  #silence: NodeJS.Timeout | undefined;
  #ending: NodeJS.Timeout | undefined;

  constructor(
    readonly request: TrainingRequest,
    private readonly options: JobOptions,
  ) {
    this.runFolder = request.runFolder;
    this.title = basename(request.runFolder);
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  get state(): JobState {
    return this.#state;
  }

  get progress(): TrainingProgress | null {
    return this.#progress;
  }

  get message(): string | null {
    return this.#message;
  }

  get isOver(): boolean {
    return isOver(this.#state);
  }

  /** Resolves when it is over; never rejects. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  start(startTrainer: StartTrainer): void {
    if (this.#state !== 'queued') return;
    this.#state = 'starting';
    const everyMs = this.options.silentMs / CHECKS;
    this.#silence = setInterval(() => this.#listen(everyMs), everyMs);
    this.#process = startTrainer({
      onEvent: (event) => this.#heard(event),
      onExit: (exit) => this.#exited(exit),
    });
    this.#changed();
  }

  pause(): void {
    if (this.#state !== 'starting' && this.#state !== 'running') return;
    this.#shallPause = true;
    if (this.#isReady) this.#process?.send({ kind: 'pause' });
  }

  resume(): void {
    this.#shallPause = false;
    if (this.#isReady) this.#process?.send({ kind: 'resume' });
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#changed();
  }

  cancel(): void {
    const now = this.options.nowMs();
    if (this.#state === 'stopping') {
      if (now - (this.#cancelledMs ?? now) >= PATIENCE_MS) this.#process?.kill();
      return;
    }
    if (this.isOver) return;
    if (this.#state === 'queued') {
      this.#end('cancelled', null);
      return;
    }
    this.#cancelledMs = now;
    this.#state = 'stopping';
    // Before it was told what to train there is nothing to save.
    if (this.#isReady) this.#process?.send({ kind: 'cancel' });
    else this.#process?.kill();
    this.#changed();
  }

  /** The window closes: what was learnt is saved, without anybody who waits for it. */
  abandon(): void {
    if (this.isOver || this.#process === null) return;
    this.#cancelledMs ??= this.options.nowMs();
    this.#state = 'stopping';
    if (this.#isReady) this.#process.disconnect();
    else this.#process.kill();
  }

  onChanged(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  onEpoch(listener: (record: EpochRecord) => void): Disposable {
    this.#epochListeners.add(listener);
    return toDisposable(() => this.#epochListeners.delete(listener));
  }

  #heard(event: TrainerEvent | null): void {
    if (this.#silentChecks >= CHECKS) this.#tell(null);
    this.#silentChecks = 0;
    // Of another version, or damaged: what matters comes again, and its end is heard of in any case.
    if (event === null || this.#lastWord !== null) return;
    switch (event.kind) {
      case 'ready':
        this.#begin();
        return;
      case 'heartbeat':
        return;
      case 'progress':
        this.#progress = event.progress;
        if (this.#state !== 'stopping')
          this.#state = event.progress.phase === 'paused' ? 'paused' : 'running';
        this.#changed();
        return;
      case 'epoch':
        for (const listener of [...this.#epochListeners]) listener(event.record);
        return;
      case 'ended':
      case 'failed':
        this.#lastWord = event;
        this.#ending = setTimeout(() => this.#process?.kill(), this.options.endMs);
        return;
      default:
        assertUnreachable(event, 'event');
    }
  }

  #begin(): void {
    if (this.#isReady || this.#state !== 'starting') return;
    this.#isReady = true;
    const { runFolder, resume } = this.request;
    this.#process?.send({ kind: 'start', configPath: this.options.configPath, runFolder, resume });
    if (this.#shallPause) this.#process?.send({ kind: 'pause' });
  }

  /** Counts checks instead of asking the clock: a computer that slept was not silent. */
  #listen(everyMs: number): void {
    this.#silentChecks += 1;
    if (this.#silentChecks !== CHECKS) return;
    const seconds = Math.round((everyMs * CHECKS) / 1000);
    this.#tell(
      `Nothing was heard from the process that trains for ${seconds} s: the machine is very busy, short of memory, or the process hangs. Cancel ends it; cancel again ends it at once, and its latest checkpoint stays.`,
    );
  }

  #exited(exit: TrainerExit): void {
    const word = this.#lastWord;
    if (word?.kind === 'ended') this.#end(word.state, word.message);
    else if (word?.kind === 'failed') this.#end('failed', word.message);
    // It was told to end, and did so without a word: while it started, or by force.
    else if (this.#cancelledMs !== null) this.#end('cancelled', null);
    else this.#end('failed', exitMessage(exit));
  }

  #end(state: 'finished' | 'cancelled' | 'failed', message: string | null): void {
    if (this.isOver) return;
    clearInterval(this.#silence);
    clearTimeout(this.#ending);
    this.#process = null;
    this.#state = state;
    this.#message = message;
    this.#resolveEnded();
    this.#changed();
  }

  #tell(message: string | null): void {
    this.#message = message;
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
