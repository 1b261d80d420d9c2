/** A stretch of a recording that was read apart from the rest, and how it joins the whole. */
import type { RowBlock } from './eventColumns.js';
import type { EventStore } from './eventStore.js';
import { IDLE_TASK, NO_TASK } from './taskTable.js';

/** A block with the tables that its numbers refer to. */
export interface StoreSlice {
  readonly baseNs: bigint;
  readonly rows: RowBlock;
  /** By task: pid and name as bytes; by thread: newest task and thread group. */
  readonly pids: readonly number[];
  readonly comms: readonly Uint8Array[];
  readonly threadTasks: readonly number[];
  readonly threadTgids: readonly number[];
  readonly states: readonly string[];
  readonly flagTexts: readonly string[];
  readonly execFiles: ReadonlyMap<number, string>;
}

/** The whole content of a store, to be joined to another. The columns are copies of the used rows. */
export function sliceOf(store: EventStore): StoreSlice {
  const { tasks } = store;
  return {
    baseNs: store.baseNs,
    rows: store.rowBlock(),
    pids: tasks.pids,
    comms: tasks.pids.map((_, task) => tasks.commBytes(task)),
    threadTasks: tasks.threadTasks,
    threadTgids: tasks.threadTgids,
    states: store.states.values(),
    flagTexts: store.flagTexts.values(),
    execFiles: store.execFiles,
  };
}

/** What a reader knows better than the slice's: who ran on a CPU when the slice began. */
export interface SliceContext {
  /** Lines before the slice. */
  readonly lines: number;
  /** Task of the store that ran on `cpu` with this pid before the slice; undefined when it was another. */
  runningTask(cpu: number, pid: number): number | undefined;
  /** By CPU: the slice's first sched_switch of it, as a row; absent for none. */
  readonly firstSwitches: ReadonlyMap<number, number>;
}

const UNMAPPED = 0xffff_fffe;
const ABBREVIATED = 0x3c; // '<' of `<...>`

/**
 * Appends a slice to a store, as if its rows had been read there one by one: tasks, states and flags get the numbers
 * that they would have got. The slice's columns are used up. Returns the store's number of each of the slice's tasks.
 */
export function appendSlice(store: EventStore, slice: StoreSlice, context: SliceContext): Uint32Array {
  const { rows } = slice;
  const tasks = new SliceTasks(store, slice);
  if (rows.length === 0) return tasks.numbers;
  const shiftNs = store.offsetOf(slice.baseNs);
  const { actor, subject, timeNs, line } = rows;
  const contextRows = Math.max(
    0,
    ...context.firstSwitches.values(),
    hasOther(rows, context) ? rows.length : 0,
  );
  for (let row = 0; row < rows.length; row += 1) {
    const known = row < contextRows ? knownActor(slice, context, row) : undefined;
    actor[row] = known ?? tasks.numberOf(actor[row]!);
    subject[row] = tasks.numberOf(subject[row]!);
    timeNs[row]! += shiftNs;
    line[row]! += context.lines;
  }
  const states = slice.states.map((text) => store.states.intern(text));
  const flags = slice.flagTexts.map((text) => store.flagTexts.intern(text));
  store.appendRows({
    ...rows,
    state: renumbered(rows.state, states),
    flags: renumbered(rows.flags, flags),
    startNs: rows.startNs + shiftNs,
    endNs: rows.endNs + shiftNs,
    lastNs: rows.lastNs.map((ns) => ns + shiftNs),
  });
  for (const [sliceLine, file] of slice.execFiles) store.setExecFile(sliceLine + context.lines, file);
  tasks.settle();
  return tasks.numbers;
}

/** Whether a CPU of the slice has no switch in it: then all its rows depend on what ran before. */
function hasOther({ lastNs }: RowBlock, { firstSwitches }: SliceContext): boolean {
  return lastNs.some((ns, cpu) => !Number.isNaN(ns) && !firstSwitches.has(cpu));
}

/** The actor of a row before its CPU's first switch in the slice, when it is who ran there before. */
function knownActor({ rows, pids }: StoreSlice, context: SliceContext, row: number): number | undefined {
  const cpu = rows.cpu[row]!;
  if (row >= (context.firstSwitches.get(cpu) ?? Infinity)) return undefined;
  const task = rows.actor[row]!;
  return task === NO_TASK || task === IDLE_TASK ? undefined : context.runningTask(cpu, pids[task]!);
}

/** Gives the tasks of a slice their numbers in the store, in the order in which its rows name them. */
class SliceTasks {
  readonly numbers: Uint32Array;

  constructor(
    readonly store: EventStore,
    readonly slice: StoreSlice,
  ) {
    this.numbers = new Uint32Array(slice.pids.length).fill(UNMAPPED);
    this.numbers[IDLE_TASK] = IDLE_TASK;
  }

  numberOf(task: number): number {
    if (task === NO_TASK) return NO_TASK;
    const known = this.numbers[task]!;
    return known === UNMAPPED ? this.#give(task) : known;
  }

  /** The names and thread groups that the slice's threads had at its end. */
  settle(): void {
    const { tasks } = this.store;
    const { threadTasks, threadTgids } = this.slice;
    for (let thread = 1; thread < threadTasks.length; thread += 1) {
      const number = this.numbers[threadTasks[thread]!]!;
      if (number === UNMAPPED) continue;
      tasks.setNewest(number);
      if (threadTgids[thread]! >= 0) tasks.setTgid(number, threadTgids[thread]!);
    }
  }

  #give(task: number): number {
    const { tasks } = this.store;
    const comm = this.slice.comms[task]!;
    const pid = this.slice.pids[task]!;
    const number =
      comm[0] === ABBREVIATED
        ? tasks.internAbbreviated(pid, comm, 0, comm.length)
        : tasks.internBytes(pid, comm, 0, comm.length);
    return (this.numbers[task] = number);
  }
}

function renumbered(column: Uint8Array | Uint16Array, numbers: readonly number[]): Uint8Array | Uint16Array {
  if (numbers.every((number, index) => number === index)) return column;
  const to = numbers.some((number) => number > 255)
    ? new Uint16Array(column.length)
    : new Uint8Array(column.length);
  for (let row = 0; row < column.length; row += 1) to[row] = numbers[column[row]!]!;
  return to;
}
