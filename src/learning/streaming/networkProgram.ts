import type {
  Architecture,
  BlockLayer,
  BodyLayer,
  Convolution,
  DenseLayer,
  LstmLayer,
  Table,
} from '../export/architecture.js';
import { foldedConvolution, gatesOf, paddedUnits, productTable, type Affine } from './foldedLayers.js';
import {
  EVENTS_AHEAD,
  ProgramWriter,
  type Destination,
  type Ending,
  type Input,
  type OlderTaps,
  type Product,
  type Ring,
  type Stretch,
} from './programWriter.js';

/** Values of a table that is multiplied beforehand even if it grows by it: 1 MiB. */
const MOST_FOLDED_VALUES = 2 ** 18;

/** A network laid out in memory. Addresses are in bytes. */
export interface NetworkProgram {
  readonly bytes: number;
  fill(memory: ArrayBuffer): void;
  /** Steps are `[first, end)`; those from `head` on make the outputs of what the others left. */
  readonly first: number;
  readonly head: number;
  readonly end: number;
  /** Of what the host writes before an event. */
  readonly features: number;
  readonly outputs: number;
  /** Room for the list of a product's inputs. */
  readonly scratch: number;
  readonly state: readonly Stretch[];
}

/** What a layer left for the next one; in a ring where that one looks back. */
type Output = Destination & { readonly count: number };

/** Lays out the layers of an architecture, ready for the first event. */
export function networkProgram(architecture: Architecture): NetworkProgram {
  return new NetworkWriter(architecture).write();
}

class NetworkWriter {
  readonly #writer = new ProgramWriter();
  readonly #features: number;
  /** `null` before the first layer, which reads the event itself. */
  #output: Output | null = null;

  constructor(private readonly architecture: Architecture) {
    this.#features = this.#writer.vector(architecture.featureCount);
  }

  write(): NetworkProgram {
    const writer = this.#writer;
    const { body, head } = this.architecture;
    body.forEach((layer, at) => {
      this.#output = this.#layer(layer, body[at + 1]);
    });
    const bodyBytes = writer.programBytes;
    const outputs = writer.vector(head.bias.columns);
    this.#dense(head, { address: outputs });
    const { programBytes } = writer;
    const { program: first, scratch } = writer.finish();
    return {
      bytes: writer.bytes,
      fill: (memory) => writer.fill(memory),
      ...{ first, head: first + bodyBytes, end: first + programBytes },
      ...{ features: this.#features, outputs, scratch, state: writer.state },
    };
  }

  #layer(layer: BodyLayer, next: BodyLayer | undefined): Output {
    switch (layer.kind) {
      case 'dense': {
        const to = this.#placeFor(layer.bias.columns, next);
        this.#dense(layer, to);
        return { ...to, count: layer.bias.columns };
      }
      case 'lstm':
        return this.#lstm(layer);
      case 'block':
        return this.#block(layer, next);
    }
  }

