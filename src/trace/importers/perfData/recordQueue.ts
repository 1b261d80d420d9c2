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
import { TimeHeap } from '../tracepoint/timeMerge.js';
import { MAX_CHUNKS, type Chunk } from './chunk.js';
import type { CompiledSamples } from './compiledSamples.js';
import { enlarged, moveRows, plainColumns, type QueueColumns } from './queueColumns.js';

export interface RecordSink {
  /** Time of the record that is delivered. A field: as an argument it would be a number on the heap. */
  timeNs: number;
  /** Takes the record at `at` of the chunk; `attr` and `line` as they were given to `push`. */
  deliver(chunk: Chunk, at: number, attr: number, line: number): void;
  /**
   * Takes the rows of the queue from `from` on, before `end` and not later than `untilNs`, as far as it can without that.
   * Returns the first one that it did not take.
   */
  deliverRows(from: number, end: number, untilNs: number): number;
  /** What was delivered is to be seen now. */
  flush(): void;
}

/** Handed on at a time: some 10 ms of work. */
const STEP_RECORDS = 32768;
/** How many bytes of chunks may wait. Files without rounds are set free by halves then. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

export class RecordQueue {
  readonly #sink: RecordSink;
  readonly #maxWaitingBytes: number;
  /** Undefined also when more waits than its columns can hold. */
  #compiled: CompiledSamples | undefined;
  #columns: QueueColumns;
  #length = 0;
  /** Records that came so far, and those of them that were handed on. */
  #pushedCount = 0;
  #doneCount = 0;
  /** Where the ascending runs of rows begin; each ends where the next one begins. */
  #runs: Uint32Array;
  #runCount = 0;
  /** Chunks that are waited for, by slot. */
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** By slot: how many of the chunk's records wait. */
  readonly #waiting: Uint32Array;
  #waitingBytes = 0;
  /** Time of the row that was added last, of the latest record so far, and of that as it was at the last mark. */
  #lastNs = Infinity;
  #latestNs = -Infinity;
  #roundNs = -Infinity;
  /** What is not later need not wait any longer. */
  #dueNs = -Infinity;

  constructor(sink: RecordSink, compiled?: CompiledSamples, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.#sink = sink;
    this.#compiled = compiled;
    this.#columns = compiled?.columns ?? plainColumns(4096);
    this.#runs = compiled?.runs ?? new Uint32Array(64);
    this.#waiting = compiled?.waiting ?? new Uint32Array(MAX_CHUNKS);
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
    if (this.#isTooMuch) this.#flush(this.#length, this.#dueNs);
    if (this.#isTooMuch) this.#flush((this.#length >>> 1) + 1, Infinity);
    if (this.#isTooMuch) this.#flush(this.#length, Infinity);
  }

  get #isTooMuch(): boolean {
    // The file's own piece may be waited for while what was compressed in it is read.
    const chunks = this.#chunks.length - this.#freeSlots.length;
    return this.#waitingBytes > this.#maxWaitingBytes || chunks > MAX_CHUNKS - 4;
  }

  /** Notes the time of a record that nobody waits for. */
  passed(timeNs: number): void {
    if (timeNs > this.#latestNs) this.#latestNs = timeNs;
  }

  push(timeNs: number, chunk: Chunk, at: number, attr: number, line: number): void {
    if (!chunk.isHeld) this.#hold(chunk);
    this.#waiting[chunk.slot]! += 1;
    const row = this.#length;
    if (row === this.#columns.timeNs.length) this.#enlarge();
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

  /** Records that the last `pushSamples` went past. */
  scannedRecords = 0;

  /**
   * Has the compiled decoder push the samples from this offset on, `line` being the number of the record before. Returns where
   * the first record begins that it leaves.
   */
  pushSamples(chunk: Chunk, from: number, line: number): number {
    const compiled = this.#compiled;
    this.scannedRecords = 0;
    if (compiled?.holds(chunk) !== true) return from;
    const wasHeld = chunk.isHeld;
    if (!wasHeld) this.#hold(chunk);
    const queue = compiled.queue;
    queue.lastNs = this.#lastNs;
    queue.latestNs = this.#latestNs;
    queue.length = this.#length;
    queue.runCount = this.#runCount;
    queue.line = line;
    const at = compiled.scan(chunk, from);
    this.#lastNs = queue.lastNs;
    this.#latestNs = queue.latestNs;
    this.#pushedCount += queue.length - this.#length;
    this.#length = queue.length;
    this.#runCount = queue.runCount;
    this.scannedRecords = queue.line - line;
    if (!wasHeld && this.#waiting[chunk.slot] === 0) this.#drop(chunk);
    return at;
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
    chunk.isHeld = true;
    this.#waiting[chunk.slot] = 0;
    this.#compiled?.place(chunk);
    this.#waitingBytes += chunk.bytes.length;
  }

  #drop(chunk: Chunk): void {
    this.#chunks[chunk.slot] = undefined;
    chunk.isHeld = false;
    this.#freeSlots.push(chunk.slot);
    this.#waitingBytes -= chunk.bytes.length;
  }

  /** More than the compiled decoder has room for goes on without it. */
  #enlarge(): void {
    this.#columns = enlarged(this.#columns);
    this.#leaveCompiled();
  }

  #leaveCompiled(): void {
    this.#sink.flush();
    this.#compiled = undefined;
  }

  #beginRun(row: number): void {
    if (this.#runCount === this.#runs.length) {
      const larger = new Uint32Array(2 * this.#runs.length);
      larger.set(this.#runs);
      this.#runs = larger;
      this.#leaveCompiled();
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
    const isCompiled = this.#compiled !== undefined;
    let left = count;
    while (left > 0) {
      if (heap.firstNs > limitNs || heap.firstNs === Infinity) break;
      const run = heap.first;
      const end = Math.min(this.#endOf(run), next[run]! + left);
      const untilNs = Math.min(limitNs, heap.limitNs);
      const from = next[run]!;
      let row = from;
      for (;;) {
        if (isCompiled) row = sink.deliverRows(row, end, untilNs);
        if (row === end || timeNs[row]! > untilNs) break;
        sink.timeNs = timeNs[row]!;
        sink.deliver(this.#chunks[slot[row]!]!, at[row]!, attr[row]!, line[row]!);
        this.#waiting[slot[row]!]! -= 1;
        row += 1;
      }
      next[run] = row;
      left -= row - from;
      this.#doneCount += row - from;
      heap.advance(row < this.#endOf(run) ? timeNs[row]! : Infinity);
    }
    sink.flush();
    for (const chunk of this.#chunks) {
      if (chunk !== undefined && this.#waiting[chunk.slot] === 0) this.#drop(chunk);
    }
    return left <= 0;
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
      moveRows(columns, from, end, this.#length);
      this.#length += end - from;
    }
  }
}

/** The runs while they are handed on: by run, the row that comes next, and in which order they come. */
interface WaitingRuns {
  readonly next: Uint32Array;
  readonly heap: TimeHeap;
}
