/** How the packets and events of a trace lie in its streams: programs made from its metadata, when they are needed. */
import type { EventType } from '../../model/eventType.js';
import type { CtfClock, CtfEventClass, CtfMetadata, CtfStreamClass } from './ctfMetadata.js';
import type { Program } from './fieldMachine.js';
import { FieldSlots, UNKNOWN_PHASE, type Phase, type SlotField } from './fieldSlots.js';
import type { IntegerType } from './fieldTypes.js';
import { ProgramBuilder, UnreadableType } from './programBuilder.js';
import { CONTEXT_PREFIX, schedEventType, WANTED_CONTEXT, wantedFields } from './schedFields.js';

const PACKET_HEADER = new Set(['magic', 'stream_id', 'stream_instance_id']);
const PACKET_CONTEXT = new Set([
  'timestamp_end',
  'content_size',
  'packet_size',
  'packet_seq_num',
  'events_discarded',
  'cpu_id',
]);
const EVENT_HEADER = new Set(['id']);

export type Fields = ReadonlyMap<string, SlotField>;

/** A program with the fields that it reads into slots. */
export interface Reader {
  readonly program: Program;
  readonly fields: Fields;
}

/** One kind of event: how it is read past, and, of the scheduler's, into which slots. */
export interface EventLayout extends Reader {
  readonly name: string;
  /** How many slots the machine needs for it. */
  readonly slotCount: number;
  readonly type: EventType | undefined;
}

export class TraceLayout {
  readonly packetHeader: Reader;
  readonly #slots: FieldSlots;
  readonly #phase: Phase;
  readonly #streams = new Map<number, StreamLayout>();

  /** Failure `UnreadableType`. */
  constructor(readonly metadata: CtfMetadata) {
    this.#slots = new FieldSlots(metadata.referenced, metadata.isLittleEndian);
    const builder = new ProgramBuilder(this.#slots, { of: 4096, at: 0 });
    builder.addPart('trace.packet.header', metadata.packetHeader, { wanted: PACKET_HEADER });
    this.#phase = builder.phase;
    this.packetHeader = { program: builder.finish(), fields: builder.found };
  }

  get slotCount(): number {
    return this.#slots.count;
  }

  /** Undefined: not described. Failure `UnreadableType`. */
  stream(id: number): StreamLayout | undefined {
    const known = this.#streams.get(id);
    const described = this.metadata.streams.get(id);
    if (known !== undefined || described === undefined) return known;
    const layout = new StreamLayout(id, described, this.metadata.clocks, this.#slots.fork(), this.#phase);
    this.#streams.set(id, layout);
    return layout;
  }
}

export class StreamLayout {
  readonly packetContext: Reader;
  readonly eventHeader: Reader;
  /** The clock of the events' times; undefined when none is told. */
  readonly clock: CtfClock | undefined;
  readonly hasSchedEvents: boolean;
  readonly #slots: FieldSlots;
  readonly #phase: Phase;
  readonly #events = new Map<number, EventLayout | UnreadableType>();

  constructor(
    readonly id: number,
    readonly described: CtfStreamClass,
    clocks: readonly CtfClock[],
    slots: FieldSlots,
    phase: Phase,
  ) {
    let clockName: string | undefined;
    const isClock = (names: string, anyMapped: boolean) => (name: string, type: IntegerType) => {
      const isTime = name === names || (anyMapped && type.clock !== undefined);
      if (isTime) clockName ??= type.clock;
      return isTime;
    };
    const context = new ProgramBuilder(slots, phase);
    context.addPart('stream.packet.context', described.packetContext, {
      wanted: PACKET_CONTEXT,
      isClock: isClock('timestamp_begin', false),
    });
    this.packetContext = { program: context.finish(), fields: context.found };
    // An event begins where the one before it ended, which is not known before all are.
    const header = new ProgramBuilder(slots, UNKNOWN_PHASE);
    header.addPart('stream.event.header', described.eventHeader, {
      wanted: EVENT_HEADER,
      isDeep: true,
      isClock: isClock('timestamp', true),
    });
    this.#phase = header.phase;
    this.eventHeader = { program: header.finish(), fields: header.found };
    this.#slots = slots;
    this.clock =
      clocks.find(({ name }) => name === clockName) ?? (clocks.length === 1 ? clocks[0] : undefined);
    this.hasSchedEvents = [...described.events.values()].some(
      ({ name }) => schedEventType(name) !== undefined,
    );
  }

  /** Number of an event that has no identifier, because there is only one kind. */
  get onlyEvent(): number | undefined {
    const ids = [...this.described.events.keys()];
    return ids.length === 1 ? ids[0] : undefined;
  }

  /** Slots of the packet's and the event's header. */
  get slotCount(): number {
    return this.#slots.count;
  }

  /** Undefined: not described. Failure `UnreadableType`. */
  event(id: number): EventLayout | undefined {
    const known = this.#events.get(id);
    const described = this.described.events.get(id);
    if (known instanceof UnreadableType) throw known;
    if (known !== undefined || described === undefined) return known;
    try {
      const layout = this.#compile(described);
      this.#events.set(id, layout);
      return layout;
    } catch (error) {
      if (error instanceof UnreadableType) this.#events.set(id, error);
      throw error;
    }
  }

  #compile({ name, context, fields }: CtfEventClass): EventLayout {
    const type = schedEventType(name);
    const slots = this.#slots.fork();
    const builder = new ProgramBuilder(slots, this.#phase);
    const ofContext = type === undefined ? {} : { wanted: WANTED_CONTEXT, prefix: CONTEXT_PREFIX };
    builder
      .addPart('stream.event.context', this.described.eventContext, ofContext)
      .addPart('event.context', context, ofContext)
      .addPart('event.fields', fields, type === undefined ? {} : { wanted: wantedFields(type) });
    return { name, type, program: builder.finish(), fields: builder.found, slotCount: slots.count };
  }
}
