import type { WakerRow } from '../protocol/traceMessages.js';
import { IDLE_THREAD, NO_TASK } from '../trace/model/taskTable.js';
import type { SchedulingModel } from './schedulingModel.js';
import { ThreadRole } from './threadTimeline.js';
import type { TimeWindow } from './timeWindow.js';

/** Wakeups of one thread by another. */
export interface WakerPair {
  readonly waker: number;
  readonly woken: number;
  count: number;
  latencies: number;
  latencySumNs: number;
  latencyMaxNs: number;
}

/**
 * Who woke whom, most frequent first, then by pids: of one woken thread or (null) of all. The waker is the task that
 * ran where the wakeup was recorded; in an interrupt it is the one that was interrupted, which may have nothing to
 * do with it. Wakeups count when they happen in the window, their latencies when they end in it.
 */
export function wakerPairs(model: SchedulingModel, woken: number | null, window: TimeWindow): WakerPair[] {
  const pairs: WakerPair[] = [];
  const first = woken ?? IDLE_THREAD + 1;
  const last = woken ?? model.threads.length - 1;
  for (let thread = first; thread <= last; thread += 1) {
    for (const pair of wakersOf(model, thread, window).values()) pairs.push(pair);
  }
  const { threadPids } = model.store.tasks;
  return pairs.sort(
    (a, b) =>
      b.count - a.count ||
      threadPids[a.waker]! - threadPids[b.waker]! ||
      threadPids[a.woken]! - threadPids[b.woken]!,
  );
}

/** Wakers of one thread, by thread number. */
function wakersOf(model: SchedulingModel, thread: number, window: TimeWindow): Map<number, WakerPair> {
  const pairs = new Map<number, WakerPair>();
  const timeline = model.threads[thread];
  if (timeline === undefined) return pairs;
  const { timeNs, actor } = model.store;
  const { threads } = model.store.tasks;
  const { values, length } = timeline.entries;
  const pairAt = (row: number): WakerPair | undefined => {
    const task = actor[row]!;
    if (task === NO_TASK) return undefined;
    const waker = threads[task]!;
    let pair = pairs.get(waker);
    if (pair === undefined) {
      pair = { waker, woken: thread, count: 0, latencies: 0, latencySumNs: 0, latencyMaxNs: 0 };
      pairs.set(waker, pair);
    }
    return pair;
  };
  for (let i = timeline.firstEntryAtOrAfter(window.startNs); i < length; i += 1) {
    const row = values[i]! >>> 2;
    if (timeNs[row]! >= window.eventsBeforeNs) break;
    const role = values[i]! & 3;
    if (role === ThreadRole.Woken) {
      const pair = pairAt(row);
      if (pair !== undefined) pair.count += 1;
    } else if (role === ThreadRole.SwitchedIn && i > 0 && (values[i - 1]! & 3) === ThreadRole.Woken) {
      const wakeRow = values[i - 1]! >>> 2;
      const pair = pairAt(wakeRow);
      if (pair === undefined) continue;
      const latencyNs = timeNs[row]! - timeNs[wakeRow]!;
      pair.latencies += 1;
      pair.latencySumNs += latencyNs;
      if (latencyNs > pair.latencyMaxNs) pair.latencyMaxNs = latencyNs;
    }
  }
  return pairs;
}

export function wakerRow(model: SchedulingModel, pair: WakerPair): WakerRow {
  const { tasks } = model.store;
  const known = pair.latencies > 0;
  return {
    wakerThread: pair.waker,
    wakerComm: tasks.threadComm(pair.waker),
    wakerPid: tasks.threadPids[pair.waker]!,
    wokenThread: pair.woken,
    wokenComm: tasks.threadComm(pair.woken),
    wokenPid: tasks.threadPids[pair.woken]!,
    count: pair.count,
    latencyMeanNs: known ? pair.latencySumNs / pair.latencies : null,
    latencyMaxNs: known ? pair.latencyMaxNs : null,
  };
}
