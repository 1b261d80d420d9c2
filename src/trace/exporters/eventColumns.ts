import { EVENT_NAMES, EventType } from '../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../model/taskTable.js';

/** Event types by the value of the type column. */
const EVENT_TYPES: readonly EventType[] = [
  EventType.Switch,
  EventType.Wakeup,
  EventType.WakeupNew,
  EventType.Waking,
  EventType.Migrate,
  EventType.StatRuntime,
  EventType.Fork,
  EventType.Exit,
  EventType.Exec,
];

/** What one cell of the full table holds; null: not told, or the event has no such field. */
export type Cell = number | bigint | string | null;

/** A column of the full event table, as `csv` and `parquet` write it. */
export interface EventColumn {
  readonly name: string;
  readonly type: 'INT32' | 'INT64' | 'STRING';
  readonly nullable: boolean;
  readonly cell: (store: EventStore, row: number) => Cell;
}

/**
 * The full table: one row an event. The *actor* ran on the CPU (previous task, waker, parent), the *subject* is
 * whom the event is about (next, woken, migrated, charged, new or ending task). Times in ns.
 */
export const EVENT_COLUMNS: readonly EventColumn[] = [
  column('time_ns', 'INT64', (store, row) => store.absoluteNs(row), false),
  column('cpu', 'INT32', (store, row) => store.cpu[row]!, false),
  column('event', 'STRING', (store, row) => EVENT_NAMES[store.type[row]!]!, false),
  column('actor_pid', 'INT32', (store, row) => pidOf(store, store.actor[row]!)),
  column('actor_tgid', 'INT32', (store, row) => tgidOf(store, store.actor[row]!)),
  column('actor_comm', 'STRING', (store, row) => commOf(store, store.actor[row]!, store.cpu[row]!)),
  column('actor_prio', 'INT32', (store, row) => prioOf(store.actorPrio[row]!)),
  column('subject_pid', 'INT32', (store, row) => pidOf(store, store.subject[row]!)),
  column('subject_tgid', 'INT32', (store, row) => tgidOf(store, store.subject[row]!)),
  column('subject_comm', 'STRING', (store, row) => commOf(store, store.subject[row]!, store.cpu[row]!)),
  column('subject_prio', 'INT32', (store, row) => prioOf(store.subjectPrio[row]!)),
  column('prev_state', 'STRING', (store, row) => textOrNull(store.states.get(store.state[row]!))),
  column('target_cpu', 'INT32', (store, row) => (isWakeup(store, row) ? cpuOrNull(store.arg[row]!) : null)),
  column('orig_cpu', 'INT32', (store, row) =>
    isOf(store, row, EventType.Migrate) ? Math.floor(store.arg[row]! / 65536) : null,
  ),
  column('dest_cpu', 'INT32', (store, row) =>
    isOf(store, row, EventType.Migrate) ? store.arg[row]! % 65536 : null,
  ),
  column('runtime_ns', 'INT64', (store, row) =>
    isOf(store, row, EventType.StatRuntime) ? BigInt(store.arg[row]!) : null,
  ),
  column('vruntime_ns', 'INT64', (store, row) =>
    isOf(store, row, EventType.StatRuntime) ? (store.vruntimeNs?.[row] ?? null) : null,
  ),
  column('old_pid', 'INT32', (store, row) => (isOf(store, row, EventType.Exec) ? store.arg[row]! : null)),
  column('filename', 'STRING', (store, row) =>
    isOf(store, row, EventType.Exec) ? (store.execFiles.get(store.line[row]!) ?? null) : null,
  ),
  column('flags', 'STRING', (store, row) => textOrNull(store.flagTexts.get(store.flags[row]!))),
  column('line', 'INT32', (store, row) => store.placeOf(store.line[row]!).line, false),
];

/** Of a recording in several files: which one `line` is of. */
const SOURCE = column(
  'source',
  'STRING',
  (store, row) => store.sources[store.placeOf(store.line[row]!).source] ?? null,
);

/** The columns for a recording: one more when it lies in several files. */
export function eventColumns(store: EventStore): readonly EventColumn[] {
  return store.sources.length > 1 ? [...EVENT_COLUMNS, SOURCE] : EVENT_COLUMNS;
}

function column(
  name: string,
  type: EventColumn['type'],
  cell: EventColumn['cell'],
  nullable = true,
): EventColumn {
  return { name, type, cell, nullable };
}

export function pidOf(store: EventStore, task: number): number | null {
  return task === NO_TASK ? null : store.tasks.pids[task]!;
}

export function tgidOf(store: EventStore, task: number): number | null {
  if (task === NO_TASK) return null;
  const tgid = store.tasks.threadTgids[store.tasks.threads[task]!]!;
  return tgid <= 0 ? null : tgid;
}

/** The model has one idle task; the kernel names it by CPU. */
export function commOf(store: EventStore, task: number, cpu: number): string | null {
  if (task === NO_TASK) return null;
  return task === IDLE_TASK ? `swapper/${cpu}` : store.tasks.comms[task]!;
}

function prioOf(prio: number): number | null {
  return prio === UNKNOWN_PRIO ? null : prio;
}

function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}

function cpuOrNull(cpu: number): number | null {
  return cpu < 0 ? null : cpu;
}

export function typeOf(store: EventStore, row: number): EventType {
  return EVENT_TYPES[store.type[row]!]!;
}

function isOf(store: EventStore, row: number, type: EventType): boolean {
  return typeOf(store, row) === type;
}

function isWakeup(store: EventStore, row: number): boolean {
  const type = typeOf(store, row);
  return type === EventType.Wakeup || type === EventType.WakeupNew || type === EventType.Waking;
}
