import type { Histogram } from '../protocol/traceMessages.js';
import { IDLE_THREAD } from '../trace/model/taskTable.js';
import type { SchedulingModel } from './schedulingModel.js';
import { ThreadActivity, type WaitList } from './threadActivity.js';
import type { TimeWindow } from './timeWindow.js';

const BINS_PER_DECADE = 5;
const FIRST_DECADE = 2;
const LAST_DECADE = 15;

/** 0, 100 ns, then five bins a decade (factor 10^(1/5) ≈ 1.58), rounded to whole nanoseconds, up to 11 days. */
const EDGES_NS: readonly number[] = [
  0,
  ...Array.from({ length: (LAST_DECADE - FIRST_DECADE) * BINS_PER_DECADE + 1 }, (_, i) =>
    Math.round(10 ** (FIRST_DECADE + i / BINS_PER_DECADE)),
  ),
];
const BINS = EDGES_NS.length - 1;

/**
 * How long threads waited, of one thread or (null) of all. A bin holds values `lower <= v < upper`. Only the
 * decades that occur are returned; what is shorter than 100 ns stands in a first bin from 0.
 */
export function waitHistogram(model: SchedulingModel, thread: number | null, window: TimeWindow): Histogram {
  const activity = new ThreadActivity();
  const wakeupLatency = new Array<number>(BINS).fill(0);
  const preemptionWait = new Array<number>(BINS).fill(0);
  let wakeupCount = 0;
  let preemptionCount = 0;
  const first = thread ?? IDLE_THREAD + 1;
  const last = thread ?? model.threads.length - 1;
  for (let each = first; each <= last; each += 1) {
    activity.clear();
    activity.addThread(model, each, window);
    wakeupCount += countInto(wakeupLatency, activity.wakeupLatencies);
    preemptionCount += countInto(preemptionWait, activity.preemptionWaits);
  }
  const [from, to] = usedBins(wakeupLatency, preemptionWait);
  return {
    edgesNs: EDGES_NS.slice(from, to + 1),
    wakeupLatency: wakeupLatency.slice(from, to),
    preemptionWait: preemptionWait.slice(from, to),
    wakeupCount: model.store.hasWakeups ? wakeupCount : null,
    preemptionCount: model.hasPrevStates ? preemptionCount : null,
  };
}

function countInto(bins: number[], waits: WaitList): number {
  for (let i = 0; i < waits.count; i += 1) bins[binOf(waits.lengthsNs[i]!)]! += 1;
  return waits.count;
}

function binOf(ns: number): number {
  if (ns < EDGES_NS[1]!) return 0;
  const position = 1 + Math.floor((Math.log10(ns) - FIRST_DECADE) * BINS_PER_DECADE);
  let bin = Math.min(BINS - 1, Math.max(1, position));
  // The logarithm and the rounded edges may disagree by one at an edge: the edges decide.
  if (ns < EDGES_NS[bin]!) bin -= 1;
  else if (bin + 1 < BINS && ns >= EDGES_NS[bin + 1]!) bin += 1;
  return bin;
}

/** First bin and the one after the last to show: whole decades; 1 µs … 10 ms when there is nothing. */
function usedBins(...histograms: readonly number[][]): [number, number] {
  const isUsed = (bin: number) => histograms.some((bins) => bins[bin]! > 0);
  const used = Array.from({ length: BINS }, (_, bin) => bin).filter(isUsed);
  const lowest = used[0];
  const highest = used.at(-1);
  if (lowest === undefined || highest === undefined) return [decadeStart(3), decadeStart(7)];
  const from = lowest === 0 ? 0 : lowest - ((lowest - 1) % BINS_PER_DECADE);
  const to =
    highest === 0 ? 1 + BINS_PER_DECADE : highest + BINS_PER_DECADE - ((highest - 1) % BINS_PER_DECADE);
  return [from, Math.min(BINS, to)];
}

/** Bin that starts at 10^decade ns. */
function decadeStart(decade: number): number {
  return 1 + (decade - FIRST_DECADE) * BINS_PER_DECADE;
}
