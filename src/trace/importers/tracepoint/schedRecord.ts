/**
 * Binary scheduler events, by the layouts that the recording carries itself (`eventFormat.ts`): which fields an
 * event has, where, and how long they are differs between kernels and architectures.
 */
import type { CompiledDecoder } from '../../compiled/compiledDecoder.js';
import { EventType, eventTypeOf } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { IDLE_TASK } from '../../model/taskTable.js';
import type { EventFormat } from './eventFormat.js';
import { LatencyFlags } from './latencyFlags.js';
import { RecentTasks } from './recentTasks.js';
import type { RecordBytes } from './recordBytes.js';
import { ABSENT, recordPlan, type RecordPlan, type TaskPlace } from './recordPlan.js';
import { RunningTasks } from './runningTasks.js';

const encoder = new TextEncoder();
const UNKNOWN_COMM = encoder.encode('<...>');

export interface SchedRecordOptions {
  readonly isLittleEndian: boolean;
  /** Name of a thread where no switch has told it: cmdlines of trace.dat, COMM records of perf. */
  readonly commOf?: (pid: number) => Uint8Array | undefined;
  /** Shares its tables, so that it can read the frequent records in this reader's place. */
  readonly decoder?: CompiledDecoder | undefined;
}

/**
 * Reads scheduler records into a store. Where a record stands is set before each (`offsetNs`, `cpu`, `line`);
 * who ran comes from the record's own `common_pid`.
 */
export class SchedRecordReader {
  /** Time of the record, ns after the store's base (`EventStore.offsetOf`). NaN at first, which keeps it a double. */
  offsetNs = NaN;
  cpu = 0;
  /** 1-based number of the record in its source. */
  line = 0;
  /** Wakeups that old kernels record with `success=0`: nobody was woken. They are counted, not added. */
  unsuccessfulWakeups = 0;

  readonly #store: EventStore;
  readonly #isLittleEndian: boolean;
  readonly #commOf: (pid: number) => Uint8Array | undefined;
  readonly #flags: LatencyFlags;
  readonly recent: RecentTasks;
  readonly #compiled: CompiledDecoder | undefined;
  /** By event id. */
  readonly #plans: (RecordPlan | undefined)[] = [];
  readonly #decoder = new TextDecoder();
  readonly #running: RunningTasks;

  constructor(store: EventStore, { isLittleEndian, commOf, decoder }: SchedRecordOptions) {
    this.#store = store;
    this.#isLittleEndian = isLittleEndian;
    this.#commOf = commOf ?? (() => undefined);
    this.#compiled = decoder;
    this.#flags = new LatencyFlags(store, decoder);
    this.recent = new RecentTasks(store.tasks, decoder);
    this.#running = new RunningTasks(decoder);
  }

