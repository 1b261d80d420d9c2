import { asThreadState } from './columnEnums.js';
import { ThreadState } from '../protocol/traceMessages.js';
import { LEADING_SEGMENTS, LaneTimeline, addVote } from './laneTimeline.js';
import type { AnalysedTrace } from './analysedTrace.js';
import type { SegmentBuffer } from './segmentBuffer.js';

/** What an event means for a thread: the tag of its timeline's entries. */
export const ThreadRole = {
  /** Left its CPU; its state follows from `prev_state`. */
  SwitchedOut: 0,
  /** Began to run. */
  SwitchedIn: 1,
  /** Woken: the first of waking, wakeup and wakeup_new since it slept. */
  Woken: 2,
  /** From here on its state is not known: events of its CPU were lost. */
  BecameUnknown: 3,
} as const;

/** Stands in a lane's values where the CPU is not known or does not apply. */
export const UNKNOWN_CPU = 65535;

/** Leaves a block of the picture; there may be many threads, so larger than for CPUs. */
const FANOUT = 16;
// A summary: seconds by ThreadState in 0…6, then these.
const COUNT = 7;
/** CPU with the majority of the running time, and its lead. */
const CPU_VOTE = 8;
const WIDTH = 10;

/** The states of one thread over time. Its segments are the intervals between its events. */
export class ThreadTimeline extends LaneTimeline {
  constructor(trace: AnalysedTrace) {
    super(trace, WIDTH, FANOUT);
  }

  /** Row of the newest entry; -1 when there is none. */
  get lastRow(): number {
    const { entries } = this;
    return entries.length === 0 ? -1 : entries.values[entries.length - 1]! >>> 2;
  }

  /** State after the newest entry. */
  get newestState(): ThreadState {
    return this.stateOf(this.segmentCount - 1);
  }

  push(row: number, role: number): void {
    // Rows reach 2^30 at most (the pass checks), so the shift stays within 32 bits.
    this.entries.push(((row << 2) | role) >>> 0);
  }

  /** Takes back wakeups noted since `row`: the thread turned out to have run all along. */
  dropWakeupsSince(row: number): void {
    const { values } = this.entries;
    let { length } = this.entries;
    while (length > 0 && (values[length - 1]! & 3) === ThreadRole.Woken && values[length - 1]! >>> 2 >= row) {
      length -= 1;
    }
    if (length < this.entries.length) this.truncateEntries(length);
  }

  /** Whether segment 1 is a stay on a CPU: the thread's first event is its leaving it. */
  get hasLead(): boolean {
    return this.entries.length > 0 && (this.entries.values[0]! & 3) === ThreadRole.SwitchedOut;
  }

  stateOf(segment: number): ThreadState {
    if (segment < LEADING_SEGMENTS) {
      return segment === 1 && this.hasLead ? ThreadState.Running : ThreadState.Unknown;
    }
    const entry = this.entries.values[segment - LEADING_SEGMENTS]!;
    switch (entry & 3) {
      case ThreadRole.SwitchedOut: {
        const { store, prevStates } = this.trace;
        return asThreadState(prevStates.stateByNumber[store.state[entry >>> 2]!]!);
      }
      case ThreadRole.SwitchedIn:
        return ThreadState.Running;
      case ThreadRole.Woken:
        return ThreadState.Runnable;
      default:
        return ThreadState.Unknown;
    }
  }

  /** CPU a segment's thread ran on or waited for; UNKNOWN_CPU while it sleeps or when not known. */
  cpuOf(segment: number): number {
    const { store } = this.trace;
    if (segment < LEADING_SEGMENTS) {
      return segment === 1 && this.hasLead ? store.cpu[this.rowOf(LEADING_SEGMENTS)]! : UNKNOWN_CPU;
    }
    const row = this.rowOf(segment);
    switch (this.stateOf(segment)) {
      case ThreadState.Running:
      case ThreadState.Preempted:
        return store.cpu[row]!;
      case ThreadState.Runnable: {
        // sched_waking names the CPU the thread slept on: where it got to run is the better answer.
        if (segment + 1 < this.segmentCount && this.tagOf(segment + 1) === ThreadRole.SwitchedIn) {
          return store.cpu[this.rowOf(segment + 1)]!;
        }
        const target = store.arg[row]!;
        return target >= 0 && target < UNKNOWN_CPU ? target : UNKNOWN_CPU;
      }
      default:
        return UNKNOWN_CPU;
    }
  }

