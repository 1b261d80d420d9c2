import { UNKNOWN } from '../../dataset/sequences.js';
import { MOST_GUESSES, TaskCounts } from './counts.js';
import type { TaskBaseline } from './taskBaseline.js';

/** Always the most frequent task of the training part. */
export class MostFrequent implements TaskBaseline {
  readonly name = 'constant';
  readonly #top: readonly number[];
  readonly #total: number;

  /** @param taskCounts by index of the vocabulary, those of the training part */
  constructor(private readonly taskCounts: readonly number[]) {
    const known = taskCounts
      .map((count, task) => ({ count, task }))
      .filter(({ count, task }) => task !== UNKNOWN && count > 0);
    this.#total = known.reduce((sum, { count }) => sum + count, 0);
    this.#top = known
      .sort((a, b) => b.count - a.count || a.task - b.task)
      .slice(0, MOST_GUESSES)
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

  /** Its share of the training part, with one added to each count (Laplace), so that none is impossible. */
  probability(task: number): number {
    return (this.taskCounts[task]! + 1) / (this.#total + this.taskCounts.length - 1);
  }

  fork(): TaskBaseline {
    return this;
  }
}

/** Always the same task, whatever the training part has. */
export class AlwaysTask implements TaskBaseline {
  constructor(
    readonly name: string,
    private readonly task: number,
  ) {}

  begin(): void {
    return;
  }

  observe(): void {
    return;
  }

  guesses(): readonly number[] {
    return [this.task];
  }

  probability(): null {
    return null;
  }

  fork(): TaskBaseline {
    return this;
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
    if (this.#recent.length > MOST_GUESSES) this.#recent.pop();
  }

  guesses(most: number): readonly number[] {
    return this.#recent.slice(0, most);
  }

  probability(): null {
    return null;
  }

  fork(): TaskBaseline {
    return new LastTask();
  }
}

/**
 * What followed most often on the last `order` tasks; where these were never seen, on fewer of them, at last what is most
 * frequent at all. With `isOnline` it goes on learning from what it is asked about, after it was asked.
 */
export class Markov implements TaskBaseline {
  readonly #contexts: Contexts;
  #past: number[] = [];
  #learns = true;

  /** @param taskCount of the vocabulary; taskCount ** order stays below 2^53 for order 3 up to 200,000 tasks */
  constructor(
    readonly name: string,
    private readonly order: number,
    private readonly taskCount: number,
    private readonly isOnline: boolean,
    contexts = new Contexts(order, taskCount, null),
  ) {
    this.#contexts = contexts;
  }

  /** The training part has been seen. */
  endTraining(): void {
    this.#learns = this.isOnline;
  }

  /** A chain of this order or a lower one that begins with what this one has learnt. */
  derived(name: string, order: number, isOnline: boolean): Markov {
    const chain = new Markov(
      name,
      order,
      this.taskCount,
      isOnline,
      new Contexts(order, this.taskCount, this.#contexts),
    );
    chain.endTraining();
    return chain;
  }

  fork(): Markov {
    return this.derived(this.name, this.order, this.isOnline);
  }

  begin(): void {
    this.#past = [];
  }

  observe(task: number): void {
    if (task === UNKNOWN) {
      this.#past = [];
      return;
    }
    if (this.#learns) this.#contexts.learn(this.#past, task);
    this.#past.unshift(task);
    if (this.#past.length > this.order) this.#past.pop();
  }

  guesses(most: number): readonly number[] {
    const list: number[] = [];
    for (let length = this.#past.length; length >= 0; length -= 1)
      this.#contexts.after(this.#past, length)?.appendTop(list, most);
    return list;
  }

  /**
   * Interpolated over the lengths of the past as Witten and Bell (1991, "The zero-frequency problem", method C) have it:
   * P(w | h) = (c(h, w) + T(h) P(w | h′)) / (c(h) + T(h)) with c the counts behind past h, T the number of different tasks
   * seen there, h′ the past without its oldest task; before the empty past all known tasks are equally likely.
   */
  probability(task: number): number {
    let probability = 1 / Math.max(1, this.taskCount - 1);
    for (let length = 0; length <= this.#past.length; length += 1) {
      const counts = this.#contexts.after(this.#past, length);
      // A past that was never met tells nothing, and a longer one was not either.
      if (counts === undefined) break;
      const { total, distinct } = counts;
      probability = (counts.countOf(task) + distinct * probability) / (total + distinct);
    }
    return probability;
  }
}

/** Counts of what followed, by the tasks before: by how many, from none to `order`, and by their number in the base of the vocabulary. */
class Contexts {
  readonly #own: Map<number, TaskCounts>[];

  /** @param base what is known already; it is never changed, its counts are copied where more is learnt */
  constructor(
    order: number,
    private readonly taskCount: number,
    private readonly base: Contexts | null,
  ) {
    this.#own = Array.from({ length: order + 1 }, () => new Map<number, TaskCounts>());
  }

  /** What followed on the newest `length` tasks of a past, the newest first; undefined where it was never met. */
  after(past: readonly number[], length: number): TaskCounts | undefined {
    return this.find(length, this.#keyOf(past, length));
  }

  learn(past: readonly number[], task: number): void {
    for (let length = 0; length <= past.length; length += 1) {
      const key = this.#keyOf(past, length);
      let counts = this.#own[length]!.get(key);
      if (counts === undefined) {
        counts = this.base?.after(past, length)?.copy() ?? new TaskCounts();
        this.#own[length]!.set(key, counts);
      }
      counts.add(task);
    }
  }

  private find(length: number, key: number): TaskCounts | undefined {
    return this.#own[length]!.get(key) ?? this.base?.find(length, key);
  }

  #keyOf(past: readonly number[], length: number): number {
    let key = 0;
    for (let at = 0; at < length; at += 1) key = key * this.taskCount + past[at]!;
    return key;
  }
}
