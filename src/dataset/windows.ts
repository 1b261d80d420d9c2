import { Failure } from '../base/errors.js';
import { Permutation } from './chance.js';
import type { Batch, Feature, Sequences, Standardisation } from './sequences.js';

export interface WindowOptions {
  /** T, events of a window. */
  readonly length: number;
  /** Events from the beginning of a window to that of the next one of its sequence. */
  readonly stride: number;
  /** Of the order of windows, another one each epoch; `null`: in the order of the data. */
  readonly seed: number | null;
  /** Which pass over the data: with the seed it decides the order. 0 unless told. */
  readonly epoch?: number;
  /** Columns of `Batch.features`, in this order. */
  readonly features: readonly Feature[];
  /** Of the training part, whichever part this is. */
  readonly standardisations: Readonly<Record<Feature, Standardisation>>;
}

/** Windows of the sequences of one part. Any batch can be asked for, in any order, and is the same each time. */
export interface Windows {
  /** Windows in all. */
  readonly count: number;
  /** Batches of an epoch; the last one may be smaller than the others. */
  batchCount(size: number): number;
  /** Batch `index` (from 0) of the epoch. Its arrays are the caller's. */
  batch(index: number, size: number): Batch;
  /** The same windows in the order of another epoch; costs nothing. */
  ofEpoch(epoch: number): Windows;
  /** The row at which the window at a place of the order begins. */
  firstRowOf(place: number): number;
}

/**
 * Windows of `length` events, each with the event behind it as its last target, so that a sequence of n rows has
 * ⌊(n − length − 1) / stride⌋ + 1 of them and none when n ≤ length. Failure `wrong-usage` for a length or stride that
 * is none.
 */
export function windowsOf(sequences: Sequences, options: WindowOptions): Windows {
  const places = new WindowPlaces(sequences, options.length, options.stride);
  const rows = new StandardRows(sequences, options);
  return new ShuffledWindows(places, rows, options);
}

/** Where the windows of sequences begin, without a list of them. */
export class WindowPlaces {
  readonly count: number;
  readonly length: number;
  readonly #stride: number;
  readonly #starts: Uint32Array;
  /** By sequence: windows of all before it; one more at the end. */
  readonly #before: Float64Array;

  constructor(sequences: Pick<Sequences, 'rows' | 'starts'>, length: number, stride: number) {
    requireWhole('length of a window', length);
    requireWhole('stride of windows', stride);
    this.length = length;
    this.#stride = stride;
    this.#starts = sequences.starts;
    this.#before = new Float64Array(sequences.starts.length + 1);
    let count = 0;
    for (let at = 0; at < sequences.starts.length; at += 1) {
      const end = sequences.starts[at + 1] ?? sequences.rows;
      const room = end - sequences.starts[at]! - length - 1;
      if (room >= 0) count += Math.floor(room / stride) + 1;
      this.#before[at + 1] = count;
    }
    this.count = count;
  }

  /** First row of a window, windows in the order of the data. */
  firstRow(window: number): number {
    const before = this.#before;
    let low = 0;
    let high = before.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (before[middle]! <= window) low = middle;
      else high = middle;
    }
    return this.#starts[low]! + (window - before[low]!) * this.#stride;
  }
}

/** Rows with their features standardised, ready to be copied into batches. */
class StandardRows {
  readonly sequences: Sequences;
  /** ln(1 + ns) since the row before, standardised; the mean where there is no row before. */
  readonly logDelta: Float32Array;
  readonly #features: readonly Feature[];
  readonly #standardisations: WindowOptions['standardisations'];

  constructor(sequences: Sequences, { features, standardisations }: WindowOptions) {
    this.sequences = sequences;
    this.#features = features;
    this.#standardisations = standardisations;
    this.logDelta = new Float32Array(sequences.rows);
    const { mean } = standardisations.logDelta;
    const factor = factorOf(standardisations.logDelta);
    for (let row = 0; row < sequences.rows; row += 1) {
      const ns = sequences.deltaNs[row]!;
      this.logDelta[row] = ns >= 0 ? (Math.log1p(ns) - mean) * factor : 0;
    }
  }

  get featureCount(): number {
    return this.#features.length;
  }