  /**
   * Learns the layout of an event, under an id other than its own where the recording renumbers events.
   * `unknown`: no scheduler event of the model. `unusable`: it lacks a field that the model needs.
   */
  addFormat(format: EventFormat, id = format.id): 'added' | 'unknown' | 'unusable' {
    const type = eventTypeOf(format.name);
    if (type === undefined || id > 65535) return 'unknown';
    const plan = recordPlan(type, format, this.#isLittleEndian);
    if (plan === undefined) return 'unusable';
    this.#plans[id] = plan;
    if (this.#compiled !== undefined) plan.compiledNumber = this.#compiled.addPlan(plan);
    return 'added';
  }

  /** Whether records of this id go into the model. */
  knows(id: number): boolean {
    return this.#plans[id] !== undefined;
  }

  /** Number of the event's plan in the compiled decoder; -1 when that has none. */
  compiledPlan(id: number): number {
    return this.#plans[id]?.compiledNumber ?? ABSENT;
  }

  typeOf(id: number): EventType | undefined {
    return this.#plans[id]?.type;
  }

  /**
   * Adds the record of event `id` in `[at, at + length)`. False when there is no such event
   * or the record is too short for its layout. Failure `EventRefused`: as of the store.
   */
  read(id: number, piece: RecordBytes, at: number, length: number): boolean {
    const plan = this.#plans[id];
    if (plan === undefined || length < plan.minimumBytes) return false;
    switch (plan.type) {
      case EventType.Switch:
        return this.#switch(plan, piece, at, length);
      case EventType.Wakeup:
      case EventType.WakeupNew:
      case EventType.Waking:
        return this.#wakeup(plan, piece, at, length);
      case EventType.StatRuntime:
        return this.#statRuntime(plan, piece, at, length);
      case EventType.Migrate:
        return this.#migrate(plan, piece, at, length);
      case EventType.Exit:
        return this.#ofOneTask(plan, piece, at, length, 0);
      case EventType.Fork:
        return this.#fork(plan, piece, at, length);
      case EventType.Exec:
        return this.#exec(plan, piece, at, length);
    }
  }

  /** Forgets who runs on a CPU: records were lost. */
  forget(cpu: number): void {
    this.#running.forget(cpu);
  }

  #switch(plan: RecordPlan, piece: RecordBytes, at: number, length: number): boolean {
    const actor = this.#taskOf(plan.partner, piece, at, length);
    const subject = this.#taskOf(plan.subject, piece, at, length);
    if (actor < 0 || subject < 0) return false;
    const actorPrio = prioOf(piece.int32(at + plan.partnerPrioAt));
    const state = this.#stateNumber(plan, piece.int32(at + plan.stateAt));
    this.#add(plan, piece, at, actor, subject, actorPrio, state, 0);
    this.#running.set(this.cpu, piece.int32(at + plan.subject.pidAt), subject);
    return true;
  }

  #wakeup(plan: RecordPlan, piece: RecordBytes, at: number, length: number): boolean {
    if (plan.successAt !== ABSENT && piece.int32(at + plan.successAt) === 0) {
      this.unsuccessfulWakeups += 1;
      return true;
    }
    const actor = this.#actorOf(plan, piece, at);
    const subject = this.#taskOf(plan.subject, piece, at, length);
    if (subject < 0) return false;
    const targetCpu = Math.max(-1, piece.int32(at + plan.argAt));
    this.#add(plan, piece, at, actor, subject, UNKNOWN_PRIO, 0, targetCpu);
    return true;
  }

