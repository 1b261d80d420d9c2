import type { EventStore } from '../../trace/model/eventStore.js';

/**
 * Whose numbers to reproduce: perf 6.1, or perf since 6.8 (both differ in how they read previous states, which
 * wakeups they count and what a preempted task waits for).
 */
export type PerfCompat = 'perf-6.1' | 'perf-newer';

/** Bits of the kernel's prev_state by the letter it prints (include/trace/events/sched.h; K, W, N before 4.14). */
const STATE_BITS = new Map([
  ['S', 0x1],
  ['D', 0x2],
  ['T', 0x4],
  ['t', 0x8],
  ['X', 0x10],
  ['Z', 0x20],
  ['P', 0x40],
  ['x', 0x40],
  ['I', 0x80],
  ['K', 0x80],
  ['+', 0x100],
  ['W', 0x100],
  ['N', 0x400],
]);
/** perf 6.1 takes the lowest bit as an index into letters of a kernel older than those it reads: I prints as K. */
const LETTERS_6_1 = 'RSDTtZXxKWP';
/** The letters of the kernel's own print format, by bit. */
const KERNEL_LETTERS = 'SDTtXZPI';

/** The state a task left in, as perf understands it. */
export interface PerfTaskState {
  /** The letter that `--state` prints. */
  readonly letter: string;
  /** Whether perf takes the task as still runnable, that is preempted. */
  readonly isRunnable: boolean;
}

/** Translates the previous states of a store, each once. */
export class PerfTaskStates {
  readonly #store: EventStore;
  readonly #compat: PerfCompat;
  readonly #known: PerfTaskState[] = [];

  constructor(store: EventStore, compat: PerfCompat) {
    this.#store = store;
    this.#compat = compat;
  }

  /** Of an entry of the store's `states`. */
  of(state: number): PerfTaskState {
    return (this.#known[state] ??= perfTaskState(this.#store.states.get(state), this.#compat));
  }
}

/** `text` is a previous state as the kernel prints it (`R+`, `D|K`) or the number of a raw format. */
export function perfTaskState(text: string, compat: PerfCompat): PerfTaskState {
  if (text === '') return { letter: '?', isRunnable: false };
  const bits = /^\d+$/.test(text) ? Number(text) : bitsOf(text);
  // A kernel's long has more bits than these; raw formats print what they find.
  const lowest = 32 - Math.clz32(bits & -bits);
  if (compat === 'perf-6.1') {
    // R+ has a bit of its own, so 6.1 takes a preempted task for a sleeping one in state W.
    return { letter: LETTERS_6_1[lowest] ?? '?', isRunnable: lowest === 0 };
  }
  if (lowest === 0 || lowest > KERNEL_LETTERS.length) return { letter: 'R', isRunnable: true };
  // Newer perf takes its letters from the print format of the recorded kernel: the first one printed.
  return { letter: /^\d/.test(text) ? KERNEL_LETTERS[lowest - 1]! : text[0]!, isRunnable: false };
}

function bitsOf(text: string): number {
  let bits = 0;
  for (const letter of text) bits |= STATE_BITS.get(letter) ?? 0;
  return bits;
}
