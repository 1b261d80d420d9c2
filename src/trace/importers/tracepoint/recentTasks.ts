import type { CompiledDecoder } from '../../compiled/compiledDecoder.js';
import { IDLE_TASK, type TaskTable } from '../../model/taskTable.js';
import type { RecordBytes } from './recordBytes.js';
import { COMM_BYTES } from './recordLayout.js';

const SLOTS = 4096;
/** Of a slot: pid, the comm in four words, task, thread, thread group. */
const SLOT_WORDS = 8;
const TASK = 5;
const THREAD = 6;
const TGID = 7;

/** What `#find` says of a thread that it does not know under this name. */
const UNKNOWN_TASK = -1;

/**
 * The last comm of each thread, in the kernel's form of 16 bytes: nearly every record names a thread as the one before
 * did, and comparing four words is all that costs. Anything else is left to the task table.
 */
export class RecentTasks {
  readonly #tasks: TaskTable;
  readonly #slots: Int32Array;
  /** What the table of tasks had at the last look. */
  #renames: number;

  /** With the compiled decoder's table where it takes part: it takes each slot for the thread's newest name. */
  constructor(tasks: TaskTable, decoder?: CompiledDecoder) {
    this.#tasks = tasks;
    this.#renames = tasks.renames;
    this.#slots = decoder?.recentTasks ?? new Int32Array(SLOTS * SLOT_WORDS);
    for (let slot = 0; slot < SLOTS; slot += 1) this.#empty(slot);
  }

  /** To be called before the compiled decoder goes on: threads may have got other names elsewhere, or thread groups. */
  followRenames(): void {
    const { renames, threadTasks, threadTgids } = this.#tasks;
    if (renames === this.#renames) return;
    this.#renames = renames;
    const slots = this.#slots;
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const at = slot * SLOT_WORDS;
      const thread = slots[at + THREAD]!;
      if (threadTasks[thread] !== slots[at + TASK]) this.#empty(slot);
      else slots[at + TGID] = threadTgids[thread]!;
    }
  }

  /** Notes the thread group of the task's thread for the compiled decoder, which leaves those that it does not know. */
  noteTgid(task: number): void {
    const tasks = this.#tasks;
    const pid = tasks.pids[task];
    if (pid === undefined) return;
    const at = (pid & (SLOTS - 1)) * SLOT_WORDS;
    if (this.#slots[at] === pid) this.#slots[at + TGID] = tasks.threadTgids[tasks.threads[task]!]!;
  }

  /** A pid that belongs to another slot. */
  #empty(slot: number): void {
    this.#slots[slot * SLOT_WORDS] = slot ^ 1;
  }

  /** Task of the pid under a comm of 16 bytes. */
  taskOf(pid: number, piece: RecordBytes, commAt: number): number {
    if (pid === 0) return IDLE_TASK;
    if (!piece.hasWordsAt(commAt)) return this.taskOfText(pid, piece, commAt, commAt + COMM_BYTES);
    const known = this.#find(pid, piece.words, commAt >> 2);
    if (known !== UNKNOWN_TASK) return known;
    return this.#remember(pid, piece, commAt, COMM_BYTES);
  }

  /** Task of a pid other than 0 under a comm of four words; UNKNOWN_TASK when it was not the thread's last one. */
  #find(pid: number, words: Int32Array, word: number): number {
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
    slots[slot + TGID] = this.#tasks.threadTgids[thread]!;
    // A tracer's word for a name it does not know is not the thread's newest.
    if (this.#tasks.threadTasks[thread] !== task) this.#empty(pid & (SLOTS - 1));
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
