/**
 * Reads the packets of one data stream file. Source: Common Trace Format 1.8.3, section 5.
 *
 *     packet.header   magic C1FC1FC1, uuid, stream_id, stream_instance_id
 *     packet.context  timestamp_begin, timestamp_end, content_size, packet_size (bits), packet_seq_num,
 *                     events_discarded, cpu_id
 *     event …         event.header, stream.event.context, event.context, event.fields
 *     padding         up to packet_size
 */
import type { RandomAccess } from '../../../base/randomAccess.js';
import type { FieldMachine } from './fieldMachine.js';
import type { Remarks } from './remarks.js';
import { UnreadableType } from './programBuilder.js';
import type { EventLayout, Fields, StreamLayout, TraceLayout } from './streamLayout.js';

const MAGIC = 0xc1fc1fc1;
/** Packets up to this are read at once. */
const WINDOW_BYTES = 1 << 20;
/** A window grows for an event that does not fit, up to this. */
const MAX_WINDOW_BYTES = 1 << 26;
/** Windows begin at multiples, so that alignment is the same in them as in the packet. */
const WINDOW_GRAIN_BYTES = 4096;
/** What the headers of a packet take at most. */
const HEADER_BYTES = 65536;
/** Events are rarely longer: with less left, the window moves on before it has to. */
const EVENT_BYTES = 4096;

/** What the context of a packet tells; undefined where it does not. */
export interface PacketFacts {
  readonly cpu: number | undefined;
  readonly sequenceNumber: number | undefined;
  /** Events that the stream has lost up to the end of this packet, counted in this many bits. */
  readonly discarded: number | undefined;
  readonly discardedBits: number;
  readonly instance: number | undefined;
}

export class PacketReader {
  /** Of the packet that is being read. */
  facts: PacketFacts | undefined;
  stream: StreamLayout | undefined;
  /** Set when a part of a packet could not be read, until the reader of it sets it back. */
  hasGap = false;
  readonly #file: RandomAccess;
  #cache: Uint8Array = new Uint8Array(0);
  #cacheAt = 0;
  /** Bytes from the file's beginning: this packet and the next one. */
  #packetAt = 0;
  #nextAt = 0;
  /** Of this packet, cut where the file ends. */
  #contentBits = 0;
  #windowAt = 0;
  #isTruncated = false;

  constructor(
    file: RandomAccess,
    readonly machine: FieldMachine,
    readonly trace: TraceLayout,
    readonly remarks: Pick<Remarks, 'add'>,
  ) {
    this.#file = file;
  }

