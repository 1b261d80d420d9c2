/**
 * A batch of events of one CPU. Source: protos/perfetto/trace/ftrace/ftrace_event_bundle.proto.
 *
 *     cpu = 1, event = 2 (repeated FtraceEvent), lost_events = 3, compact_sched = 4, ftrace_clock = 5,
 *     error = 8 (repeated), generic_event_descriptors = 11 (repeated)
 */
import { CompactSched } from './compactSched.js';
import type { EventFields } from './eventFields.js';
import type { TraceClock } from './traceClock.js';
import { LENGTH_DELIMITED, VARINT, WireReader } from './wire.js';

/** The kernel's NR_CPUS limit. */
const MAX_CPUS = 8192;

/** Memory of a bundle beside its bytes, and of a name in the table of its arrays. */
const BUNDLE_BYTES = 3072;
const NAME_BYTES = 16;

/** Tags of FtraceEvent.timestamp and pid. */
const TIME_TAG = 0x08;
const PID_TAG = 0x10;

/** What a bundle says of itself beside its events. */
export interface FtraceBundle {
  readonly cpu: number;
  /** Its own copy: what it was cut from may go. */
  readonly bytes: Uint8Array;
  readonly compact: CompactSched | undefined;
  /** Messages in `event`, of the model or not. */
  readonly eventCount: number;
  /** All events, with those of the arrays. */
  readonly recordCount: number;
  /** Offset of the last event, of the model or not; -Infinity for none. */
  readonly latestNs: number;
  /** Events of this CPU were lost before it. */
  readonly isAfterLoss: boolean;
  /** Number of the clock its times are of; 0 is the default, time since boot. */
  readonly clock: number;
  /** How often the recorder could not make sense of the ring buffer. */
  readonly errorCount: number;
  readonly isDamaged: boolean;
  /** Memory that it takes, about. */
  readonly weightBytes: number;
}

/** The head of a FtraceEvent: time stamp, who ran, and where the event itself is. */
export class EventHead {
  hi = 0;
  lo = 0;
  hasTime = false;
  /** Undefined when it is not told. */
  pid: number | undefined;
  /** Number of the event; 0 for none. */
  id = 0;
  start = 0;
  stop = 0;
  readonly #reader = new WireReader();

  /** Reads the message `[start, stop)`; false when it is damaged. */
  read(bytes: Uint8Array, start: number, stop: number): boolean {
    const reader = this.#reader.open(bytes, start, stop);
    this.hasTime = false;
    this.pid = undefined;
    this.id = 0;
    // The usual order, which is that of the numbers.
    if (bytes[start] === TIME_TAG) {
      reader.at = start + 1;
      if (!this.#readTime(reader)) return false;
      if (bytes[reader.at] === PID_TAG && reader.at < stop) {
        reader.at += 1;
        if (!reader.varint()) return false;
        this.pid = reader.lo;
      }
    }
    while (reader.next()) {
      if (reader.wireType === VARINT) {
        if (reader.field === 1) this.#takeTime(reader);
        else if (reader.field === 2) this.pid = reader.lo;
      } else if (reader.wireType === LENGTH_DELIMITED && this.id === 0) {
        this.id = reader.field;
        this.start = reader.start;
        this.stop = reader.stop;
      }
    }
    return !reader.isDamaged;
  }

  #readTime(reader: WireReader): boolean {
    if (!reader.varint()) return false;
    this.#takeTime(reader);
    return true;
  }

  #takeTime({ hi, lo }: WireReader): void {
    this.hi = hi;
    this.lo = lo;
    this.hasTime = true;
  }
}

/** Finds what there is in bundles without reading the events themselves. */
export class BundleScanner {
  readonly #clock: TraceClock;
  readonly #fields: EventFields;
  readonly #reader = new WireReader();
  readonly #head = new EventHead();

  constructor(clock: TraceClock, fields: EventFields) {
    this.#clock = clock;
    this.#fields = fields;
  }

