import { streamOf, uniform } from '../layers/chance.js';

/** Numbers in turn that follow from a seed and what they are for. */
export class Chance {
  readonly #stream: number;
  #drawn = 0;

  constructor(seed: number, purpose: string) {
    this.#stream = streamOf(seed, purpose);
  }

  /** Uniform on [0, 1). */
  next(): number {
    const value = uniform(this.#stream, this.#drawn);
    this.#drawn += 1;
    return value;
  }

  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}
