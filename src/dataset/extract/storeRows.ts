import { EventType } from '../../trace/model/eventType.js';
import type { EventStore } from '../../trace/model/eventStore.js';
import { NO_TASK } from '../../trace/model/taskTable.js';
import { contestedOf } from './contested.js';
import type { SwitchRows, Symbols } from './switchRows.js';

const SWITCH: number = EventType.Switch;
const UNMAPPED = 0xffff_fffe;

/** The switches of a recording, with the data set's numbers of tasks and states. The store is no longer needed after. */
export function switchesOf(store: EventStore, symbols: Symbols): SwitchRows {
  const length = store.countOf(EventType.Switch);
  const rows: SwitchRows = {
    length,
    baseNs: store.baseNs,
    timeNs: new Float64Array(length),
    task: new Uint32Array(length),
    state: new Uint16Array(length),
    cpu: new Uint16Array(length),
    contested: contestedOf(store),
  };
  const tasks = new Uint32Array(store.tasks.taskCount).fill(UNMAPPED);
  const states = store.states.values().map((state) => symbols.states.intern(state));
  let to = 0;
  for (let row = 0; row < store.length; row += 1) {
    if (store.type[row] !== SWITCH) continue;
    const task = store.subject[row]!;
    rows.timeNs[to] = store.timeNs[row]!;
    rows.cpu[to] = store.cpu[row]!;
    rows.state[to] = states[store.state[row]!]!;
    if (task === NO_TASK) rows.task[to] = NO_TASK;
    else {
      if (tasks[task] === UNMAPPED) tasks[task] = numberOf(store, symbols, task);
      rows.task[to] = tasks[task]!;
    }
    to += 1;
  }
  return rows;
}

function numberOf(store: EventStore, symbols: Symbols, task: number): number {
  const bytes = store.tasks.commBytes(task);
  return symbols.tasks.internBytes(store.tasks.pids[task]!, bytes, 0, bytes.length);
}
