import { Failure } from '../../base/errors.js';

/** Latencies of one file that are read: 160 MB, and far more than a density needs. */
export const MAX_VALUES = 20_000_000;

/** Numbers whose amount is not known beforehand. */
export class GrowingValues {
  #values = new Float64Array(1024);
  length = 0;

  /** Failures: `too-large`. */
  add(value: number): void {
    if (this.length === this.#values.length) {
      if (this.length >= MAX_VALUES) throw tooMany();
      const larger = new Float64Array(Math.min(MAX_VALUES, this.length * 2));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** A copy, rising. */
  sorted(): Float64Array {
    return this.#values.slice(0, this.length).sort();
  }
}

export function tooMany(): Failure {
  return new Failure(
    'too-large',
    `There are more than ${MAX_VALUES} latencies. Take every tenth line: a density looks the same.`,
  );
}
