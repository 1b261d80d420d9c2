import { EventType } from '../../src/trace/model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../src/trace/model/eventStore.js';

/** Adds a switch `from → to` (pids; 0 is idle) at a time in ns; names are `task<pid>`. Returns its row. */
export function addSwitch(
  store: EventStore,
  timeNs: number,
  cpu: number,
  from: number,
  to: number,
  line = store.length + 1,
): number {
  const seconds = Math.floor(timeNs / 1e9);
  const task = (pid: number) => store.tasks.intern(pid, `task${pid}`);
  return store.add(
    EventType.Switch,
    seconds,
    timeNs - seconds * 1e9,
    cpu,
    task(from),
    task(to),
    120,
    120,
    store.states.intern('S'),
    store.flagTexts.intern('d..2.'),
    0,
    line,
  );
}

/** Adds a stat_runtime of a pid, with a virtual run time where given. Returns its row. */
export function addRuntime(
  store: EventStore,
  timeNs: number,
  cpu: number,
  pid: number,
  runtimeNs: number,
  vruntimeNs?: bigint,
): number {
  const seconds = Math.floor(timeNs / 1e9);
  const task = store.tasks.intern(pid, `task${pid}`);
  const row = store.add(
    EventType.StatRuntime,
    seconds,
    timeNs - seconds * 1e9,
    cpu,
    task,
    task,
    UNKNOWN_PRIO,
    UNKNOWN_PRIO,
    0,
    0,
    runtimeNs,
    store.length + 1,
  );
  if (vruntimeNs !== undefined) store.setVruntime(row, vruntimeNs);
  return row;
}
