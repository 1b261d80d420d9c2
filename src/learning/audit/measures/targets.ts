import type { StoredPart } from '../../../dataset/dataSet.js';
import { UNKNOWN } from '../../../dataset/sequences.js';
import { IDLE } from '../../../dataset/vocabulary.js';
import { sequencesOf } from '../subject.js';

/** What is to be predicted in a part: the task of every row that has one before it in its sequence. */
export interface Targets {
  readonly count: number;
  /** By index in the vocabulary. */
  readonly byTask: Float64Array;
  readonly idle: number;
}

const IDLE_PID = 0;

export function targetsOf(part: StoredPart, taskCount: number): Targets {
  const byTask = new Float64Array(taskCount);
  let idle = 0;
  let count = 0;
  for (const { start, end } of sequencesOf(part)) {
    count += Math.max(0, end - start - 1);
    for (let row = start + 1; row < end; row += 1) {
      byTask[part.task[row]!]! += 1;
      // By its PID as well: a vocabulary may have put idle elsewhere.
      if (part.task[row] === IDLE || part.pid[row] === IDLE_PID) idle += 1;
    }
  }
  return { count, byTask, idle };
}

/** By task: which one followed it most often; UNK where none did. */
export function mostFrequentSuccessors(part: StoredPart, taskCount: number): Int32Array {
  const counts = new Map<number, number>();
  eachPair(part, (before, next) => {
    if (next === UNKNOWN) return;
    const pair = before * taskCount + next;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  });
  const best = new Int32Array(taskCount);
  const most = new Float64Array(taskCount);
  for (const [pair, count] of counts) {
    const before = Math.floor(pair / taskCount);
    if (count <= most[before]!) continue;
    most[before] = count;
    best[before] = pair - before * taskCount;
  }
  return best;
}

export function eachPair(part: StoredPart, onPair: (before: number, next: number) => void): void {
  for (const { start, end } of sequencesOf(part)) {
    for (let row = start + 1; row < end; row += 1) onPair(part.task[row - 1]!, part.task[row]!);
  }
}
