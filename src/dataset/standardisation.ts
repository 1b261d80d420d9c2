import type { Slice } from './partRows.js';
import type { Feature, Standardisation } from './sequences.js';

/** Means and deviations (of the population) of the features in the training part. */
export function standardisationsOf(train: readonly Slice[]): Record<Feature, Standardisation> {
  const cpu = new Moments();
  const delta = new Moments();
  const logDelta = new Moments();
  for (const { rows, start, end } of train) {
    for (let row = start; row < end; row += 1) cpu.add(rows.cpu[row]!);
    for (let row = start + 1; row < end; row += 1) {
      const ns = rows.timeNs[row]! - rows.timeNs[row - 1]!;
      delta.add(ns);
      logDelta.add(Math.log1p(ns));
    }
  }
  return { cpu: cpu.result(), logDelta: logDelta.result(), delta: delta.result() };
}

/** Mean and variance in one pass, without the cancellation of a sum of squares (Welford, 1962). */
export class Moments {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count += 1;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
  }

  get count(): number {
    return this.#count;
  }

  result(): Standardisation {
    if (this.#count === 0) return { mean: 0, deviation: 0 };
    return { mean: this.#mean, deviation: Math.sqrt(this.#squares / this.#count) };
  }
}