  #dense({ weight, bias }: DenseLayer, to: Destination): void {
    this.#writer.product(this.#fed({ weight, bias: bias.values }), to);
  }

  #lstm(layer: LstmLayer): Output {
    const writer = this.#writer;
    const { units } = layer;
    const hidden = writer.stateVector(units);
    const cell = writer.stateVector(units);
    const gates = writer.vector(4 * paddedUnits(units));
    const own: Input = { kind: 'vector', address: hidden, count: units };
    const fed = this.#fed(gatesOf(layer));
    writer.product({ ...fed, inputs: [...fed.inputs, own] }, { address: gates });
    writer.cell(gates, paddedUnits(units), hidden, cell);
    return { address: hidden, count: units };
  }

  #block({ name, convolutions: [first, second] }: BlockLayer, next: BodyLayer | undefined): Output {
    const input = this.#output;
    if (input === null || !('ring' in input))
      throw new Error(`Broken invariant: ${name} has nothing to look back at`);
    const count = second.bias.columns;
    const between = this.#writer.ring(count, slotsOf(second));
    const to = this.#placeFor(count, next);
    this.#convolution(first, input.ring, { ring: between }, { kind: 'relu' });
    this.#convolution(second, between, to, { kind: 'reluAround', around: input.ring });
    return { ...to, count };
  }

  #convolution(convolution: Convolution, from: Ring, to: Destination, ending: Ending): void {
    const { taps, dilation } = convolution;
    const { weight, bias } = foldedConvolution(convolution);
    const count = weight.rows / taps;
    const base = this.#writer.row(bias);
    const isAhead = taps > 1 && dilation >= EVENTS_AHEAD;
    const first = isAhead ? taps - 1 : 0;
    const inputs = Array.from({ length: taps - first }, (_, at): Input => ({
      kind: 'ring',
      ring: from,
      ago: (taps - 1 - first - at) * dilation,
      count,
    }));
    const rows = first * count;
    const older = rowsOf(weight, 0, rows);
    const start = isAhead
      ? this.#olderTaps({ ring: from, count, taps: first, dilation, weight: older, base })
      : base;
    this.#writer.product({ inputs, weight: rowsOf(weight, rows, weight.rows), start }, to, ending);
  }

  /** @returns where their sums are */
  #olderTaps(older: OlderTaps): number {
    const sums = this.#writer.vector(older.weight.columns);
    this.#writer.olderTaps(older, sums);
    return sums;
  }

  /** Where the next layer wants its input. */
  #placeFor(columns: number, next: BodyLayer | undefined): Destination {
    return next?.kind === 'block'
      ? { ring: this.#writer.ring(columns, slotsOf(next.convolutions[0])) }
      : { address: this.#writer.vector(columns) };
  }

  /** The product of a layer with what comes before it; the weight may have rows for more inputs behind. */
  #fed(affine: Affine): Product {
    const output = this.#output;
    if (output === null) return this.#fedByEvent(affine);
    const { count } = output;
    const input: Input =
      'ring' in output
        ? { kind: 'ring', ring: output.ring, ago: 0, count }
        : { kind: 'vector', address: output.address, count };
    return { inputs: [input], weight: affine.weight, start: this.#writer.row(affine.bias) };
  }

  /**
   * The first layer reads what is looked up and the features. A row times a weight is a row again: where that table is small,
   * or no larger than the one it stands for, it is made beforehand, and the sums begin with its row.
   */
  #fedByEvent({ weight, bias }: Affine): Product {
    const writer = this.#writer;
    const { taskTable, stateTable, featureCount } = this.architecture;
    const { columns } = weight;
    const inputs: Input[] = [];
    const kept: Float32Array[] = [];
    let start = writer.row(bias);
    let row = 0;
    const keep = (rows: number) => kept.push(weight.values.subarray(row * columns, (row + rows) * columns));
    const look = (kind: 'task' | 'state', table: Table) => {
      if (table.rows * columns <= Math.max(MOST_FOLDED_VALUES, table.values.length)) {
        const sums = writer.vector(columns);
        writer.rowSum(kind, start, writer.table(productTable(table, weight, row)), columns, sums);
        start = sums;
      } else {
        inputs.push({ kind, table: writer.table(table), count: table.columns });
        keep(table.columns);
      }
      row += table.columns;
    };
    look('task', taskTable);
    if (stateTable !== null) look('state', stateTable);
    if (featureCount > 0) inputs.push({ kind: 'vector', address: this.#features, count: featureCount });
    keep(weight.rows - row);
    return { inputs, weight: stacked(kept, columns), start };
  }
}

/** Events that a convolution looks at, those between its taps among them. */
function slotsOf({ taps, dilation }: Convolution): number {
  return (taps - 1) * dilation + 1;
}

function rowsOf({ columns, values }: Table, first: number, end: number): Table {
  return { rows: end - first, columns, values: values.subarray(first * columns, end * columns) };
}

function stacked(parts: readonly Float32Array[], columns: number): Table {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const values = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { rows: length / columns, columns, values };
}
