/**
 * What `prev_state` of sched_switch says about the thread that leaves its CPU.
 *
 * Sources: include/trace/events/sched.h (the letters, and `R+` for "preempted in the kernel"), the table in
 * fs/proc/array.c, and include/linux/sched.h for the bits of raw formats:
 *
 *     R R+ 0 256 1024 2048 4096    still runnable: it was preempted or yielded
 *     S 1                          interruptible sleep
 *     D D|K D|W 2 130              uninterruptible sleep
 *     T t X Z P I D|N x W K …      stopped, traced, dead, zombie, parked, idle kernel thread: other
 */
import { ThreadState } from '../protocol/traceMessages.js';
import type { StringTable } from '../trace/model/stringTable.js';

const INTERRUPTIBLE = 0x1;
const UNINTERRUPTIBLE = 0x2;
/** Before Linux 4.14 an idle kernel thread is TASK_UNINTERRUPTIBLE | TASK_NOLOAD, printed as `D|N`. */
const NOLOAD = 0x400;
/**
 * "Preempted" alone: TASK_REPORT_MAX since 4.14; TASK_STATE_MAX of the kernels before, which grew with the number
 * of states.
 */
const PREEMPTED_MASKS = new Set([0, 0x100, 0x400, 0x800, 0x1000]);

/** State of a thread after it was switched out with this text; Unknown when the text is empty or means nothing. */
export function stateOfPrevState(text: string): ThreadState {
  if (text === '') return ThreadState.Unknown;
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) return stateOfMask(Number(text));
  if (text.endsWith('+')) return ThreadState.Preempted;
  switch (text[0]) {
    case 'R':
      return ThreadState.Preempted;
    case 'S':
      return ThreadState.Sleeping;
    case 'D':
      return text.includes('N') ? ThreadState.Other : ThreadState.Uninterruptible;
    default:
      return /^[A-Za-z]/.test(text) ? ThreadState.Other : ThreadState.Unknown;
  }
}

function stateOfMask(mask: number): ThreadState {
  if (PREEMPTED_MASKS.has(mask)) return ThreadState.Preempted;
  if ((mask & UNINTERRUPTIBLE) !== 0) {
    return (mask & NOLOAD) !== 0 ? ThreadState.Other : ThreadState.Uninterruptible;
  }
  return (mask & INTERRUPTIBLE) !== 0 ? ThreadState.Sleeping : ThreadState.Other;
}

/** The same by number in the store's table of previous states, each text judged once. */
export class PrevStates {
  readonly #table: StringTable;
  #known = 0;
  /** `ThreadState` by state number, valid below the table's size at the last `refresh`. */
  stateByNumber = new Uint8Array(64);

  constructor(table: StringTable) {
    this.#table = table;
  }

  /** Takes in texts that the table learnt since. */
  refresh(): void {
    const { size } = this.#table;
    if (size > this.stateByNumber.length) {
      const larger = new Uint8Array(size * 2);
      larger.set(this.stateByNumber);
      this.stateByNumber = larger;
    }
    for (; this.#known < size; this.#known += 1) {
      this.stateByNumber[this.#known] = stateOfPrevState(this.#table.get(this.#known));
    }
  }
}
