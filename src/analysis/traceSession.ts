import { setImmediate } from 'node:timers/promises';
import type { Progress } from '../base/progress.js';
import { assertUnreachable } from '../base/assert.js';
import type { HostMethod, TraceRequests, TraceSummary } from '../protocol/traceMessages.js';
import { importTrace } from '../trace/importTrace.js';
import { EventStore } from '../trace/model/eventStore.js';
import type { TraceInput } from '../trace/recording/recording.js';
import type { SliceDecoders } from '../trace/recording/sliceDecoders.js';
import { TimelineMigrations } from './timelineMigrations/timelineMigrations.js';
import { TraceAnalysis } from './traceAnalysis.js';

/** The view's requests that the trace itself can answer. */
export type SessionMethod = Exclude<keyof TraceRequests, HostMethod>;

export interface LoadOptions {
  readonly signal?: AbortSignal;
  /** Called when there is more to show, often at first and then less so, and at the end. */
  readonly onUpdate?: (summary: TraceSummary) => void;
  readonly format?: string;
  /** Who can decode large texts beside this thread. */
  readonly decoders?: SliceDecoders;
}

/**
 * A trace being read and asked about at the same time. Rows are analysed as they come while they come in order of
 * time; from the first row out of order on the analysis waits for the end, sorts, and starts again.
 */
export class TraceSession {
  #store = new EventStore();
  #analysis = new TraceAnalysis(this.#store);
  #progress: Progress = { doneBytes: 0, totalBytes: undefined, events: 0 };
  #complete = false;
  #wasUnsorted = false;
  /** What the analysed times count from: reading may find an earlier event. */
  #analysedBaseNs = 0n;
  /** Records can be added once the trace has been read. */
  readonly migrations = new TimelineMigrations();

  constructor(readonly name: string) {}

  get store(): EventStore {
    return this.#store;
  }

  get analysis(): TraceAnalysis {
    return this.#analysis;
  }

  /** Reads the recording. Failures are those of `importTrace`; what was read before stays answerable. */
  async load(input: TraceInput, options: LoadOptions = {}): Promise<void> {
    const started = performance.now();
    let lastUpdate = -Infinity;
    const store = await importTrace(input, {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.format === undefined ? {} : { format: options.format }),
      ...(options.decoders === undefined ? {} : { decoders: options.decoders }),
      onProgress: (progress) => (this.#progress = progress),
      onRows: async (rows) => {
        this.#adopt(rows);
        // Once out of order, always: the flag only comes back with sorting, at the end.
        if (rows.isSorted) {
          this.#analysis.advance();
          this.#analysedBaseNs = rows.baseNs;
        } else this.#wasUnsorted = true;
        const now = performance.now();
        if (now - lastUpdate >= updateIntervalMs(now - started)) {
          lastUpdate = now;
          options.onUpdate?.(this.summary());
        }
        // Requests of the view wait in the message queue: let them in between two chunks.
        await setImmediate();
      },
    });
    this.#adopt(store);
    if (this.#wasUnsorted || this.#analysedBaseNs !== store.baseNs) this.#analysis = new TraceAnalysis(store);
    this.#analysis.advance();
    this.#analysis.finish();
    this.#complete = true;
    this.migrations.attach(this.#analysis.model);
    options.onUpdate?.(this.summary());
  }

  summary(): TraceSummary {
    return this.#analysis.summary({ name: this.name, complete: this.#complete, progress: this.#progress });
  }

  answer<K extends SessionMethod>(method: K, params: TraceRequests[K]['params']): TraceRequests[K]['result'];
  answer(method: SessionMethod, params: never): unknown {
    const analysis = this.#analysis;
    switch (method) {
      case 'summary':
        return this.summary();
      case 'viewport':
        return analysis.viewport(params);
      case 'threads':
        return analysis.threads(params);
      case 'threadNames':
        return analysis.threadNames(params);
      case 'tasks':
        return analysis.tasks(params);
      case 'cpus':
        return analysis.cpus(params);
      case 'histogram':
        return analysis.histogram(params);
      case 'wakers':
        return analysis.wakers(params);
      case 'sliceAt':
        return analysis.sliceAt(params);
      case 'step':
        return analysis.step(params);
      case 'tasksCsv':
        return analysis.tasksCsv(params);
      case 'migrations':
        return this.migrations.summary();
      case 'migrationMarks':
        return this.migrations.marks(params);
      case 'migration':
        return this.migrations.detail(params);
      case 'stepMigration':
        return this.migrations.step(params);
      default:
        return assertUnreachable(method, 'request');
    }
  }

  #adopt(store: EventStore): void {
    if (this.#store === store) return;
    this.#store = store;
    this.#analysis = new TraceAnalysis(store);
  }
}

/** Each update makes the view ask anew, which costs reading time: pictures come fast at first, then every 600 ms. */
function updateIntervalMs(elapsedMs: number): number {
  return Math.min(600, 100 + elapsedMs / 4);
}
