/**
 * Binary scheduler events, by the layouts that the recording carries itself (`eventFormat.ts`): which fields an
 * event has, where, and how long they are differs between kernels and architectures.
 */
import { EventType, eventTypeOf } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { IDLE_TASK } from '../../model/taskTable.js';
import type { EventFormat } from './eventFormat.js';
import { LatencyFlags } from './latencyFlags.js';
import { prevStatePrinter } from './prevStateText.js';
import { RecentTasks } from './recentTasks.js';
import { RecordLayout, type CommPlace } from './recordLayout.js';

/** CPUs whose running task is remembered; the kernel's NR_CPUS limit is 8192. */
const TRACKED_CPUS = 8192;
/** States are cached by their low bits; the kernel's highest (TASK_STATE_MAX) is below. */
const CACHED_STATES = 65536;
const encoder = new TextEncoder();
const UNKNOWN_COMM = encoder.encode('<...>');

/** Adds one record `[at, at + length)` of `bytes` to the store; false when it does not fit the layout. */
type AddRecord = ReadPart<boolean>;
/** Number of the task that a record tells of. */
type TaskOf = ReadPart<number>;
type ReadPart<T> = (bytes: Uint8Array, view: DataView, at: number, length: number) => T;

export interface SchedRecordOptions {
  readonly isLittleEndian: boolean;
  /** Name of a thread where no switch has told it: cmdlines of trace.dat, COMM records of perf. */
  readonly commOf?: (pid: number) => Uint8Array | undefined;
}

/**
 * Reads scheduler records into a store. Where a record stands is set before each (`offsetNs`, `cpu`, `line`);
 * who ran comes from the record's own `common_pid`.
 */
export class SchedRecordReader {
  /** Time of the record, ns after the store's base (`EventStore.offsetOf`). */
  offsetNs = 0;
  cpu = 0;
  /** 1-based number of the record in its source. */
  line = 0;
  /** Wakeups that old kernels record with `success=0`: nobody was woken. They are counted, not added. */
  unsuccessfulWakeups = 0;

  readonly #store: EventStore;
  readonly #isLittleEndian: boolean;
  readonly #commOf: (pid: number) => Uint8Array | undefined;
  readonly #flags: LatencyFlags;
  readonly #recent: RecentTasks;
  readonly #readers: (AddRecord | undefined)[] = [];
  readonly #types: (EventType | undefined)[] = [];
  readonly #comm: CommPlace = { start: 0, end: 0 };
  readonly #runningTask = new Uint32Array(TRACKED_CPUS);
  readonly #runningPid = new Int32Array(TRACKED_CPUS).fill(-1);

  constructor(store: EventStore, { isLittleEndian, commOf }: SchedRecordOptions) {
    this.#store = store;
    this.#isLittleEndian = isLittleEndian;
    this.#commOf = commOf ?? (() => undefined);
    this.#flags = new LatencyFlags(store);
    this.#recent = new RecentTasks(store.tasks);
  }

