/**
 * The compiled decoder's part in reading perf.data: it finds the samples of a chunk and pushes them into the queue, and reads
 * those that are due into rows. Layouts, ids and plans are written into its memory; what it leaves is read step by step.
 */
import { CompiledDecoder } from '../../compiled/compiledDecoder.js';
import { CompiledRows } from '../../compiled/compiledRows.js';
import type { EventStore } from '../../model/eventStore.js';
import { ABSENT } from '../tracepoint/recordPlan.js';
import { NO_TRACEPOINT, type PerfEvents } from './perfEvents.js';
import { columnsIn, ROW_BYTES, type QueueColumns } from './queueColumns.js';
import { MAX_CHUNKS, type Chunk } from './chunk.js';
import { NOWHERE } from './sampleLayout.js';

/** MAX_ATTRS of samples.c, and words of `struct attr`. */
const MAX_ATTRS = 4096;
const ATTR_WORDS = 6;
/** Its samples are passed over. */
const NOT_OF_MODEL = -2;

/** All chunks that may wait, one of the file, and one in which records are expanded. */
const CHUNK_BYTES = 68 * 1024 * 1024;
/** What little files may expand to. */
const LEAST_CHUNK_BYTES = 4 * 1024 * 1024;
const EXPANSION = 16;
/** A sample with its time, CPU and the shortest scheduler event has more. */
const SAMPLE_BYTES = 48;
/** CPUs are written in turn, thousands of records of each. */
const ROWS_A_RUN = 4;

/** `struct queue` of samples.c, as far as it changes. */
class QueueRegisters {
  readonly #times: Float64Array;
  readonly #numbers: Uint32Array;

  constructor(decoder: CompiledDecoder, capacity: number, columns: readonly number[]) {
    this.#times = decoder.doubles('queue', 2);
    this.#numbers = decoder.unsigned('queue', 16);
    this.#numbers[5] = capacity;
    this.#numbers[7] = capacity / ROWS_A_RUN;
    this.#numbers.set(columns, 10);
  }

  get lastNs(): number {
    return this.#times[0]!;
  }

  set lastNs(ns: number) {
    this.#times[0] = ns;
  }

  get latestNs(): number {
    return this.#times[1]!;
  }

  set latestNs(ns: number) {
    this.#times[1] = ns;
  }

  get length(): number {
    return this.#numbers[4]!;
  }

  set length(rows: number) {
    this.#numbers[4] = rows;
  }

  get runCount(): number {
    return this.#numbers[6]!;
  }

  set runCount(runs: number) {
    this.#numbers[6] = runs;
  }

  get line(): number {
    return this.#numbers[8]!;
  }

  set line(line: number) {
    this.#numbers[8] = line;
  }
}

export class CompiledSamples {
  /** Of the queue. */
  readonly columns: QueueColumns;
  readonly runs: Uint32Array;
  readonly queue: QueueRegisters;
  /** By slot: records of the chunk that wait. */
  readonly waiting: Uint32Array;
  readonly rows: CompiledRows;
  readonly #bases: Uint32Array;
  readonly #idAt: Int32Array;
  readonly #origin: Float64Array;
  readonly #attrs: Int32Array;
  /** Of the events that were described. */
  #revision = -1;
  /** Whether it can find the samples of the events that were described. */
  canScan = false;

  /** `capacity`: rows of the queue, which begin at this address; the runs follow. */
  private constructor(
    readonly decoder: CompiledDecoder,
    store: EventStore,
    at: number,
    capacity: number,
  ) {
    this.columns = columnsIn(decoder.buffer, at, capacity);
    const runsAt = at + capacity * ROW_BYTES;
    this.runs = new Uint32Array(decoder.buffer, runsAt, capacity / ROWS_A_RUN);
    const { timeNs, slot, at: places, attr, line } = this.columns;
    const addresses = [timeNs, slot, places, attr, line, this.runs].map(({ byteOffset }) => byteOffset);
    this.queue = new QueueRegisters(decoder, capacity, addresses);
    this.waiting = decoder.unsigned('chunk_waiting', MAX_CHUNKS);
    this.rows = new CompiledRows(decoder, store);
    this.#bases = decoder.unsigned('chunk_bases', MAX_CHUNKS);
    this.#idAt = decoder.words('samples', 1);
    this.#origin = decoder.doubles('samples', 3).subarray(1);
    this.#attrs = decoder.words('attrs', MAX_ATTRS * ATTR_WORDS).fill(ABSENT);
  }

