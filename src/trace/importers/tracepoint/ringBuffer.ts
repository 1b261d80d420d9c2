/**
 * The kernel's ring buffer as it is read from `per_cpu/cpuN/trace_pipe_raw`, which trace.dat and SchedViz collections
 * hold as it is. Sources: kernel/trace/ring_buffer.c, include/linux/ring_buffer.h, libtraceevent's kbuffer-parse.c.
 *
 *     page    u64 time stamp of the page
 *             long commit: bytes of events; bit 31: events were lost before this page, bit 30: their number is stored
 *             events …, then, when bit 30 is set, a long with the number of lost events
 *     event   u32: 5 bits type/length (the low ones on little-endian machines, the high ones on others), 27 bits time
 *             since the event before
 *       0       u32 length of what follows including itself, then the record
 *       1…28    a record of 4, 8 … 112 bytes
 *       29      padding: u32 length of what follows; to the end of the page when the time is 0
 *       30      time extend: u32 more bits of time since the event before
 *       31      time stamp: u32 more bits of a time stamp of 59 bits, whose 5 highest are those of the page
 *     record  u16 event id (`common_type`), …: see `eventFormat.ts`
 */
import { EventRefused } from '../../model/eventRefused.js';
import type { EventStore } from '../../model/eventStore.js';
import { Ring, type CompiledRecords, type RingPlace } from './compiledRecords.js';
import { RecordBytes } from './recordBytes.js';
import type { TimedStream } from './timeMerge.js';

/** ring_buffer_subbuf_order_set: a page must fit the 20 bits of its write counter. */
export const MAX_PAGE_BYTES = 1024 * 1024;
/** The kernel's limit (CONFIG_NR_CPUS). */
export const MAX_CPUS = 8192;

const COMMIT_BITS = 2 ** 27 - 1;
const MISSED_EVENTS = 2 ** 31;
const MISSED_STORED = 2 ** 30;
const PADDING = 29;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;
const DELTA_BITS = 0x7ffffff;
const DELTA_RANGE = 2 ** 27;
/** Pages without a scheduler event that one call looks through: some milliseconds of work. */
const PAGES_A_LOOK = 64;

export interface PageLayout {
  readonly isLittleEndian: boolean;
  /** Of the kernel's `long`: 4 or 8. */
  readonly longBytes: number;
  readonly pageBytes: number;
}

/** Pages of one CPU, piece by piece. */
export interface PageSource {
  /** Bytes of the file that were read so far. */
  readonly readBytes: number;
  /**
   * The next whole pages; only the last piece may end in the middle of one. Undefined at the end. The piece before is
   * not valid any more.
   */
  next(): Uint8Array | undefined;
}

/** What a ring buffer's time stamps mean. */
export interface TickClock {
  /** Whether ticks are nanoseconds, so that `nsOf` only shifts them. */
  readonly isNanoseconds: boolean;
  /** Absolute time in ns of a time stamp recorded on a CPU. */
  nsOf(ticks: bigint, cpu: number): bigint;
}

export const NANOSECOND_CLOCK: TickClock = { isNanoseconds: true, nsOf: (ticks) => ticks };

/** What was read and what could not be, over all CPUs. */
export class RingBufferTally {
  /** Scheduler records so far. */
  records = 0;
  /** Pages with a part that makes no sense; what follows it in the page is lost. */
  damagedPages = 0;
  /** Where the first of them was: CPU and 1-based page. */
  firstDamaged: { readonly cpu: number; readonly page: number } | undefined;
  /** Pages that the end of the data cuts. */
  cutPages = 0;
  /** Records of scheduler events that do not have the layout that their format says. */
  unreadableRecords = 0;
  /** Records whose time lies too far away from all others. */
  farRecords = 0;
}

/** Takes the records: a `SchedRecordReader`, or one that only counts. */
export interface RecordSink {
  offsetNs: number;
  cpu: number;
  line: number;
  read(id: number, piece: RecordBytes, at: number, length: number): boolean;
  forget(cpu: number): void;
}

