import { StringTable } from '../../trace/model/stringTable.js';
import { NO_TASK, TaskTable } from '../../trace/model/taskTable.js';

/** Tasks and states of all recordings of a data set, each under one number. */
export class Symbols {
  readonly tasks = new TaskTable();
  readonly states = new StringTable('previous states', 65536);
}

/** Switches of one recording as columns, 16 or 17 bytes a row, in order of time. */
export interface SwitchRows {
  readonly length: number;
  /** Absolute time in ns of offset 0. */
  readonly baseNs: bigint;
  readonly timeNs: Float64Array;
  /** Whom the CPU was given to: a number of `Symbols.tasks`, or `NO_TASK`. */
  readonly task: Uint32Array;
  /** The state in which the task before left: a number of `Symbols.states`, 0 = not told. */
  readonly state: Uint16Array;
  readonly cpu: Uint16Array;
  /** Whether more than one task was runnable there: 0, 1, or `NOT_TOLD`; `null`: of no row is it told. */
  readonly contested: Uint8Array | null;
}

/** Columns that grow; rows in the order of their source. */
export class SwitchRowsBuilder {
  length = 0;
  #timeNs: Float64Array;
  #task: Uint32Array;
  #state: Uint16Array;
  #cpu: Uint16Array;
  #latestNs = -Infinity;
  #isSorted = true;

  constructor(capacity = 1024) {
    this.#timeNs = new Float64Array(capacity);
    this.#task = new Uint32Array(capacity);
    this.#state = new Uint16Array(capacity);
    this.#cpu = new Uint16Array(capacity);
  }

  add(timeNs: number, task: number, state: number, cpu: number): void {
    const row = this.length;
    if (row === this.#timeNs.length) this.#grow();
    this.#timeNs[row] = timeNs;
    this.#task[row] = task;
    this.#state[row] = state;
    this.#cpu[row] = cpu;
    if (timeNs < this.#latestNs) this.#isSorted = false;
    else this.#latestNs = timeNs;
    this.length = row + 1;
  }

  /** The rows so far, in order of time; rows of one time stay in that of their source. The builder is used up. */
  finish(baseNs: bigint): SwitchRows {
    const { length } = this;
    const rows: SwitchRows = {
      length,
      baseNs,
      timeNs: this.#timeNs.slice(0, length),
      task: this.#task.slice(0, length),
      state: this.#state.slice(0, length),
      cpu: this.#cpu.slice(0, length),
      contested: null,
    };
    return this.#isSorted ? rows : reordered(rows, orderOf(rows.timeNs));
  }

  #grow(): void {
    const capacity = Math.ceil(this.length * 1.5) + 1024;
    const timeNs = new Float64Array(capacity);
    timeNs.set(this.#timeNs);
    this.#timeNs = timeNs;
    const task = new Uint32Array(capacity);
    task.set(this.#task);
    this.#task = task;
    const state = new Uint16Array(capacity);
    state.set(this.#state);
    this.#state = state;
    const cpu = new Uint16Array(capacity);
    cpu.set(this.#cpu);
    this.#cpu = cpu;
  }
}

/** The rows in another order, or some of them. */
export function reordered(rows: SwitchRows, order: Uint32Array): SwitchRows {
  const { length } = order;
  const timeNs = new Float64Array(length);
  const task = new Uint32Array(length);
  const state = new Uint16Array(length);
  const cpu = new Uint16Array(length);
  const contested = rows.contested === null ? null : new Uint8Array(length);
  for (let to = 0; to < length; to += 1) {
    const from = order[to]!;
    timeNs[to] = rows.timeNs[from]!;
    task[to] = rows.task[from]!;
    state[to] = rows.state[from]!;
    cpu[to] = rows.cpu[from]!;
    if (contested !== null) contested[to] = rows.contested![from]!;
  }
  return { length, baseNs: rows.baseNs, timeNs, task, state, cpu, contested };
}

function orderOf(timeNs: Float64Array): Uint32Array {
  const order = Uint32Array.from(timeNs, (_, row) => row);
  return order.sort((a, b) => timeNs[a]! - timeNs[b]! || a - b);
}

/** The pid of a task of the table; -1 when it is none. */
export function pidOf(tasks: TaskTable, task: number): number {
  return task === NO_TASK ? -1 : tasks.pids[task]!;
}
