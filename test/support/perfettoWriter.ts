/** Writes Perfetto traces: for unit tests and fixtures, apart from what reads them. */
import { deflateSync } from 'node:zlib';
import { EVENT_NAMES } from '../../src/trace/model/eventType.js';
import { NO_TASK } from '../../src/trace/model/taskTable.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';

type Value = string | number;

/** An event as the kernel records it; `perfetto.py` takes the same as JSON. */
export interface KernelEvent {
  readonly cpu: number;
  /** Absolute, ns; as text, since JSON has no such numbers. */
  readonly ns: string;
  /** Who ran. */
  readonly pid: number;
  readonly name: string;
  readonly fields: Readonly<Record<string, Value>>;
}

export interface PerfettoOptions {
  readonly isCompact?: boolean;
  readonly compression?: 'zlib' | undefined;
  /** Events a round of draining the ring buffers brings. */
  readonly roundEvents?: number;
  readonly release?: string;
  readonly cpuCount?: number;
  /** By pid. */
  readonly tgids?: Readonly<Record<string, number>>;
  /** Rounds before which this CPU lost events. */
  readonly losses?: readonly { readonly round: number; readonly cpu: number }[];
  /** Events overwritten in the end. */
  readonly overwritten?: number;
}

/** Numbers of fields, in their order; the published message definitions have them. */
const EVENT_FIELDS: Readonly<Record<string, readonly [number, readonly string[]]>> = {
  sched_switch: [
    4,
    ['prev_comm', 'prev_pid', 'prev_prio', 'prev_state', 'next_comm', 'next_pid', 'next_prio'],
  ],
  sched_wakeup: [17, ['comm', 'pid', 'prio', 'success', 'target_cpu']],
  sched_waking: [20, ['comm', 'pid', 'prio', 'success', 'target_cpu']],
  sched_wakeup_new: [114, ['comm', 'pid', 'prio', 'success', 'target_cpu']],
  task_newtask: [235, ['pid', 'comm', 'clone_flags']],
  task_rename: [236, ['pid', 'oldcomm', 'newcomm']],
  sched_process_exec: [237, ['filename', 'pid', 'old_pid']],
  sched_process_exit: [238, ['comm', 'pid', 'tgid', 'prio']],
  sched_process_fork: [239, ['parent_comm', 'parent_pid', 'child_comm', 'child_pid']],
  sched_migrate_task: [491, ['comm', 'pid', 'prio', 'orig_cpu', 'dest_cpu']],
};
const GENERIC = 327;
const STATES = ['R', 'S', 'D', 'T', 't', 'X', 'Z', 'P', 'I'];
const MARKER = '82477a76b28d42ba81dc33326d57a079';

/** A message being written. */
export class ProtoWriter {
  readonly #bytes: number[] = [];

