/** Adds the scheduler's events of a CTF trace to a store. Which fields they have: `schedFields.ts`. */
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { EventType } from '../../model/eventType.js';
import { IDLE_TASK, NO_TASK } from '../../model/taskTable.js';
import { LatencyFlags } from '../tracepoint/latencyFlags.js';
import type { FieldMachine } from './fieldMachine.js';
import { CONTEXT_PREFIX } from './schedFields.js';
import type { EventLayout, Fields } from './streamLayout.js';

/** CPUs beyond are damage; the kernel's NR_CPUS limit is 8192. */
export const CPU_LIMIT = 8192;
/** States are cached by their low bits; the kernel's highest (TASK_STATE_MAX) is below. */
const CACHED_STATES = 65536;
/** LTTng records priorities less this (MAX_RT_PRIO), so that nice 0 is 20. */
const LTTNG_PRIO_BASE = 100;
const UNKNOWN_COMM = new TextEncoder().encode('<...>');

/** Where an event stands. */
export interface EventPlace {
  offsetNs: number;
  cpu: number;
  line: number;
}

/** Adds the event whose fields the machine has just read; false when its values make no sense. */
export type AddEvent = (machine: FieldMachine, place: EventPlace) => boolean;

type Task = (machine: FieldMachine) => number;

export class SchedEventAdder {
  /** Wakeups that old kernels record with `success=0`: nobody was woken. They are counted, not added. */
  unsuccessfulWakeups = 0;
  readonly #store: EventStore;
  readonly #printState: (prevState: number) => string;
  readonly #stateNumbers = new Uint16Array(CACHED_STATES);
  readonly #flags: LatencyFlags;
  readonly #runningTask = new Uint32Array(CPU_LIMIT);
  readonly #runningPid = new Int32Array(CPU_LIMIT).fill(-1);

  constructor(store: EventStore, printState: (prevState: number) => string) {
    this.#store = store;
    this.#printState = printState;
    this.#flags = new LatencyFlags(store);
  }

  /** Forgets who runs on a CPU: events were lost. */
  forget(cpu: number): void {
    if (cpu < CPU_LIMIT) this.#runningPid[cpu] = -1;
  }

  /** Undefined when the event is none of the scheduler's, or lacks a field that the model needs. */
  compile({ type, fields }: EventLayout): AddEvent | undefined {
    const flagsOf = this.#commonFlags(fields);
    switch (type) {
      case undefined:
        return undefined;
      case EventType.Switch:
        return this.#switch(fields, flagsOf);
      case EventType.Wakeup:
      case EventType.WakeupNew:
      case EventType.Waking:
        return this.#wakeup(type, fields, flagsOf);
      case EventType.Migrate:
        return this.#migrate(fields, flagsOf);
      case EventType.StatRuntime:
        return this.#statRuntime(fields, flagsOf);
      case EventType.Fork:
        return this.#fork(fields, flagsOf);
      case EventType.Exit:
        return this.#ofOneTask(EventType.Exit, fields, flagsOf, () => 0);
      case EventType.Exec:
        return this.#exec(fields, flagsOf);
    }
  }

