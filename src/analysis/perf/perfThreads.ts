import { PerfTaskRecords, type PerfTaskRecord } from '../../trace/importers/perf/perfTaskRecords.js';
import type { EventStore } from '../../trace/model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../../trace/model/taskTable.js';
import { cutBytes } from './perfText.js';
import type { PerfCompat } from './taskState.js';

/** Thread group that the source does not tell: perf's label is printed without it. */
const UNTOLD = -2;
/** perf's buffer for a label. */
const LABEL_LIMIT = 31;

/** How much the source tells of perf's own thread table. */
type Knowledge =
  /** Not perf's text: names are those of the events. */
  | 'none'
  /** Headers of event lines only: names of threads that ran. */
  | 'names'
  /** COMM and FORK records too: all that perf itself knew. */
  | 'tasks';

interface TimedRecord {
  readonly offsetNs: number;
  readonly record: PerfTaskRecord;
}

/**
 * perf's table of threads, replayed along the rows of a store: which threads it knows, by which name and thread
 * group. A *slot* is a thread: the store's thread number, or a higher number for one that no row is about.
 *
 * Source: machine__findnew_thread, machine__process_{comm,fork,exit}_event in tools/perf/util/machine.c.
 */
export class PerfThreads {
  readonly #store: EventStore;
  readonly #compat: PerfCompat;
  readonly #source: PerfTaskRecords | undefined;
  readonly #knowledge: Knowledge;
  readonly #records: readonly TimedRecord[];
  readonly #onRenewed: (slot: number) => void;
  readonly #onLost: (offsetNs: number, cpu: number, count: number | undefined) => void;
  #next = 0;

  readonly #tids: number[];
  /** perf's names; undefined: it has none (yet). */
  readonly #comms: (string | undefined)[] = [];
  /** The first name that a later line tells: the best guess for a thread that is woken before it ran. */
  readonly #firstComms: (string | undefined)[] = [];
  /** Slots that perf has heard of. */
  readonly #isKnown: boolean[] = [];
  readonly #tgids: number[] = [];
  readonly #slotByOtherTid = new Map<number, number>();

  /** `onRenewed`: perf forgot the thread and all it had gathered of it; `onLost`: a loss stands here. */
  constructor(
    store: EventStore,
    compat: PerfCompat,
    onRenewed: (slot: number) => void,
    onLost: (offsetNs: number, cpu: number, count: number | undefined) => void = () => undefined,
  ) {
    this.#store = store;
    this.#compat = compat;
    this.#onRenewed = onRenewed;
    this.#onLost = onLost;
    this.#source = PerfTaskRecords.of(store);
    this.#knowledge = this.#source === undefined ? 'none' : this.#source.hasTaskEvents ? 'tasks' : 'names';
    this.#records = timedRecords(store, this.#source?.records ?? []);
    this.#tids = [...store.tasks.threadPids];
    this.#tids.forEach((tid, slot) => this.#initialise(slot, tid));
    this.#readFirstNames();
  }

  get slotCount(): number {
    return this.#tids.length;
  }

  tid(slot: number): number {
    return this.#tids[slot]!;
  }

