/** Scheduler events of Perfetto into a store, by the fields that `EventFields` has read. */
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../../model/taskTable.js';
import { FIELD, type EventFields, type KnownEvent } from './eventFields.js';
import type { KernelStates } from './kernelStates.js';
import type { TaskNames } from './taskNames.js';

const MAX_CPU = 65534;

/** Where an event stands, and who runs there. */
export interface EventPlace {
  readonly cpu: number;
  /** Offset in the store. */
  timeNs: number;
  /** 1-based number of the event in the file. */
  record: number;
  /** Who ran, by the event itself; undefined when it does not tell. */
  pid: number | undefined;
  /** Task that runs on the CPU and its pid; NO_TASK and -1 while that is not known. */
  running: number;
  runningPid: number;
}

export class SchedEvents {
  /** Wakeups that old kernels record with `success=0`: nobody was woken. */
  unsuccessfulWakeups = 0;
  readonly #store: EventStore;
  readonly #names: TaskNames;
  readonly #states: KernelStates;
  readonly #fields: EventFields;

  constructor(store: EventStore, names: TaskNames, states: KernelStates, fields: EventFields) {
    this.#store = store;
    this.#names = names;
    this.#states = states;
    this.#fields = fields;
  }

  /**
   * Adds the event that the fields hold; false when it lacks one that the model needs. Failure `EventRefused`: as of the
   * store.
   */
  add(event: KnownEvent, bytes: Uint8Array, place: EventPlace): boolean {
    switch (event) {
      case 'sched_switch':
        return this.#switch(bytes, place);
      case 'sched_wakeup':
        return this.#wakeup(EventType.Wakeup, bytes, place);
      case 'sched_wakeup_new':
        return this.#wakeup(EventType.WakeupNew, bytes, place);
      case 'sched_waking':
        return this.#wakeup(EventType.Waking, bytes, place);
      case 'sched_migrate_task':
        return this.#migrate(bytes, place);
      case 'sched_stat_runtime':
        return this.#statRuntime(bytes, place);
      case 'sched_process_fork':
        return this.#fork(bytes, place);
      case 'sched_process_exit':
        return this.#ofOneTask(EventType.Exit, bytes, place, this.#prio(FIELD.prio), 0);
      case 'sched_process_exec':
        return this.#exec(place);
      case 'task_newtask':
        return this.#newTask(place);
      case 'task_rename':
        return this.#rename(place);
    }
  }

