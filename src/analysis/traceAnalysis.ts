import type { TaskRow, TimeRange, TraceRequests, TraceSummary } from '../protocol/traceMessages.js';
import type { EventStore } from '../trace/model/eventStore.js';
import { cpuRows } from './cpuStatistics.js';
import { waitHistogram } from './histogram.js';
import { RangeCache } from './rangeCache.js';
import { SchedulingModel } from './schedulingModel.js';
import { SchedulingPass } from './schedulingPass.js';
import { sliceAt, stepSlice } from './sliceDetail.js';
import { sortedTasks, taskRows } from './taskStatistics.js';
import { tasksAsCsv } from './tasksCsv.js';
import { isThread, taskFilter, threadName, threadsByRuntime } from './threadNames.js';
import { timeWindow } from './timeWindow.js';
import { traceSummary, type TraceStatus } from './traceSummary.js';
import { viewportLanes } from './viewport.js';
import { wakerPairs, wakerRow, type WakerPair } from './wakers.js';

type Params<K extends keyof TraceRequests> = TraceRequests[K]['params'];
type Result<K extends keyof TraceRequests> = TraceRequests[K]['result'];

/**
 * Scheduler metrics over an event store, fed while the store grows. The rows must be in order of time: when a source
 * turns out not to be, wait for its end, sort the store, and analyse it anew. Queries answer for the rows that have
 * been analysed.
 */
export class TraceAnalysis {
  readonly model: SchedulingModel;
  readonly #pass: SchedulingPass;
  #finished = false;
  readonly #tasks = new RangeCache<TaskRow[]>();
  readonly #wakers = new RangeCache<WakerPair[]>();
  readonly #histograms = new RangeCache<Result<'histogram'>>();
  readonly #threadOrder = new RangeCache<number[]>();

  constructor(store: EventStore) {
    this.model = new SchedulingModel(store);
    this.#pass = new SchedulingPass(this.model);
  }

  /** Analyses the rows added since the last call. */
  advance(): void {
    const { model } = this;
    if (this.#finished) throw new Error('The analysis is finished: no rows can follow.');
    if (model.store.length > model.length) this.#pass.run(model.store.length);
  }

  /** All rows have been added and analysed: settles what waited for a later event. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#pass.finish();
  }

  summary(status: TraceStatus): TraceSummary {
    return traceSummary(this.model, status);
  }

  viewport({ range, widthPx, lanes }: Params<'viewport'>): Result<'viewport'> {
    return { range, lanes: viewportLanes(this.model, range, widthPx, lanes) };
  }

  threads({ filter, offset, limit }: Params<'threads'>): Result<'threads'> {
    const order = this.#threadOrder.get(this.#version, null, '', () => threadsByRuntime(this.model));
    const accepts = taskFilter(filter);
    const { tasks } = this.model.store;
    const matching = order.filter((thread) =>
      accepts({ comm: tasks.threadComm(thread), pid: tasks.threadPids[thread]! }),
    );
    return {
      total: matching.length,
      rows: page(matching, offset, limit).map((each) => threadName(this.model, each)),
    };
  }

  threadNames({ threads }: Params<'threadNames'>): Result<'threadNames'> {
    const known = threads.filter((thread) => isThread(this.model, thread));
    return { rows: known.map((thread) => threadName(this.model, thread)) };
  }

  tasks({ range, filter, sort, descending, offset, limit }: Params<'tasks'>): Result<'tasks'> {
    const rows = sortedTasks(this.#taskRows(range).filter(taskFilter(filter)), sort, descending);
    return { total: rows.length, rows: page(rows, offset, limit) };
  }

  tasksCsv({ range, filter }: Params<'tasksCsv'>): Result<'tasksCsv'> {
    return tasksAsCsv(sortedTasks(this.#taskRows(range).filter(taskFilter(filter)), 'runtimeNs', true));
  }

  cpus({ range }: Params<'cpus'>): Result<'cpus'> {
    return { rows: cpuRows(this.model, timeWindow(this.model, range)) };
  }

  histogram({ range, thread }: Params<'histogram'>): Result<'histogram'> {
    return this.#histograms.get(this.#version, range, String(thread), () =>
      waitHistogram(this.model, thread, timeWindow(this.model, range)),
    );
  }

  wakers({ range, thread, limit }: Params<'wakers'>): Result<'wakers'> {
    const pairs = this.#wakers.get(this.#version, range, String(thread), () =>
      wakerPairs(this.model, thread, timeWindow(this.model, range)),
    );
    return { rows: page(pairs, 0, limit).map((pair) => wakerRow(this.model, pair)) };
  }

  sliceAt({ lane, atNs }: Params<'sliceAt'>): Result<'sliceAt'> {
    return sliceAt(this.model, lane, atNs);
  }

  step({ thread, fromNs, direction }: Params<'step'>): Result<'step'> {
    return stepSlice(this.model, thread, fromNs, direction);
  }

  #taskRows(range: TimeRange | null): TaskRow[] {
    return this.#tasks.get(this.#version, range, '', () =>
      taskRows(this.model, timeWindow(this.model, range)),
    );
  }

  /** Changes whenever answers may. */
  get #version(): number {
    return this.model.length * 2 + (this.#finished ? 1 : 0);
  }
}

function page<T>(rows: readonly T[], offset: number, limit: number): T[] {
  return rows.slice(offset, offset + limit);
}
