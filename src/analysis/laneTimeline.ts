import type { SegmentBuffer } from './segmentBuffer.js';
import type { AnalysedTrace } from './analysedTrace.js';
import { SummaryPyramid, type LeafSummaries } from './summaryPyramid.js';
import { Uint32List } from './uint32List.js';

/** Number of segments that stand before the first entry of every timeline. */
export const LEADING_SEGMENTS = 2;

/**
 * A timeline is a list of entries, each the row of an event and a 2-bit tag: something begins at that event and
 * lasts to the next entry or to the end of the recording. What lies between two boundaries is a *segment*:
 *
 *     segment 0      from the start of the recording: nothing is known
 *     segment 1      from `leadNs` to the first entry: known only in hindsight from the first entry
 *     segment 2 + i  entry i
 *
 * Segments cover the whole recording without holes; they may be empty when events share a time stamp.
 */
export abstract class LaneTimeline implements LeafSummaries {
  /** `row << 2 | tag` in order of rows, hence of time. */
  readonly entries = new Uint32List();
  readonly pyramid: SummaryPyramid;
  protected readonly trace: AnalysedTrace;

  constructor(trace: AnalysedTrace, width: number, fanout: number, precision: 'single' | 'double') {
    this.trace = trace;
    this.pyramid = new SummaryPyramid(this, width, fanout, precision);
  }

  /** Start of segment 1 in ns; the time of the first entry when there is nothing to know before it. */
  protected abstract leadStartNs(firstEntryNs: number): number;
  /** Adds `durationNs` of a segment to a summary, and the segment to its count. */
  abstract addPart(sum: Float64Array, segment: number, durationNs: number): void;
  abstract merge(sum: Float64Array, data: Float64Array | Float32Array, offset: number): void;
  /** Writes a segment that is wide enough to be drawn for itself. */
  abstract pushExact(out: SegmentBuffer, segment: number, fromNs: number, toNs: number): void;
  /** Writes what a summary of narrower segments comes to. */
  abstract pushSummary(out: SegmentBuffer, sum: Float64Array, fromNs: number, toNs: number): void;

  get segmentCount(): number {
    return this.entries.length + LEADING_SEGMENTS;
  }

  /** Row of the event at which a segment begins; segments 0 and 1 have none. */
  rowOf(segment: number): number {
    return this.entries.values[segment - LEADING_SEGMENTS]! >>> 2;
  }

  tagOf(segment: number): number {
    return this.entries.values[segment - LEADING_SEGMENTS]! & 3;
  }

  startOf(segment: number): number {
    const { trace, entries } = this;
    if (segment >= LEADING_SEGMENTS) {
      return trace.store.timeNs[entries.values[segment - LEADING_SEGMENTS]! >>> 2]!;
    }
    if (segment === 0) return trace.startNs;
    const firstNs = entries.length === 0 ? trace.endNs : trace.store.timeNs[entries.values[0]! >>> 2]!;
    return this.leadStartNs(firstNs);
  }

  endOf(segment: number): number {
    return segment + 1 < this.segmentCount ? this.startOf(segment + 1) : this.trace.endNs;
  }

  /** Last segment that starts at or before a time; the search gallops from segment `from`. */
  segmentAt(ns: number, from = 0): number {
    let low = from;
    let step = 1;
    const { segmentCount } = this;
    while (low + step < segmentCount && this.startOf(low + step) <= ns) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, segmentCount);
    // Invariant: low starts at or before the time (or is `from`), high starts after it or does not exist.
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      this.pyramid.visited += 1;
      if (this.startOf(middle) <= ns) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Index of the first entry at or after a time; the number of entries when there is none. */
  firstEntryAtOrAfter(ns: number): number {
    const { timeNs } = this.trace.store;
    const { values } = this.entries;
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (timeNs[values[middle]! >>> 2]! < ns) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Segment that begins at this row with this tag; -1 when there is none. */
  segmentOfRow(row: number, tag: number): number {
    const { values, length } = this.entries;
    const key = ((row << 2) | tag) >>> 0;
    // Entries of one row are few and not ordered by tag: find the row, then look at each.
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (values[middle]! >>> 2 < row) low = middle + 1;
      else high = middle;
    }
    for (; low < length && values[low]! >>> 2 === row; low += 1) {
      if (values[low] === key) return low + LEADING_SEGMENTS;
    }
    return -1;
  }

  /** Takes the newest entries into the pyramid; the last one is still growing. */
  prepare(): void {
    this.pyramid.update(Math.max(0, this.entries.length - 1));
  }

  addLeaf(sum: Float64Array, leaf: number): void {
    const { values } = this.entries;
    const { timeNs } = this.trace.store;
    const duration = timeNs[values[leaf + 1]! >>> 2]! - timeNs[values[leaf]! >>> 2]!;
    this.addPart(sum, leaf + LEADING_SEGMENTS, duration);
  }

  /** Adds a stretch of time to a summary: `fromNs` lies in segment `first`, `toNs` in segment `last`. */
  addRange(sum: Float64Array, first: number, last: number, fromNs: number, toNs: number): void {
    if (first === last) {
      this.addPart(sum, first, toNs - fromNs);
      return;
    }
    this.addPart(sum, first, this.endOf(first) - fromNs);
    let from = first + 1;
    for (; from < LEADING_SEGMENTS && from < last; from += 1) {
      this.addPart(sum, from, this.endOf(from) - this.startOf(from));
    }
    if (from < last) this.pyramid.addTo(sum, from - LEADING_SEGMENTS, last - LEADING_SEGMENTS);
    const lastStart = this.startOf(last);
    if (toNs > lastStart) this.addPart(sum, last, toNs - lastStart);
  }

  /** Summary of a range of time, clipped to the recording. */
  summaryOf(startNs: number, endNs: number): Float64Array {
    const sum = new Float64Array(this.pyramid.width);
    const from = Math.max(startNs, this.trace.startNs);
    const to = Math.min(endNs, this.trace.endNs);
    if (!(to > from)) return sum;
    this.prepare();
    const first = this.segmentAt(from);
    this.addRange(sum, first, this.segmentAt(to, first), from, to);
    return sum;
  }

  /** Forgets the entries from `length` on. */
  protected truncateEntries(length: number): void {
    this.entries.truncate(length);
    // The entry before lasts to the end of the recording again.
    this.pyramid.invalidateFrom(Math.max(0, length - 1));
  }
}

/**
 * Boyer–Moore majority vote with weights, kept in two numbers of a summary: the candidate and its lead. Merging
 * votes keeps the promise that whoever holds more than half of the weight is the candidate.
 */
export function addVote(sum: Float64Array, at: number, candidate: number, weight: number): void {
  const lead = sum[at + 1]!;
  if (sum[at] === candidate) {
    sum[at + 1] = lead + weight;
  } else if (weight > lead) {
    sum[at] = candidate;
    sum[at + 1] = weight - lead;
  } else {
    sum[at + 1] = lead - weight;
  }
}
