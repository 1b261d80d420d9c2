import { ThreadState } from '../protocol/traceMessages.js';
import { LEADING_SEGMENTS, LaneTimeline } from './laneTimeline.js';
import type { AnalysedTrace } from './analysedTrace.js';
import type { SegmentBuffer } from './segmentBuffer.js';

const UNKNOWN_DEPTH = 65535;
const FANOUT = 8;
/** Numbers of a summary: time over which the depth is known, its integral (threads · ns), maximum, steps. */
const KNOWN_NS = 0;
const INTEGRAL = 1;
const MAX = 2;
const COUNT = 3;
const WIDTH = 4;

/** Depth over a range; null where it is known at no time of it. */
export interface DepthStatistics {
  /** Mean over the time in which it is known. */
  readonly mean: number | null;
  readonly max: number | null;
}

/**
 * Run queue depth of one CPU: how many threads run on it or wait for it, idle not counted, as a step function.
 * Unknown before the CPU's first switch and from a loss to the next switch.
 */
export class RunQueueDepth extends LaneTimeline {
  #depths = new Uint16Array(8);

  constructor(trace: AnalysedTrace) {
    super(trace, WIDTH, FANOUT);
  }

  override get allocatedBytes(): number {
    return super.allocatedBytes + this.#depths.byteLength;
  }

  /** The depth is this from the event on. */
  note(row: number, depth: number): void {
    this.#set(row, Math.min(depth, UNKNOWN_DEPTH - 1));
  }

  /** Events after this one were lost: what was counted since does not hold. */
  becomeUnknown(row: number): void {
    const { values } = this.entries;
    let { length } = this.entries;
    while (length > 0 && values[length - 1]! >>> 2 > row) length -= 1;
    if (length < this.entries.length) this.truncateEntries(length);
    if (length > 0) this.#set(row, UNKNOWN_DEPTH);
  }

  /** Gives back the room that growing kept in reserve. */
  trim(): void {
    this.entries.trim();
    this.#depths = this.#depths.slice(0, Math.max(1, this.entries.length));
  }

  /** Depth in a segment; undefined where it is not known. */
  depthOf(segment: number): number | undefined {
    if (segment < LEADING_SEGMENTS) return undefined;
    const depth = this.#depths[segment - LEADING_SEGMENTS]!;
    return depth === UNKNOWN_DEPTH ? undefined : depth;
  }

  statisticsIn(startNs: number, endNs: number): DepthStatistics {
    const sum = this.summaryOf(startNs, endNs);
    if (sum[KNOWN_NS] === 0) return { mean: null, max: null };
    return { mean: sum[INTEGRAL]! / sum[KNOWN_NS]!, max: sum[MAX]! };
  }

  protected leadStartNs(firstEntryNs: number): number {
    return firstEntryNs;
  }

  addPart(sum: Float64Array, segment: number, durationNs: number): void {
    addStep(sum, this.depthOf(segment) ?? UNKNOWN_DEPTH, durationNs);
  }

  addLeaves(sum: Float64Array, from: number, to: number): void {
    const { timeNs } = this.trace.store;
    const { values } = this.entries;
    let startNs = timeNs[values[from]! >>> 2]!;
    for (let i = from; i < to; i += 1) {
      const endNs = timeNs[values[i + 1]! >>> 2]!;
      addStep(sum, this.#depths[i]!, endNs - startNs);
      startNs = endNs;
    }
  }

  merge(sum: Float64Array, data: Float64Array | Float32Array, offset: number): void {
    sum[KNOWN_NS]! += data[offset + KNOWN_NS]!;
    sum[INTEGRAL]! += data[offset + INTEGRAL]!;
    if (data[offset + MAX]! > sum[MAX]!) sum[MAX] = data[offset + MAX]!;
    sum[COUNT]! += data[offset + COUNT]!;
  }

  pushExact(out: SegmentBuffer, segment: number, fromNs: number, toNs: number): void {
    const depth = this.trace.store.hasWakeups ? this.depthOf(segment) : undefined;
    if (depth === undefined) out.push(fromNs, toNs, 0, ThreadState.Unknown, 0, 1);
    else out.push(fromNs, toNs, depth, ThreadState.Running, depth, 1);
  }

  pushSummary(out: SegmentBuffer, sum: Float64Array, fromNs: number, toNs: number): void {
    const knownNs = this.trace.store.hasWakeups ? sum[KNOWN_NS]! : 0;
    if (knownNs === 0) out.push(fromNs, toNs, 0, ThreadState.Unknown, 0, sum[COUNT]!);
    else out.push(fromNs, toNs, sum[MAX]!, ThreadState.Running, sum[INTEGRAL]! / knownNs, sum[COUNT]!);
  }

  #set(row: number, depth: number): void {
    const { entries } = this;
    const last = entries.length - 1;
    if (last >= 0) {
      if (this.#depths[last] === depth) return;
      if (entries.values[last]! >>> 2 === row) {
        this.#depths[last] = depth;
        return;
      }
    }
    entries.push((row << 2) >>> 0);
    if (entries.length > this.#depths.length) {
      const larger = new Uint16Array(Math.ceil(entries.length * 1.5) + 8);
      larger.set(this.#depths);
      this.#depths = larger;
    }
    this.#depths[entries.length - 1] = depth;
  }
}

function addStep(sum: Float64Array, depth: number, durationNs: number): void {
  // A depth that lasts for no time (several events of one time stamp) is no maximum.
  if (durationNs === 0) return;
  sum[COUNT]! += 1;
  if (depth === UNKNOWN_DEPTH) return;
  sum[KNOWN_NS]! += durationNs;
  sum[INTEGRAL]! += depth * durationNs;
  if (depth > sum[MAX]!) sum[MAX] = depth;
}
