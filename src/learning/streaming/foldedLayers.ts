import type { Convolution, LstmLayer, Table } from '../export/architecture.js';
import { EPSILON } from '../layers/normalisedConvolution.js';

/** A product as the kernels make it: inputs · weight + bias. */
export interface Affine {
  readonly weight: Table;
  /** [columns] */
  readonly bias: Float32Array;
}

/**
 * A convolution with its batch normalisation in the weights (of inference, so by the running figures):
 * γ (x · w + b − mean) / √(variance + ε) + β.
 */
export function foldedConvolution(convolution: Convolution): Affine {
  const { weight, bias, gamma, beta, mean, variance } = convolution;
  const { rows, columns } = weight;
  const factors = Float64Array.from(
    { length: columns },
    (_, at) => gamma.values[at]! / Math.sqrt(variance.values[at]! + EPSILON),
  );
  const values = new Float32Array(rows * columns);
  for (let at = 0; at < values.length; at += 1) values[at] = weight.values[at]! * factors[at % columns]!;
  return {
    weight: { rows, columns, values },
    bias: Float32Array.from(
      factors,
      (factor, at) => (bias.values[at]! - mean.values[at]!) * factor + beta.values[at]!,
    ),
  };
}

/** Units as the kernels have them: vectors of four. */
export function paddedUnits(units: number): number {
  return Math.ceil(units / 4) * 4;
}

/** The gates of an LSTM layer: rows of the inputs, then those of the hidden state; each gate's columns filled up with zeros. */
export function gatesOf({ units, kernel, recurrent, bias }: LstmLayer): Affine {
  const width = paddedUnits(units);
  const rows = kernel.rows + recurrent.rows;
  const values = new Float32Array(rows * 4 * width);
  const put = (from: Float32Array, to: Float32Array, row: number) => {
    for (let gate = 0; gate < 4; gate += 1) {
      const source = (row * 4 + gate) * units;
      to.set(from.subarray(source, source + units), gate * width);
    }
  };
  for (let row = 0; row < rows; row += 1) {
    const to = values.subarray(row * 4 * width, (row + 1) * 4 * width);
    if (row < kernel.rows) put(kernel.values, to, row);
    else put(recurrent.values, to, row - kernel.rows);
  }
  const paddedBias = new Float32Array(4 * width);
  put(bias.values, paddedBias, 0);
  return { weight: { rows, columns: 4 * width, values }, bias: paddedBias };
}

/** table · rows `first` … of the weight, so that what is looked up is already multiplied. Sums are in float64. */
export function productTable(table: Table, weight: Table, first: number): Table {
  const { columns } = weight;
  const rows = Array.from({ length: table.columns }, (_, row) =>
    nonZeros(weight.values.subarray((first + row) * columns, (first + row + 1) * columns)),
  );
  const values = new Float32Array(table.rows * columns);
  const sums = new Float64Array(columns);
  for (let entry = 0; entry < table.rows; entry += 1) {
    sums.fill(0);
    rows.forEach(({ places, factors }, row) => {
      const x = table.values[entry * table.columns + row]!;
      for (let at = 0; at < places.length; at += 1) sums[places[at]!]! += x * factors[at]!;
    });
    values.set(sums, entry * columns);
  }
  return { rows: table.rows, columns, values };
}

/** The model of 2019 leads its table through a unit matrix: nearly all of that need not be multiplied. */
function nonZeros(row: Float32Array): { readonly places: Int32Array; readonly factors: Float32Array } {
  const places = Int32Array.from(row.keys()).filter((at) => row[at] !== 0);
  return { places, factors: Float32Array.from(places, (at) => row[at]!) };
}