  #migrate(plan: RecordPlan, piece: RecordBytes, at: number, length: number): boolean {
    const from = piece.int32(at + plan.argAt);
    const to = piece.int32(at + plan.secondArgAt);
    if (from < 0 || to < 0 || from > 65534 || to > 65534) return false;
    return this.#ofOneTask(plan, piece, at, length, from * 65536 + to);
  }

  #statRuntime(plan: RecordPlan, piece: RecordBytes, at: number, length: number): boolean {
    // In halves: a BigInt for each event would cost more than all the rest of it.
    const low = piece.int32(at + plan.argAt);
    const high = piece.int32(at + plan.secondArgAt);
    if (!this.#ofOneTask(plan, piece, at, length, (high >>> 0) * 2 ** 32 + (low >>> 0))) return false;
    if (plan.vruntimeAt !== ABSENT) {
      const vruntimeLow = piece.int32(at + plan.vruntimeAt);
      const vruntimeHigh = piece.int32(at + plan.secondVruntimeAt);
      this.#store.setVruntimeHalves(this.#store.length - 1, vruntimeHigh, vruntimeLow);
    }
    return true;
  }

  /** Events about one task with one number of their own. */
  #ofOneTask(plan: RecordPlan, piece: RecordBytes, at: number, length: number, arg: number): boolean {
    const subject = this.#taskOf(plan.subject, piece, at, length);
    if (subject < 0) return false;
    this.#nameRunning(subject);
    this.#add(plan, piece, at, this.#actorOf(plan, piece, at), subject, UNKNOWN_PRIO, 0, arg);
    return true;
  }

  #fork(plan: RecordPlan, piece: RecordBytes, at: number, length: number): boolean {
    const parent = this.#taskOf(plan.partner, piece, at, length);
    const child = this.#taskOf(plan.subject, piece, at, length);
    if (parent < 0 || child < 0) return false;
    this.#add(plan, piece, at, parent, child, UNKNOWN_PRIO, 0, 0);
    return true;
  }

  #exec(plan: RecordPlan, piece: RecordBytes, at: number, length: number): boolean {
    const place = plan.filename;
    if (place?.find(piece.view, at, length) !== true) return false;
    const text = piece.bytes.subarray(place.start, place.end);
    const zero = text.indexOf(0);
    const file = this.#decoder.decode(zero < 0 ? text : text.subarray(0, zero));
    const actor = this.#actorOf(plan, piece, at);
    const oldPid = piece.int32(at + plan.argAt);
    this.#add(plan, piece, at, actor, actor, UNKNOWN_PRIO, 0, oldPid);
    this.#store.setExecFile(this.line, file);
    return true;
  }

  /** What all events have in common. The only call of `addAt`, so that it can be inlined here with its many arguments. */
  #add(
    plan: RecordPlan,
    piece: RecordBytes,
    at: number,
    actor: number,
    subject: number,
    actorPrio: number,
    state: number,
    arg: number,
  ): void {
    const prio = plan.prioAt === ABSENT ? UNKNOWN_PRIO : prioOf(piece.int32(at + plan.prioAt));
    const flags =
      plan.flagsAt === ABSENT
        ? 0
        : this.#flags.numberOf(piece.bytes[at + plan.flagsAt]!, piece.bytes[at + plan.preemptCountAt]!);
    this.#store.addAt(
      plan.type,
      this.offsetNs,
      this.cpu,
      actor,
      subject,
      actorPrio,
      prio,
      state,
      flags,
      arg,
      this.line,
    );
  }

  /** Task of a pid and comm; -1 where the comm lies outside the record. */
  #taskOf(place: TaskPlace, piece: RecordBytes, at: number, length: number): number {
    const pid = piece.int32(at + place.pidAt);
    if (place.commAt !== ABSENT) return this.recent.taskOf(pid, piece, at + place.commAt);
    const { comm } = place;
    if (comm === undefined) return this.#knownTask(pid);
    if (!comm.find(piece.view, at, length)) return -1;
    return this.recent.taskOfText(pid, piece, comm.start, comm.end);
  }

  /** A thread that ran an exec has another comm since it was switched to: what tells of itself shows it. */
  #nameRunning(task: number): void {
    const { cpu } = this;
    const pid = this.#running.pidOn(cpu);
    if (pid === this.#store.tasks.pids[task]) this.#running.set(cpu, pid, task);
  }

  /** Who ran: the task switched to last on the CPU when its pid agrees, under the name that it had there. */
  #actorOf(plan: RecordPlan, piece: RecordBytes, at: number): number {
    const pid = piece.int32(at + plan.actorPidAt);
    if (pid === 0) return IDLE_TASK;
    const { cpu } = this;
    return pid > 0 && this.#running.pidOn(cpu) === pid ? this.#running.taskOn(cpu) : this.#knownTask(pid);
  }

  #knownTask(pid: number): number {
    const { tasks } = this.#store;
    const name = this.#commOf(pid);
    if (name !== undefined) return tasks.internBytes(pid, name, 0, name.length);
    return tasks.internAbbreviated(pid, UNKNOWN_COMM, 0, UNKNOWN_COMM.length);
  }

  #stateNumber(plan: RecordPlan, prevState: number): number {
    // Undefined for a number that no kernel gives.
    const known = plan.stateNumbers[prevState];
    if (known !== undefined && known !== 0) return known;
    const number = this.#store.states.intern(plan.printState(prevState));
    if (known !== undefined) plan.stateNumbers[prevState] = number;
    return number;
  }
}

/** Priorities are -1…139; anything else would not fit the column. */
function prioOf(value: number): number {
  return value > -32768 && value < 32768 ? value : UNKNOWN_PRIO;
}