/** What the streams of a recording share. */
export interface RingBufferContext {
  readonly store: EventStore;
  readonly reader: RecordSink;
  readonly layout: PageLayout;
  readonly clock: TickClock;
  readonly tally: RingBufferTally;
  /** Reads the frequent records in the reader's place. */
  readonly compiled?: CompiledRecords | undefined;
}

/**
 * The scheduler events of one CPU's ring buffer: those whose ids are set in `knowsId`. Events of other kinds cost a look
 * at their header. Call `start` before anything is emitted.
 */
export class RingBufferStream implements TimedStream {
  nextNs = Infinity;
  readonly #cpu: number;
  readonly #context: RingBufferContext;
  readonly #source: PageSource;
  readonly #knowsId: Uint8Array;
  readonly #compiled: CompiledRecords | undefined;
  #piece = new RecordBytes(new Uint8Array(0), true);
  /** Of the compiled decoder: the piece, where it lies there, and the room for it. */
  #memory: Uint8Array<ArrayBuffer> | undefined;
  #room: Uint8Array<ArrayBuffer> | undefined;
  /** Bytes of the file before what is in `#piece`. */
  #readBefore = 0;
  #pageNumber = 0;
  /** In `#piece`: where the next page begins, where the next event of this one does, and where its events end. */
  #nextPageAt = 0;
  #at = 0;
  #end = 0;
  /**
   * The page's time stamp: whole, its low 59 bits in two parts, and as an offset of the store. NaN at first: V8 then keeps
   * a double in these fields, while a 0 would give the objects another shape as soon as a large number comes, and throw
   * away all code that was optimised until then.
   */
  #pageTicks = 0n;
  #pageHigh = NaN;
  #pageLow = NaN;
  #pageNs = NaN;
  /** Ticks from the page's time stamp to the event read last. */
  #ticks = NaN;
  /** The record that comes next; length 0 when none is known yet. */
  #id = 0;
  #recordAt = 0;
  #recordBytes = 0;

  constructor(cpu: number, source: PageSource, knowsId: Uint8Array, context: RingBufferContext) {
    this.#cpu = cpu;
    this.#source = source;
    this.#knowsId = knowsId;
    this.#context = context;
    const { compiled, clock } = context;
    this.#compiled = clock.isNanoseconds && compiled?.knows(knowsId) === true ? compiled : undefined;
  }

