/** The task number of idle: pid 0 on every CPU (`swapper/N`, `<idle>`). */
export const IDLE_TASK = 0;
/** The thread number of idle. */
export const IDLE_THREAD = 0;
/** Stands where an event has no task in a column (never an index). */
export const NO_TASK = 0xffff_ffff;

/** What our own text export prints for "not known who": -1 as an unsigned 32-bit number, which no pid is. */
export const UNKNOWN_PID = 0xffff_ffff;

/** `pid_t` has 32 bits with a sign; some tools print -1 for "not known". */
const MAX_PID = 0x7fff_ffff;

/** Linux's PID_MAX_LIMIT on 64-bit machines: pids below are looked up in a flat table. */
const DENSE_PIDS = 4 * 1024 * 1024;

/** Names of a thread that are compared one by one before an index is made. */
const WALKED_NAMES = 16;

/** Names that tracers print when they do not know a thread's comm. */
const UNKNOWN_COMMS = new Set(['<...>', '', ':-1']);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Interns who appears in a trace.
 *
 * A *task* is a pair (pid, comm): what an event row refers to, so that a row keeps the name the kernel printed
 * even when the thread renames itself later (exec, prctl). A *thread* is a pid; threads are numbered densely
 * in order of appearance. All pids of idle are task 0 and thread 0.
 */
export class TaskTable {
  /** By task: its pid, thread, comm. */
  readonly pids: number[] = [0];
  readonly threads: number[] = [IDLE_THREAD];
  readonly comms: string[] = ['swapper'];
  readonly #commBytes: Uint8Array[] = [encoder.encode('swapper')];
  /** By task: the next older task of the same thread, or NO_TASK. */
  readonly #older: number[] = [NO_TASK];

  /** By thread: pid, thread group (-1 unknown), and the task (name) seen last. */
  readonly threadPids: number[] = [0];
  readonly threadTgids: number[] = [0];
  readonly threadTasks: number[] = [IDLE_TASK];
  /** How often a thread got another name, or another thread group, so far. */
  renames = 0;

  /** By pid: thread number + 1, 0 for none. Grows with the pids that occur, up to DENSE_PIDS. */
  #threadByPid = new Int32Array(32768);
  readonly #threadBySparsePid = new Map<number, number>();

  /** By thread, for those with more than WALKED_NAMES names: task by name. */
  readonly #nameIndexes = new Map<number, Map<string, number>>();

  get taskCount(): number {
    return this.pids.length;
  }

  get threadCount(): number {
    return this.threadPids.length;
  }

  /** Thread number of a pid, or -1 when the pid does not occur. */
  threadOf(pid: number): number {
    if (pid === 0) return IDLE_THREAD;
    return this.#slot(pid) - 1;
  }

  /** The name shown for a thread: the last one that is a name at all. */
  threadComm(thread: number): string {
    return this.comms[this.threadTasks[thread]!]!;
  }

  /** All names a thread had, oldest first. */
  threadComms(thread: number): string[] {
    const names: string[] = [];
    for (let task = this.#newest[thread]!; task !== NO_TASK; task = this.#older[task]!) {
      names.push(this.comms[task]!);
    }
    return names.reverse();
  }

  readonly #newest: number[] = [IDLE_TASK];

  intern(pid: number, comm: string): number {
    const bytes = encoder.encode(comm);
    return this.internBytes(pid, bytes, 0, bytes.length);
  }

  /**
   * Task of (pid, comm), the comm given as bytes `[start, end)` of a line. The usual case, the thread's newest
   * name again, costs one comparison of the bytes and makes no string.
   */
  internBytes(pid: number, line: Uint8Array, start: number, end: number): number {
    if (pid === 0) return IDLE_TASK;
    // Also UNKNOWN_PID. What is no pid names nobody.
    if (pid > MAX_PID || pid < -MAX_PID) return NO_TASK;
    const slot = this.#slot(pid);
    if (slot === 0) return this.#addTask(this.#addThread(pid), pid, line, start, end);
    const thread = slot - 1;
    const task = this.#known(thread, line, start, end);
    if (task === NO_TASK) return this.#addTask(thread, pid, line, start, end);
    if (task !== this.threadTasks[thread]! && !UNKNOWN_COMMS.has(this.comms[task]!)) {
      this.threadTasks[thread] = task;
      this.renames += 1;
    }
    return task;
  }

