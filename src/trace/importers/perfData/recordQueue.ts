/**
 * Records that wait for those of other CPUs, to be handed on in order of time.
 *
 * perf reads the buffers of the CPUs in turn and ends each such round with FINISHED_ROUND: whatever was recorded
 * before the round before began is in the file by then. So each of these marks sets free what is not later than the
 * latest record that was read at the mark before. Source: `ordered_events__flush` in tools/perf/util/ordered-events.c.
 *
 * perf writes what it found in a CPU's buffer in one go, in order of time: what waits are few ascending runs, which are
 * merged while they are handed on. Nothing is sorted or copied for that.
 */
import type { ImportSteps } from '../importer.js';
import { RecordBytes } from '../tracepoint/recordBytes.js';
import { TimeHeap } from '../tracepoint/timeMerge.js';

/** A piece of the file, or of what came out of its compressed records; kept as long as one of its records waits. */
export class Chunk extends RecordBytes {
  /** Records that wait. */
  waiting = 0;
  /** Its place in the queue while some wait. */
  slot = 0;
}

export interface RecordSink {
  /** Time of the record that is delivered. A field: as an argument it would be a number on the heap. */
  timeNs: number;
  /** Takes the record at `at` of the chunk; `attr` and `line` as they were given to `push`. */
  deliver(chunk: Chunk, at: number, attr: number, line: number): void;
}

