import { UNKNOWN } from '../../dataset/sequences.js';

/** How many tasks a baseline names at most. */
export const MOST_GUESSES = 10;
/** Kept in order: so many are enough when all but one of the guesses were named by longer pasts. */
const KEPT = 2 * MOST_GUESSES;

/** How often each task was seen. */
export class TaskCounts {
  #counts = new Map<number, number>();
  #total = 0;
  #best = UNKNOWN;
  #bestCount = 0;
  /** The most frequent ones, of equal ones the lower index first; `null` until they are asked for. */
  #top: number[] | null = null;

  get total(): number {
    return this.#total;
  }

  /** Different tasks that were seen. */
  get distinct(): number {
    return this.#counts.size;
  }

  countOf(task: number): number {
    return this.#counts.get(task) ?? 0;
  }

  /** The same counts, to go on from. */
  copy(): TaskCounts {
    const copy = new TaskCounts();
    copy.#counts = new Map(this.#counts);
    copy.#total = this.#total;
    copy.#best = this.#best;
    copy.#bestCount = this.#bestCount;
    copy.#top = this.#top === null ? null : [...this.#top];
    return copy;
  }

  add(task: number): void {
    const count = this.countOf(task) + 1;
    this.#counts.set(task, count);
    this.#total += 1;
    // Of those that are equal the first to get there.
    if (count > this.#bestCount) [this.#best, this.#bestCount] = [task, count];
    if (this.#top !== null) this.#rise(this.#top, task);
  }

  /** Adds the most frequent ones that are not in the list yet, until it has `most`, which is `MOST_GUESSES` or fewer. */
  appendTop(list: number[], most: number): void {
    if (this.#bestCount === 0 || list.length >= most) return;
    if (!list.includes(this.#best)) list.push(this.#best);
    if (list.length >= most) return;
    for (const task of (this.#top ??= this.#ordered())) {
      if (list.length >= most) return;
      if (!list.includes(task)) list.push(task);
    }
  }

  #ordered(): number[] {
    const top: number[] = [];
    for (const task of this.#counts.keys()) this.#rise(top, task);
    return top;
  }

  /** Puts a task where it belongs now that its count has grown: counts only grow, so the others keep their order. */
  #rise(top: number[], task: number): void {
    let at = top.indexOf(task);
    if (at < 0) {
      at = top.length;
      if (at === KEPT) {
        if (!this.#isBefore(task, top[at - 1]!)) return;
        at -= 1;
      }
    }
    for (; at > 0 && this.#isBefore(task, top[at - 1]!); at -= 1) top[at] = top[at - 1]!;
    top[at] = task;
  }

  #isBefore(task: number, other: number): boolean {
    const more = this.countOf(task) - this.countOf(other);
    return more > 0 || (more === 0 && task < other);
  }
}
