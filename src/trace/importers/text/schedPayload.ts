/**
 * The kernel's own text of the sched events (`print fmt` in events/sched/*\/format), shared by tracefs text,
 * `perf script` and `trace-cmd report`:
 *
 *     prev_comm=a b prev_pid=1 prev_prio=120 prev_state=R+ ==> next_comm=c next_pid=2 next_prio=120
 *     comm=c pid=2 prio=120 [success=1] target_cpu=003
 *     comm=c pid=2 prio=120 orig_cpu=0 dest_cpu=1
 *     comm=c pid=2 runtime=52548 [ns] [vruntime=1234 [ns]]
 *     comm=bash pid=1 child_comm=bash child_pid=2
 *     comm=bash pid=2 prio=120 [group_dead=true]
 *     filename=/usr/bin/ls pid=2 old_pid=2
 *
 * A comm runs to the key that follows it: it may hold spaces, dashes, colons and `=`.
 */
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { NO_TASK } from '../../model/taskTable.js';
import { NumberReader, SPACE, ascii, find, findLast, startsWith, textOf } from './bytes.js';

const PREV_COMM = ascii('prev_comm=');
const PREV_PID = ascii(' prev_pid=');
const PREV_PRIO = ascii(' prev_prio=');
const PREV_STATE = ascii(' prev_state=');
const NEXT_COMM = ascii('next_comm=');
const NEXT_PID = ascii(' next_pid=');
const NEXT_PRIO = ascii(' next_prio=');
const COMM = ascii('comm=');
const PID = ascii(' pid=');
const PRIO = ascii(' prio=');
const SUCCESS = ascii(' success=');
const TARGET_CPU = ascii(' target_cpu=');
const ORIG_CPU = ascii(' orig_cpu=');
const DEST_CPU = ascii(' dest_cpu=');
const RUNTIME = ascii(' runtime=');
const VRUNTIME = ascii(' vruntime=');
/** The fields' own names, which `trace-cmd report -R` prints instead of the format's. */
const PARENT_COMM = ascii('parent_comm=');
const PARENT_PID = ascii(' parent_pid=');
const CHILD_COMM = ascii(' child_comm=');
const CHILD_PID = ascii(' child_pid=');
const FILENAME = ascii('filename=');
const OLD_PID = ascii(' old_pid=');

/** The events by name; a flat list, compared by bytes. */
const EVENTS: readonly { readonly name: Uint8Array; readonly type: EventType }[] = [
  { name: ascii('sched_switch'), type: EventType.Switch },
  { name: ascii('sched_wakeup'), type: EventType.Wakeup },
  { name: ascii('sched_waking'), type: EventType.Waking },
  { name: ascii('sched_migrate_task'), type: EventType.Migrate },
  { name: ascii('sched_stat_runtime'), type: EventType.StatRuntime },
  { name: ascii('sched_wakeup_new'), type: EventType.WakeupNew },
  { name: ascii('sched_process_fork'), type: EventType.Fork },
  { name: ascii('sched_process_exit'), type: EventType.Exit },
  { name: ascii('sched_process_exec'), type: EventType.Exec },
];

/** Type of the event whose name is `[start, end)`, or -1 when it is not one of the model. */
export function eventTypeOf(line: Uint8Array, start: number, end: number): EventType | -1 {
  // Every name of ours starts with "sched_"; the bytes after it decide.
  if (end - start < 12 || line[start] !== 0x73 || line[start + 5] !== 0x5f) return -1;
  for (const event of EVENTS) {
    if (event.name.length === end - start && startsWith(line, start, end, event.name)) return event.type;
  }
  return -1;
}

/** What a line says outside its payload. `actor` is the task that ran when it was recorded. */
export interface EventContext {
  seconds: number;
  nanoseconds: number;
  cpu: number;
  flags: number;
  actor: number;
  line: number;
}

/** Adds a row with what its line says outside the payload; returns its number. */
export function addEvent(
  store: EventStore,
  type: EventType,
  { seconds, nanoseconds, cpu, flags, line }: EventContext,
  actor: number,
  subject: number,
  actorPrio: number,
  subjectPrio: number,
  state: number,
  arg: number,
): number {
  return store.add(
    type,
    seconds,
    nanoseconds,
    cpu,
    actor === -1 ? NO_TASK : actor,
    subject,
    actorPrio,
    subjectPrio,
    state,
    flags,
    arg,
    line,
  );
}

