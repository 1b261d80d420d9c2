import { EventRefused } from '../../model/eventRefused.js';
import type { EventStore } from '../../model/eventStore.js';
import type { TimedStream } from '../tracepoint/timeMerge.js';
import { ClockTime } from './clockTime.js';
import type { FieldMachine } from './fieldMachine.js';
import type { PacketFacts, PacketReader } from './packetReader.js';
import type { Remarks } from './remarks.js';
import { CPU_LIMIT, type AddEvent, type EventPlace, type SchedEventAdder } from './schedEvents.js';
import type { EventLayout } from './streamLayout.js';

/** What the streams of a recording share. */
export interface StreamSink {
  readonly store: EventStore;
  readonly events: SchedEventAdder;
  readonly remarks: Remarks;
  /** Number of the scheduler's event that was added last, in order of time: their place in the recording. */
  record: number;
}

/** One data stream: the events of one CPU in one channel, in a file or in several that continue each other. */
export class DataStream implements TimedStream {
  nextNs = -Infinity;
  readonly #files: readonly PacketReader[];
  readonly #machine: FieldMachine;
  readonly #sink: StreamSink;
  readonly #readers = new Map<EventLayout, AddEvent | undefined>();
  readonly #place: EventPlace = { offsetNs: 0, cpu: -1, line: 0 };
  #fileIndex = 0;
  #packet: PacketReader | undefined;
  #time: ClockTime | undefined;
  #add: AddEvent | undefined;
  /** Events lost and number of the packet before; undefined before the first. */
  #discarded: number | undefined;
  #sequenceNumber: number | undefined;

  /** The files are in order of time, and all of them use the one machine. */
  constructor(files: readonly PacketReader[], machine: FieldMachine, sink: StreamSink) {
    this.#files = files;
    this.#machine = machine;
    this.#sink = sink;
  }

  get doneBytes(): number {
    return this.#files.slice(0, this.#fileIndex + 1).reduce((sum, { doneBytes }) => sum + doneBytes, 0);
  }

  /** Reads up to the first event of the scheduler, `budget` events at most; true when it stands there, or at the end. */
  findFirst(budget: number): boolean {
    for (let i = 0; i < budget; i += 1) {
      if (!this.#advance()) {
        this.nextNs = Infinity;
        return true;
      }
      if (this.#add !== undefined) return true;
    }
    return false;
  }

  /** Absolute time of the first event; undefined when there is none. */
  firstNs(): bigint | undefined {
    return this.nextNs === Infinity ? undefined : this.#time?.absoluteNs(this.#machine);
  }

  /** Called once the store's base is known: from here on `nextNs` is right. */
  begin(): void {
    if (this.nextNs === Infinity || this.#time === undefined) return;
    this.#time.setBase(this.#machine, this.#sink.store);
    this.nextNs = this.#time.offsetNs(this.#machine, this.#sink.store);
  }

  emitUntil(limitNs: number, budget: number): number {
    let consumed = 0;
    while (this.nextNs <= limitNs && this.nextNs !== Infinity && consumed < budget) {
      if (this.#add !== undefined) this.#emit(this.#add);
      this.nextNs = this.#advance() ? this.#time!.offsetNs(this.#machine, this.#sink.store) : Infinity;
      consumed += 1;
    }
    return consumed;
  }

  #emit(add: AddEvent): void {
    const { remarks } = this.#sink;
    const place = this.#place;
    place.offsetNs = this.nextNs;
    place.line = this.#sink.record + 1;
    try {
      if (add(this.#machine, place)) this.#sink.record += 1;
      else
        remarks.add('event', 'warning', `Scheduler event ${place.line} has values that cannot be: left out.`);
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      remarks.add('refused', 'warning', error.message);
    }
  }

  /** Goes to the next event; false at the end. */
  #advance(): boolean {
    for (;;) {
      const packet = this.#packet;
      if (packet !== undefined) {
        const event = packet.nextEvent();
        if (event !== undefined) {
          this.#add = this.#readerOf(event);
          return true;
        }
        this.#endPacket(packet);
      }
      if (!this.#beginPacket()) return false;
    }
  }

  #beginPacket(): boolean {
    for (; this.#fileIndex < this.#files.length; this.#fileIndex += 1) {
      const file = this.#files[this.#fileIndex]!;
      const isThere = file.nextPacket();
      if (isThere && file.facts !== undefined) {
        this.#packet = file;
        this.#time ??= new ClockTime(file.stream?.clock);
        this.#take(file.facts);
        return true;
      }
      this.#endPacket(file);
    }
    this.#packet = undefined;
    return false;
  }

  /** A packet begins: who it is of, and whether all are there that came before it. */
  #take({ cpu, sequenceNumber }: PacketFacts): void {
    const { remarks } = this.#sink;
    if (cpu === undefined || cpu >= CPU_LIMIT) {
      this.#place.cpu = -1;
      const what = cpu === undefined ? 'do not tell their CPU' : `are of CPU ${cpu}, which cannot be`;
      remarks.add('cpu', 'warning', `Packets ${what}: their events are left out.`);
      return;
    }
    this.#place.cpu = cpu;
    const before = this.#sequenceNumber;
    this.#sequenceNumber = sequenceNumber;
    if (before === undefined || sequenceNumber === undefined || sequenceNumber <= before + 1) return;
    remarks.add(
      'overwritten',
      'info',
      `CPU ${cpu}: ${sequenceNumber - before - 1} packets before packet ${sequenceNumber} are missing; they were overwritten or not saved.`,
    );
    this.#lose(undefined);
  }

  /**
   * A packet ends. The tracer's count of lost events is as of then: it finds no room once a packet is full, so that they
   * are missing behind the packet's last event.
   */
  #endPacket(packet: PacketReader): void {
    const { hasGap, facts } = packet;
    packet.hasGap = false;
    if (hasGap) this.#lose(undefined);
    const now = facts?.discarded;
    if (now === undefined) return;
    const before = this.#discarded ?? 0;
    // A trace may begin late: what was lost before its first packet is not told from what was lost in it.
    const isKnown = this.#discarded !== undefined || facts?.sequenceNumber === 0;
    this.#discarded = now;
    const bits = facts?.discardedBits ?? 64;
    const lost = now >= before || bits >= 53 ? now - before : now - before + 2 ** bits;
    if (lost > 0) this.#lose(isKnown ? lost : undefined);
  }

  #lose(count: number | undefined): void {
    const { cpu } = this.#place;
    if (cpu < 0) return;
    this.#sink.store.addLoss(cpu, count, this.#sink.record + 1);
    this.#sink.events.forget(cpu);
  }

  #readerOf(event: EventLayout): AddEvent | undefined {
    // Without a CPU an event has no place.
    if (event.type === undefined || this.#place.cpu < 0) return undefined;
    const known = this.#readers.get(event);
    if (known !== undefined || this.#readers.has(event)) return known;
    const { events, remarks } = this.#sink;
    const add = events.compile(event);
    this.#readers.set(event, add);
    if (add === undefined) {
      remarks.add(
        `unusable ${event.name}`,
        'warning',
        `The event ${event.name} lacks fields that the model needs: it is left out.`,
      );
    }
    return add;
  }
}
