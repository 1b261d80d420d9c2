import { IDLE_TASK, type TaskTable } from '../../model/taskTable.js';
import { COMM_BYTES } from './recordLayout.js';

const SLOTS = 4096;
/** Of a slot: pid, the comm in four words, task, thread. */
const SLOT_WORDS = 8;
const TASK = 5;
const THREAD = 6;

/**
 * The last comm of each thread, in the kernel's form of 16 bytes: nearly every record names a thread as the one before
 * did, and comparing four words is all that costs. Anything else is left to the task table.
 */
export class RecentTasks {
  readonly #tasks: TaskTable;
  readonly #slots = new Int32Array(SLOTS * SLOT_WORDS);

  constructor(tasks: TaskTable) {
    this.#tasks = tasks;
    // A pid that belongs to another slot: empty.
    for (let slot = 0; slot < SLOTS; slot += 1) this.#slots[slot * SLOT_WORDS] = slot ^ 1;
  }

  taskOf(pid: number, bytes: Uint8Array, view: DataView, commAt: number): number {
    if (pid === 0) return IDLE_TASK;
    const slots = this.#slots;
    const slot = (pid & (SLOTS - 1)) * SLOT_WORDS;
    if (
      slots[slot] === pid &&
      slots[slot + 1] === view.getInt32(commAt, true) &&
      slots[slot + 2] === view.getInt32(commAt + 4, true) &&
      slots[slot + 3] === view.getInt32(commAt + 8, true) &&
      slots[slot + 4] === view.getInt32(commAt + 12, true)
    ) {
      const task = slots[slot + TASK]!;
      // Another name may have been seen elsewhere in between: then the table has to hear that this one is back.
      if (this.#tasks.threadTasks[slots[slot + THREAD]!] === task) return task;
    }
    return this.#intern(pid, bytes, view, commAt, slot);
  }

  #intern(pid: number, bytes: Uint8Array, view: DataView, commAt: number, slot: number): number {
    const slots = this.#slots;
    let end = commAt;
    while (end < commAt + COMM_BYTES && bytes[end] !== 0) end += 1;
    const task = this.#tasks.internBytes(pid, bytes, commAt, end);
    slots[slot] = pid;
    for (let word = 0; word < 4; word += 1) slots[slot + 1 + word] = view.getInt32(commAt + 4 * word, true);
    slots[slot + TASK] = task;
    slots[slot + THREAD] = this.#tasks.threads[task]!;
    return task;
  }
}