/** Handed on at a time: some 10 ms of work. */
const STEP_RECORDS = 32768;
/** How many bytes of chunks may wait. Files without rounds are set free by halves then. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

export class RecordQueue {
  readonly #sink: RecordSink;
  readonly #maxWaitingBytes: number;
  #columns = new Columns(4096);
  #length = 0;
  /** Records that came so far, and those of them that were handed on. */
  #pushedCount = 0;
  #doneCount = 0;
  /** Where the ascending runs of rows begin; each ends where the next one begins. */
  #runs = new Uint32Array(64);
  #runCount = 0;
  /** Chunks that are waited for, by slot. */
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  #waitingBytes = 0;
  /** Time of the row that was added last, of the latest record so far, and of that as it was at the last mark. */
  #lastNs = Infinity;
  #latestNs = -Infinity;
  #roundNs = -Infinity;
  /** What is not later need not wait any longer. */
  #dueNs = -Infinity;

  constructor(sink: RecordSink, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.#sink = sink;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** Of so many bytes of the file, those whose records were handed on. */
  doneOf(readBytes: number): number {
    return this.#pushedCount === 0 ? readBytes : (readBytes * this.#doneCount) / this.#pushedCount;
  }

  /**
   * Hands on what must not wait any longer, in steps. `readBytes` of the file are read; what is yielded is how many of
   * them are done, by which the room for all events is estimated. Nothing may be pushed meanwhile.
   */
  *release(readBytes: number): ImportSteps {
    if (this.#dueNs === -Infinity) return;
    const runs = this.#waitingRuns();
    while (this.#handOn(runs, STEP_RECORDS, this.#dueNs)) {
      yield this.doneOf(readBytes);
    }
    this.#keep(runs);
    this.#dueNs = -Infinity;
  }

  /** When too much waits, hands on what is due, and when that does not help the earlier half, or all. */
  limit(): void {
    if (this.#waitingBytes > this.#maxWaitingBytes) this.#flush(this.#length, this.#dueNs);
    if (this.#waitingBytes > this.#maxWaitingBytes) this.#flush((this.#length >>> 1) + 1, Infinity);
    if (this.#waitingBytes > this.#maxWaitingBytes) this.#flush(this.#length, Infinity);
  }

  /** Notes the time of a record that nobody waits for. */
  passed(timeNs: number): void {
    if (timeNs > this.#latestNs) this.#latestNs = timeNs;
  }

  push(timeNs: number, chunk: Chunk, at: number, attr: number, line: number): void {
    if (chunk.waiting === 0) this.#hold(chunk);
    chunk.waiting += 1;
    const row = this.#length;
    if (row === this.#columns.timeNs.length) this.#columns = this.#columns.enlarged(row);
    // Before the first row, Infinity: that one begins a run.
    if (timeNs < this.#lastNs) this.#beginRun(row);
    this.#lastNs = timeNs;
    const columns = this.#columns;
    columns.timeNs[row] = timeNs;
    columns.slot[row] = chunk.slot;
    columns.at[row] = at;
    columns.attr[row] = attr;
    columns.line[row] = line;
    if (timeNs > this.#latestNs) this.#latestNs = timeNs;
    this.#length = row + 1;
    this.#pushedCount += 1;
  }

  /** A round is complete. */
  finishRound(): void {
    this.#dueNs = this.#roundNs;
    this.#roundNs = this.#latestNs;
  }

  /** No record follows: all are due. */
  finish(): void {
    this.#dueNs = Infinity;
  }

  #hold(chunk: Chunk): void {
    chunk.slot = this.#freeSlots.pop() ?? this.#chunks.length;
    this.#chunks[chunk.slot] = chunk;
    this.#waitingBytes += chunk.bytes.length;
  }

  #drop(chunk: Chunk): void {
    this.#chunks[chunk.slot] = undefined;
    this.#freeSlots.push(chunk.slot);
    this.#waitingBytes -= chunk.bytes.length;
  }

  #beginRun(row: number): void {
    if (this.#runCount === this.#runs.length) {
      const larger = new Uint32Array(2 * this.#runs.length);
      larger.set(this.#runs);
      this.#runs = larger;
    }
    this.#runs[this.#runCount] = row;
    this.#runCount += 1;
  }

  /** Hands on so many records at most that are not later than the limit, and keeps the rest. */
  #flush(count: number, limitNs: number): void {
    const runs = this.#waitingRuns();
    this.#handOn(runs, count, limitNs);
    this.#keep(runs);
  }

  #waitingRuns(): WaitingRuns {
    const starts = this.#runs.slice(0, this.#runCount);
    const { timeNs } = this.#columns;
    const heap = new TimeHeap(Float64Array.from(starts, (row) => timeNs[row]!));
    return { next: starts, heap };
  }

  /** Hands on in order of time, those of equal time as they came; false when none within the limit is left. */
  #handOn({ next, heap }: WaitingRuns, count: number, limitNs: number): boolean {
    const { timeNs, slot, at, attr, line } = this.#columns;
    const sink = this.#sink;
    for (let left = count; left > 0;) {
      if (heap.firstNs > limitNs || heap.firstNs === Infinity) return false;
      const run = heap.first;
      const end = Math.min(this.#endOf(run), next[run]! + left);
      const untilNs = Math.min(limitNs, heap.limitNs);
      const from = next[run]!;
      let row = from;
      do {
        const chunk = this.#chunks[slot[row]!]!;
        sink.timeNs = timeNs[row]!;
        sink.deliver(chunk, at[row]!, attr[row]!, line[row]!);
        chunk.waiting -= 1;
        if (chunk.waiting === 0) this.#drop(chunk);
        row += 1;
      } while (row < end && timeNs[row]! <= untilNs);
      next[run] = row;
      left -= row - from;
      this.#doneCount += row - from;
      heap.advance(row < this.#endOf(run) ? timeNs[row]! : Infinity);
    }
    return true;
  }

  #endOf(run: number): number {
    return run + 1 < this.#runCount ? this.#runs[run + 1]! : this.#length;
  }

  /** Moves what is left of the runs to the front. */
  #keep({ next }: WaitingRuns): void {
    const columns = this.#columns;
    const ends = next.map((_, run) => this.#endOf(run));
    this.#length = 0;
    this.#runCount = 0;
    this.#lastNs = Infinity;
    for (let run = 0; run < next.length; run += 1) {
      const from = next[run]!;
      const end = ends[run]!;
      if (from === end) continue;
      if (columns.timeNs[from]! < this.#lastNs) this.#beginRun(this.#length);
      this.#lastNs = columns.timeNs[end - 1]!;
      columns.move(from, end, this.#length);
      this.#length += end - from;
    }
  }
}

/** The runs while they are handed on: by run, the row that comes next, and in which order they come. */
interface WaitingRuns {
  readonly next: Uint32Array;
  readonly heap: TimeHeap;
}

/** What is known of the waiting records. */
class Columns {
  readonly timeNs: Float64Array;
  readonly slot: Uint32Array;
  readonly at: Uint32Array;
  readonly attr: Uint16Array;
  readonly line: Uint32Array;

  constructor(capacity: number) {
    this.timeNs = new Float64Array(capacity);
    this.slot = new Uint32Array(capacity);
    this.at = new Uint32Array(capacity);
    this.attr = new Uint16Array(capacity);
    this.line = new Uint32Array(capacity);
  }

  /** Twice as large, with the first `used` rows. */
  enlarged(used: number): Columns {
    const larger = new Columns(2 * this.timeNs.length);
    larger.timeNs.set(this.timeNs.subarray(0, used));
    larger.slot.set(this.slot.subarray(0, used));
    larger.at.set(this.at.subarray(0, used));
    larger.attr.set(this.attr.subarray(0, used));
    larger.line.set(this.line.subarray(0, used));
    return larger;
  }

  /** Moves the rows `[from, end)` forward, to `to`. */
  move(from: number, end: number, to: number): void {
    const { timeNs, slot, at, attr, line } = this;
    for (let row = from, target = to; row < end; row += 1, target += 1) {
      timeNs[target] = timeNs[row]!;
      slot[target] = slot[row]!;
      at[target] = at[row]!;
      attr[target] = attr[row]!;
      line[target] = line[row]!;
    }
  }
}