  #switch(fields: Fields, flagsOf: Task): AddEvent | undefined {
    const store = this.#store;
    const prevPid = tidSlot(fields, 'prev_');
    const nextPid = tidSlot(fields, 'next_');
    const state = integerSlot(fields, 'prev_state');
    if (prevPid === undefined || nextPid === undefined || state === undefined) return undefined;
    const prev = this.#task(fields, prevPid, 'prev_comm');
    const next = this.#task(fields, nextPid, 'next_comm');
    const prevPrio = prioReader(fields, 'prev_prio', 'prev_tid');
    const nextPrio = prioReader(fields, 'next_prio', 'next_tid');
    const group = integerSlot(fields, 'perf_pid') ?? integerSlot(fields, `${CONTEXT_PREFIX}pid`);
    return (machine, { offsetNs, cpu, line }) => {
      const actor = prev(machine);
      const subject = next(machine);
      if (group !== undefined) this.#setGroup(actor, machine.low[group]!);
      const stateNumber = this.#stateNumber(machine.low[state]!);
      const flags = flagsOf(machine);
      store.addAt(
        EventType.Switch,
        offsetNs,
        cpu,
        actor,
        subject,
        prevPrio(machine),
        nextPrio(machine),
        stateNumber,
        flags,
        0,
        line,
      );
      this.#runningTask[cpu] = subject;
      this.#runningPid[cpu] = machine.low[nextPid]!;
      return true;
    };
  }

  #wakeup(type: EventType, fields: Fields, flagsOf: Task): AddEvent | undefined {
    const target = integerSlot(fields, 'target_cpu') ?? integerSlot(fields, 'cpu');
    const success = integerSlot(fields, 'success');
    const add = this.#ofOneTask(type, fields, flagsOf, (machine) => {
      const cpu = target === undefined ? -1 : machine.low[target]!;
      return cpu >= 0 && cpu < CPU_LIMIT ? cpu : -1;
    });
    if (add === undefined || success === undefined) return add;
    return (machine, place) => {
      if (machine.low[success] !== 0) return add(machine, place);
      this.unsuccessfulWakeups += 1;
      return true;
    };
  }

  #migrate(fields: Fields, flagsOf: Task): AddEvent | undefined {
    const orig = integerSlot(fields, 'orig_cpu');
    const dest = integerSlot(fields, 'dest_cpu');
    if (orig === undefined || dest === undefined) return undefined;
    return this.#ofOneTask(EventType.Migrate, fields, flagsOf, (machine) => {
      const from = machine.low[orig]!;
      const to = machine.low[dest]!;
      return from < 0 || to < 0 || from >= CPU_LIMIT || to >= CPU_LIMIT ? NaN : from * 65536 + to;
    });
  }

  #statRuntime(fields: Fields, flagsOf: Task): AddEvent | undefined {
    const runtime = integerSlot(fields, 'runtime');
    const vruntime = fields.get('vruntime');
    if (runtime === undefined) return undefined;
    const add = this.#ofOneTask(EventType.StatRuntime, fields, flagsOf, (machine) =>
      machine.unsigned(runtime),
    );
    if (add === undefined || vruntime?.sizeBits !== 64) return add;
    return (machine, place) => {
      if (!add(machine, place)) return false;
      this.#store.setVruntime(this.#store.length - 1, BigInt.asIntN(64, machine.big(vruntime.slot)));
      return true;
    };
  }

  /** Events about one task, with one number of their own; NaN where that makes no sense. */
  #ofOneTask(type: EventType, fields: Fields, flagsOf: Task, argOf: Task): AddEvent | undefined {
    const pid = tidSlot(fields, '');
    if (pid === undefined) return undefined;
    const task = this.#task(fields, pid, 'comm');
    const actorOf = this.#actor(fields);
    const prio = prioReader(fields, 'prio', 'tid');
    return (machine, place) => {
      const arg = argOf(machine);
      if (Number.isNaN(arg)) return false;
      const actor = actorOf(machine, place.cpu);
      this.#add(type, place, actor, task(machine), prio(machine), flagsOf(machine), arg);
      return true;
    };
  }

  #fork(fields: Fields, flagsOf: Task): AddEvent | undefined {
    const parentPid = tidSlot(fields, 'parent_');
    const childPid = tidSlot(fields, 'child_');
    if (parentPid === undefined || childPid === undefined) return undefined;
    const parent = this.#task(fields, parentPid, 'parent_comm');
    const child = this.#task(fields, childPid, 'child_comm');
    // LTTng has both; what it calls pid is the thread group.
    const parentGroup = fields.has('parent_tid') ? integerSlot(fields, 'parent_pid') : undefined;
    const childGroup = fields.has('child_tid') ? integerSlot(fields, 'child_pid') : undefined;
    return (machine, place) => {
      const actor = parent(machine);
      const subject = child(machine);
      if (parentGroup !== undefined) this.#setGroup(actor, machine.low[parentGroup]!);
      if (childGroup !== undefined) this.#setGroup(subject, machine.low[childGroup]!);
      this.#add(EventType.Fork, place, actor, subject, UNKNOWN_PRIO, flagsOf(machine), 0);
      return true;
    };
  }

  #exec(fields: Fields, flagsOf: Task): AddEvent | undefined {
    const pid = tidSlot(fields, '');
    const oldPid = tidSlot(fields, 'old_');
    const filename = fields.get('filename');
    if (pid === undefined || oldPid === undefined || filename?.kind !== 'text') return undefined;
    const decoder = new TextDecoder();
    return (machine, place) => {
      const { low, high, bytes } = machine;
      const task = this.#knownTask(low[pid]!, place.cpu);
      this.#add(EventType.Exec, place, task, task, UNKNOWN_PRIO, flagsOf(machine), low[oldPid]!);
      const file = decoder.decode(bytes.subarray(low[filename.slot], high[filename.slot]));
      this.#store.setExecFile(place.line, file);
      return true;
    };
  }

  #add(
    type: EventType,
    { offsetNs, cpu, line }: EventPlace,
    actor: number,
    subject: number,
    prio: number,
    flags: number,
    arg: number,
  ): void {
    this.#store.addAt(type, offsetNs, cpu, actor, subject, UNKNOWN_PRIO, prio, 0, flags, arg, line);
  }

  /** The task that an event names; of one without a name (kernels drop comms from events), the name known. */
  #task(fields: Fields, pidSlot: number, commName: string): Task {
    const { tasks } = this.#store;
    const comm = fields.get(commName);
    if (comm?.kind !== 'text') {
      return ({ low }) => tasks.internAbbreviated(low[pidSlot]!, UNKNOWN_COMM, 0, UNKNOWN_COMM.length);
    }
    const { slot } = comm;
    return ({ low, high, bytes }) => tasks.internBytes(low[pidSlot]!, bytes, low[slot]!, high[slot]!);
  }

  /** Who ran: told by the event's context or sample, else whoever was switched to last on the CPU, else unknown. */
  #actor(fields: Fields): (machine: FieldMachine, cpu: number) => number {
    const { tasks } = this.#store;
    const ofContext = integerSlot(fields, `${CONTEXT_PREFIX}tid`);
    const pid = ofContext ?? integerSlot(fields, 'perf_tid') ?? integerSlot(fields, 'common_pid');
    const groupName = ofContext === undefined ? 'perf_pid' : `${CONTEXT_PREFIX}pid`;
    const group = integerSlot(fields, groupName);
    const comm = ofContext === undefined ? undefined : fields.get(`${CONTEXT_PREFIX}procname`);
    const name = comm?.kind === 'text' ? comm.slot : undefined;
    return ({ low, high, bytes }, cpu) => {
      const told = pid === undefined ? -1 : low[pid]!;
      // perf writes -1 for a task that is gone.
      if (told < 0) return this.#runningPid[cpu] === -1 ? NO_TASK : this.#runningTask[cpu]!;
      const task =
        name === undefined || this.#runningPid[cpu] === told
          ? this.#knownTask(told, cpu)
          : tasks.internBytes(told, bytes, low[name]!, high[name]!);
      if (group !== undefined) this.#setGroup(task, low[group]!);
      return task;
    };
  }

  /** The task of a pid: under the name it was switched to with when it runs on the CPU, else the newest known. */
  #knownTask(pid: number, cpu: number): number {
    if (pid === 0) return IDLE_TASK;
    if (this.#runningPid[cpu] === pid) return this.#runningTask[cpu]!;
    return this.#store.tasks.internAbbreviated(pid, UNKNOWN_COMM, 0, UNKNOWN_COMM.length);
  }

  #setGroup(task: number, tgid: number): void {
    if (task !== IDLE_TASK && task !== NO_TASK && tgid > 0) this.#store.tasks.setTgid(task, tgid);
  }

  #stateNumber(prevState: number): number {
    const { states } = this.#store;
    const key = prevState & (CACHED_STATES - 1);
    if (key !== prevState) return states.intern(this.#printState(prevState));
    const known = this.#stateNumbers[key]!;
    return known !== 0 ? known : (this.#stateNumbers[key] = states.intern(this.#printState(prevState)));
  }

  #commonFlags(fields: Fields): Task {
    const flags = integerSlot(fields, 'common_flags');
    const count = integerSlot(fields, 'common_preempt_count');
    if (flags === undefined || count === undefined) return () => 0;
    return ({ low }) => this.#flags.numberOf(low[flags]! & 0xff, low[count]! & 0xff);
  }
}

function integerSlot(fields: Fields, name: string): number | undefined {
  const field = fields.get(name);
  return field?.kind === 'integer' ? field.slot : undefined;
}

/** LTTng's `tid` is the kernel's pid; where there is a `tid`, a `pid` is the thread group. */
function tidSlot(fields: Fields, prefix: string): number | undefined {
  const field = fields.get(`${prefix}tid`) ?? fields.get(`${prefix}pid`);
  // A pid of fewer bits is none: such events would be many times more than their bytes.
  return field?.kind === 'integer' && field.sizeBits >= 16 ? field.slot : undefined;
}

/** Priorities are -1…139; where pids are called tids, LTTng's base is taken off. */
function prioReader(fields: Fields, name: string, tidName: string): Task {
  const slot = integerSlot(fields, name);
  if (slot === undefined) return () => UNKNOWN_PRIO;
  const base = fields.has(tidName) ? LTTNG_PRIO_BASE : 0;
  return ({ low }) => {
    const value = low[slot]! + base;
    return value > -32768 && value < 32768 ? value : UNKNOWN_PRIO;
  };
}