  /** Undefined when the bundle in `[start, stop)` does not say of which CPU it is. */
  scan(packet: Uint8Array, start: number, stop: number): FtraceBundle | undefined {
    const bytes = packet.slice(start, stop);
    const reader = this.#reader.open(bytes, 0, bytes.length);
    const compacts: Uint8Array[] = [];
    let cpu = -1;
    let isAfterLoss = false;
    let clock = 0;
    let errorCount = 0;
    let eventCount = 0;
    let lastStart = 0;
    let lastStop = 0;
    while (reader.next()) {
      if (reader.wireType === VARINT) {
        if (reader.field === 1) cpu = reader.unsigned();
        else if (reader.field === 3) isAfterLoss = reader.lo !== 0;
        else if (reader.field === 5) clock = reader.lo;
      } else if (reader.wireType === LENGTH_DELIMITED) {
        if (reader.field === 2) {
          eventCount += 1;
          lastStart = reader.start;
          lastStop = reader.stop;
          if (!this.#clock.hasBase) this.#begin(bytes, lastStart, lastStop);
        } else if (reader.field === 4) compacts.push(bytes.subarray(reader.start, reader.stop));
        else if (reader.field === 8) errorCount += 1;
        else if (reader.field === 11) this.#fields.describe(bytes, reader.start, reader.stop);
      }
    }
    if (cpu < 0 || cpu >= MAX_CPUS) return undefined;
    const compact = this.#compact(compacts);
    return {
      cpu,
      bytes,
      compact,
      eventCount,
      recordCount: eventCount + (compact === undefined ? 0 : compact.switchCount + compact.wakingCount),
      latestNs: Math.max(this.#timeOf(bytes, lastStart, lastStop), compact?.latestNs ?? -Infinity),
      isAfterLoss,
      clock,
      errorCount,
      isDamaged: reader.isDamaged || compact?.isDamaged === true,
      weightBytes: bytes.length + BUNDLE_BYTES + NAME_BYTES * (compact?.commStarts.length ?? 0),
    };
  }

  /** The first event of the model, as far as can be told, is where times begin. */
  #begin(bytes: Uint8Array, start: number, stop: number): void {
    const head = this.#head;
    if (!head.read(bytes, start, stop) || !head.hasTime || !this.#fields.mayLearn(head.id)) return;
    this.#clock.offsetOf(head.hi, head.lo);
  }

  /** Events of a bundle are in order: the last one tells up to where it goes. */
  #timeOf(bytes: Uint8Array, start: number, stop: number): number {
    const head = this.#head;
    if (!this.#clock.hasBase || !head.read(bytes, start, stop) || !head.hasTime) return -Infinity;
    return this.#clock.offsetOf(head.hi, head.lo);
  }

  /** By the rule for a message that stands in several pieces: as if they were one. */
  #compact(pieces: readonly Uint8Array[]): CompactSched | undefined {
    const [first] = pieces;
    if (first === undefined) return undefined;
    if (pieces.length === 1) return new CompactSched(first, 0, first.length, this.#clock);
    const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return new CompactSched(whole, 0, whole.length, this.#clock);
  }
}

/** Goes over the messages in a bundle's `event` that may be of the model. */
export class EventCursor {
  /** Offset of the event that comes next; Infinity at the end. */
  nextNs = Infinity;
  /** The event that comes next. */
  readonly head = new EventHead();
  /** Its number among all messages, from 0. */
  index = -1;
  /** Events of the model that have no time stamp or are damaged, so far. */
  damaged = 0;

  readonly #clock: TraceClock;
  readonly #fields: EventFields;
  readonly #reader: WireReader;

  constructor(
    readonly bytes: Uint8Array,
    clock: TraceClock,
    fields: EventFields,
  ) {
    this.#clock = clock;
    this.#fields = fields;
    this.#reader = new WireReader().open(bytes, 0, bytes.length);
    this.advance();
  }

  advance(): void {
    const reader = this.#reader;
    const { head } = this;
    while (reader.next()) {
      if (reader.field !== 2 || reader.wireType !== LENGTH_DELIMITED) continue;
      this.index += 1;
      const isWhole = head.read(this.bytes, reader.start, reader.stop);
      if (isWhole && !this.#fields.mayKnow(head.id)) continue;
      if (isWhole && head.hasTime) {
        this.nextNs = this.#clock.offsetOf(head.hi, head.lo);
        return;
      }
      this.damaged += 1;
    }
    this.nextNs = Infinity;
  }
}