  /** For a file of this size, whose numbers have their low byte first; undefined where the decoder is not to be had. */
  static begin(store: EventStore, fileBytes: number): CompiledSamples | undefined {
    // Untouched, memory costs nothing.
    const chunkBytes = Math.min(CHUNK_BYTES, LEAST_CHUNK_BYTES + EXPANSION * fileBytes);
    const capacity = Math.ceil(chunkBytes / SAMPLE_BYTES / 8) * 8;
    const queueBytes = capacity * (ROW_BYTES + 4 / ROWS_A_RUN);
    const decoder = CompiledDecoder.begin(chunkBytes + queueBytes);
    const at = decoder?.take(queueBytes);
    return decoder === undefined || at === undefined
      ? undefined
      : new CompiledSamples(decoder, store, at, capacity);
  }

  /** Memory for a chunk; undefined when none is left. */
  memory(sizeBytes: number): Uint8Array<ArrayBuffer> | undefined {
    const at = this.decoder.take(sizeBytes);
    return at === undefined ? undefined : new Uint8Array(this.decoder.buffer, at, sizeBytes);
  }

  /** Whether the chunk lies in the decoder's memory. */
  holds(chunk: Chunk): boolean {
    return chunk.bytes.buffer === this.decoder.buffer;
  }

  /** Notes where the chunk of a slot lies. */
  place(chunk: Chunk): void {
    this.#bases[chunk.slot] = this.holds(chunk) ? chunk.bytes.byteOffset : 0;
  }

  /** Tells the decoder how the samples of all events look. */
  describe(events: PerfEvents, originHigh: number, originLow: number): void {
    if (this.#revision === events.revision) return;
    this.#revision = events.revision;
    const { attrs, layouts } = events;
    const isOnlyEvent = attrs.length === 1;
    this.#idAt[0] = isOnlyEvent ? ABSENT : (layouts[0]?.idAt ?? NOWHERE);
    this.#origin.set([originHigh, originLow]);
    // Without ids samples of several events look alike.
    this.canScan = isOnlyEvent || this.#idAt[0] !== NOWHERE;
    const count = Math.min(attrs.length, MAX_ATTRS);
    for (let attr = 0; attr < count; attr += 1) this.#describeAttr(events, attr);
  }

  #describeAttr({ layouts, tracepoints, reader }: PerfEvents, attr: number): void {
    const { timeAt, tidAt, cpuAt, fixedBytes, hasCallchain, hasRead } = layouts[attr]!;
    const tracepoint = tracepoints[attr]!;
    const isOfModel = tracepoint !== NO_TRACEPOINT;
    const words = this.#attrs;
    const at = attr * ATTR_WORDS;
    words[at] = isOfModel ? (hasRead ? ABSENT : reader.compiledPlan(tracepoint)) : NOT_OF_MODEL;
    words[at + 1] = timeAt;
    words[at + 2] = tidAt;
    words[at + 3] = cpuAt;
    words[at + 4] = fixedBytes;
    words[at + 5] = hasCallchain ? 1 : 0;
  }

  /** Pushes the chunk's samples from this offset on; returns where the first record begins that it leaves. */
  scan(chunk: Chunk, from: number): number {
    return this.decoder.functions.scan_samples(chunk.slot, from, chunk.bytes.length);
  }

  /** Reads rows of the queue into those of the store; returns the first that it leaves. */
  read(from: number, end: number, untilNs: number, shiftNs: number): number {
    const { functions } = this.decoder;
    for (let row = from; ;) {
      row = functions.read_samples(row, end, untilNs, shiftNs);
      if (!this.rows.isFull) return row;
      this.rows.flush();
    }
  }
}
