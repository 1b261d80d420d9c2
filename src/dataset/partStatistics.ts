import { throwIfCancelled } from '../base/cancellation.js';
import type { Symbols } from './extract/switchRows.js';
import type { Slice } from './partRows.js';
import { NOT_TOLD, UNKNOWN } from './sequences.js';
import { IDLE, indexOfTask, type Occurrences, type Vocabulary } from './vocabulary.js';
import { NO_TASK } from '../trace/model/taskTable.js';

/** Vocabularies up to this size have a table of all pairs: 64 MB at most, and several times faster. */
const DENSE_TASKS = 4096;

/** How often tasks and states occur in slices. */
export function occurrencesIn(slices: readonly Slice[], { tasks, states }: Symbols): Occurrences {
  const ofTasks = new Float64Array(tasks.taskCount);
  const ofStates = new Float64Array(states.size);
  let unknownTasks = 0;
  for (const { rows, start, end } of slices) {
    for (let row = start; row < end; row += 1) {
      const task = rows.task[row]!;
      if (task === NO_TASK) unknownTasks += 1;
      else ofTasks[task]! += 1;
      ofStates[rows.state[row]!]! += 1;
    }
  }
  return { tasks: ofTasks, states: ofStates, unknownTasks };
}

/** Counts of what is to be predicted in a part. */
export interface TargetCounts {
  targets: number;
  unknownTargets: number;
  idleTargets: number;
  /** Known targets that are the most frequent successor of the task before. */
  mostFrequentSuccessor: number;
  /** Targets of which it is told whether more than one task was runnable. */
  contestedKnown: number;
  /** And where it was so. */
  contestedTargets: number;
}

/** Who follows whom how often in the training part. The most frequent successor of each is what any model has to beat. */
export class Successors {
  readonly #vocabulary: Vocabulary;
  readonly #mostFrequent: Int32Array;

  constructor(train: readonly Slice[], vocabulary: Vocabulary, signal?: AbortSignal) {
    this.#vocabulary = vocabulary;
    const size = vocabulary.tasks.length;
    const pairs = size <= DENSE_TASKS ? new DensePairs(size) : new SparsePairs(size);
    for (const slice of train) {
      throwIfCancelled(signal);
      eachPair(slice, vocabulary, (before, next) => {
        if (next !== UNKNOWN) pairs.add(before, next);
      });
    }
    this.#mostFrequent = pairs.mostFrequent();
  }

  countsOf(slices: readonly Slice[]): TargetCounts {
    const counts: TargetCounts = {
      targets: 0,
      unknownTargets: 0,
      idleTargets: 0,
      mostFrequentSuccessor: 0,
      contestedKnown: 0,
      contestedTargets: 0,
    };
    for (const slice of slices) {
      addContested(counts, slice);
      eachPair(slice, this.#vocabulary, (before, next) => {
        counts.targets += 1;
        if (next === UNKNOWN) counts.unknownTargets += 1;
        else if (next === this.#mostFrequent[before]) counts.mostFrequentSuccessor += 1;
        if (next === IDLE) counts.idleTargets += 1;
      });
    }
    return counts;
  }
}

function addContested(counts: TargetCounts, { rows: { contested }, start, end }: Slice): void {
  if (contested === null) return;
  for (let row = start + 1; row < end; row += 1) {
    const told = contested[row]!;
    if (told === NOT_TOLD) continue;
    counts.contestedKnown += 1;
    counts.contestedTargets += told;
  }
}

function eachPair(
  { rows, start, end }: Slice,
  vocabulary: Vocabulary,
  onPair: (before: number, next: number) => void,
): void {
  let before = indexOfTask(vocabulary, rows.task[start]!);
  for (let row = start + 1; row < end; row += 1) {
    const next = indexOfTask(vocabulary, rows.task[row]!);
    onPair(before, next);
    before = next;
  }
}

class DensePairs {
  readonly #counts: Uint32Array;

  constructor(readonly size: number) {
    this.#counts = new Uint32Array(size * size);
  }

  add(before: number, next: number): void {
    this.#counts[before * this.size + next]! += 1;
  }

  /** By task: its most frequent successor, of several the one with the least index; UNK where it has none. */
  mostFrequent(): Int32Array {
    return Int32Array.from({ length: this.size }, (_, before) => {
      let best = UNKNOWN;
      let most = 0;
      for (let next = 0; next < this.size; next += 1) {
        const count = this.#counts[before * this.size + next]!;
        if (count > most) [best, most] = [next, count];
      }
      return best;
    });
  }
}

class SparsePairs {
  readonly #counts = new Map<number, number>();

  constructor(readonly size: number) {}

  add(before: number, next: number): void {
    const pair = before * this.size + next;
    this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + 1);
  }

  mostFrequent(): Int32Array {
    const best = new Int32Array(this.size);
    const most = new Float64Array(this.size);
    for (const [pair, count] of this.#counts) {
      const before = Math.floor(pair / this.size);
      const next = pair - before * this.size;
      if (count < most[before]! || (count === most[before]! && next > best[before]!)) continue;
      most[before] = count;
      best[before] = next;
    }
    return best;
  }
}
