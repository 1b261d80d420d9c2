import type { SegmentBuffer } from './segmentBuffer.js';
import type { AnalysedTrace } from './analysedTrace.js';
import { SummaryPyramid, type LeafSummaries } from './summaryPyramid.js';
import { Uint32List } from './uint32List.js';

/** Number of segments that stand before the first entry of every timeline. */
export const LEADING_SEGMENTS = 2;

/** Leaves a block of `totals`: few blocks to keep, and still few leaves to walk at the ends of a range. */
const TOTALS_FANOUT = 128;

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
  /** Entries looked at by searches: with the pyramids' own counts a measure of cost for tests. */
  #searched = 0;
  readonly #pictureFanout: number;
  #picture: SummaryPyramid | undefined;
  #totals: SummaryPyramid | undefined;
  protected readonly trace: AnalysedTrace;

  constructor(
    trace: AnalysedTrace,
    /** Numbers of a summary. */
    readonly width: number,
    pictureFanout: number,
  ) {
    this.trace = trace;
    this.#pictureFanout = pictureFanout;
  }

  /**
   * Summaries for what is drawn: small blocks, so that a pixel costs little, in single precision, so that they take
   * little room. Made when a lane is looked at for the first time: of many threads most never are.
   */
  get picture(): SummaryPyramid {
    return (this.#picture ??= new SummaryPyramid(this, this.width, this.#pictureFanout, 'single'));
  }

  /** Summaries for numbers: exact, of large blocks. */
  get totals(): SummaryPyramid {
    return (this.#totals ??= new SummaryPyramid(this, this.width, TOTALS_FANOUT, 'double'));
  }

  /** Bytes allocated. */
  get allocatedBytes(): number {
    const pyramids = (this.#picture?.allocatedBytes ?? 0) + (this.#totals?.allocatedBytes ?? 0);
    return this.entries.allocatedBytes + pyramids;
  }

  /** Entries and blocks looked at so far. */
  get visited(): number {
    return this.#searched + (this.#picture?.visited ?? 0) + (this.#totals?.visited ?? 0);
  }

  /** Start of segment 1 in ns; the time of the first entry when there is nothing to know before it. */
  protected abstract leadStartNs(firstEntryNs: number): number;
  /** Adds `durationNs` of a segment to a summary, and the segment to its count. */
  abstract addPart(sum: Float64Array, segment: number, durationNs: number): void;
  /** The same for the entries `[from, to)` as a whole, each ending where the next begins. */
  abstract addLeaves(sum: Float64Array, from: number, to: number): void;
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

  /**
   * Last segment that starts at or before a time. Gallops from segment `from` in steps that begin with `step`, then
   * interpolates: each probe is likely a miss of the processor's cache, so few of them matter.
   */
  segmentAt(ns: number, from = 0, step = 1): number {
    const { segmentCount } = this;
    let low = from;
    let high = segmentCount;
    for (let width = Math.max(1, step); low + width < segmentCount; width *= 2) {
      this.#searched += 1;
      if (this.startOf(low + width) > ns) {
        high = low + width;
        break;
      }
      low += width;
    }
    // Invariant: low starts at or before the time (or is `from`), high starts after it or does not exist.
    for (let probes = 0; high - low > 1; probes += 1) {
      let middle = (low + high) >>> 1;
      if (probes < 3 && high < segmentCount) {
        const lowNs = this.startOf(low);
        const share = (ns - lowNs) / (this.startOf(high) - lowNs);
        middle = Math.min(high - 1, Math.max(low + 1, low + Math.round(share * (high - low))));
      }
      this.#searched += 1;
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

  /** Takes the newest entries into a pyramid of this timeline; the last one is still growing. */
  prepare(pyramid: SummaryPyramid): void {
    pyramid.update(Math.max(0, this.entries.length - 1));
  }

  /**
   * Adds a stretch of time to a summary by a prepared pyramid: `fromNs` lies in segment `first`, `toNs` in `last`.
   */
  addRange(
    pyramid: SummaryPyramid,
    sum: Float64Array,
    first: number,
    last: number,
    fromNs: number,
    toNs: number,
  ): void {
    if (first === last) {
      this.addPart(sum, first, toNs - fromNs);
      return;
    }
    this.addPart(sum, first, this.endOf(first) - fromNs);
    let from = first + 1;
    for (; from < LEADING_SEGMENTS && from < last; from += 1) {
      this.addPart(sum, from, this.endOf(from) - this.startOf(from));
    }
    if (from < last) pyramid.addTo(sum, from - LEADING_SEGMENTS, last - LEADING_SEGMENTS);
    const lastStart = this.startOf(last);
    if (toNs > lastStart) this.addPart(sum, last, toNs - lastStart);
  }

  /** Exact summary of a range of time, clipped to the recording. */
  summaryOf(startNs: number, endNs: number): Float64Array {
    const sum = new Float64Array(this.width);
    const from = Math.max(startNs, this.trace.startNs);
    const to = Math.min(endNs, this.trace.endNs);
    if (!(to > from)) return sum;
    this.prepare(this.totals);
    const first = this.segmentAt(from);
    this.addRange(this.totals, sum, first, this.segmentAt(to, first), from, to);
    return sum;
  }

  /** Forgets the entries from `length` on. */
  protected truncateEntries(length: number): void {
    this.entries.truncate(length);
    // The entry before lasts to the end of the recording again.
    this.#picture?.invalidateFrom(Math.max(0, length - 1));
    this.#totals?.invalidateFrom(Math.max(0, length - 1));
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