  varint(field: number, value: number | bigint): this {
    this.#number(BigInt(field * 8));
    return this.raw(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#number(BigInt(field * 8 + 2));
    this.#number(BigInt(value.length));
    for (const byte of value) this.#bytes.push(byte);
    return this;
  }

  message(field: number, message: ProtoWriter): this {
    return this.bytes(field, message.finish());
  }

  packed(field: number, values: readonly (number | bigint)[]): this {
    if (values.length === 0) return this;
    const packed = new ProtoWriter();
    for (const value of values) packed.raw(value);
    return this.message(field, packed);
  }

  raw(value: number | bigint): this {
    this.#number(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #number(value: bigint): void {
    let left = value;
    for (; left >= 128n; left >>= 7n) this.#bytes.push(Number(left & 127n) | 128);
    this.#bytes.push(Number(left));
  }
}

/**
 * The events of a store as the kernel recorded them. Text has microseconds: where several events of a CPU share one, they
 * are set apart by nanoseconds, so that their order stays known.
 */
export function kernelEvents(store: EventStore): KernelEvent[] {
  const { tasks } = store;
  const latest = new Map<number, bigint>();
  return Array.from({ length: store.length }, (_, row) => {
    const cpu = store.cpu[row]!;
    const time = store.absoluteNs(row);
    const before = latest.get(cpu);
    const ns = before !== undefined && time <= before ? before + 1n : time;
    latest.set(cpu, ns);
    const actor = store.actor[row]!;
    const pid = actor === NO_TASK ? 0 : tasks.pids[actor]!;
    return { cpu, ns: String(ns), pid, name: EVENT_NAMES[store.type[row]!]!, fields: fieldsOf(store, row) };
  });
}

function fieldsOf(store: EventStore, row: number): Record<string, Value> {
  const { tasks } = store;
  const comm = (task: number) => (task === 0 ? `swapper/${store.cpu[row]!}` : tasks.comms[task]!);
  const actor = store.actor[row]!;
  const subject = store.subject[row]!;
  const arg = store.arg[row]!;
  const of = { comm: comm(subject), pid: tasks.pids[subject]!, prio: store.subjectPrio[row]! };
  switch (EVENT_NAMES[store.type[row]!]) {
    case 'sched_switch':
      return {
        prev_comm: comm(actor),
        prev_pid: tasks.pids[actor]!,
        prev_prio: store.actorPrio[row]!,
        prev_state: stateNumber(store.states.get(store.state[row]!)),
        next_comm: of.comm,
        next_pid: of.pid,
        next_prio: of.prio,
      };
    case 'sched_migrate_task':
      return { ...of, orig_cpu: Math.floor(arg / 65536), dest_cpu: arg % 65536 };
    case 'sched_stat_runtime':
      return { comm: of.comm, pid: of.pid, runtime: arg };
    case 'sched_process_fork':
      return {
        parent_comm: comm(actor),
        parent_pid: tasks.pids[actor]!,
        child_comm: of.comm,
        child_pid: of.pid,
      };
    case 'sched_process_exit':
      return of;
    case 'sched_process_exec':
      return { filename: store.execFiles.get(store.line[row]!) ?? '', pid: of.pid, old_pid: arg };
    default:
      return { ...of, success: 1, target_cpu: arg };
  }
}

/** On Linux since 4.14. */
function stateNumber(text: string): number {
  const letters = text.replace('+', '').split('|');
  const bits = letters.map((letter) => STATES.indexOf(letter));
  const sum = bits.reduce((all, bit) => all | (bit > 0 ? 1 << (bit - 1) : 0), 0);
  return text.endsWith('+') ? sum | 0x100 : sum;
}

/** A trace of events that are in order of time. */
export function perfettoTrace(events: readonly KernelEvent[], options: PerfettoOptions = {}): Uint8Array {
  const { roundEvents = 1000, compression } = options;
  const packets: ProtoWriter[] = [new ProtoWriter().bytes(36, Buffer.from(MARKER, 'hex'))];
  if (options.release !== undefined) packets.push(systemInfo(options.release, options.cpuCount));
  const bundles: ProtoWriter[] = [];
  for (let at = 0, round = 0; at < events.length; at += roundEvents, round += 1) {
    const brought = events.slice(at, at + roundEvents);
    const cpus = [...new Set(brought.map(({ cpu }) => cpu))].sort((a, b) => a - b);
    for (const cpu of cpus) {
      const isAfterLoss = options.losses?.some((loss) => loss.cpu === cpu && loss.round === round) === true;
      const ofCpu = brought.filter((event) => event.cpu === cpu);
      bundles.push(ftracePacket(cpu, ofCpu, isAfterLoss, options.isCompact === true));
    }
  }
  if (compression === 'zlib') {
    const inner = new ProtoWriter();
    for (const bundle of bundles) inner.message(1, bundle);
    packets.push(new ProtoWriter().bytes(50, deflateSync(inner.finish())));
  } else packets.push(...bundles);
  if (options.tgids !== undefined) packets.push(processTree(options.tgids));
  if (options.overwritten !== undefined) packets.push(ftraceStats(options.overwritten));
  const trace = new ProtoWriter();
  for (const packet of packets) trace.message(1, packet.varint(10, 1));
  return trace.finish();
}

export function ftracePacket(
  cpu: number,
  events: readonly KernelEvent[],
  isAfterLoss = false,
  isCompact = false,
): ProtoWriter {
  const bundle = new ProtoWriter().varint(1, cpu);
  const isArray = ({ name }: KernelEvent) => isCompact && /^sched_(?:switch|waking)$/.test(name);
  for (const event of events) if (!isArray(event)) bundle.message(2, ftraceEvent(event));
  if (isAfterLoss) bundle.varint(3, 1);
  const compact = events.filter(isArray);
  if (compact.length > 0) bundle.message(4, compactSched(compact));
  return new ProtoWriter().message(1, bundle);
}

function ftraceEvent({ ns, pid, name, fields }: KernelEvent): ProtoWriter {
  const writer = new ProtoWriter().varint(1, BigInt(ns)).varint(2, pid);
  const known = EVENT_FIELDS[name];
  if (known === undefined) return writer.message(GENERIC, genericEvent(name, fields));
  const [id, names] = known;
  const event = new ProtoWriter();
  names.forEach((field, index) => {
    const value = fields[field];
    if (typeof value === 'string') event.text(index + 1, value);
    else if (value !== undefined) event.varint(index + 1, value);
  });
  return writer.message(id, event);
}

function genericEvent(name: string, fields: KernelEvent['fields']): ProtoWriter {
  const event = new ProtoWriter().text(1, name);
  for (const [field, value] of Object.entries(fields)) {
    const entry = new ProtoWriter().text(1, field);
    if (typeof value === 'string') entry.text(3, value);
    else entry.varint(4, value);
    event.message(2, entry);
  }
  return event;
}

function compactSched(events: readonly KernelEvent[]): ProtoWriter {
  const names: string[] = [];
  const indexOf = (name: Value | undefined) => {
    const known = names.indexOf(String(name));
    return known >= 0 ? known : names.push(String(name)) - 1;
  };
  const numbers = (of: readonly KernelEvent[], field: string) =>
    of.map(({ fields }) => Number(fields[field]));
  const switches = events.filter(({ name }) => name === 'sched_switch');
  const wakings = events.filter(({ name }) => name === 'sched_waking');
  const writer = new ProtoWriter()
    .packed(1, distances(switches))
    .packed(2, numbers(switches, 'prev_state'))
    .packed(3, numbers(switches, 'next_pid'))
    .packed(4, numbers(switches, 'next_prio'))
    .packed(
      6,
      switches.map(({ fields }) => indexOf(fields['next_comm'])),
    )
    .packed(7, distances(wakings))
    .packed(8, numbers(wakings, 'pid'))
    .packed(9, numbers(wakings, 'target_cpu'))
    .packed(10, numbers(wakings, 'prio'))
    .packed(
      11,
      wakings.map(({ fields }) => indexOf(fields['comm'])),
    );
  for (const name of names) writer.text(5, name);
  return writer;
}

function distances(events: readonly KernelEvent[]): bigint[] {
  return events.map(({ ns }, index) => BigInt(ns) - (index === 0 ? 0n : BigInt(events[index - 1]!.ns)));
}

function systemInfo(release: string, cpuCount: number | undefined): ProtoWriter {
  const uname = new ProtoWriter().text(1, 'Linux').text(3, release).text(4, 'x86_64');
  const info = new ProtoWriter().message(1, uname).text(4, 'written for a test');
  if (cpuCount !== undefined) info.varint(8, cpuCount);
  return new ProtoWriter().message(45, info);
}

function processTree(tgids: Readonly<Record<string, number>>): ProtoWriter {
  const tree = new ProtoWriter();
  for (const [tid, tgid] of Object.entries(tgids)) {
    tree.message(2, new ProtoWriter().varint(1, Number(tid)).varint(3, tgid));
  }
  return new ProtoWriter().message(2, tree);
}

function ftraceStats(overwritten: number): ProtoWriter {
  const cpu = new ProtoWriter().varint(1, 0).varint(2, 17).varint(3, overwritten);
  return new ProtoWriter().message(34, new ProtoWriter().varint(1, 2).message(2, cpu));
}
