import { UNKNOWN, type Sequences } from '../../dataset/sequences.js';
import type { Chance } from './chance.js';

/** Events of the past that the companion of an inter-arrival model looks at. */
export const COMPANION_ORDER = 3;
/** Rows of the training part that are kept, four bytes each a length of the past: more hardly change what is drawn. */
const MOST_ROWS = 4_000_000;
/** Where there are more, stretches of so many rows are kept, evenly spread. */
const STRETCH = 4096;

/**
 * Draws a row of the training part that followed on the same past: what came then is task, state, CPU and time, as they
 * occurred together. This is a Markov chain of order 3 whose probabilities are the shares in the training part; a past that it
 * never met is shortened, event by event.
 */
export class Successors {
  /** By length of the past, from 0. */
  readonly #byLength: readonly RowIndex[];

  constructor(
    train: Sequences,
    private readonly taskCount: number,
    order: number = COMPANION_ORDER,
  ) {
    const usable = knownRows(train);
    this.#byLength = Array.from(
      { length: order + 1 },
      (_, length) =>
        new RowIndex(train, usable, (row, start) => pastKey(train, taskCount, row, start, length)),
    );
  }

  /** @param past known tasks, the last one first. `null` when the training part knows no task at all. */
  draw(past: readonly number[], chance: Chance): number | null {
    const longest = Math.min(past.length, this.#byLength.length - 1);
    for (let length = longest; length >= 0; length -= 1) {
      const row = this.#byLength[length]!.draw(keyOf(past, length, this.taskCount), chance);
      if (row !== null) return row;
    }
    return null;
  }
}

/**
 * Draws a row of the training part at which the same task came behind the same one: its time, state and CPU. Where the two
 * never met it is any row of that task, else any row.
 */
export class Transitions {
  readonly #pairs: RowIndex;
  readonly #tasks: RowIndex;
  readonly #all: RowIndex;

  constructor(
    train: Sequences,
    private readonly taskCount: number,
  ) {
    const { task, deltaNs } = train;
    const usable = knownRows(train);
    // The first row of a sequence has no time.
    const isTimed = (row: number) => usable(row) && !Number.isNaN(deltaNs[row]!);
    this.#pairs = new RowIndex(train, isTimed, (row, start) =>
      row === start || task[row - 1] === UNKNOWN ? null : this.#pairKey(task[row - 1]!, task[row]!),
    );
    this.#tasks = new RowIndex(train, isTimed, (row) => task[row]!);
    this.#all = new RowIndex(train, isTimed, () => 0);
  }

  /** @param before `null`: not known. `null` when the training part has no row with a time. */
  draw(before: number | null, task: number, chance: Chance): number | null {
    const row = before === null ? null : this.#pairs.draw(this.#pairKey(before, task), chance);
    return row ?? this.#tasks.draw(task, chance) ?? this.#all.draw(0, chance);
  }

  #pairKey(before: number, task: number): number {
    return before * this.taskCount + task;
  }
}

/** Rows by a key: those of one key lie side by side. */
class RowIndex {
  /** Key to its number. */
  readonly #numbers = new Map<number, number>();
  /** By number: first place in `#rows`; one more at the end. */
  readonly #first: Uint32Array;
  readonly #rows: Uint32Array;

  /** @param keyOf of a row and the first row of its sequence; `null`: the row has none */
  constructor(
    sequences: Sequences,
    isUsed: (row: number) => boolean,
    keyOf: (row: number, start: number) => number | null,
  ) {
    const numbers = new Int32Array(sequences.rows).fill(-1);
    const counts: number[] = [];
    eachRow(sequences, (row, start) => {
      const key = isUsed(row) ? keyOf(row, start) : null;
      if (key === null) return;
      let number = this.#numbers.get(key);
      if (number === undefined) {
        number = counts.length;
        this.#numbers.set(key, number);
        counts.push(0);
      }
      numbers[row] = number;
      counts[number]! += 1;
    });
    this.#first = new Uint32Array(counts.length + 1);
    for (const [number, count] of counts.entries()) this.#first[number + 1] = this.#first[number]! + count;
    const next = this.#first.slice();
    this.#rows = new Uint32Array(this.#first[counts.length]!);
    for (let row = 0; row < numbers.length; row += 1) {
      const number = numbers[row]!;
      if (number < 0) continue;
      this.#rows[next[number]!] = row;
      next[number]! += 1;
    }
  }

  draw(key: number, chance: Chance): number | null {
    const number = this.#numbers.get(key);
    if (number === undefined) return null;
    const first = this.#first[number]!;
    return this.#rows[first + chance.below(this.#first[number + 1]! - first)]!;
  }
}

/** Which rows are drawn from: those of a known task, of all or of evenly spread stretches. */
function knownRows({ task, rows }: Sequences): (row: number) => boolean {
  const share = Math.min(1, MOST_ROWS / Math.max(1, rows));
  return (row) => {
    if (task[row] === UNKNOWN) return false;
    const stretch = Math.floor(row / STRETCH);
    return Math.floor((stretch + 1) * share) > Math.floor(stretch * share);
  };
}

/** A number for the tasks before a row; `null` where they reach out of the sequence or one is not known. */
function pastKey(
  { task }: Sequences,
  taskCount: number,
  row: number,
  start: number,
  length: number,
): number | null {
  if (row - length < start) return null;
  let key = 0;
  for (let back = 1; back <= length; back += 1) {
    const each = task[row - back]!;
    if (each === UNKNOWN) return null;
    key = key * taskCount + each;
  }
  return key;
}

/** Below 2^53 for three of up to 200,000 tasks. */
function keyOf(past: readonly number[], length: number, taskCount: number): number {
  let key = 0;
  for (let at = 0; at < length; at += 1) key = key * taskCount + past[at]!;
  return key;
}

function eachRow({ rows, starts }: Sequences, visit: (row: number, start: number) => void): void {
  for (let sequence = 0; sequence < starts.length; sequence += 1) {
    const start = starts[sequence]!;
    const end = starts[sequence + 1] ?? rows;
    for (let row = start; row < end; row += 1) visit(row, start);
  }
}
