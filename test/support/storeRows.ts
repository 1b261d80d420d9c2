import { EVENT_NAMES } from '../../src/trace/model/eventType.js';
import { NO_TASK } from '../../src/trace/model/taskTable.js';
import { UNKNOWN_PRIO, type EventStore } from '../../src/trace/model/eventStore.js';

/** One row of a store, spelt out, for comparing and for snapshots. */
export function rowText(store: EventStore, row: number): string {
  const task = (index: number) =>
    index === NO_TASK ? '?' : `${store.tasks.comms[index]!}:${store.tasks.pids[index]!}`;
  const prio = (value: number) => (value === UNKNOWN_PRIO ? '-' : String(value));
  return [
    store.absoluteNs(row),
    `cpu${store.cpu[row]!}`,
    EVENT_NAMES[store.type[row]!],
    task(store.actor[row]!),
    task(store.subject[row]!),
    `prio ${prio(store.actorPrio[row]!)}/${prio(store.subjectPrio[row]!)}`,
    `state ${store.states.get(store.state[row]!)}`,
    `flags ${store.flagTexts.get(store.flags[row]!)}`,
    `arg ${store.arg[row]!}`,
    `line ${store.line[row]!}`,
  ].join(' | ');
}

export function rowTexts(store: EventStore): string[] {
  return Array.from({ length: store.length }, (_, row) => rowText(store, row));
}