  /** Applies what perf learned up to a row. Rows must be visited in order. */
  advanceTo(row: number): void {
    while (this.#next < this.#records.length) {
      const { offsetNs, record } = this.#records[this.#next]!;
      const timeNs = this.#store.timeNs[row]!;
      if (offsetNs > timeNs || (offsetNs === timeNs && record.line > this.#store.line[row]!)) return;
      this.#next += 1;
      this.#apply(offsetNs, record);
    }
  }

  /** Applies all the rest: the names at the end of the recording. */
  advanceToEnd(): void {
    for (; this.#next < this.#records.length; this.#next += 1) {
      const { offsetNs, record } = this.#records[this.#next]!;
      this.#apply(offsetNs, record);
    }
  }

  slotOfTask(task: number): number {
    return task === NO_TASK ? this.#slotOfTid(-1) : this.#store.tasks.threads[task]!;
  }

  /** Slot of the thread whose sample the row is, which perf looks up by the header and so makes known. */
  slotOfSample(row: number): number {
    const stray = this.#source?.strayHeaders.get(this.#store.line[row]!);
    const slot = stray === undefined ? this.slotOfTask(this.#store.actor[row]!) : this.#slotOfTid(stray.tid);
    if (!this.#isKnown[slot]!) {
      this.#isKnown[slot] = true;
      // All threads that are gone are one thread (-1) to perf, in the group of the first of them.
      this.#tgids[slot] = stray === undefined ? this.#toldTgid(slot) : stray.tgid > 0 ? stray.tgid : UNTOLD;
    }
    return slot;
  }

  /** Slot of the task that a row is about: perf looks it up by its pid as thread group 0, which sticks if new. */
  slotOfSubject(row: number): number {
    const slot = this.slotOfTask(this.#store.subject[row]!);
    if (!this.#isKnown[slot]!) {
      this.#isKnown[slot] = true;
      this.#tgids[slot] = 0;
    }
    return slot;
  }

  /** Newer perf names a thread it does not know by the switch event in which it leaves. */
  nameBySwitch(slot: number, comm: string): void {
    if (this.#compat === 'perf-newer' && this.#isNameless(slot)) this.#comms[slot] = comm;
  }

  /** perf's name of the thread; `kernelComm` is the event's, for a source that does not tell perf's. */
  comm(slot: number, kernelComm: string): string {
    const comm = this.#comms[slot];
    if (comm !== undefined) return comm;
    if (this.#isNameless(slot)) return `:${this.#tids[slot]!}`;
    // A kernel worker's name in perf is the event's and more: `kworker/u8:0` and `kworker/u8:0-ev`.
    const first = this.#firstComms[slot];
    return first?.startsWith(kernelComm) === true ? first : kernelComm;
  }

  /** `comm[tid/pid]`, `comm[tid]` for a thread group's leader, `comm` for what perf knows as group 0. */
  label(slot: number, kernelComm: string): string {
    const comm = this.comm(slot, kernelComm);
    const tid = this.#tids[slot]!;
    const tgid = this.#tgids[slot]!;
    if (tgid === 0) return cutBytes(comm, LABEL_LIMIT);
    if (tgid === UNTOLD || tgid === tid) return cutBytes(`${comm}[${tid}]`, LABEL_LIMIT);
    return cutBytes(`${comm}[${tid}/${tgid}]`, LABEL_LIMIT);
  }

  #isNameless(slot: number): boolean {
    if (this.#comms[slot] !== undefined) return false;
    if (this.#knowledge === 'none') return false;
    // Nobody has the number -1: it stands for all threads that are gone.
    return (
      this.#knowledge === 'tasks' ||
      this.#tids[slot]! < 0 ||
      !this.#isKnown[slot]! ||
      this.#wasNameless.has(slot)
    );
  }

  /** Slots whose header said `:tid`. */
  readonly #wasNameless = new Set<number>();

  #initialise(slot: number, tid: number): void {
    this.#comms[slot] = tid === 0 ? 'swapper' : undefined;
    this.#firstComms[slot] = undefined;
    this.#isKnown[slot] = this.#knowledge !== 'tasks' || tid === 0;
    this.#tgids[slot] = this.#knowledge === 'tasks' ? (tid === 0 ? 0 : -1) : this.#toldTgid(slot);
  }

  #toldTgid(slot: number): number {
    const tid = this.#tids[slot]!;
    if (tid <= 0) return tid;
    const told = this.#store.tasks.threadTgids[slot] ?? this.#source?.tgids.get(tid) ?? -1;
    return told > 0 ? told : UNTOLD;
  }

  #readFirstNames(): void {
    if (this.#knowledge !== 'names') return;
    const seen = new Set<number>();
    for (const { record } of this.#records) {
      if (record.kind !== 'comm') continue;
      const slot = this.#slotOfTid(record.tid);
      if (seen.has(slot)) continue;
      seen.add(slot);
      this.#firstComms[slot] = record.comm;
      if (record.comm !== undefined) continue;
      // Its first line says that perf has never heard of it.
      this.#isKnown[slot] = false;
      this.#wasNameless.add(slot);
    }
  }

  #slotOfTid(tid: number): number {
    const thread = this.#store.tasks.threadOf(tid);
    if (thread >= 0) return thread;
    let slot = this.#slotByOtherTid.get(tid);
    if (slot === undefined) {
      slot = this.#tids.length;
      this.#tids.push(tid);
      this.#initialise(slot, tid);
      this.#slotByOtherTid.set(tid, slot);
    }
    return slot;
  }

  #apply(offsetNs: number, record: PerfTaskRecord): void {
    if (record.kind === 'lost') {
      this.#onLost(offsetNs, record.cpu, record.count);
      return;
    }
    // Most of the threads of a machine never occur in a recording.
    if (this.#store.tasks.threadOf(record.tid) < 0 && record.tid !== -1) return;
    const slot = this.#slotOfTid(record.tid);
    if (record.kind === 'comm') this.#rename(slot, record.comm, record.tgid);
    else if (record.kind === 'fork') this.#renew(slot, record.comm, record.tgid, true);
    // Up to 6.7 perf kept a thread that had exited, until its number was used again.
    else if (this.#compat === 'perf-newer') this.#renew(slot, undefined, -1, false);
  }

  #rename(slot: number, comm: string | undefined, tgid: number): void {
    if (comm === undefined) {
      this.#wasNameless.add(slot);
      // A header that has lost its name: the perf that printed it had forgotten the thread at its exit.
      if (this.#compat === 'perf-newer' && this.#comms[slot] !== undefined) {
        this.#renew(slot, undefined, this.#toldTgid(slot), true);
      }
      return;
    }
    this.#comms[slot] = comm;
    if (!this.#isKnown[slot]!) {
      this.#isKnown[slot] = true;
      this.#tgids[slot] = tgid > 0 ? tgid : this.#toldTgid(slot);
    }
  }

  #renew(slot: number, comm: string | undefined, tgid: number, isKnown: boolean): void {
    // The callback sees the name that the thread had.
    if (this.#isKnown[slot]!) this.#onRenewed(slot);
    this.#comms[slot] = comm;
    this.#isKnown[slot] = isKnown;
    this.#tgids[slot] = tgid;
  }
}

/** In order of time, as offsets of the store. Records of the time before the recording come first. */
function timedRecords(store: EventStore, records: readonly PerfTaskRecord[]): TimedRecord[] {
  const timed = records.map((record) => ({
    offsetNs: Number(BigInt(record.seconds) * 1_000_000_000n + BigInt(record.nanoseconds) - store.baseNs),
    record,
  }));
  // A stable sort keeps the source's order among equal times.
  return timed.sort((a, b) => a.offsetNs - b.offsetNs);
}

/** The comm of a task as the kernel printed it. */
export function kernelComm(store: EventStore, task: number): string {
  return task === NO_TASK ? '' : task === IDLE_TASK ? 'swapper' : store.tasks.comms[task]!;
}
