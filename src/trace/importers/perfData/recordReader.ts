/**
 * The records of a perf.data file: u32 type, u16 misc, u16 size (with this header), then what the type has. Types below
 * 64 are the kernel's (include/uapi/linux/perf_event.h), the others perf's own (tools/lib/perf/include/perf/event.h).
 */
import type { EventStore } from '../../model/eventStore.js';
import type { ImportSteps } from '../importer.js';
import type { CompiledSamples } from './compiledSamples.js';
import { CompressedRecords } from './compressedRecords.js';
import { NO_EVENT } from './eventIds.js';
import { attrBytes, readAttr, readU64 } from './perfAttr.js';
import { NO_TRACEPOINT, type PerfEvents } from './perfEvents.js';
import { PerfSink, SAMPLE } from './perfSink.js';
import { COMM, EXIT, FORK, LOST, LOST_SAMPLES, type PerfTasks } from './perfTasks.js';
import type { Chunk } from './chunk.js';
import { RecordQueue } from './recordQueue.js';
import { HEADER_BYTES, NOWHERE, recordSize } from './sampleLayout.js';

/** The first type that is not the kernel's. */
const USER_TYPES = 64;
const HEADER_ATTR = 64;
const HEADER_TRACING_DATA = 66;
const FINISHED_ROUND = 68;
const AUXTRACE = 71;
const HEADER_FEATURE = 80;
const COMPRESSED = 81;
const COMPRESSED2 = 83;

const ALL_ONES = 0xffff_ffff;

/** Records that come with bytes behind them, and what is done with the contents of features. */
export interface PipeParts {
  /** The tracing data are the `sizeBytes` at this offset of the file. */
  tracingData(offset: number, sizeBytes: number): void;
  feature(feature: number, content: Uint8Array): void;
}

/** Why reading ended before the end. */
export interface Damage {
  readonly offset: number;
  readonly what: string;
}

export class RecordReader {
  /** Records so far: the number of a record is its `line` in the model. */
  line = 0;
  damage: Damage | undefined;
  /** Samples whose id no event has. */
  unknownIds = 0;
  /** Samples of scheduler events that are too short for their fields, or have no time. */
  unreadable = 0;
  readonly sink: PerfSink;
  readonly compressed: CompressedRecords;
  readonly #events: PerfEvents;
  readonly #parts: PipeParts;
  readonly #isLittle: boolean;
  readonly #queue: RecordQueue;
  readonly #compiled: CompiledSamples | undefined;
  /** Offset of the compressed record that is being read. */
  #compressedAt = 0;
  /** The time that all others count from, in halves; the first that occurs. */
  #hasOrigin = false;
  #originHigh = 0;
  #originLow = 0;

  constructor(
    store: EventStore,
    events: PerfEvents,
    tasks: PerfTasks,
    parts: PipeParts,
    compiled: CompiledSamples | undefined,
  ) {
    this.#events = events;
    this.#parts = parts;
    this.#isLittle = events.isLittle;
    this.#compiled = compiled;
    this.sink = new PerfSink(store, events, tasks, compiled);
    this.#queue = new RecordQueue(this.sink, compiled);
    this.compressed = new CompressedRecords(
      events.isLittle,
      (chunk) => this.#inner(chunk),
      (bytes) => this.memory(bytes),
    );
  }

  /** Memory for pieces of the file, where the compiled decoder sees it as long as there is some. */
  memory(sizeBytes: number): Uint8Array<ArrayBuffer> {
    return this.#compiled?.memory(sizeBytes) ?? new Uint8Array(sizeBytes);
  }

  /**
   * Reads the records of the chunk from this offset of the file. Returns where the next one begins, from the beginning of
   * the chunk: before its end when the last record is cut there, behind it when other data follow a record.
   */
  read(chunk: Chunk, offset: number): number {
    return this.#records(chunk, offset);
  }

  /** Of so many bytes of the file that were read, those whose records are in the store. */
  doneOf(readBytes: number): number {
    return this.#queue.doneOf(readBytes);
  }

  /** Brings into the store what need not wait for others any more, step by step. To be done after each `read`. */
  *release(readBytes: number): ImportSteps {
    yield* this.#queue.release(readBytes);
    this.#queue.limit();
  }

