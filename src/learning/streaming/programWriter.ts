import type { Table } from '../export/architecture.js';
import { MemoryLayout } from './memoryLayout.js';

/** Columns of vectors and tables are filled up to a multiple of this: those of a product's panel of weights. */
const WIDTH = 16;
/** Columns of a panel of older taps. */
const OLDER_TAPS_WIDTH = 8;
/** For how many events older taps are worked out at once. */
export const EVENTS_AHEAD = 4;

/** What steps do, as kernels/streaming.ts numbers it. */
const OPERATIONS = { product: 0, rowSum: 1, cell: 2, olderTaps: 3 } as const;
const SEGMENTS = { vector: 0, ring: 1, task: 2, state: 3 } as const;
/** An input in the list: its value, and where its row is in a panel. */
const LISTED_BYTES = 8;
/** The kernels write inputs four by four, before they know how many of them count. */
const MOST_BEYOND = 4;
const ENDINGS = { nothing: 0, relu: 1, reluAround: 2 } as const;

/** The last events' values of a vector, in turn. */
export interface Ring {
  /** Of its record. */
  readonly record: number;
}

/** Some inputs of a product, in the order of the rows of its weight. */
export type Input =
  | { readonly kind: 'vector'; readonly address: number; readonly count: number }
  /** What the vector was `ago` events before the newest. */
  | { readonly kind: 'ring'; readonly ring: Ring; readonly ago: number; readonly count: number }
  /** The row of a table for the event's task or state. */
  | { readonly kind: 'task' | 'state'; readonly table: number; readonly count: number };

export type Destination = { readonly address: number } | { readonly ring: Ring };

/** `reluAround`: relu(newest of `around` + relu(product)). */
export type Ending =
  { readonly kind: 'nothing' | 'relu' } | { readonly kind: 'reluAround'; readonly around: Ring };

/** start + inputs · weight */
export interface Product {
  readonly inputs: readonly Input[];
  /** A row an input. */
  readonly weight: Table;
  /** Address of a vector. */
  readonly start: number;
}

/** Those taps of a convolution that look back, the oldest first. */
export interface OlderTaps {
  readonly ring: Ring;
  /** Inputs of each. */
  readonly count: number;
  readonly taps: number;
  /** At least `EVENTS_AHEAD`. */
  readonly dilation: number;
  readonly weight: Table;
  /** Address of a vector. */
  readonly base: number;
}

/** A stretch of the memory that belongs to the state. */
export interface Stretch {
  readonly address: number;
  readonly floats: number;
}

export const paddedWidth = (columns: number): number => Math.ceil(columns / WIDTH) * WIDTH;

/**
 * Writes a network as steps for the kernels (kernels/streaming.ts has the same records), and gives all that they read a place
 * in memory.
 */
export class ProgramWriter {
  readonly state: Stretch[] = [];
  readonly #layout = new MemoryLayout();
  readonly #words: number[] = [];
  #scratchBytes = 0;
  #phase = 0;

  /** Of the memory so far. */
  get bytes(): number {
    return this.#layout.bytes;
  }

  /** Of the program so far. */
  get programBytes(): number {
    return this.#words.length * 4;
  }

  fill(memory: ArrayBuffer): void {
    this.#layout.fill(memory);
  }

  vector(columns: number): number {
    return this.#layout.reserve(paddedWidth(columns) * 4);
  }

  /** A vector that is part of the state. */
  stateVector(columns: number): number {
    const address = this.vector(columns);
    this.state.push({ address, floats: paddedWidth(columns) });
    return address;
  }

