import { EVENT_NAMES, EventType } from '../../src/trace/model/eventType.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { NO_TASK } from '../../src/trace/model/taskTable.js';
import { DefectError } from './defect.js';

/** CPU numbers are held in 16 bits, of which the highest value says "not known". */
const MAX_CPUS = 65_535;
/** A user reads remarks; whoever writes more than this has forgotten to count instead. */
const MAX_DIAGNOSTICS = 1000;

const WAKEUPS = new Set<number>([EventType.Wakeup, EventType.WakeupNew, EventType.Waking]);
const MIGRATE: number = EventType.Migrate;

/** What must be true of every model that an importer gives away, whatever the bytes were. */
export function checkStore(store: EventStore): void {
  const { length, tasks } = store;
  require(length > 0, 'the store is empty, and that was no failure');
  require(store.isSorted, 'the store is not sorted');
  require(store.cpuLimit <= MAX_CPUS, `CPU ${store.cpuLimit - 1} does not fit its column`);
  require(tasks.threads.every(
    (thread) => thread < tasks.threadCount,
  ), 'a task of a thread that is not there');
  require(tasks.threadTasks.every((task) => task < tasks.taskCount), 'a thread of a task that is not there');
  require(tasks.pids.every(isPid), 'a pid that is no 32-bit number');
  require(tasks.threadTgids.every(
    (tgid) => tgid === -1 || isPid(tgid),
  ), 'a thread group that is no 32-bit number');
  checkRows(store);
  checkLosses(store);
  checkMetadata(store);
}

function checkRows(store: EventStore): void {
  const { timeNs, type, cpu, actor, subject, state, flags, arg, line } = store;
  const tasks = store.tasks.taskCount;
  const isTask = (task: number) => task < tasks || task === NO_TASK;
  let before = -Infinity;
  const counts = EVENT_NAMES.map(() => 0);
  for (let row = 0; row < store.length; row += 1) {
    const time = timeNs[row]!;
    require(Number.isSafeInteger(time), `row ${row}: time ${time}`);
    require(time >= before, `row ${row}: time ${time} after ${before}`);
    before = time;
    require(type[row]! < EVENT_NAMES.length, `row ${row}: type ${type[row]!}`);
    counts[type[row]!]! += 1;
    require(cpu[row]! < store.cpuLimit, `row ${row}: CPU ${cpu[row]!} of ${store.cpuLimit}`);
    require(isTask(actor[row]!) && isTask(subject[row]!), `row ${row}: a task that is not there`);
    require(state[row]! < store.states.size, `row ${row}: state ${state[row]!}`);
    require(flags[row]! < store.flagTexts.size, `row ${row}: flags ${flags[row]!}`);
    require(isArg(type[row]!, arg[row]!), `row ${row}: arg ${arg[row]!} of ${EVENT_NAMES[type[row]!]}`);
    require(line[row]! > 0, `row ${row}: line 0`);
  }
  require(store.startNs === timeNs[0] && store.endNs === before, 'the span is not that of the rows');
  const reported: Partial<Record<string, number>> = store.eventCounts();
  require(counts.every(
    (count, each) => count === (reported[EVENT_NAMES[each]!] ?? 0),
  ), 'the counts by type are not those of the rows');
  require(store.vruntimeNs === undefined || store.vruntimeNs.length >= store.length, 'vruntimes are missing');
}

function isArg(type: number, value: number): boolean {
  if (!Number.isSafeInteger(value)) return false;
  if (WAKEUPS.has(type)) return value >= -1 && value < MAX_CPUS;
  return type !== MIGRATE || (value >= 0 && value < 65536 * 65536);
}

function checkLosses(store: EventStore): void {
  for (const { cpu, count, afterNs, beforeNs, line } of store.losses) {
    require(Number.isInteger(cpu) && cpu >= 0 && cpu < store.cpuLimit, `a loss on CPU ${cpu}`);
    require(count === undefined || (Number.isSafeInteger(count) && count >= 0), `a loss of ${count} events`);
    require(afterNs === undefined || Number.isSafeInteger(afterNs), `a loss after ${afterNs} ns`);
    require(beforeNs === undefined || Number.isSafeInteger(beforeNs), `a loss before ${beforeNs} ns`);
    require(Number.isSafeInteger(line) && line > 0, `a loss in line ${line}`);
  }
  require(Number.isSafeInteger(store.lostEventCount()), `${store.lostEventCount()} lost events in all`);
}

function checkMetadata({ metadata, diagnostics, execFiles }: EventStore): void {
  const { cpuCount, overwrittenEvents, properties } = metadata;
  require(metadata.format !== '', 'the model does not tell its format');
  require(cpuCount === undefined ||
    (Number.isSafeInteger(cpuCount) &&
      cpuCount > 0 &&
      cpuCount <= MAX_CPUS), `a machine of ${cpuCount} CPUs`);
  require(overwrittenEvents === undefined ||
    (Number.isSafeInteger(overwrittenEvents) &&
      overwrittenEvents >= 0), `${overwrittenEvents} overwritten events`);
  for (const [name, value] of properties)
    require(name !== '' && typeof value === 'string', `property ${name}`);
  require(diagnostics.length <= MAX_DIAGNOSTICS, `${diagnostics.length} remarks on one recording`);
  for (const { message, line } of diagnostics) {
    require(message !== '', 'a remark without a word');
    require(line === undefined || (Number.isSafeInteger(line) && line > 0), `a remark on line ${line}`);
  }
  for (const file of execFiles.values()) require(typeof file === 'string', 'an exec file that is no text');
}

/** `pid_t`: 32 bits with a sign. */
function isPid(pid: number): boolean {
  return pid === (pid | 0);
}

function require(condition: boolean, what: string): void {
  if (!condition) throw new DefectError(what);
}
