/**
 * The fields of scheduler events in a FtraceEvent, found by the kernel's names. Sources: ftrace_event.proto (numbers of
 * the events), sched.proto, task.proto and generic.proto in protos/perfetto/trace/ftrace (numbers of their fields).
 *
 *     FtraceEvent     timestamp = 1, pid = 2 (who ran), and the event under its number: sched_switch = 4, …
 *     generic (327)   event_name = 1, field = 2 { name = 1, str_value = 3, int_value = 4, uint_value = 5 }
 *     65536 and up    as the DescriptorProto says that some bundle carries under this number (Perfetto 50 and later)
 *
 * The last two are how events come that Perfetto has no message for, such as sched_stat_runtime.
 */
import { EVENT_NAMES, type EventName } from '../../model/eventType.js';
import { LENGTH_DELIMITED, VARINT, WireReader } from './wire.js';

const FIELDS = [
  'comm',
  'pid',
  'prio',
  'success',
  'target_cpu',
  'prev_comm',
  'prev_pid',
  'prev_prio',
  'prev_state',
  'next_comm',
  'next_pid',
  'next_prio',
  'orig_cpu',
  'dest_cpu',
  'runtime',
  'vruntime',
  'parent_comm',
  'parent_pid',
  'child_comm',
  'child_pid',
  'filename',
  'old_pid',
  'clone_flags',
  'newcomm',
] as const;

type FieldName = (typeof FIELDS)[number];
export type KnownEvent = EventName | 'task_newtask' | 'task_rename';

/** Numbers of the fields here, by name. */
export const FIELD = Object.fromEntries(FIELDS.map((name, index) => [name, index])) as Readonly<
  Record<FieldName, number>
>;
const KNOWN_EVENTS: ReadonlySet<string> = new Set([...EVENT_NAMES, 'task_newtask', 'task_rename']);
const NOT_WANTED = -1;
/** What a field has. */
const NUMBER = 1;
const TEXT = 2;
const GENERIC = 327;
const LOWEST_DESCRIBED = 65536;
/** Fields of an event have small numbers; a descriptor with others is not believed. */
const MAX_FIELD_NUMBER = 255;
/** An event of a recording has a number of its own: far fewer than this. */
const MAX_DESCRIBED_EVENTS = 65536;
const decoder = new TextDecoder();

/** Which field of an event stands under which number. */
export interface EventSchema {
  readonly name: KnownEvent;
  /** By field number: index in `FIELDS`, or -1. */
  readonly indexes: readonly number[];
}

const WAKEUP = ['comm', 'pid', 'prio', 'success', 'target_cpu'];

/** By the event's number. */
const SCHEMAS: readonly (EventSchema | undefined)[] = byNumber([
  schema(4, 'sched_switch', [
    'prev_comm',
    'prev_pid',
    'prev_prio',
    'prev_state',
    'next_comm',
    'next_pid',
    'next_prio',
  ]),
  schema(17, 'sched_wakeup', WAKEUP),
  schema(20, 'sched_waking', WAKEUP),
  schema(114, 'sched_wakeup_new', WAKEUP),
  schema(235, 'task_newtask', ['pid', 'comm', 'clone_flags']),
  schema(236, 'task_rename', ['pid', 'oldcomm', 'newcomm']),
  schema(237, 'sched_process_exec', ['filename', 'pid', 'old_pid']),
  schema(238, 'sched_process_exit', ['comm', 'pid', 'tgid', 'prio']),
  schema(239, 'sched_process_fork', ['parent_comm', 'parent_pid', 'child_comm', 'child_pid']),
  schema(491, 'sched_migrate_task', ['comm', 'pid', 'prio', 'orig_cpu', 'dest_cpu']),
]);

/** `names`: of the fields 1, 2, … */
function schema(id: number, name: KnownEvent, names: readonly string[]): [number, EventSchema] {
  return [id, { name, indexes: [NOT_WANTED, ...names.map(indexOf)] }];
}

function byNumber(entries: readonly [number, EventSchema][]): (EventSchema | undefined)[] {
  const all = new Array<EventSchema | undefined>(Math.max(...entries.map(([id]) => id)) + 1).fill(undefined);
  for (const [id, each] of entries) all[id] = each;
  return all;
}

function indexOf(name: string): number {
  return (FIELDS as readonly string[]).indexOf(name);
}

/** Knows the events of a trace, and holds the fields of the one read last. */
export class EventFields {
  readonly #reader = new WireReader();
  readonly #inner = new WireReader();
  readonly #described = new Map<number, EventSchema>();
  #bytes: Uint8Array = new Uint8Array(0);
  /** Whether the event read last broke off. */
  isDamaged = false;
  /** By index of the field. */
  readonly #isThere = new Uint8Array(FIELDS.length);
  readonly #lo = new Int32Array(FIELDS.length);
  readonly #hi = new Int32Array(FIELDS.length);
  readonly #start = new Float64Array(FIELDS.length);
  readonly #stop = new Float64Array(FIELDS.length);

  /** Whether an event of this number may be one of the model: a generic one only turns out when it is read. */
  mayKnow(id: number): boolean {
    return id === GENERIC || this.#schemaOf(id) !== undefined;
  }