/** Reads payloads and adds the rows. One instance a session. */
export class SchedPayloadReader {
  readonly #store: EventStore;
  readonly #numbers = new NumberReader();
  /** State numbers of one-character states, by character code; 0 not interned yet. */
  readonly #shortStates = new Uint16Array(128);
  /** Wakeups that old kernels print with `success=0`: nobody was woken. They are counted, not added. */
  unsuccessfulWakeups = 0;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Adds the event; false when the payload is not as the kernel prints it. */
  read(type: EventType, line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    switch (type) {
      case EventType.Switch:
        return this.#switch(line, at, end, context);
      case EventType.Wakeup:
      case EventType.WakeupNew:
      case EventType.Waking:
        return this.#wakeup(type, line, at, end, context);
      case EventType.Migrate:
        return this.#migrate(line, at, end, context);
      case EventType.StatRuntime:
        return this.#statRuntime(line, at, end, context);
      case EventType.Fork:
        return this.#fork(line, at, end, context);
      case EventType.Exit:
        return this.#exit(line, at, end, context);
      case EventType.Exec:
        return this.#exec(line, at, end, context);
    }
  }

  #switch(line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    const { tasks } = this.#store;
    if (!startsWith(line, at, end, PREV_COMM)) return false;
    const prevComm = at + PREV_COMM.length;
    const prevCommEnd = find(line, prevComm, end, PREV_PID);
    if (prevCommEnd < 0) return false;
    const prevPid = numbers.integer(line, prevCommEnd + PREV_PID.length, end);
    if (!numbers.ok || !startsWith(line, numbers.end, end, PREV_PRIO)) return false;
    const prevPrio = numbers.integer(line, numbers.end + PREV_PRIO.length, end);
    if (!numbers.ok || !startsWith(line, numbers.end, end, PREV_STATE)) return false;
    const stateStart = numbers.end + PREV_STATE.length;
    let stateEnd = stateStart;
    while (stateEnd < end && line[stateEnd] !== SPACE) stateEnd += 1;
    // `trace-cmd report -R` leaves the arrow out.
    const nextComm = find(line, stateEnd, Math.min(end, stateEnd + 16), NEXT_COMM);
    if (nextComm < 0) return false;
    const nextCommStart = nextComm + NEXT_COMM.length;
    const nextCommEnd = find(line, nextCommStart, end, NEXT_PID);
    if (nextCommEnd < 0) return false;
    const nextPid = numbers.integer(line, nextCommEnd + NEXT_PID.length, end);
    if (!numbers.ok || !startsWith(line, numbers.end, end, NEXT_PRIO)) return false;
    const nextPrio = numbers.integer(line, numbers.end + NEXT_PRIO.length, end);
    if (!numbers.ok) return false;
    const actor = tasks.internBytes(prevPid, line, prevComm, prevCommEnd);
    const subject = tasks.internBytes(nextPid, line, nextCommStart, nextCommEnd);
    const state = this.#stateOf(line, stateStart, stateEnd);
    addEvent(this.#store, EventType.Switch, context, actor, subject, prevPrio, nextPrio, state, 0);
    return true;
  }

  #wakeup(type: EventType, line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    const subject = this.#commPid(line, at, end);
    if (subject < 0 || !startsWith(line, numbers.end, end, PRIO)) return false;
    const prio = numbers.integer(line, numbers.end + PRIO.length, end);
    if (!numbers.ok) return false;
    if (startsWith(line, numbers.end, end, SUCCESS)) {
      const success = numbers.integer(line, numbers.end + SUCCESS.length, end);
      if (!numbers.ok) return false;
      if (success === 0) {
        this.unsuccessfulWakeups += 1;
        return true;
      }
    }
    if (!startsWith(line, numbers.end, end, TARGET_CPU)) return false;
    const target = numbers.integer(line, numbers.end + TARGET_CPU.length, end);
    if (!numbers.ok) return false;
    addEvent(this.#store, type, context, context.actor, subject, UNKNOWN_PRIO, prio, 0, target);
    return true;
  }

