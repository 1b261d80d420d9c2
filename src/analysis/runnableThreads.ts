import { asThreadState } from './columnEnums.js';
import { ThreadState } from '../protocol/traceMessages.js';
import { NO_ROW, type CpuCursor } from './cpuCursor.js';

const NO_CPU = -1;

/**
 * The newest state of each thread and, for those that run or wait, the CPU in whose run queue depth they count.
 * A gap on a CPU starts a new epoch there: threads counted before it are forgotten all at once.
 */
export class RunnableThreads {
  /** `ThreadState` by thread. */
  stateOf = new Uint8Array(0);
  /** CPU a running or waiting thread counts on, by thread; -1 none. */
  cpuOf = new Int32Array(0);
  /** Epoch of that CPU in which it was counted, by thread. */
  #epochOf = new Uint32Array(0);
  readonly #cursors: readonly (CpuCursor | undefined)[];

  constructor(cursors: readonly (CpuCursor | undefined)[]) {
    this.#cursors = cursors;
  }

  reserve(threads: number): void {
    if (threads <= this.stateOf.length) return;
    const capacity = Math.max(256, threads * 2);
    const { stateOf, cpuOf } = this;
    const epochOf = this.#epochOf;
    this.stateOf = new Uint8Array(capacity);
    this.stateOf.set(stateOf);
    this.cpuOf = new Int32Array(capacity).fill(NO_CPU);
    this.cpuOf.set(cpuOf);
    this.#epochOf = new Uint32Array(capacity);
    this.#epochOf.set(epochOf);
  }

  /** The thread runs or waits on this CPU now. Counted once, however often this is said. */
  count(thread: number, cursor: CpuCursor, state: ThreadState): void {
    this.stateOf[thread] = state;
    if (this.cpuOf[thread] === cursor.cpu && this.#epochOf[thread] === cursor.epoch) return;
    this.cpuOf[thread] = cursor.cpu;
    this.#epochOf[thread] = cursor.epoch;
    cursor.count += 1;
  }

  /** The thread waits on a CPU that is not told. */
  countNowhere(thread: number, state: ThreadState): void {
    this.stateOf[thread] = state;
    this.cpuOf[thread] = NO_CPU;
  }

  /** The thread does not count any more. `row`: the event, when its CPU's depth is to be noted here. */
  discount(thread: number, row: number): void {
    const cpu = this.cpuOf[thread]!;
    if (cpu === NO_CPU) return;
    this.cpuOf[thread] = NO_CPU;
    const cursor = this.#cursors[cpu]!;
    if (this.#epochOf[thread] !== cursor.epoch) return;
    cursor.count -= 1;
    if (row !== NO_ROW) cursor.noteCount(row);
  }

  /** A waiting thread waits on this CPU from now on. */
  move(thread: number, cursor: CpuCursor, row: number): void {
    if (this.cpuOf[thread] === cursor.cpu) return;
    this.discount(thread, row);
    this.count(thread, cursor, asThreadState(this.stateOf[thread]!));
    cursor.noteCount(row);
  }

  /** For a waiting thread: where the first gap of its CPU since the wait began starts; NO_ROW when there is none. */
  gapInWait(thread: number): number {
    const state = asThreadState(this.stateOf[thread]!);
    if (state !== ThreadState.Runnable && state !== ThreadState.Preempted) return NO_ROW;
    const cpu = this.cpuOf[thread]!;
    if (cpu === NO_CPU) return NO_ROW;
    const cursor = this.#cursors[cpu]!;
    const epoch = this.#epochOf[thread]!;
    return epoch === cursor.epoch ? NO_ROW : cursor.gapStartRows[epoch]!;
  }
}
