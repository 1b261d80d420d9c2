/** What a trace tells of threads beside its scheduler events: the process tree, task_newtask, task_rename. */
import type { EventStore } from '../../model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../../model/taskTable.js';
import { LENGTH_DELIMITED, VARINT, WireReader } from './wire.js';

/** include/uapi/linux/sched.h: the new task belongs to the thread group of who made it. */
const CLONE_THREAD = 0x10000;
const UNKNOWN_COMM = '<...>';
const UNKNOWN_COMM_BYTES = new TextEncoder().encode(UNKNOWN_COMM);
/** TASK_COMM_LEN without its zero. */
const COMM_CHARACTERS = 15;

export class TaskNames {
  readonly #store: EventStore;
  readonly #names = new Map<number, string>();
  readonly #tgids = new Map<number, number>();
  /** Pids of processes that have only the name of their command line, which is not quite their comm. */
  readonly #commandNames = new Map<number, string>();
  readonly #reader = new WireReader();
  readonly #inner = new WireReader();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The task of a thread that an event names by its pid alone. */
  taskOf(pid: number): number {
    if (pid === 0) return IDLE_TASK;
    const { tasks } = this.#store;
    const thread = tasks.threadOf(pid);
    if (thread >= 0 && tasks.threadComm(thread) !== UNKNOWN_COMM) return tasks.threadTasks[thread]!;
    const name = this.#nameOf(pid);
    if (name !== undefined) return tasks.intern(pid, name);
    return tasks.internAbbreviated(pid, UNKNOWN_COMM_BYTES, 0, UNKNOWN_COMM_BYTES.length);
  }

  isNamed(task: number): boolean {
    return this.#store.tasks.comms[task] !== UNKNOWN_COMM;
  }

  newTask(pid: number, comm: string, parentPid: number | undefined, cloneFlags: number | undefined): void {
    this.#names.set(pid, comm);
    if (cloneFlags === undefined) return;
    if ((cloneFlags & CLONE_THREAD) === 0) this.#tgids.set(pid, pid);
    else if (parentPid !== undefined) this.#inheritTgid(pid, parentPid);
  }

  rename(pid: number, comm: string): void {
    this.#names.set(pid, comm);
  }

  /**
   * Reads a ProcessTree (protos/perfetto/trace/ps/process_tree.proto): processes = 1 { pid = 1, cmdline = 3 },
   * threads = 2 { tid = 1, name = 2, tgid = 3 }. False when it is damaged; what was read counts.
   */
  readProcessTree(bytes: Uint8Array, start: number, stop: number): boolean {
    const reader = this.#reader.open(bytes, start, stop);
    let isWhole = true;
    while (reader.next()) {
      if (reader.wireType !== LENGTH_DELIMITED) continue;
      if (reader.field === 1) isWhole = this.#readProcess(bytes, reader.start, reader.stop) && isWhole;
      else if (reader.field === 2) isWhole = this.#readThread(bytes, reader.start, reader.stop) && isWhole;
    }
    return isWhole && !reader.isDamaged;
  }

  /** Completes the threads of the store: groups, and names of those that no event has named. */
  apply(): void {
    const { tasks } = this.#store;
    const { threadCount } = tasks;
    for (let thread = 1; thread < threadCount; thread += 1) {
      const pid = tasks.threadPids[thread]!;
      const tgid = this.#tgids.get(pid);
      const task = tasks.threadTasks[thread]!;
      if (tgid !== undefined && task !== NO_TASK) tasks.setTgid(task, tgid);
      if (tasks.threadComm(thread) !== UNKNOWN_COMM) continue;
      const name = this.#nameOf(pid);
      if (name !== undefined) tasks.intern(pid, name);
    }
  }

  #nameOf(pid: number): string | undefined {
    return this.#names.get(pid) ?? this.#commandNames.get(pid);
  }

  #inheritTgid(pid: number, parentPid: number): void {
    const tgid = this.#tgids.get(parentPid);
    if (tgid !== undefined) this.#tgids.set(pid, tgid);
  }

  #readProcess(bytes: Uint8Array, start: number, stop: number): boolean {
    const reader = this.#inner.open(bytes, start, stop);
    let pid = -1;
    let command: string | undefined;
    while (reader.next()) {
      if (reader.field === 1 && reader.wireType === VARINT) pid = reader.lo;
      else if (reader.field === 3 && reader.wireType === LENGTH_DELIMITED) command ??= reader.text();
    }
    if (pid > 0) {
      this.#tgids.set(pid, pid);
      const name = command === undefined ? '' : commOfCommand(command);
      if (name !== '') this.#commandNames.set(pid, name);
    }
    return !reader.isDamaged;
  }

  #readThread(bytes: Uint8Array, start: number, stop: number): boolean {
    const reader = this.#inner.open(bytes, start, stop);
    let tid = -1;
    let tgid = -1;
    let name = '';
    while (reader.next()) {
      if (reader.field === 1 && reader.wireType === VARINT) tid = reader.lo;
      else if (reader.field === 3 && reader.wireType === VARINT) tgid = reader.lo;
      else if (reader.field === 2 && reader.wireType === LENGTH_DELIMITED) name = reader.text();
    }
    if (tid > 0) {
      if (tgid > 0) this.#tgids.set(tid, tgid);
      if (name !== '') this.#names.set(tid, name);
    }
    return !reader.isDamaged;
  }
}

/** A kernel thread's command line is its comm, `kworker/0:1`; a program's is a path, of which the end became the comm. */
function commOfCommand(command: string): string {
  const name = command.startsWith('/') ? command.slice(command.lastIndexOf('/') + 1) : command;
  return name.slice(0, COMM_CHARACTERS);
}
