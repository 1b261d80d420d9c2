import { IDLE_TASK, type TaskTable } from '../../model/taskTable.js';
import type { RecordBytes } from './recordBytes.js';
import { COMM_BYTES } from './recordLayout.js';

const SLOTS = 4096;
/** Of a slot: pid, the comm in four words, task, thread. */
const SLOT_WORDS = 8;
const TASK = 5;
const THREAD = 6;

/** What `find` says of a thread that it does not know under this name. */
export const UNKNOWN_TASK = -1;

/** By number of bytes, for each of four words: the bits that belong to them. */
const MASKS = Int32Array.from({ length: (COMM_BYTES + 1) * 4 }, (_, i) =>
  firstBytes(-1, (i >> 2) - 4 * (i & 3)),
);

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

  /** Task of the pid under a comm of 16 bytes. */
  taskOf(pid: number, piece: RecordBytes, commAt: number): number {
    if (pid === 0) return IDLE_TASK;
    if (!piece.hasWordsAt(commAt)) return this.taskOfText(pid, piece, commAt, commAt + COMM_BYTES);
    const known = this.find(pid, piece.words, commAt >> 2);
    if (known !== UNKNOWN_TASK) return known;
    return this.#remember(pid, piece, commAt, COMM_BYTES);
  }

  /** Task of a pid other than 0 under a comm of four words; UNKNOWN_TASK when it was not the thread's last one. */
  find(pid: number, words: Int32Array, word: number): number {
    const slots = this.#slots;
    const slot = (pid & (SLOTS - 1)) * SLOT_WORDS;
    if (
      slots[slot] !== pid ||
      slots[slot + 1] !== words[word] ||
      slots[slot + 2] !== words[word + 1] ||
      slots[slot + 3] !== words[word + 2] ||
      slots[slot + 4] !== words[word + 3]
    ) {
      return UNKNOWN_TASK;
    }
    const task = slots[slot + TASK]!;
    // Another name may have been seen elsewhere in between: then the table has to hear that this one is back.
    return this.#tasks.threadTasks[slots[slot + THREAD]!] === task ? task : UNKNOWN_TASK;
  }

  /** The same for a comm of so many bytes, from this word on. */
  findText(pid: number, words: Int32Array, word: number, length: number): number {
    if (length > COMM_BYTES || word + COMM_BYTES / 4 > words.length) return UNKNOWN_TASK;
    const slots = this.#slots;
    const slot = (pid & (SLOTS - 1)) * SLOT_WORDS;
    const mask = length * 4;
    if (
      slots[slot] !== pid ||
      slots[slot + 1] !== (words[word]! & MASKS[mask]!) ||
      slots[slot + 2] !== (words[word + 1]! & MASKS[mask + 1]!) ||
      slots[slot + 3] !== (words[word + 2]! & MASKS[mask + 2]!) ||
      slots[slot + 4] !== (words[word + 3]! & MASKS[mask + 3]!)
    ) {
      return UNKNOWN_TASK;
    }
    const task = slots[slot + TASK]!;
    return this.#tasks.threadTasks[slots[slot + THREAD]!] === task ? task : UNKNOWN_TASK;
  }

  /** Task of the pid under a comm of any length: bytes `[start, end)`, or those before the first zero byte there. */
  taskOfText(pid: number, piece: RecordBytes, start: number, end: number): number {
    if (pid === 0) return IDLE_TASK;
    const { bytes, view } = piece;
    const length = end - start;
    // Four words are read whatever the length.
    if (length > COMM_BYTES || start + COMM_BYTES > bytes.length) return this.#intern(pid, bytes, start, end);
    const slots = this.#slots;
    const slot = (pid & (SLOTS - 1)) * SLOT_WORDS;
    if (
      slots[slot] === pid &&
      slots[slot + 1] === firstBytes(view.getInt32(start, true), length) &&
      slots[slot + 2] === firstBytes(view.getInt32(start + 4, true), length - 4) &&
      slots[slot + 3] === firstBytes(view.getInt32(start + 8, true), length - 8) &&
      slots[slot + 4] === firstBytes(view.getInt32(start + 12, true), length - 12)
    ) {
      const task = slots[slot + TASK]!;
      if (this.#tasks.threadTasks[slots[slot + THREAD]!] === task) return task;
    }
    return this.#remember(pid, piece, start, length);
  }

  #remember(pid: number, { bytes, view }: RecordBytes, start: number, length: number): number {
    const task = this.#intern(pid, bytes, start, start + length);
    const thread = this.#tasks.threads[task];
    // What is no pid has no task.
    if (thread === undefined) return task;
    const slots = this.#slots;
    const slot = (pid & (SLOTS - 1)) * SLOT_WORDS;
    slots[slot] = pid;
    for (let byte = 0; byte < COMM_BYTES; byte += 4) {
      slots[slot + 1 + byte / 4] = firstBytes(view.getInt32(start + byte, true), length - byte);
    }
    slots[slot + TASK] = task;
    slots[slot + THREAD] = thread;
    return task;
  }

  #intern(pid: number, bytes: Uint8Array, start: number, limit: number): number {
    let end = start;
    while (end < limit && bytes[end] !== 0) end += 1;
    return this.#tasks.internBytes(pid, bytes, start, end);
  }
}

/** The first bytes of a little-endian word; zeros in place of the others. */
function firstBytes(word: number, count: number): number {
  if (count >= 4) return word;
  return count <= 0 ? 0 : word & ((1 << (8 * count)) - 1);
}