  protected leadStartNs(firstEntryNs: number): number {
    if (!this.hasLead) return firstEntryNs;
    const cpu = this.trace.store.cpu[this.rowOf(LEADING_SEGMENTS)]!;
    return Math.min(firstEntryNs, this.trace.cpuLeadNs[cpu] ?? Infinity);
  }

  addPart(sum: Float64Array, segment: number, durationNs: number): void {
    const state = this.stateOf(segment);
    sum[state]! += durationNs;
    if (segment >= LEADING_SEGMENTS || state === ThreadState.Running) sum[COUNT]! += 1;
    if (state === ThreadState.Running) addVote(sum, CPU_VOTE, this.cpuOf(segment), durationNs);
  }

  addLeaves(sum: Float64Array, from: number, to: number): void {
    const { store, prevStates } = this.trace;
    const { timeNs } = store;
    const { values } = this.entries;
    let startNs = timeNs[values[from]! >>> 2]!;
    for (let i = from; i < to; i += 1) {
      const entry = values[i]!;
      const endNs = timeNs[values[i + 1]! >>> 2]!;
      const durationNs = endNs - startNs;
      startNs = endNs;
      switch (entry & 3) {
        case ThreadRole.SwitchedOut:
          sum[prevStates.stateByNumber[store.state[entry >>> 2]!]!]! += durationNs;
          break;
        case ThreadRole.SwitchedIn:
          sum[ThreadState.Running]! += durationNs;
          addVote(sum, CPU_VOTE, store.cpu[entry >>> 2]!, durationNs);
          break;
        case ThreadRole.Woken:
          sum[ThreadState.Runnable]! += durationNs;
          break;
        default:
          sum[ThreadState.Unknown]! += durationNs;
      }
    }
    sum[COUNT]! += to - from;
  }

  merge(sum: Float64Array, data: Float64Array | Float32Array, offset: number): void {
    for (let i = 0; i < CPU_VOTE; i += 1) sum[i]! += data[offset + i]!;
    addVote(sum, CPU_VOTE, data[offset + CPU_VOTE]!, data[offset + CPU_VOTE + 1]!);
  }

  pushExact(out: SegmentBuffer, segment: number, fromNs: number, toNs: number): void {
    const state = this.stateOf(segment);
    // Before its first event nothing is drawn: the thread may not exist yet.
    if (segment < LEADING_SEGMENTS && state === ThreadState.Unknown) return;
    out.push(fromNs, toNs, this.cpuOf(segment), state, state === ThreadState.Running ? 1 : 0, 1);
  }

  pushSummary(out: SegmentBuffer, sum: Float64Array, fromNs: number, toNs: number): void {
    if (sum[COUNT] === 0) return;
    let state: ThreadState = ThreadState.Running;
    for (const other of STATES_BY_INTEREST) if (sum[other]! > sum[state]!) state = other;
    const runningNs = sum[ThreadState.Running]!;
    const cpu = runningNs > 0 ? sum[CPU_VOTE]! : UNKNOWN_CPU;
    out.push(fromNs, toNs, cpu, state, Math.min(1, runningNs / (toNs - fromNs)), sum[COUNT]!);
  }
}

/** When two states took the same time in a pixel, the earlier one here is shown. */
const STATES_BY_INTEREST: readonly ThreadState[] = [
  ThreadState.Running,
  ThreadState.Runnable,
  ThreadState.Preempted,
  ThreadState.Uninterruptible,
  ThreadState.Sleeping,
  ThreadState.Other,
  ThreadState.Unknown,
];
