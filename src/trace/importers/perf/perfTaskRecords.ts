import type { EventStore } from '../../model/eventStore.js';
import { NO_TASK, TaskTable } from '../../model/taskTable.js';

/** A change in what perf itself knows of a thread, or a loss that perf reports, in source order. */
export type PerfTaskRecord = {
  /** 1-based source line; once recorded, as the `line` column of the store has it. */
  readonly line: number;
  /** Absolute time, split like the event store's: exact integers. 0.000000000 for threads older than the recording. */
  readonly seconds: number;
  readonly nanoseconds: number;
} & (
  | {
      /** The thread has a (new) name: from `PERF_RECORD_COMM` or because the header of its lines changed. */
      readonly kind: 'comm';
      readonly tid: number;
      /** Thread group, -1 unknown. */
      readonly tgid: number;
      /** Undefined: perf knows no name and prints `:tid`. */
      readonly comm: string | undefined;
    }
  | {
      readonly kind: 'fork';
      readonly tid: number;
      readonly tgid: number;
      /** The parent's name, which the child has until it gives itself another. */
      readonly comm: string | undefined;
    }
  | { readonly kind: 'exit'; readonly tid: number }
  | { readonly kind: 'lost'; readonly cpu: number; readonly count: number | undefined }
);

type Stamp = Pick<PerfTaskRecord, 'line' | 'seconds' | 'nanoseconds'>;

const recordsOfStores = new WeakMap<EventStore, PerfTaskRecords>();

/**
 * perf's own view of the threads of a trace, beside the event store.
 *
 * perf names a thread by its COMM records, the kernel by what it prints into an event, and the two differ:
 * perf says `kworker/u8:0-ev` (from /proc) where the event says `kworker/u8:0`, `:68` for a thread it has never
 * heard of, and `:-1` for one that is already gone. The model keeps the kernel's names; what perf prints in its
 * reports needs perf's, and these are few: only changes are kept.
 */
export class PerfTaskRecords {
  readonly records: PerfTaskRecord[] = [];
  /** Whether the source has COMM and FORK records: then what has none is unknown to perf. */
  hasTaskEvents = false;
  /** By what a row's `line` holds: whom the line's header names where it is not the task which ran (tid -1 while exiting). */
  readonly strayHeaders = new Map<number, { readonly tid: number; readonly tgid: number }>();
  /** Thread groups by tid, as far as told. */
  readonly tgids = new Map<number, number>();
  /** Names by tid; the newest is `threadTasks`. A table of its own: the store's holds the kernel's names. */
  readonly #names = new TaskTable();

  readonly #store: EventStore;

  /** Made by `begin` only. */
  private constructor(store: EventStore) {
    this.#store = store;
  }

  /** The record keeper of a store: one for all files of a recording that lies in several. */
  static begin(store: EventStore): PerfTaskRecords {
    const records = recordsOfStores.get(store) ?? new PerfTaskRecords(store);
    recordsOfStores.set(store, records);
    return records;
  }

  /** What perf knew, or undefined when the store's source is not of perf. */
  static of(store: EventStore): PerfTaskRecords | undefined {
    return recordsOfStores.get(store);
  }

  /**
   * Notes the name `[start, end)` in a line's header. Returns `new` for a thread's first name, `renamed` when
   * it had another one before, `same` otherwise: the usual case, one comparison of bytes. That perf has forgotten
   * a name (`:68`, after the exit) is noted, but is no new name.
   */
  sample(
    tid: number,
    tgid: number,
    line: Uint8Array,
    start: number,
    end: number,
    lineNumber: number,
    seconds: number,
    nanoseconds: number,
  ): 'new' | 'renamed' | 'same' {
    if (tid === 0) return 'same';
    const names = this.#names;
    const thread = names.threadOf(tid);
    const before = thread < 0 ? NO_TASK : names.threadTasks[thread]!;
    const task = names.internBytes(tid, line, start, end);
    // Unknown names (`:-1`) do not become a thread's newest one in the table.
    if (task === before || names.threadTasks[names.threads[task]!] === before) return 'same';
    const comm = knownComm(tid, names.comms[task]!);
    this.#add({ kind: 'comm', line: lineNumber, seconds, nanoseconds, tid, tgid, comm });
    if (before === NO_TASK) return 'new';
    return comm === undefined ? 'same' : 'renamed';
  }

  comm(tid: number, tgid: number, comm: string, stamp: Stamp): void {
    this.hasTaskEvents = true;
    this.#names.intern(tid, comm);
    this.tgids.set(tid, tgid);
    this.#add({ kind: 'comm', ...stamp, tid, tgid, comm: knownComm(tid, comm) });
  }

  fork(tid: number, tgid: number, parentTid: number, stamp: Stamp): void {
    this.hasTaskEvents = true;
    const names = this.#names;
    const parent = names.threadOf(parentTid);
    const comm = parent < 0 ? undefined : knownComm(parentTid, names.threadComm(parent));
    names.intern(tid, comm ?? `:${tid}`);
    this.tgids.set(tid, tgid);
    this.#add({ kind: 'fork', ...stamp, tid, tgid, comm });
  }

  exit(tid: number, stamp: Stamp): void {
    this.hasTaskEvents = true;
    this.#add({ kind: 'exit', ...stamp, tid });
  }

  lost(cpu: number, count: number | undefined, stamp: Stamp): void {
    this.#add({ kind: 'lost', ...stamp, cpu, count });
  }

  /** Notes whom the header of a line names where it is not the task which ran. */
  stray(line: number, tid: number, tgid: number): void {
    this.strayHeaders.set(this.#store.placeNumber(line), { tid, tgid });
  }

  /** Lines are kept as the store's rows have them: with the file that they are of. */
  #add(record: PerfTaskRecord): void {
    // A stamp of more digits than a clock has is damage; the event store refuses its event, too.
    if (!Number.isSafeInteger(record.seconds)) return;
    this.records.push({ ...record, line: this.#store.placeNumber(record.line) });
  }
}

/** perf prints `:tid` for a thread whose name it does not know. */
function knownComm(tid: number, comm: string): string | undefined {
  return comm === `:${tid}` ? undefined : comm;
}
