import { UNKNOWN } from '../../dataset/sequences.js';

/** How often each task was seen. */
export class TaskCounts {
  readonly #counts = new Map<number, number>();
  #best = UNKNOWN;
  #bestCount = 0;

  add(task: number): void {
    const count = (this.#counts.get(task) ?? 0) + 1;
    this.#counts.set(task, count);
    // Of those that are equal the first to get there.
    if (count > this.#bestCount) [this.#best, this.#bestCount] = [task, count];
  }

  /** Adds the most frequent ones that are not in the list yet, until it has `most`. */
  appendTop(list: number[], most: number): void {
    if (this.#bestCount === 0 || list.length >= most) return;
    if (!list.includes(this.#best)) list.push(this.#best);
    if (list.length >= most) return;
    const ordered = [...this.#counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    for (const [task] of ordered) {
      if (list.length >= most) return;
      if (!list.includes(task)) list.push(task);
    }
  }
}
