import { UNKNOWN } from '../../dataset/sequences.js';
import { TaskCounts } from './counts.js';
import type { TaskBaseline } from './taskBaseline.js';

/** Always the most frequent task of the training part. */
export class MostFrequent implements TaskBaseline {
  readonly name = 'constant';
  readonly #top: readonly number[];

  /** @param taskCounts by index, those of the training part */
  constructor(taskCounts: readonly number[]) {
    this.#top = taskCounts
      .map((count, task) => ({ count, task }))
      .filter(({ count, task }) => task !== UNKNOWN && count > 0)
      .sort((a, b) => b.count - a.count || a.task - b.task)
      .slice(0, 10)
      .map(({ task }) => task);
  }

  begin(): void {
    return;
  }

  observe(): void {
    return;
  }

  guesses(most: number): readonly number[] {
    return this.#top.slice(0, most);
  }
}

/** The task that ran last, then those before it. */
export class LastTask implements TaskBaseline {
  readonly name = 'last';
  #recent: number[] = [];

  begin(): void {
    this.#recent = [];
  }

  observe(task: number): void {
    if (task === UNKNOWN) return;
    const at = this.#recent.indexOf(task);
    if (at >= 0) this.#recent.splice(at, 1);
    this.#recent.unshift(task);
    if (this.#recent.length > 10) this.#recent.pop();
  }

  guesses(most: number): readonly number[] {
    return this.#recent.slice(0, most);
  }
}

/**
 * What followed most often on the last `order` tasks; where these were never seen, on fewer of them, at last what is most
 * frequent at all. With `isOnline` it goes on learning from what it is asked about, after it was asked.
 */
export class Markov implements TaskBaseline {
  /** By order, from 0 tasks to `order`; by their number in the base of the vocabulary. */
  readonly #contexts: Map<number, TaskCounts>[];
  #past: number[] = [];
  #learns = true;

  /** @param taskCount of the vocabulary; taskCount ** order stays below 2^53 for order 3 up to 200,000 tasks */
  constructor(
    readonly name: string,
    private readonly order: number,
    private readonly taskCount: number,
    private readonly isOnline: boolean,
  ) {
    this.#contexts = Array.from({ length: order + 1 }, () => new Map<number, TaskCounts>());
  }

  /** The training part has been seen. */
  endTraining(): void {
    this.#learns = this.isOnline;
  }

  begin(): void {
    this.#past = [];
  }

  observe(task: number): void {
    if (task === UNKNOWN) {
      this.#past = [];
      return;
    }
    if (this.#learns) this.#learn(task);
    this.#past.unshift(task);
    if (this.#past.length > this.order) this.#past.pop();
  }

  guesses(most: number): readonly number[] {
    const list: number[] = [];
    for (let length = Math.min(this.order, this.#past.length); length >= 0; length -= 1)
      this.#contexts[length]!.get(this.#keyOf(length))?.appendTop(list, most);
    return list;
  }

  #learn(task: number): void {
    for (let length = 0; length <= this.#past.length; length += 1) {
      const key = this.#keyOf(length);
      let counts = this.#contexts[length]!.get(key);
      if (counts === undefined) this.#contexts[length]!.set(key, (counts = new TaskCounts()));
      counts.add(task);
    }
  }

  #keyOf(length: number): number {
    let key = 0;
    for (let at = 0; at < length; at += 1) key = key * this.taskCount + this.#past[at]!;
    return key;
  }
}