  #migrate(line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    const subject = this.#commPid(line, at, end);
    if (subject < 0 || !startsWith(line, numbers.end, end, PRIO)) return false;
    const prio = numbers.integer(line, numbers.end + PRIO.length, end);
    const origAt = find(line, numbers.end, end, ORIG_CPU);
    if (origAt < 0) return false;
    const orig = numbers.integer(line, origAt + ORIG_CPU.length, end);
    if (!numbers.ok || !startsWith(line, numbers.end, end, DEST_CPU)) return false;
    const dest = numbers.integer(line, numbers.end + DEST_CPU.length, end);
    if (!numbers.ok || orig < 0 || dest < 0 || orig > 65534 || dest > 65534) return false;
    addEvent(
      this.#store,
      EventType.Migrate,
      context,
      context.actor,
      subject,
      UNKNOWN_PRIO,
      prio,
      0,
      orig * 65536 + dest,
    );
    return true;
  }

  #statRuntime(line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    const subject = this.#commPid(line, at, end);
    if (subject < 0 || !startsWith(line, numbers.end, end, RUNTIME)) return false;
    const runtimeNs = numbers.integer(line, numbers.end + RUNTIME.length, end);
    if (!numbers.ok) return false;
    const vruntimeAt = find(line, numbers.end, end, VRUNTIME);
    const row = addEvent(
      this.#store,
      EventType.StatRuntime,
      context,
      context.actor,
      subject,
      UNKNOWN_PRIO,
      UNKNOWN_PRIO,
      0,
      runtimeNs,
    );
    if (vruntimeAt >= 0) {
      const digits = /^\d+/.exec(textOf(line, vruntimeAt + VRUNTIME.length, end));
      // vruntime is an unsigned 64-bit number that may stand just below 2^64 on new kernels.
      if (digits !== null) this.#store.setVruntime(row, BigInt.asIntN(64, BigInt(digits[0])));
    }
    return true;
  }

  #fork(line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    const parentEnd = find(line, at, end, CHILD_COMM);
    if (parentEnd < 0) return false;
    const isRaw = startsWith(line, at, end, PARENT_COMM);
    const parent = isRaw
      ? this.#commPid(line, at, parentEnd, PARENT_COMM, PARENT_PID)
      : this.#commPid(line, at, parentEnd);
    if (parent < 0 || !startsWith(line, numbers.end, end, CHILD_COMM)) return false;
    const childComm = numbers.end + CHILD_COMM.length;
    const childCommEnd = find(line, childComm, end, CHILD_PID);
    if (childCommEnd < 0) return false;
    const childPid = numbers.integer(line, childCommEnd + CHILD_PID.length, end);
    if (!numbers.ok) return false;
    const child = this.#store.tasks.internBytes(childPid, line, childComm, childCommEnd);
    addEvent(this.#store, EventType.Fork, context, parent, child, UNKNOWN_PRIO, UNKNOWN_PRIO, 0, 0);
    return true;
  }

  #exit(line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    const subject = this.#commPid(line, at, end);
    if (subject < 0 || !startsWith(line, numbers.end, end, PRIO)) return false;
    const prio = numbers.integer(line, numbers.end + PRIO.length, end);
    if (!numbers.ok) return false;
    addEvent(this.#store, EventType.Exit, context, context.actor, subject, UNKNOWN_PRIO, prio, 0, 0);
    return true;
  }

  #exec(line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    if (!startsWith(line, at, end, FILENAME)) return false;
    const fileStart = at + FILENAME.length;
    const fileEnd = findLast(line, fileStart, end, PID);
    if (fileEnd < 0) return false;
    numbers.integer(line, fileEnd + PID.length, end);
    if (!numbers.ok || !startsWith(line, numbers.end, end, OLD_PID)) return false;
    const oldPid = numbers.integer(line, numbers.end + OLD_PID.length, end);
    if (!numbers.ok) return false;
    this.#store.setExecFile(context.line, textOf(line, fileStart, fileEnd));
    addEvent(
      this.#store,
      EventType.Exec,
      context,
      context.actor,
      context.actor,
      UNKNOWN_PRIO,
      UNKNOWN_PRIO,
      0,
      oldPid,
    );
    return true;
  }

  /**
   * Task of `comm=… pid=N`, or -1; the number reader stands behind the pid. A comm may hold " pid=" itself, the keys
   * behind the pid do not: the last one is the key.
   */
  #commPid(line: Uint8Array, at: number, end: number, commKey = COMM, pidKey = PID): number {
    if (!startsWith(line, at, end, commKey)) return -1;
    const comm = at + commKey.length;
    const commEnd = findLast(line, comm, end, pidKey);
    if (commEnd < 0) return -1;
    const pid = this.#numbers.integer(line, commEnd + pidKey.length, end);
    return this.#numbers.ok ? this.#store.tasks.internBytes(pid, line, comm, commEnd) : -1;
  }

  #stateOf(line: Uint8Array, start: number, end: number): number {
    const code = line[start]!;
    if (end - start === 1 && code < 128) {
      const known = this.#shortStates[code]!;
      if (known !== 0) return known;
      return (this.#shortStates[code] = this.#store.states.intern(String.fromCharCode(code)));
    }
    return this.#store.states.intern(textOf(line, start, end));
  }
}