  /** Bytes that are behind. */
  get doneBytes(): number {
    return Math.min(this.#file.sizeBytes, this.#packetAt + this.#windowAt + (this.machine.bit >>> 3));
  }

  /** Goes to the next packet; false at the end, or where what follows cannot be read. */
  nextPacket(): boolean {
    const { machine, trace, remarks } = this;
    const at = this.#nextAt;
    if (at >= this.#file.sizeBytes) return false;
    this.#packetAt = at;
    this.#windowAt = 0;
    const head = this.#bytes(at, HEADER_BYTES);
    machine.load(head, head.length * 8);
    machine.bit = 0;
    // Whatever fails from here on ends the file: without its size there is no next packet.
    this.#nextAt = this.#file.sizeBytes;
    const { program, fields } = trace.packetHeader;
    if (at === 0 && fields.has('magic') && !beginsWithMagic(head)) {
      remarks.add('other', 'info', `${this.#file.name} is no data stream of the trace: it is left out.`);
      return false;
    }
    machine.reserve(trace.slotCount);
    if (machine.run(program) !== 'read') return this.#end('ends within the header of a packet');
    const magic = numberOf(machine, fields, 'magic');
    if (magic !== undefined && magic !== MAGIC) {
      return this.#end('has no packet where one should begin; what follows is left out');
    }
    const instance = numberOf(machine, fields, 'stream_instance_id');
    const stream = this.#streamOf(numberOf(machine, fields, 'stream_id') ?? this.#onlyStream());
    if (stream === undefined) return false;
    this.stream = stream;
    machine.reserve(stream.slotCount);
    if (machine.run(stream.packetContext.program) !== 'read') {
      return this.#end('ends within the context of a packet');
    }
    if (!this.#setSizes(stream.packetContext.fields, head.length)) return false;
    this.facts = this.#factsOf(stream.packetContext.fields, instance);
    if (this.#isTruncated) {
      remarks.add(
        'truncated',
        'warning',
        `${this.#where()} is cut off within a packet: what is there of it was read.`,
      );
    }
    return true;
  }

  /** Reads the next event past; undefined at the packet's end. */
  nextEvent(): EventLayout | undefined {
    const { machine, stream } = this;
    if (stream === undefined) return undefined;
    if (machine.bit + EVENT_BYTES * 8 > machine.endBit && this.#hasMore()) this.#slide(WINDOW_BYTES);
    for (let size = WINDOW_BYTES * 2; ; size *= 2) {
      if (machine.bit >= machine.endBit && !this.#hasMore()) return undefined;
      const { bit, clockLow, clockHigh } = machine;
      const event = this.#readEvent(stream);
      if (event !== undefined && event !== 'beyond') {
        if (machine.bit > bit) return event;
        this.#give('size', 'holds an event of no size');
        return undefined;
      }
      machine.bit = bit;
      machine.clockLow = clockLow;
      machine.clockHigh = clockHigh;
      if (event === undefined) return undefined;
      if (!this.#hasMore() || size > MAX_WINDOW_BYTES) {
        // The padding behind the last event may be shorter than the alignment of one.
        if (!this.#isTruncated && machine.endBit - bit > 64) {
          this.#give('beyond', 'has an event that goes beyond the end of its packet');
        }
        return undefined;
      }
      this.#slide(size);
    }
  }

  /** Undefined: it cannot be read, and so can nothing of the packet behind it. */
  #readEvent(stream: StreamLayout): EventLayout | 'beyond' | undefined {
    const { machine } = this;
    const { program, fields } = stream.eventHeader;
    const header = machine.run(program);
    if (header === 'beyond') return 'beyond';
    const id = numberOf(machine, fields, 'id') ?? stream.onlyEvent;
    const event = header === 'damaged' || id === undefined ? undefined : this.#eventOf(stream, id);
    if (event === undefined) {
      this.#give('id', `has an event of a kind (${id ?? 'unknown'}) that the metadata do not describe`);
      return undefined;
    }
    machine.reserve(event.slotCount);
    const outcome = machine.run(event.program);
    if (outcome === 'damaged') {
      this.#give('value', `has a damaged event (${event.name})`);
      return undefined;
    }
    return outcome === 'beyond' ? 'beyond' : event;
  }

  #eventOf(stream: StreamLayout, id: number): EventLayout | undefined {
    try {
      return stream.event(id);
    } catch (error) {
      if (!(error instanceof UnreadableType)) throw error;
      const name = stream.described.events.get(id)?.name ?? id;
      this.remarks.add(`type ${id}`, 'error', `The event ${name} cannot be read: ${error.message}.`);
      return undefined;
    }
  }

  #streamOf(id: number): StreamLayout | undefined {
    try {
      const stream = this.trace.stream(id);
      if (stream === undefined)
        this.#end(`belongs to a kind of stream (${id}) that the metadata do not describe`);
      return stream;
    } catch (error) {
      if (!(error instanceof UnreadableType)) throw error;
      this.#end(`cannot be read: in its description ${error.message}`);
      return undefined;
    }
  }

  #onlyStream(): number {
    const [first] = this.trace.metadata.streams.keys();
    return this.trace.metadata.streams.size === 1 ? first! : 0;
  }

  /** Takes the sizes that the packet tells of itself, as far as they can be true. */
  #setSizes(fields: Fields, headBytes: number): boolean {
    const { machine } = this;
    const left = this.#file.sizeBytes - this.#packetAt;
    const content = numberOf(machine, fields, 'content_size');
    const size = numberOf(machine, fields, 'packet_size') ?? content ?? left * 8;
    const contentBits = content ?? size;
    if (size % 8 !== 0 || size < machine.bit || contentBits > size || contentBits < machine.bit) {
      return this.#end(
        `has a packet of ${size} bits with ${contentBits} bits of content, which cannot be; it is left out with what follows`,
      );
    }
    this.#nextAt = this.#packetAt + size / 8;
    this.#isTruncated = contentBits > left * 8;
    this.#contentBits = Math.min(contentBits, left * 8);
    const contentBytes = Math.ceil(this.#contentBits / 8);
    const { bit } = machine;
    const bytes =
      contentBytes <= headBytes
        ? this.#bytes(this.#packetAt, contentBytes)
        : this.#bytes(this.#packetAt, Math.min(contentBytes, WINDOW_BYTES));
    machine.load(bytes, this.#contentBits);
    machine.bit = bit;
    return true;
  }

  #factsOf(fields: Fields, instance: number | undefined): PacketFacts {
    const value = (name: string) => numberOf(this.machine, fields, name);
    return {
      cpu: value('cpu_id'),
      sequenceNumber: value('packet_seq_num'),
      discarded: value('events_discarded'),
      discardedBits: fields.get('events_discarded')?.sizeBits ?? 0,
      instance,
    };
  }