  /** Task of a thread under a name that it already had, or NO_TASK. */
  #known(thread: number, line: Uint8Array, start: number, end: number): number {
    let length = 0;
    for (let task = this.#newest[thread]!; task !== NO_TASK; task = this.#older[task]!) {
      if (sameBytes(this.#commBytes[task]!, line, start, end)) return task;
      // Real threads have a few names; for others a walk over all would cost the square of their number.
      if ((length += 1) === WALKED_NAMES)
        return this.#indexOf(thread).get(nameKey(line, start, end)) ?? NO_TASK;
    }
    return NO_TASK;
  }

  /** All names of a thread with very many. */
  #indexOf(thread: number): Map<string, number> {
    let index = this.#nameIndexes.get(thread);
    if (index === undefined) {
      index = new Map();
      for (let task = this.#newest[thread]!; task !== NO_TASK; task = this.#older[task]!) {
        const bytes = this.#commBytes[task]!;
        index.set(nameKey(bytes, 0, bytes.length), task);
      }
      this.#nameIndexes.set(thread, index);
    }
    return index;
  }

  /**
   * Task of a thread whose comm this line does not tell reliably (`<...>`, or cut to 8 characters in latency
   * format): the thread's newest known name when it starts with what is there, else a task of that text.
   */
  internAbbreviated(pid: number, line: Uint8Array, start: number, end: number): number {
    const thread = this.threadOf(pid);
    if (thread < 0) return this.internBytes(pid, line, start, end);
    const known = this.threadTasks[thread]!;
    const bytes = this.#commBytes[known]!;
    const isPlaceholder = line[start] === 0x3c; // '<'
    if (isPlaceholder || sameBytes(bytes.subarray(0, end - start), line, start, end)) return known;
    return this.internBytes(pid, line, start, end);
  }

  /** The name's bytes as they were given, not to be changed. */
  commBytes(task: number): Uint8Array {
    return this.#commBytes[task]!;
  }

  /** The thread's newest name is that of this task, unless it is a tracer's word for a name it does not know. */
  setNewest(task: number): void {
    if (task === NO_TASK || UNKNOWN_COMMS.has(this.comms[task]!)) return;
    this.threadTasks[this.threads[task]!] = task;
    this.renames += 1;
  }

  /** Brings the names of threads into the order in which these tasks stand; all names of a thread are given. */
  orderNames(tasks: Iterable<number>): void {
    const begun = new Set<number>();
    const placed = new Set<number>([IDLE_TASK]);
    for (const task of tasks) {
      if (placed.has(task)) continue;
      placed.add(task);
      const thread = this.threads[task]!;
      this.#older[task] = begun.has(thread) ? this.#newest[thread]! : NO_TASK;
      this.#newest[thread] = task;
      begun.add(thread);
    }
  }

  setTgid(task: number, tgid: number): void {
    if (task === NO_TASK || tgid > MAX_PID) return;
    const thread = this.threads[task]!;
    const before = this.threadTgids[thread]!;
    if (before !== -1 && before !== tgid) this.renames += 1;
    this.threadTgids[thread] = tgid;
  }

  #slot(pid: number): number {
    if (pid >= 0 && pid < this.#threadByPid.length) return this.#threadByPid[pid]!;
    return this.#threadBySparsePid.size === 0 ? 0 : (this.#threadBySparsePid.get(pid) ?? 0);
  }

  #addThread(pid: number): number {
    const thread = this.threadPids.length;
    this.threadPids.push(pid);
    this.threadTgids.push(-1);
    this.threadTasks.push(NO_TASK);
    this.#newest.push(NO_TASK);
    if (pid >= 0 && pid < DENSE_PIDS) {
      if (pid >= this.#threadByPid.length) this.#growPids(pid);
      this.#threadByPid[pid] = thread + 1;
    } else this.#threadBySparsePid.set(pid, thread + 1);
    return thread;
  }

  #growPids(pid: number): void {
    const larger = new Int32Array(Math.min(DENSE_PIDS, 2 ** Math.ceil(Math.log2(pid + 1))));
    larger.set(this.#threadByPid);
    this.#threadByPid = larger;
  }

  #addTask(thread: number, pid: number, line: Uint8Array, start: number, end: number): number {
    const task = this.pids.length;
    const bytes = line.slice(start, end);
    const comm = decoder.decode(bytes);
    this.pids.push(pid);
    this.threads.push(thread);
    this.comms.push(comm);
    this.#commBytes.push(bytes);
    this.#older.push(this.#newest[thread]!);
    this.#newest[thread] = task;
    this.#nameIndexes.get(thread)?.set(nameKey(bytes, 0, bytes.length), task);
    const isFirst = this.threadTasks[thread] === NO_TASK;
    if (isFirst || !UNKNOWN_COMMS.has(comm)) {
      this.threadTasks[thread] = task;
      if (!isFirst) this.renames += 1;
    }
    return task;
  }
}

/** The bytes of a name as characters: what is not UTF-8 stays different. */
function nameKey(bytes: Uint8Array, start: number, end: number): string {
  let key = '';
  for (let i = start; i < end; i += 1) key += String.fromCharCode(bytes[i]!);
  return key;
}

function sameBytes(name: Uint8Array, line: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (name.length !== length) return false;
  for (let i = 0; i < length; i += 1) if (name[i] !== line[start + i]) return false;
  return true;
}