  /** As `mayKnow`, while descriptions may follow. */
  mayLearn(id: number): boolean {
    return id >= LOWEST_DESCRIBED || this.mayKnow(id);
  }

  /**
   * Learns an event from the bundle's generic_event_descriptors: field_id = 1, event_descriptor = 2, a DescriptorProto
   * { name = 1, field = 2 { name = 1, number = 3 } }.
   */
  describe(bytes: Uint8Array, start: number, stop: number): void {
    const reader = this.#reader.open(bytes, start, stop);
    let id = 0;
    let name = '';
    const indexes: number[] = [];
    while (reader.next()) {
      if (reader.field === 1 && reader.wireType === VARINT) id = reader.unsigned();
      if (reader.field !== 2 || reader.wireType !== LENGTH_DELIMITED) continue;
      const message = this.#inner.open(bytes, reader.start, reader.stop);
      while (message.next()) {
        if (message.wireType !== LENGTH_DELIMITED) continue;
        if (message.field === 1) name = message.text();
        else if (message.field === 2) describeField(bytes, message.start, message.stop, indexes);
      }
    }
    if (id < LOWEST_DESCRIBED || !isKnownEvent(name)) return;
    if (this.#described.size < MAX_DESCRIBED_EVENTS) this.#described.set(id, { name, indexes });
  }

  /** Reads the event with this number in `[start, stop)`; undefined when it is none of the model, or damaged. */
  read(id: number, bytes: Uint8Array, start: number, stop: number): KnownEvent | undefined {
    this.#bytes = bytes;
    this.#isThere.fill(0);
    this.isDamaged = false;
    if (id === GENERIC) return this.#readGeneric(start, stop);
    const known = this.#schemaOf(id);
    if (known === undefined) return undefined;
    const reader = this.#reader.open(bytes, start, stop);
    const { indexes } = known;
    while (reader.next()) {
      const index = reader.field < indexes.length ? indexes[reader.field]! : NOT_WANTED;
      if (index >= 0) this.#keep(index, reader);
    }
    this.isDamaged = reader.isDamaged;
    return this.isDamaged ? undefined : known.name;
  }

  /** The low 32 bits of a number, as a signed integer; undefined when the event does not have it. */
  int(field: number): number | undefined {
    return this.#isThere[field] === NUMBER ? this.#lo[field]! : undefined;
  }

  /** A 64-bit number, exact. */
  int64(field: number): bigint | undefined {
    if (this.#isThere[field] !== NUMBER) return undefined;
    return (BigInt(this.#hi[field]!) << 32n) | BigInt(this.#lo[field]! >>> 0);
  }

  /** Whether a text is there; it then is `[start, stop)` of the event's bytes. */
  hasText(field: number): boolean {
    return this.#isThere[field] === TEXT;
  }

  start(field: number): number {
    return this.#start[field]!;
  }

  stop(field: number): number {
    return this.#stop[field]!;
  }

  text(field: number): string {
    return decoder.decode(this.#bytes.subarray(this.start(field), this.stop(field)));
  }

  #schemaOf(id: number): EventSchema | undefined {
    return id < LOWEST_DESCRIBED ? SCHEMAS[id] : this.#described.get(id);
  }

  #keep(index: number, reader: WireReader): void {
    if (reader.wireType === LENGTH_DELIMITED) {
      this.#isThere[index] = TEXT;
      this.#start[index] = reader.start;
      this.#stop[index] = reader.stop;
    } else {
      this.#isThere[index] = NUMBER;
      this.#lo[index] = reader.lo;
      this.#hi[index] = reader.hi;
    }
  }

  #readGeneric(start: number, stop: number): KnownEvent | undefined {
    const reader = this.#reader.open(this.#bytes, start, stop);
    let name = '';
    while (reader.next()) {
      if (reader.wireType !== LENGTH_DELIMITED) continue;
      if (reader.field === 1) {
        name = reader.text();
        if (!isKnownEvent(name)) return undefined;
      } else if (reader.field === 2) this.#readGenericField(reader.start, reader.stop);
    }
    this.isDamaged = reader.isDamaged;
    return !this.isDamaged && isKnownEvent(name) ? name : undefined;
  }

  #readGenericField(start: number, stop: number): void {
    const field = this.#inner.open(this.#bytes, start, stop);
    let index = NOT_WANTED;
    while (field.next()) {
      if (field.field === 1 && field.wireType === LENGTH_DELIMITED) index = indexOf(field.text());
      else if (index >= 0 && field.field >= 3 && field.field <= 5) this.#keep(index, field);
    }
  }
}

function isKnownEvent(name: string): name is KnownEvent {
  return KNOWN_EVENTS.has(name);
}

function describeField(bytes: Uint8Array, start: number, stop: number, indexes: number[]): void {
  const reader = new WireReader().open(bytes, start, stop);
  let number = 0;
  let index = NOT_WANTED;
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === LENGTH_DELIMITED) index = indexOf(reader.text());
    else if (reader.field === 3 && reader.wireType === VARINT) number = reader.unsigned();
  }
  if (index < 0 || number < 1 || number > MAX_FIELD_NUMBER) return;
  while (indexes.length <= number) indexes.push(NOT_WANTED);
  indexes[number] = index;
}