  /** @param slots events that are remembered, the newest among them */
  ring(columns: number, slots: number): Ring {
    const slotFloats = paddedWidth(columns);
    const first = this.#layout.reserve(slots * slotFloats * 4);
    const position = this.#layout.reserve(4);
    this.state.push({ address: first, floats: slots * slotFloats }, { address: position, floats: 1 });
    return { record: this.#layout.place(Int32Array.of(first, slots, slotFloats * 4, position)) };
  }

  /** Values of a vector, filled up with zeros. */
  row(values: Float32Array): number {
    const padded = new Float32Array(paddedWidth(values.length));
    padded.set(values);
    return this.#layout.place(padded);
  }

  /** The rows of a table, each filled up with zeros. */
  table({ rows, columns, values }: Table): number {
    const width = paddedWidth(columns);
    const padded = new Float32Array(rows * width);
    for (let row = 0; row < rows; row += 1)
      padded.set(values.subarray(row * columns, (row + 1) * columns), row * width);
    return this.#layout.place(padded);
  }

  /** to = ending(product) */
  product({ inputs, weight, start }: Product, to: Destination, ending: Ending = { kind: 'nothing' }): void {
    const count = inputs.reduce((sum, input) => sum + input.count, 0);
    if (count !== weight.rows)
      throw new Error(`Broken invariant: ${count} inputs for a weight of ${weight.rows} rows`);
    this.#needScratch((count + MOST_BEYOND) * LISTED_BYTES);
    this.#words.push(
      ...[OPERATIONS.product, this.#segments(inputs), inputs.length, count],
      ...[start, this.#panels(weight, WIDTH), paddedWidth(weight.columns)],
      ...[ENDINGS[ending.kind], ending.kind === 'reluAround' ? ending.around.record : 0],
      ...('ring' in to ? [to.ring.record, 0] : [0, to.address]),
    );
  }

  /** to = base + the row of a table for the event's task or state */
  rowSum(of: 'task' | 'state', base: number, table: number, columns: number, to: number): void {
    this.#words.push(...[OPERATIONS.rowSum, of === 'state' ? 1 : 0, base, table, paddedWidth(columns), to]);
  }

  /** hidden and cell of an LSTM layer from its gates. @param units a multiple of 4 */
  cell(gates: number, units: number, hidden: number, cell: number): void {
    this.#words.push(OPERATIONS.cell, gates, units, hidden, cell);
  }

  /**
   * to = base + the older taps, whose sums are made every fourth event for four. Convolutions take turns, so that events cost
   * about the same.
   */
  olderTaps({ ring, count, taps, dilation, weight, base }: OlderTaps, to: number): void {
    const columns = paddedWidth(weight.columns);
    const sums = this.stateVector(EVENTS_AHEAD * columns);
    const position = this.#layout.reserve(4);
    this.state.push({ address: position, floats: 1 });
    this.#needScratch((weight.rows + MOST_BEYOND) * EVENTS_AHEAD * 4);
    this.#words.push(
      ...[OPERATIONS.olderTaps, ring.record, count, taps, dilation],
      ...[this.#panels(weight, OLDER_TAPS_WIDTH), columns, this.#phase, sums, position, base, to],
    );
    this.#phase = (this.#phase + 1) % EVENTS_AHEAD;
  }

  /** Gives the program its place, and room for the list of a product's inputs. @returns their addresses */
  finish(): { readonly program: number; readonly scratch: number } {
    const program = this.#layout.place(Int32Array.from(this.#words));
    return { program, scratch: this.#layout.reserve(this.#scratchBytes) };
  }

  #needScratch(bytes: number): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, bytes);
  }

  #segments(inputs: readonly Input[]): number {
    const words = inputs.flatMap((input) => {
      const kind = SEGMENTS[input.kind];
      switch (input.kind) {
        case 'vector':
          return [kind, input.address, input.count, 0];
        case 'ring':
          return [kind, input.ring.record, input.count, input.ago];
        case 'task':
        case 'state':
          return [kind, input.table, input.count, paddedWidth(input.count) * 4];
      }
    });
    return this.#layout.place(Int32Array.from(words));
  }

  /** The columns of a weight, some by some: the rows of a panel follow each other, so that they are read in the order of memory. */
  #panels({ rows, columns, values }: Table, width: number): number {
    const packed = new Float32Array(rows * paddedWidth(columns));
    let at = 0;
    for (let first = 0; first < columns; first += width) {
      const end = Math.min(columns, first + width);
      for (let row = 0; row < rows; row += 1, at += width)
        packed.set(values.subarray(row * columns + first, row * columns + end), at);
    }
    return this.#layout.place(packed);
  }
}