  /**
   * Learns the layout of an event, under an id other than its own where the recording renumbers events.
   * `unknown`: no scheduler event of the model. `unusable`: it lacks a field that the model needs.
   */
  addFormat(format: EventFormat, id = format.id): 'added' | 'unknown' | 'unusable' {
    const type = eventTypeOf(format.name);
    if (type === undefined || id > 65535) return 'unknown';
    const layout = new RecordLayout(format, this.#isLittleEndian);
    const reader = this.#compile(type, format, layout);
    if (reader === undefined || !layout.isUsable) return 'unusable';
    this.#readers[id] = reader;
    this.#types[id] = type;
    return 'added';
  }

  /** Whether records of this id go into the model. */
  knows(id: number): boolean {
    return this.#readers[id] !== undefined;
  }

  typeOf(id: number): EventType | undefined {
    return this.#types[id];
  }

  /**
   * Adds the record of event `id` in `[at, at + length)`; `view` shows the same bytes. False when there is no such event
   * or the record is too short for its layout. Failure `EventRefused`: as of the store.
   */
  read(id: number, bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    return this.#readers[id]?.(bytes, view, at, length) ?? false;
  }

  /** Forgets who runs on a CPU: records were lost. */
  forget(cpu: number): void {
    if (cpu < TRACKED_CPUS) this.#runningPid[cpu] = -1;
  }

  #compile(type: EventType, format: EventFormat, layout: RecordLayout): AddRecord | undefined {
    switch (type) {
      case EventType.Switch:
        return this.#switch(format, layout);
      case EventType.Wakeup:
      case EventType.WakeupNew:
      case EventType.Waking:
        return this.#wakeup(type, layout);
      case EventType.Migrate:
        return this.#migrate(layout);
      case EventType.StatRuntime:
        return this.#statRuntime(layout);
      case EventType.Fork:
        return this.#fork(layout);
      case EventType.Exit:
        return this.#exit(layout);
      case EventType.Exec:
        return this.#exec(layout);
    }
  }

