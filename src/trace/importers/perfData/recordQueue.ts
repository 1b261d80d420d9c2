/**
 * Records that wait for those of other CPUs, to be handed on in order of time.
 *
 * perf reads the buffers of the CPUs in turn and ends each such round with FINISHED_ROUND: whatever was recorded
 * before the round before began is in the file by then. So each of these marks sets free what is not later than the
 * latest record that was read at the mark before. Source: `ordered_events__flush` in tools/perf/util/ordered-events.c.
 */

import { mergeRuns } from '../../model/rowOrder.js';
import type { ImportSteps } from '../importer.js';

/** A piece of the file, or of what came out of its compressed records; kept as long as one of its records waits. */
export class Chunk {
  readonly view: DataView;
  /** Records that wait. */
  waiting = 0;
  /** Its place in the queue while some wait. */
  slot = 0;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** Takes the record at `at` of the chunk; `attr` and `line` as they were given to `push`. */
export type RecordSink = (chunk: Chunk, at: number, attr: number, timeNs: number, line: number) => void;

/** Handed on at a time: some 10 ms of work. */
const STEP_RECORDS = 32768;
/** How many bytes of chunks may wait. Files without rounds are set free by halves then. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

export class RecordQueue {
  readonly #sink: RecordSink;
  readonly #maxWaitingBytes: number;
  #columns = new Columns(4096);
  #spare = new Columns(4096);
  #length = 0;
  #isSorted = true;
  /** Chunks that are waited for, by slot. */
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  #waitingBytes = 0;
  /** Time of the latest record so far, and as it was at the last mark. */
  #latestNs = -Infinity;
  #roundNs = -Infinity;
  /** What is not later need not wait any longer. */
  #dueNs = -Infinity;

  constructor(sink: RecordSink, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.#sink = sink;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** Hands on what must not wait any longer, in steps that yield `doneBytes`. Nothing may be pushed meanwhile. */
  *release(doneBytes: number): ImportSteps {
    if (this.#dueNs === -Infinity) return;
    const order = this.#order();
    for (let done = 0; ;) {
      const until = Math.min(this.#length, done + STEP_RECORDS);
      done = this.#handOn(order, done, until, this.#dueNs);
      if (done < until || done === this.#length) {
        this.#keep(order, done);
        break;
      }
      yield doneBytes;
    }
    this.#dueNs = -Infinity;
  }

  /** When too much waits, hands on what is due, and when that does not help the earlier half, or all. */
  limit(): void {
    if (this.#waitingBytes > this.#maxWaitingBytes) this.#flush(this.#dueNs);
    if (this.#waitingBytes > this.#maxWaitingBytes) {
      this.#flush(this.#columns.timeNs[this.#order()[this.#length >>> 1]!]!);
    }
    if (this.#waitingBytes > this.#maxWaitingBytes) this.#flush(Infinity);
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
    const columns = this.#columns;
    columns.timeNs[row] = timeNs;
    columns.slot[row] = chunk.slot;
    columns.at[row] = at;
    columns.attr[row] = attr;
    columns.line[row] = line;
    if (row > 0 && timeNs < columns.timeNs[row - 1]!) this.#isSorted = false;
    if (timeNs > this.#latestNs) this.#latestNs = timeNs;
    this.#length = row + 1;
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

  /** Hands on what is not later than the limit and keeps the rest, sorted. */
  #flush(limitNs: number): void {
    const order = this.#order();
    this.#keep(order, this.#handOn(order, 0, this.#length, limitNs));
  }

  /** Hands on the rows `[from, until)` of the order up to the limit; returns how far it came. */
  #handOn(order: Uint32Array, from: number, until: number, limitNs: number): number {
    const { timeNs, slot, at, attr, line } = this.#columns;
    const sink = this.#sink;
    for (let done = from; done < until; done += 1) {
      const row = order[done]!;
      const rowNs = timeNs[row]!;
      if (rowNs > limitNs) return done;
      const chunk = this.#chunks[slot[row]!]!;
      sink(chunk, at[row]!, attr[row]!, rowNs, line[row]!);
      chunk.waiting -= 1;
      if (chunk.waiting === 0) this.#drop(chunk);
    }
    return until;
  }

  #keep(order: Uint32Array, from: number): void {
    const { timeNs, slot, at, attr, line } = this.#columns;
    const kept = this.#spare.timeNs.length < timeNs.length ? new Columns(timeNs.length) : this.#spare;
    const length = this.#length - from;
    for (let to = 0; to < length; to += 1) {
      const row = order[from + to]!;
      kept.timeNs[to] = timeNs[row]!;
      kept.slot[to] = slot[row]!;
      kept.at[to] = at[row]!;
      kept.attr[to] = attr[row]!;
      kept.line[to] = line[row]!;
    }
    this.#spare = this.#columns;
    this.#columns = kept;
    this.#length = length;
    this.#isSorted = true;
  }

  /** Rows in order of time, those of equal time as they came: a natural merge sort of the few runs there are. */
  #order(): Uint32Array {
    const length = this.#length;
    const { timeNs } = this.#columns;
    let from = this.#columns.order;
    let to = this.#spare.order.length < from.length ? new Uint32Array(from.length) : this.#spare.order;
    for (let i = 0; i < length; i += 1) from[i] = i;
    if (this.#isSorted) return from;
    let runs = startsOfRuns(timeNs, length);
    while (runs.length > 1) {
      const merged: number[] = [];
      for (let r = 0; r < runs.length; r += 2) {
        mergeRuns(timeNs, from, to, runs[r]!, runs[r + 1] ?? length, runs[r + 2] ?? length);
        merged.push(runs[r]!);
      }
      [from, to] = [to, from];
      runs = merged;
    }
    return from;
  }
}

/** What is known of the waiting records, and room for their order. */
class Columns {
  readonly timeNs: Float64Array;
  readonly slot: Uint32Array;
  readonly at: Uint32Array;
  readonly attr: Uint16Array;
  readonly line: Uint32Array;
  readonly order: Uint32Array;

  constructor(capacity: number) {
    this.timeNs = new Float64Array(capacity);
    this.slot = new Uint32Array(capacity);
    this.at = new Uint32Array(capacity);
    this.attr = new Uint16Array(capacity);
    this.line = new Uint32Array(capacity);
    this.order = new Uint32Array(capacity);
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
}

function startsOfRuns(timeNs: Float64Array, length: number): number[] {
  const starts = [0];
  for (let i = 1; i < length; i += 1) if (timeNs[i]! < timeNs[i - 1]!) starts.push(i);
  return starts;
}
