/** Small Perfetto traces: events of tasks named `task<pid>`, and what a store says of them. */
import { expect } from 'vitest';
import { isFailure, messageOf } from '../../src/base/errors.js';
import { bytesAccess } from '../../src/base/randomAccess.js';
import { perfetto } from '../../src/trace/importers/perfetto/perfetto.js';
import { EventStore } from '../../src/trace/model/eventStore.js';
import { ProtoWriter, ftracePacket, type KernelEvent } from './perfettoWriter.js';
import { rowTexts } from './storeRows.js';

export function readPerfetto(bytes: Uint8Array): EventStore {
  const store = new EventStore();
  for (const doneBytes of perfetto.read(bytesAccess('mine', bytes), store)) {
    expect(doneBytes).toBeLessThanOrEqual(bytes.length);
  }
  return store;
}

/** The message of the failure. */
export function failure(bytes: Uint8Array): string {
  try {
    readPerfetto(bytes);
  } catch (error) {
    if (isFailure(error, 'bad-input')) return messageOf(error);
    throw error;
  }
  return 'no failure';
}

export function trace(...packets: readonly ProtoWriter[]): Uint8Array {
  const writer = new ProtoWriter();
  for (const packet of packets) writer.message(1, packet);
  return writer.finish();
}

export function event(
  ns: number | bigint,
  cpu: number,
  name: string,
  fields: KernelEvent['fields'],
  pid = 0,
) {
  return { cpu, ns: String(ns), pid, name, fields };
}

export function toTask(
  ns: number | bigint,
  pid: number,
  comm = `task${pid}`,
  cpu = 0,
  state = 1,
): KernelEvent {
  const prev = { prev_comm: 'x', prev_pid: 7, prev_prio: 120, prev_state: state };
  return event(ns, cpu, 'sched_switch', { ...prev, next_comm: comm, next_pid: pid, next_prio: 120 }, 7);
}

export function wakes(ns: number, pid: number, by: number, cpu = 0): KernelEvent {
  return event(
    ns,
    cpu,
    'sched_waking',
    { comm: `task${pid}`, pid, prio: 110, success: 1, target_cpu: 1 },
    by,
  );
}

export function arrays(cpu: number, events: readonly KernelEvent[], isAfterLoss = false): ProtoWriter {
  return ftracePacket(cpu, events, isAfterLoss, true);
}

/** Of each row: time, event, actor, subject. */
export function rows(store: EventStore): string[] {
  return rowTexts(store).map((row) => {
    const [time, , name, actor, subject] = row.split(' | ');
    return `${time} ${name} ${actor} ${subject}`;
  });
}

export function messages(store: EventStore): string[] {
  return store.diagnostics.map(({ message }) => message);
}

export function utsname(release: string): ProtoWriter {
  return new ProtoWriter().message(45, new ProtoWriter().message(1, new ProtoWriter().text(3, release)));
}
