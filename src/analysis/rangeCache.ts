import type { TimeRange } from '../protocol/traceMessages.js';

/** Views page, sort and filter one range, or look back at the whole: a few answers are enough. */
const CAPACITY = 4;

/** Remembers the answers asked for last, as long as no more of the trace has been analysed. */
export class RangeCache<T> {
  #version = -1;
  readonly #answers = new Map<string, T>();

  get(version: number, range: TimeRange | null, variant: string, compute: () => T): T {
    if (version !== this.#version) {
      this.#answers.clear();
      this.#version = version;
    }
    const key = range === null ? `*|${variant}` : `${range.startNs}|${range.endNs}|${variant}`;
    const known = this.#answers.get(key);
    if (known !== undefined) {
      // A Map keeps the order of insertion: the oldest use comes first.
      this.#answers.delete(key);
      this.#answers.set(key, known);
      return known;
    }
    const answer = compute();
    this.#answers.set(key, answer);
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > CAPACITY && oldest.done !== true) this.#answers.delete(oldest.value);
    return answer;
  }
}