  #switch(format: EventFormat, layout: RecordLayout): AddRecord {
    const store = this.#store;
    const prevOf = this.#subject(layout, 'prev_comm', 'prev_pid');
    const nextOf = this.#subject(layout, 'next_comm', 'next_pid');
    const nextPid = layout.int32('next_pid');
    const prevPrio = layout.int32('prev_prio');
    const prevState = layout.int32('prev_state');
    const nextPrio = layout.int32('next_prio');
    const flagsOf = this.#commonFlags(layout);
    const stateOf = this.#stateNumbers(prevStatePrinter(format.printFormat));
    const little = this.#isLittleEndian;
    const { minimumBytes } = layout;
    return (bytes, view, at, length) => {
      if (length < minimumBytes) return false;
      const actor = prevOf(bytes, view, at, length);
      const subject = nextOf(bytes, view, at, length);
      if (actor < 0 || subject < 0) return false;
      store.addAt(
        EventType.Switch,
        this.offsetNs,
        this.cpu,
        actor,
        subject,
        prioOf(view.getInt32(at + prevPrio, little)),
        prioOf(view.getInt32(at + nextPrio, little)),
        stateOf(view.getInt32(at + prevState, little)),
        flagsOf(bytes, at),
        0,
        this.line,
      );
      if (this.cpu < TRACKED_CPUS) {
        this.#runningTask[this.cpu] = subject;
        this.#runningPid[this.cpu] = view.getInt32(at + nextPid, little);
      }
      return true;
    };
  }

  #wakeup(type: EventType, layout: RecordLayout): AddRecord {
    const store = this.#store;
    const subjectOf = this.#subject(layout, 'comm', 'pid');
    const prio = layout.int32('prio');
    const target = layout.int32('target_cpu', 'cpu');
    const success = layout.optionalInt32('success');
    const flagsOf = this.#commonFlags(layout);
    const actorOf = this.#actor(layout);
    const little = this.#isLittleEndian;
    const { minimumBytes } = layout;
    return (bytes, view, at, length) => {
      if (length < minimumBytes) return false;
      if (success !== undefined && view.getInt32(at + success, little) === 0) {
        this.unsuccessfulWakeups += 1;
        return true;
      }
      const actor = actorOf(view, at);
      const subject = subjectOf(bytes, view, at, length);
      if (subject < 0) return false;
      const prioValue = prioOf(view.getInt32(at + prio, little));
      const targetCpu = Math.max(-1, view.getInt32(at + target, little));
      store.addAt(
        type,
        this.offsetNs,
        this.cpu,
        actor,
        subject,
        UNKNOWN_PRIO,
        prioValue,
        0,
        flagsOf(bytes, at),
        targetCpu,
        this.line,
      );
      return true;
    };
  }

  #migrate(layout: RecordLayout): AddRecord {
    const prio = layout.int32('prio');
    const orig = layout.int32('orig_cpu');
    const dest = layout.int32('dest_cpu');
    const little = this.#isLittleEndian;
    return this.#ofOneTask(EventType.Migrate, layout, prio, (view, at) => {
      const from = view.getInt32(at + orig, little);
      const to = view.getInt32(at + dest, little);
      return from < 0 || to < 0 || from > 65534 || to > 65534 ? NaN : from * 65536 + to;
    });
  }

  #exit(layout: RecordLayout): AddRecord {
    return this.#ofOneTask(EventType.Exit, layout, layout.int32('prio'), () => 0);
  }

  #statRuntime(layout: RecordLayout): AddRecord {
    const runtime = layout.int64('runtime');
    const vruntime = layout.optionalInt64('vruntime');
    const little = this.#isLittleEndian;
    const high = runtime + (little ? 4 : 0);
    const low = runtime + (little ? 0 : 4);
    // In halves: a BigInt for each event would cost more than all the rest of it.
    const add = this.#ofOneTask(
      EventType.StatRuntime,
      layout,
      undefined,
      (view, at) => view.getUint32(at + high, little) * 2 ** 32 + view.getUint32(at + low, little),
    );
    if (vruntime === undefined) return add;
    return (bytes, view, at, length) => {
      if (!add(bytes, view, at, length)) return false;
      this.#store.setVruntime(this.#store.length - 1, view.getBigInt64(at + vruntime, little));
      return true;
    };
  }

  /** Events about one task, `comm` and `pid`, with one number of their own; NaN where that makes no sense. */
  #ofOneTask(
    type: EventType,
    layout: RecordLayout,
    prio: number | undefined,
    argOf: (view: DataView, at: number) => number,
  ): AddRecord {
    const store = this.#store;
    const subjectOf = this.#subject(layout, 'comm', 'pid');
    const flagsOf = this.#commonFlags(layout);
    const actorOf = this.#actor(layout);
    const { minimumBytes } = layout;
    return (bytes, view, at, length) => {
      if (length < minimumBytes) return false;
      const arg = argOf(view, at);
      if (Number.isNaN(arg)) return false;
      const subject = subjectOf(bytes, view, at, length);
      if (subject < 0) return false;
      this.#nameRunning(subject);
      const actor = actorOf(view, at);
      const prioValue =
        prio === undefined ? UNKNOWN_PRIO : prioOf(view.getInt32(at + prio, this.#isLittleEndian));
      const flags = flagsOf(bytes, at);
      store.addAt(
        type,
        this.offsetNs,
        this.cpu,
        actor,
        subject,
        UNKNOWN_PRIO,
        prioValue,
        0,
        flags,
        arg,
        this.line,
      );
      return true;
    };
  }

  #fork(layout: RecordLayout): AddRecord {
    const parentOf = this.#subject(layout, 'parent_comm', 'parent_pid');
    const childOf = this.#subject(layout, 'child_comm', 'child_pid');
    const flagsOf = this.#commonFlags(layout);
    const { minimumBytes } = layout;
    return (bytes, view, at, length) => {
      if (length < minimumBytes) return false;
      const parent = parentOf(bytes, view, at, length);
      const child = childOf(bytes, view, at, length);
      if (parent < 0 || child < 0) return false;
      this.#add(EventType.Fork, parent, child, flagsOf(bytes, at), 0);
      return true;
    };
  }

  #exec(layout: RecordLayout): AddRecord {
    const filename = layout.text('filename');
    const oldPid = layout.int32('old_pid');
    const flagsOf = this.#commonFlags(layout);
    const actorOf = this.#actor(layout);
    const comm = this.#comm;
    const decoder = new TextDecoder();
    const { minimumBytes } = layout;
    return (bytes, view, at, length) => {
      if (length < minimumBytes || !filename(bytes, view, at, length, comm)) return false;
      const file = decoder.decode(bytes.subarray(comm.start, comm.end));
      const actor = actorOf(view, at);
      this.#add(
        EventType.Exec,
        actor,
        actor,
        flagsOf(bytes, at),
        view.getInt32(at + oldPid, this.#isLittleEndian),
      );
      this.#store.setExecFile(this.line, file);
      return true;
    };
  }

  #add(type: EventType, actor: number, subject: number, flags: number, arg: number): void {
    const { offsetNs, cpu, line } = this;
    this.#store.addAt(type, offsetNs, cpu, actor, subject, UNKNOWN_PRIO, UNKNOWN_PRIO, 0, flags, arg, line);
  }

  /** Task of a pid and comm; -1 where the comm lies outside the record. */
  #subject(layout: RecordLayout, commName: string, pidName: string): TaskOf {
    const { tasks } = this.#store;
    const recent = this.#recent;
    const pidAt = layout.int32(pidName);
    const little = this.#isLittleEndian;
    const commAt = layout.optionalComm16(commName);
    if (commAt !== undefined) {
      return (bytes, view, at) => recent.taskOf(view.getInt32(at + pidAt, little), bytes, view, at + commAt);
    }
    const comm = layout.optionalText(commName);
    // Since 6.18-rc some events carry no comm any more.
    if (comm === undefined) return (_bytes, view, at) => this.#knownTask(view.getInt32(at + pidAt, little));
    const place = this.#comm;
    return (bytes, view, at, length) => {
      if (!comm(bytes, view, at, length, place)) return -1;
      return tasks.internBytes(view.getInt32(at + pidAt, little), bytes, place.start, place.end);
    };
  }

  /** A thread that ran an exec has another comm since it was switched to: what tells of itself shows it. */
  #nameRunning(task: number): void {
    const { cpu } = this;
    if (cpu < TRACKED_CPUS && this.#runningPid[cpu] === this.#store.tasks.pids[task]) {
      this.#runningTask[cpu] = task;
    }
  }

  /** Who ran: the task switched to last on the CPU when its pid agrees, under the name that it had there. */
  #actor(layout: RecordLayout): (view: DataView, at: number) => number {
    const pidAt = layout.int32('common_pid');
    const little = this.#isLittleEndian;
    return (view, at) => {
      const pid = view.getInt32(at + pidAt, little);
      if (pid === 0) return IDLE_TASK;
      const { cpu } = this;
      if (cpu < TRACKED_CPUS && this.#runningPid[cpu] === pid) return this.#runningTask[cpu]!;
      return this.#knownTask(pid);
    };
  }

  #knownTask(pid: number): number {
    const { tasks } = this.#store;
    const name = this.#commOf(pid);
    if (name !== undefined) return tasks.internBytes(pid, name, 0, name.length);
    return tasks.internAbbreviated(pid, UNKNOWN_COMM, 0, UNKNOWN_COMM.length);
  }

  #commonFlags(layout: RecordLayout): (bytes: Uint8Array, at: number) => number {
    const flagsAt = layout.optionalByte('common_flags');
    const countAt = layout.optionalByte('common_preempt_count');
    if (flagsAt === undefined || countAt === undefined) return () => 0;
    const flags = this.#flags;
    return (bytes, at) => flags.numberOf(bytes[at + flagsAt]!, bytes[at + countAt]!);
  }

  #stateNumbers(print: (prevState: number) => string): (prevState: number) => number {
    const { states } = this.#store;
    const numbers = new Uint16Array(CACHED_STATES);
    return (prevState) => {
      const key = prevState & (CACHED_STATES - 1);
      if (key !== prevState) return states.intern(print(prevState));
      const known = numbers[key]!;
      if (known !== 0) return known;
      return (numbers[key] = states.intern(print(prevState)));
    };
  }
}

/** Priorities are -1…139; anything else would not fit the column. */
function prioOf(value: number): number {
  return value > -32768 && value < 32768 ? value : UNKNOWN_PRIO;
}
