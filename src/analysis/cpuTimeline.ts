import { ThreadState } from '../protocol/traceMessages.js';
import { IDLE_TASK, IDLE_THREAD, NO_TASK } from '../trace/model/taskTable.js';
import { LEADING_SEGMENTS, LaneTimeline, addVote } from './laneTimeline.js';
import type { AnalysedTrace } from './analysedTrace.js';
import type { SegmentBuffer } from './segmentBuffer.js';

/** What began on a CPU at an event: the tag of its timeline's entries. */
export const CpuChange = {
  /** sched_switch: its next task runs. */
  Switch: 0,
  /** From here on it is not known what ran: events were lost. */
  BecameUnknown: 1,
  /** First event after a loss: the previous task of the next switch runs. */
  Resumed: 2,
  /** The running thread took over another pid (exec by a thread that is not the group leader). */
  Renamed: 3,
} as const;

/** Thread number that stands for "not known". */
export const UNKNOWN_THREAD = -1;

const FANOUT = 8;
/** Numbers of a summary. Idle time is what remains. */
const BUSY_NS = 0;
const UNKNOWN_NS = 1;
/** Segments that are drawn: not idle. */
const COUNT = 2;
/** Thread with the majority of the busy time, and its lead. */
const THREAD_VOTE = 3;
const WIDTH = 5;

/** Time of a CPU in a range, ns. The three add up to the range as far as the recording covers it. */
export interface CpuTime {
  readonly busyNs: number;
  readonly idleNs: number;
  readonly unknownNs: number;
}

/** What ran on one CPU over time. */
export class CpuTimeline extends LaneTimeline {
  /** Indexes of the entries that are no switches; few. */
  readonly #others: number[] = [];

  constructor(
    trace: AnalysedTrace,
    readonly cpu: number,
  ) {
    super(trace, WIDTH, FANOUT);
  }

  push(row: number, change: number): void {
    if (change !== CpuChange.Switch) this.#others.push(this.entries.length);
    this.entries.push(((row << 2) | change) >>> 0);
  }

  /** Task (a thread under the name it had) that runs in a segment; NO_TASK where that is not known. */
  taskOf(segment: number): number {
    const { store } = this.trace;
    if (segment < LEADING_SEGMENTS) {
      if (segment === 0 || this.entries.length === 0) return NO_TASK;
      return store.actor[this.rowOf(LEADING_SEGMENTS)]!;
    }
    const entry = this.entries.values[segment - LEADING_SEGMENTS]!;
    switch (entry & 3) {
      case CpuChange.BecameUnknown:
        return NO_TASK;
      case CpuChange.Resumed:
        return store.actor[this.rowOf(segment + 1)]!;
      default:
        return store.subject[entry >>> 2]!;
    }
  }

  /** Thread that runs in a segment: IDLE_THREAD, another, or UNKNOWN_THREAD. */
  threadOf(segment: number): number {
    const task = this.taskOf(segment);
    return task === NO_TASK ? UNKNOWN_THREAD : this.trace.store.tasks.threads[task]!;
  }

  /** Number of switches at times `startNs <= t < endNs`. */
  switchesIn(startNs: number, endNs: number): number {
    const first = this.firstEntryAtOrAfter(startNs);
    const last = this.firstEntryAtOrAfter(endNs);
    let others = 0;
    for (const index of this.#others) if (index >= first && index < last) others += 1;
    return last - first - others;
  }

  timeIn(startNs: number, endNs: number): CpuTime {
    const sum = this.summaryOf(startNs, endNs);
    const covered = Math.min(endNs, this.trace.endNs) - Math.max(startNs, this.trace.startNs);
    const busyNs = sum[BUSY_NS]!;
    const unknownNs = sum[UNKNOWN_NS]!;
    return { busyNs, unknownNs, idleNs: Math.max(0, covered) - busyNs - unknownNs };
  }

  protected leadStartNs(firstEntryNs: number): number {
    return Math.min(firstEntryNs, this.trace.cpuLeadNs[this.cpu] ?? Infinity);
  }

  addPart(sum: Float64Array, segment: number, durationNs: number): void {
    const thread = this.threadOf(segment);
    if (thread === IDLE_THREAD) return;
    sum[COUNT]! += 1;
    if (thread === UNKNOWN_THREAD) {
      sum[UNKNOWN_NS]! += durationNs;
    } else {
      sum[BUSY_NS]! += durationNs;
      addVote(sum, THREAD_VOTE, thread, durationNs);
    }
  }

  addLeaves(sum: Float64Array, from: number, to: number): void {
    const { store } = this.trace;
    const { timeNs, subject } = store;
    const { threads } = store.tasks;
    const { values } = this.entries;
    let startNs = timeNs[values[from]! >>> 2]!;
    for (let i = from; i < to; i += 1) {
      const entry = values[i]!;
      const endNs = timeNs[values[i + 1]! >>> 2]!;
      const durationNs = endNs - startNs;
      startNs = endNs;
      const task =
        (entry & 3) === CpuChange.Switch ? subject[entry >>> 2]! : this.taskOf(i + LEADING_SEGMENTS);
      if (task === IDLE_TASK) continue;
      sum[COUNT]! += 1;
      if (task === NO_TASK) {
        sum[UNKNOWN_NS]! += durationNs;
      } else {
        sum[BUSY_NS]! += durationNs;
        addVote(sum, THREAD_VOTE, threads[task]!, durationNs);
      }
    }
  }

  merge(sum: Float64Array, data: Float64Array | Float32Array, offset: number): void {
    for (let i = 0; i < THREAD_VOTE; i += 1) sum[i]! += data[offset + i]!;
    addVote(sum, THREAD_VOTE, data[offset + THREAD_VOTE]!, data[offset + THREAD_VOTE + 1]!);
  }

  pushExact(out: SegmentBuffer, segment: number, fromNs: number, toNs: number): void {
    const thread = this.threadOf(segment);
    if (thread === IDLE_THREAD) return;
    if (thread === UNKNOWN_THREAD) out.push(fromNs, toNs, 0, ThreadState.Unknown, 0, 1);
    else out.push(fromNs, toNs, thread, ThreadState.Running, 1, 1);
  }

  pushSummary(out: SegmentBuffer, sum: Float64Array, fromNs: number, toNs: number): void {
    const busyNs = sum[BUSY_NS]!;
    const fill = Math.min(1, busyNs / (toNs - fromNs));
    if (sum[UNKNOWN_NS]! > busyNs) out.push(fromNs, toNs, 0, ThreadState.Unknown, fill, sum[COUNT]!);
    else if (busyNs > 0) out.push(fromNs, toNs, sum[THREAD_VOTE]!, ThreadState.Running, fill, sum[COUNT]!);
  }
}