  /** Absolute time in ns of the first page, before `start`; undefined when there is none. */
  firstNs(): bigint | undefined {
    const { clock, layout } = this.#context;
    if (!this.#readOn() || this.#piece.bytes.length < 8) return undefined;
    return clock.nsOf(this.#piece.view.getBigUint64(0, layout.isLittleEndian), this.#cpu);
  }

  start(): void {
    this.#look();
  }

  /** Bytes of the file that are dealt with. */
  get doneBytes(): number {
    const before = this.#readBefore;
    const piece = this.#source.readBytes - before;
    return before + piece * Math.min(1, this.#nextPageAt / Math.max(1, this.#piece.bytes.length));
  }

  /** The store's offset 0 was moved by so many ns. */
  shift(byNs: number): void {
    this.nextNs -= byNs;
    this.#pageNs -= byNs;
  }

  emitUntil(limitNs: number, budget: number): number {
    const { reader, tally } = this.#context;
    reader.cpu = this.#cpu;
    let consumed = 0;
    while (this.nextNs <= limitNs && consumed < budget && this.nextNs !== Infinity) {
      consumed += 1;
      if (this.#recordBytes > 0) {
        this.#context.compiled?.rows.flush();
        reader.offsetNs = this.nextNs;
        reader.line = tally.records += 1;
        try {
          const isRead = reader.read(this.#id, this.#piece, this.#recordAt, this.#recordBytes);
          if (!isRead) tally.unreadableRecords += 1;
        } catch (error) {
          if (!(error instanceof EventRefused)) throw error;
          tally.farRecords += 1;
        }
      }
      this.#look();
    }
    return consumed;
  }

  /** Writes where it stands for the compiled decoder, which goes on from there. */
  save(place: RingPlace): void {
    const { numbers, times } = place;
    numbers[Ring.Piece] = this.#memory === this.#piece.bytes ? this.#memory.byteOffset : 0;
    numbers[Ring.At] = this.#at;
    numbers[Ring.End] = this.#end;
    numbers[Ring.Cpu] = this.#cpu;
    numbers[Ring.Id] = this.#id;
    numbers[Ring.RecordAt] = this.#recordAt;
    numbers[Ring.RecordBytes] = this.#recordBytes;
    times[Ring.Ticks] = this.#ticks;
    times[Ring.PageNs] = this.#pageNs;
    times[Ring.NextNs] = this.nextNs;
  }

  /** Does what the compiled decoder cannot, from where that stands: reads the record that comes next, or finds it. */
  goOn(place: RingPlace): void {
    const { numbers, times } = place;
    this.#at = numbers[Ring.At]!;
    this.#id = numbers[Ring.Id]!;
    this.#recordAt = numbers[Ring.RecordAt]!;
    this.#recordBytes = numbers[Ring.RecordBytes]!;
    this.#ticks = times[Ring.Ticks]!;
    this.nextNs = times[Ring.NextNs]!;
    if (this.#recordBytes === 0) this.#look();
    else this.emitUntil(this.nextNs, 1);
    this.save(place);
  }

  /**
   * Finds the next record of a scheduler event. Without one in many pages it stops there, so that `nextNs` is a time
   * that the next record does not come before and `emitUntil` goes on looking.
   */
  #look(): void {
    this.#recordBytes = 0;
    for (let pages = 0; pages < PAGES_A_LOOK; pages += 1) {
      if (this.#lookInPage()) {
        this.nextNs = this.#context.clock.isNanoseconds ? this.#pageNs + this.#ticks : this.#convertedNs();
        return;
      }
      if (!this.#openPage()) {
        this.nextNs = Infinity;
        return;
      }
    }
    this.nextNs = this.#pageNs;
  }

  /** The next record in this page; false at its end. */
  #lookInPage(): boolean {
    const piece = this.#piece;
    const knowsId = this.#knowsId;
    const end = this.#end;
    const little = this.#context.layout.isLittleEndian;
    let at = this.#at;
    let ticks = this.#ticks;
    while (at + 4 <= end) {
      const word = piece.int32(at);
      const type = little ? word & 31 : word >>> 27;
      const delta = little ? word >>> 5 : word & DELTA_BITS;
      at += 4;
      let length = type * 4;
      if (type === 0 || type >= PADDING) {
        if (at + 4 > end) break;
        const next = piece.int32(at) >>> 0;
        if (type >= TIME_EXTEND) {
          ticks =
            type === TIME_STAMP
              ? (next - this.#pageHigh) * DELTA_RANGE + (delta - this.#pageLow)
              : ticks + next * DELTA_RANGE + delta;
          at += 4;
          continue;
        }
        if (type === PADDING) {
          if (delta === 0) break;
          ticks += delta;
          at += next;
          if (at > end) return this.#damaged();
          continue;
        }
        if (next < 4) return this.#damaged();
        at += 4;
        length = (next - 1) & ~3;
      }
      ticks += delta;
      const recordAt = at;
      at += length;
      if (length < 0 || at > end) return this.#damaged();
      // Lengths are multiples of 4.
      if (length === 0) continue;
      const first = piece.int32(recordAt);
      const id = little ? first & 0xffff : first >>> 16;
      if (knowsId[id] === 0) continue;
      this.#at = at;
      this.#ticks = ticks;
      this.#id = id;
      this.#recordAt = recordAt;
      this.#recordBytes = length;
      return true;
    }
    this.#at = end;
    return false;
  }

  #convertedNs(): number {
    const { store, clock } = this.#context;
    return store.offsetOf(clock.nsOf(this.#pageTicks + BigInt(this.#ticks), this.#cpu));
  }

  /** The rest of the page makes no sense. */
  #damaged(): false {
    const { tally } = this.#context;
    tally.damagedPages += 1;
    tally.firstDamaged ??= { cpu: this.#cpu, page: this.#pageNumber };
    this.#at = this.#end;
    return false;
  }

  /** Goes to the next page; false at the end of the data. */
  #openPage(): boolean {
    const { isLittleEndian, longBytes, pageBytes } = this.#context.layout;
    if (this.#nextPageAt >= this.#piece.bytes.length && !this.#readOn()) return false;
    const pageAt = this.#nextPageAt;
    const pageEnd = Math.min(pageAt + pageBytes, this.#piece.bytes.length);
    const dataAt = pageAt + 8 + longBytes;
    this.#nextPageAt = pageAt + pageBytes;
    this.#pageNumber += 1;
    this.#at = this.#end = pageEnd;
    if (dataAt > pageEnd) {
      this.#context.tally.cutPages += 1;
      return true;
    }
    const view = this.#piece.view;
    // On 64-bit machines the flags and the size are in the long's low half.
    const commit = view.getUint32(pageAt + 8 + (longBytes === 8 && !isLittleEndian ? 4 : 0), isLittleEndian);
    const size = commit & COMMIT_BITS;
    if (size > pageBytes - 8 - longBytes) {
      this.#damaged();
      return true;
    }
    if (dataAt + size > pageEnd) this.#context.tally.cutPages += 1;
    this.#setTime(view.getBigUint64(pageAt, isLittleEndian));
    this.#at = dataAt;
    this.#end = Math.min(dataAt + size, pageEnd);
    if (commit >= MISSED_EVENTS) this.#reportLoss(commit, dataAt + size, pageEnd);
    return true;
  }

  #readOn(): boolean {
    this.#readBefore = this.#source.readBytes;
    const bytes = this.#source.next();
    if (bytes === undefined || bytes.length === 0) return false;
    this.#piece = new RecordBytes(this.#placed(bytes), this.#context.layout.isLittleEndian);
    this.#nextPageAt = 0;
    return true;
  }

  /** The piece where the compiled decoder sees it, as long as there is room. */
  #placed(bytes: Uint8Array): Uint8Array {
    if (this.#compiled === undefined) return bytes;
    if (this.#room === undefined || this.#room.length < bytes.length) {
      this.#room = this.#compiled.memory(bytes.length);
      if (this.#room === undefined) return bytes;
    }
    this.#memory = this.#room.subarray(0, bytes.length);
    this.#memory.set(bytes);
    return this.#memory;
  }

  #setTime(ticks: bigint): void {
    const { store, clock } = this.#context;
    this.#pageTicks = ticks;
    this.#pageHigh = Number((ticks >> 27n) & 0xffff_ffffn);
    this.#pageLow = Number(ticks & BigInt(DELTA_BITS));
    this.#pageNs = store.offsetOf(clock.nsOf(ticks, this.#cpu));
    this.#ticks = 0;
  }

  #reportLoss(commit: number, countAt: number, pageEnd: number): void {
    const { store, reader, layout, tally } = this.#context;
    const { isLittleEndian, longBytes } = layout;
    let count: number | undefined;
    if ((commit & MISSED_STORED) !== 0 && countAt + longBytes <= pageEnd) {
      count =
        longBytes === 8
          ? Number(this.#piece.view.getBigUint64(countAt, isLittleEndian))
          : this.#piece.view.getUint32(countAt, isLittleEndian);
    }
    this.#context.compiled?.rows.flush();
    store.addLoss(this.#cpu, Number.isSafeInteger(count) ? count : undefined, tally.records + 1);
    reader.forget(this.#cpu);
  }
}