  #switch(bytes: Uint8Array, place: EventPlace): boolean {
    const fields = this.#fields;
    const actor = this.#task(bytes, FIELD.prev_comm, FIELD.prev_pid);
    const subject = this.#task(bytes, FIELD.next_comm, FIELD.next_pid);
    if (subject === NO_TASK) return false;
    const state = fields.int(FIELD.prev_state);
    place.running = subject;
    place.runningPid = fields.int(FIELD.next_pid)!;
    this.#store.addAt(
      EventType.Switch,
      place.timeNs,
      place.cpu,
      actor,
      subject,
      this.#prio(FIELD.prev_prio),
      this.#prio(FIELD.next_prio),
      state === undefined ? 0 : this.#states.numberOf(state),
      0,
      0,
      place.record,
    );
    return true;
  }

  #wakeup(type: EventType, bytes: Uint8Array, place: EventPlace): boolean {
    if (this.#fields.int(FIELD.success) === 0) {
      this.unsuccessfulWakeups += 1;
      return true;
    }
    const target = this.#fields.int(FIELD.target_cpu) ?? -1;
    return this.#ofOneTask(type, bytes, place, this.#prio(FIELD.prio), targetCpuOf(target));
  }

  #migrate(bytes: Uint8Array, place: EventPlace): boolean {
    const from = this.#fields.int(FIELD.orig_cpu) ?? -1;
    const to = this.#fields.int(FIELD.dest_cpu) ?? -1;
    if (from < 0 || to < 0 || from > MAX_CPU || to > MAX_CPU) return false;
    return this.#ofOneTask(EventType.Migrate, bytes, place, this.#prio(FIELD.prio), from * 65536 + to);
  }

  #statRuntime(bytes: Uint8Array, place: EventPlace): boolean {
    const runtime = this.#fields.int64(FIELD.runtime);
    const vruntime = this.#fields.int64(FIELD.vruntime);
    if (runtime === undefined) return false;
    const runtimeNs = Number(BigInt.asUintN(64, runtime));
    if (!Number.isSafeInteger(runtimeNs)) return false;
    if (!this.#ofOneTask(EventType.StatRuntime, bytes, place, UNKNOWN_PRIO, runtimeNs)) return false;
    if (vruntime !== undefined) this.#store.setVruntime(this.#store.length - 1, vruntime);
    return true;
  }

  #fork(bytes: Uint8Array, place: EventPlace): boolean {
    const parent = this.#task(bytes, FIELD.parent_comm, FIELD.parent_pid);
    const child = this.#task(bytes, FIELD.child_comm, FIELD.child_pid);
    if (parent === NO_TASK || child === NO_TASK) return false;
    this.#addOf(EventType.Fork, place, parent, child, UNKNOWN_PRIO, 0);
    return true;
  }

  /** The name of the program reaches the thread by a task_rename, where that is recorded. */
  #exec(place: EventPlace): boolean {
    const fields = this.#fields;
    place.pid ??= fields.int(FIELD.pid);
    const oldPid = fields.int(FIELD.old_pid) ?? fields.int(FIELD.pid);
    if (place.pid === undefined || oldPid === undefined || !fields.hasText(FIELD.filename)) return false;
    const actor = this.#actorOf(place);
    this.#addOf(EventType.Exec, place, actor, actor, UNKNOWN_PRIO, oldPid);
    this.#store.setExecFile(place.record, fields.text(FIELD.filename));
    return true;
  }

  #newTask(place: EventPlace): boolean {
    const fields = this.#fields;
    const pid = fields.int(FIELD.pid);
    if (pid === undefined || pid <= 0 || !fields.hasText(FIELD.comm)) return false;
    this.#names.newTask(pid, fields.text(FIELD.comm), place.pid, fields.int(FIELD.clone_flags));
    return true;
  }

  #rename(place: EventPlace): boolean {
    const fields = this.#fields;
    const pid = fields.int(FIELD.pid) ?? place.pid;
    if (pid === undefined || pid <= 0 || !fields.hasText(FIELD.newcomm)) return false;
    const name = fields.text(FIELD.newcomm);
    this.#names.rename(pid, name);
    // Threads rename themselves while they run; the next switch leaves under the new name.
    if (place.runningPid === pid) place.running = this.#store.tasks.intern(pid, name);
    return true;
  }

  /** Events about one task, `comm` and `pid`, by whoever runs. */
  #ofOneTask(type: EventType, bytes: Uint8Array, place: EventPlace, prio: number, arg: number): boolean {
    // First the one that has a name: it may be the same.
    const subject = this.#task(bytes, FIELD.comm, FIELD.pid);
    if (subject === NO_TASK) return false;
    const actor = this.#actorOf(place);
    this.#addOf(type, place, actor, subject, prio, arg);
    return true;
  }

  #addOf(
    type: EventType,
    { timeNs, cpu, record }: EventPlace,
    actor: number,
    subject: number,
    prio: number,
    arg: number,
  ): void {
    this.#store.addAt(type, timeNs, cpu, actor, subject, UNKNOWN_PRIO, prio, 0, 0, arg, record);
  }

  /**
   * Who ran: the task switched to last on the CPU, under the name that it had there. Where the event says otherwise, a
   * switch is missing before it, and who runs is known anew: arrays of switches build on that.
   */
  #actorOf(place: EventPlace): number {
    const { pid } = place;
    if (pid === undefined) return place.running;
    if (pid === place.runningPid && this.#names.isNamed(place.running)) return place.running;
    if (pid < 0) return NO_TASK;
    place.runningPid = pid;
    place.running = this.#names.taskOf(pid);
    return place.running;
  }

  /** NO_TASK when the event does not tell the pid. */
  #task(bytes: Uint8Array, comm: number, pid: number): number {
    const fields = this.#fields;
    const value = fields.int(pid);
    if (value === undefined || value < 0) return NO_TASK;
    if (value === 0) return IDLE_TASK;
    // Since 6.18 some events carry no comm any more.
    if (!fields.hasText(comm)) return this.#names.taskOf(value);
    return this.#store.tasks.internBytes(value, bytes, fields.start(comm), fields.stop(comm));
  }

  #prio(field: number): number {
    return prioOf(this.#fields.int(field) ?? UNKNOWN_PRIO);
  }
}

/** Priorities are -1…139; anything else would not fit the column. */
export function prioOf(value: number): number {
  return value > UNKNOWN_PRIO && value < 32768 ? value : UNKNOWN_PRIO;
}

/** -1 for what is no CPU. */
export function targetCpuOf(value: number): number {
  return value >= 0 && value <= MAX_CPU ? value : -1;
}