  /** Whether the packet goes on behind the window. */
  #hasMore(): boolean {
    return this.#windowAt * 8 + this.machine.endBit < this.#contentBits;
  }

  /** Moves the window to where the machine stands. */
  #slide(size: number): void {
    const { machine } = this;
    const forward = Math.floor((machine.bit >>> 3) / WINDOW_GRAIN_BYTES) * WINDOW_GRAIN_BYTES;
    this.#windowAt += forward;
    const bit = machine.bit - forward * 8;
    const leftBits = this.#contentBits - this.#windowAt * 8;
    const bytes = this.#bytes(
      this.#packetAt + this.#windowAt,
      Math.min(size + WINDOW_GRAIN_BYTES, Math.ceil(leftBits / 8)),
    );
    machine.load(bytes, leftBits);
    machine.bit = bit;
  }

  /** Bytes of the file, from those read last where they are among them. */
  #bytes(at: number, length: number): Uint8Array {
    const wanted = Math.min(length, this.#file.sizeBytes - at);
    if (at < this.#cacheAt || at + wanted > this.#cacheAt + this.#cache.length) {
      this.#cache = this.#file.read(at, Math.max(wanted, WINDOW_BYTES));
      this.#cacheAt = at;
    }
    return this.#cache.subarray(at - this.#cacheAt, at - this.#cacheAt + wanted);
  }

  #where(): string {
    return `${this.#file.name} (packet at byte ${this.#packetAt})`;
  }

  /** The rest of the packet is given up. */
  #give(kind: string, what: string): void {
    this.hasGap = true;
    const at = this.#windowAt + (this.machine.bit >>> 3);
    this.remarks.add(
      kind,
      'warning',
      `${this.#where()} ${what}, at byte ${at} of it: the rest of the packet is left out.`,
    );
  }

  /** The rest of the file is given up. */
  #end(what: string): false {
    this.hasGap = true;
    this.remarks.add('packet', 'warning', `${this.#where()} ${what}.`);
    return false;
  }
}

/** In either byte order. */
function beginsWithMagic(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const view = new DataView(head.buffer, head.byteOffset, 4);
  return view.getUint32(0, true) === MAGIC || view.getUint32(0, false) === MAGIC;
}

function numberOf(machine: FieldMachine, fields: Fields, name: string): number | undefined {
  const field = fields.get(name);
  return field?.kind === 'integer' ? machine.unsigned(field.slot) : undefined;
}