  /** Copies the features of windows that begin at `firstRows` into a time-major table. */
  fill(features: Float32Array, firstRows: Float64Array, length: number): void {
    this.#features.forEach((feature, column) => {
      switch (feature) {
        case 'logDelta':
          this.#copy(features, column, firstRows, length, this.logDelta, 0, 1);
          break;
        case 'delta': {
          const { mean } = this.#standardisations.delta;
          const factor = factorOf(this.#standardisations.delta);
          this.#copy(features, column, firstRows, length, this.sequences.deltaNs, mean, factor);
          break;
        }
        case 'cpu': {
          const { mean } = this.#standardisations.cpu;
          const factor = factorOf(this.#standardisations.cpu);
          this.#copy(features, column, firstRows, length, this.sequences.cpu, mean, factor);
          break;
        }
      }
    });
  }

  #copy(
    to: Float32Array,
    column: number,
    firstRows: Float64Array,
    length: number,
    values: Float32Array | Float64Array | Uint16Array,
    mean: number,
    factor: number,
  ): void {
    const width = this.#features.length;
    const size = firstRows.length;
    for (let window = 0; window < size; window += 1) {
      let row = firstRows[window]!;
      let at = window * width + column;
      for (let event = 0; event < length; event += 1) {
        const value = (values[row]! - mean) * factor;
        // NaN, what has no row before it, counts as the mean.
        to[at] = Number.isNaN(value) ? 0 : value;
        row += 1;
        at += size * width;
      }
    }
  }
}

class ShuffledWindows implements Windows {
  readonly #places: WindowPlaces;
  readonly #rows: StandardRows;
  readonly #options: WindowOptions;
  readonly #order: Permutation | undefined;

  constructor(places: WindowPlaces, rows: StandardRows, options: WindowOptions) {
    this.#places = places;
    this.#rows = rows;
    this.#options = options;
    const { seed, epoch } = options;
    this.#order = seed === null ? undefined : new Permutation(places.count, seed, epoch ?? 0);
  }

  get count(): number {
    return this.#places.count;
  }

  batchCount(size: number): number {
    requireWhole('size of a batch', size);
    return Math.ceil(this.count / size);
  }

  ofEpoch(epoch: number): Windows {
    return new ShuffledWindows(this.#places, this.#rows, { ...this.#options, epoch });
  }

  firstRowOf(place: number): number {
    return this.#places.firstRow(this.#order?.at(place) ?? place);
  }

  batch(index: number, size: number): Batch {
    if (!Number.isInteger(index) || index < 0 || index >= this.batchCount(size)) {
      throw new Failure(
        'wrong-usage',
        `There is no batch ${index}: ${this.count} windows make ${this.batchCount(size)} batches of ${size}, counted from 0.`,
      );
    }
    const first = index * size;
    const firstRows = new Float64Array(Math.min(size, this.count - first));
    for (let at = 0; at < firstRows.length; at += 1) firstRows[at] = this.firstRowOf(first + at);
    return this.#gathered(firstRows);
  }

  #gathered(firstRows: Float64Array): Batch {
    const { length } = this.#places;
    const size = firstRows.length;
    const events = size * length;
    const { task: tasks, state: states } = this.#rows.sequences;
    const { logDelta } = this.#rows;
    const task = new Int32Array(events);
    const state = new Int32Array(events);
    const nextTask = new Int32Array(events);
    const nextLogDelta = new Float32Array(events);
    for (let window = 0; window < size; window += 1) {
      let row = firstRows[window]!;
      let at = window;
      for (let event = 0; event < length; event += 1) {
        task[at] = tasks[row]!;
        state[at] = states[row]!;
        row += 1;
        nextTask[at] = tasks[row]!;
        nextLogDelta[at] = logDelta[row]!;
        at += size;
      }
    }
    const features = new Float32Array(events * this.#rows.featureCount);
    this.#rows.fill(features, firstRows, length);
    return { size, length, task, state, features, nextTask, nextLogDelta };
  }
}

/** A deviation of 0 counts as 1. */
function factorOf({ deviation }: Standardisation): number {
  return deviation === 0 ? 1 : 1 / deviation;
}

function requireWhole(what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new Failure('wrong-usage', `The ${what} is ${value}; it has to be a whole number from 1 on.`);
}
