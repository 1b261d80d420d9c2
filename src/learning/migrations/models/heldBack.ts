/** When to stop: rows that are kept from training tell which weights were best. */
import { Permutation } from '../../../dataset/chance.js';

const SHARE = 0.1;
/** What the draw of them is for. */
const DRAW = 0x4b45;

export interface HeldBack {
  /** Ascending. */
  readonly train: Uint32Array;
  readonly held: Uint32Array;
}

/**
 * A tenth of the rows of each class, drawn by the seed. Where that would be none of a class, all rows are for training and for
 * telling.
 */
export function heldBack(labels: Uint8Array, seed: number): HeldBack {
  const isHeld = new Uint8Array(labels.length);
  for (const label of [0, 1]) {
    const rows = rowsOf(labels, label);
    const count = Math.floor(rows.length * SHARE);
    if (count === 0) {
      const all = Uint32Array.from(labels, (_, row) => row);
      return { train: all, held: all };
    }
    const order = new Permutation(rows.length, seed, DRAW + label);
    for (let place = 0; place < count; place += 1) isHeld[rows[order.at(place)]!] = 1;
  }
  return { train: rowsOf(isHeld, 0), held: rowsOf(isHeld, 1) };
}

/** Rows of that label, ascending. */
export function rowsOf(labels: Uint8Array, label: number): Uint32Array {
  const rows = new Uint32Array(labels.length);
  let count = 0;
  for (let row = 0; row < labels.length; row += 1) if (labels[row] === label) rows[count++] = row;
  return rows.slice(0, count);
}

/** The best of the rounds so far, and whether enough have passed since. */
export class BestRound<T> {
  #loss = Infinity;
  #best: T | undefined;
  #since = 0;

  constructor(private readonly patience: number) {}

  /** @param keep a copy of what the round came to; asked for only when it is the best */
  offer(loss: number, keep: () => T): void {
    this.#since += 1;
    // The first one is kept whatever its loss: where training diverges that is no number.
    if (loss < this.#loss || this.#best === undefined) {
      if (loss < this.#loss) this.#loss = loss;
      this.#best = keep();
      this.#since = 0;
    }
  }

  get isOver(): boolean {
    return this.#since >= this.patience;
  }

  get best(): T | undefined {
    return this.#best;
  }
}

/**
 * Mean over rows of the weighted cross entropy of probabilities.
 * @param scores [rows]
 */
export function crossEntropyOf(
  scores: Float32Array,
  labels: Uint8Array,
  weights: readonly [number, number],
): number {
  let sum = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const ofTruth = labels[row] === 1 ? scores[row]! : 1 - scores[row]!;
    // A float32 next to 1 is 6e-8 from it: nothing is told about what is nearer.
    sum -= weights[labels[row]!]! * Math.log(Math.max(ofTruth, 2 ** -24));
  }
  return sum / scores.length;
}

/** Rows of a table of that many columns. */
export function pickedRows(values: Float32Array, width: number, rows: Uint32Array): Float32Array {
  const picked = new Float32Array(rows.length * width);
  for (let at = 0; at < rows.length; at += 1) {
    const from = rows[at]! * width;
    for (let column = 0; column < width; column += 1) picked[at * width + column] = values[from + column]!;
  }
  return picked;
}