  /** No record follows. */
  *finish(readBytes: number): ImportSteps {
    this.#queue.finish();
    yield* this.#queue.release(readBytes);
  }

  /** Records that were compressed. Returns how many of the bytes were whole records, -1 for damage. */
  #inner(chunk: Chunk): number {
    this.#queue.limit();
    const done = this.#records(chunk, undefined);
    return this.damage === undefined ? done : -1;
  }

  #records(chunk: Chunk, offset: number | undefined): number {
    const { length } = chunk.bytes;
    let at = 0;
    while (at + HEADER_BYTES <= length) {
      at = this.#samples(chunk, at);
      if (at + HEADER_BYTES > length) break;
      const size = recordSize(chunk, at);
      if (size < HEADER_BYTES) {
        this.#fail(offset, at, `a record says that it has ${size} bytes, and none has less than 8`);
        return at;
      }
      const end = at + size;
      if (end > length) break;
      const type = chunk.int32(at) >>> 0;
      if (type === LOST && at > 0 && !isWhole(chunk, end)) break;
      this.line += 1;
      if (type === SAMPLE) this.#sample(chunk, at, end);
      else if (type < USER_TYPES) this.#kernelRecord(type, chunk, at, end);
      else {
        const behind = this.#userRecord(type, chunk, at, end, offset);
        if (behind > 0 && offset === undefined)
          this.#fail(offset, at, 'a compressed record holds other data');
        if (this.damage !== undefined) return at;
        at += behind;
      }
      at += size;
    }
    return at;
  }

  /**
   * Leaves the samples that nearly all of a recording consists of to the compiled decoder: whole ones, of an event that is
   * known, with a time. Returns where the first record begins that is to be read step by step.
   */
  #samples(chunk: Chunk, from: number): number {
    const compiled = this.#compiled;
    // Without origin the first time is read step by step.
    if (compiled === undefined || !this.#hasOrigin || chunk.int32(from) !== SAMPLE) return from;
    compiled.describe(this.#events, this.#originHigh, this.#originLow);
    if (!compiled.canScan) return from;
    const at = this.#queue.pushSamples(chunk, from, this.line);
    this.line += this.#queue.scannedRecords;
    return at;
  }

  #sample(chunk: Chunk, at: number, end: number): void {
    const events = this.#events;
    const attr = events.ofSample(chunk, at, end);
    if (attr === NO_EVENT || attr >= events.layouts.length) {
      this.unknownIds += 1;
      return;
    }
    const layout = events.layouts[attr]!;
    const isOfModel = events.tracepoints[attr] !== NO_TRACEPOINT;
    if (layout.timeAt === NOWHERE) return;
    if (at + layout.fixedBytes > end) {
      if (isOfModel) this.unreadable += 1;
      return;
    }
    const timeNs = this.#timeAt(chunk, at + layout.timeAt);
    if (Number.isNaN(timeNs)) {
      if (isOfModel) this.unreadable += 1;
    } else if (isOfModel) this.#queue.push(timeNs, chunk, at, attr, this.line);
    else this.#queue.passed(timeNs);
  }

  #kernelRecord(type: number, chunk: Chunk, at: number, end: number): void {
    const attr = this.#events.ofRecord(chunk, at, end);
    const layout = this.#events.layouts[attr];
    if (layout === undefined || end - layout.trailerBytes < at + HEADER_BYTES) return;
    const timeNs = layout.timeFromEnd === 0 ? NaN : this.#timeAt(chunk, end - layout.timeFromEnd);
    const isWanted =
      type === COMM || type === FORK || type === EXIT || type === LOST || type === LOST_SAMPLES;
    if (!Number.isNaN(timeNs)) {
      const placeNs = type === LOST ? Math.min(timeNs, this.#nextNs(chunk, end)) : timeNs;
      if (isWanted) this.#queue.push(placeNs, chunk, at, attr, this.line);
      else this.#queue.passed(timeNs);
    } else if (isWanted) {
      // perf made it up from what it found when it started, and takes it at once.
      this.sink.other(type, chunk, at, end, attr, 0n, this.line);
    }
  }

  /**
   * Time of the sample at `at`, Infinity when there is none. The kernel writes a loss together with the event before
   * which it happened, but looks at the clock for the event first (`__perf_output_begin` in kernel/events/ring_buffer.c).
   */
  #nextNs(chunk: Chunk, at: number): number {
    if (!isWhole(chunk, at) || chunk.int32(at) !== SAMPLE) return Infinity;
    const end = at + recordSize(chunk, at);
    const layout = this.#events.layouts[this.#events.ofSample(chunk, at, end)];
    if (layout === undefined || layout.timeAt === NOWHERE || at + layout.fixedBytes > end) return Infinity;
    const timeNs = this.#timeAt(chunk, at + layout.timeAt);
    return Number.isNaN(timeNs) ? Infinity : timeNs;
  }

  /** Returns how many bytes behind the record belong to it. */
  #userRecord(type: number, chunk: Chunk, at: number, end: number, offset: number | undefined): number {
    const { view, bytes } = chunk;
    const body = at + HEADER_BYTES;
    switch (type) {
      case FINISHED_ROUND:
        this.#queue.finishRound();
        return 0;
      case COMPRESSED:
        this.#expand(bytes, body, end, at, offset);
        return 0;
      case COMPRESSED2: {
        const size = body + 8 <= end ? readU64(view, body, this.#isLittle) : NaN;
        if (size <= end - body - 8) this.#expand(bytes, body + 8, body + 8 + size, at, offset);
        else this.#fail(offset, at, 'a compressed record is shorter than its content');
        return 0;
      }
      case HEADER_ATTR:
        this.#attr(view, body, end);
        return 0;
      case HEADER_FEATURE:
        if (body + 8 <= end)
          this.#parts.feature(readU64(view, body, this.#isLittle), bytes.subarray(body + 8, end));
        return 0;
      case HEADER_TRACING_DATA: {
        const size = body + 4 <= end ? view.getUint32(body, this.#isLittle) : 0;
        if (offset !== undefined) this.#parts.tracingData(offset + end, size);
        return size;
      }
      case AUXTRACE:
        return body + 8 <= end ? readU64(view, body, this.#isLittle) : 0;
      default:
        return 0;
    }
  }

  #expand(bytes: Uint8Array, from: number, to: number, at: number, offset: number | undefined): void {
    if (offset === undefined) {
      this.#fail(offset, at, 'a compressed record lies in a compressed record');
      return;
    }
    this.#compressedAt = offset + at;
    const problem = this.compressed.push(bytes.subarray(from, to));
    if (problem !== undefined) this.#fail(offset, at, problem);
  }

  /** An attribute, then the ids up to the end of the record. */
  #attr(view: DataView, at: number, end: number): void {
    const isLittle = this.#isLittle;
    const size = attrBytes(view, at, isLittle);
    if (size === undefined || at + size > end || this.#events.attrs.length >= 65_000) return;
    const ids: number[] = [];
    for (let id = at + size; id + 8 <= end; id += 8) ids.push(readU64(view, id, isLittle));
    this.#events.addAttr(readAttr(view, at, size, isLittle, ids));
  }

  /** Time of the eight bytes, ns after the origin; NaN where there is none (0, or all ones). */
  #timeAt(chunk: Chunk, at: number): number {
    const isLittle = this.#isLittle;
    const first = chunk.int32(at) >>> 0;
    const second = chunk.int32(at + 4) >>> 0;
    const high = isLittle ? second : first;
    const low = isLittle ? first : second;
    if (high === 0 && low === 0) return NaN;
    if (high === ALL_ONES && low === ALL_ONES) return NaN;
    if (!this.#hasOrigin) this.#setOrigin(high, low);
    return (high - this.#originHigh) * 2 ** 32 + (low - this.#originLow);
  }

  #setOrigin(high: number, low: number): void {
    this.#hasOrigin = true;
    this.#originHigh = high;
    this.#originLow = low;
    this.sink.originNs = (BigInt(high) << 32n) + BigInt(low);
  }

  #fail(offset: number | undefined, at: number, what: string): void {
    this.damage ??= { offset: offset === undefined ? this.#compressedAt : offset + at, what };
  }
}

/** Whether the record at `at` ends within the bytes. */
function isWhole(chunk: Chunk, at: number): boolean {
  if (at + HEADER_BYTES > chunk.bytes.length) return false;
  const size = recordSize(chunk, at);
  return size >= HEADER_BYTES && at + size <= chunk.bytes.length;
}
