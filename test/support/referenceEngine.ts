/**
 * `Engine` in float64 and plain loops: what the other engines are compared with, and what layers and models are tested on.
 * Slow, and meant to be read. `read` rounds to float32 as the interface says; `exact` does not.
 */
import type {
  AdamStep,
  BatchNormGradient,
  BatchNormOutput,
  BatchNormState,
  ConvolutionShape,
  DenseGradient,
  Engine,
  Loss,
  LstmOutput,
  LstmState,
  Tensor,
  Variable,
} from '../../src/learning/engines/engine.js';
import { isDropped } from '../../src/learning/engines/dropoutMask.js';
import * as shapes from '../../src/learning/engines/shapes.js';
import {
  at,
  columnSums,
  columnsOf,
  lstmBackward,
  lstmForward,
  map,
  move,
  placed,
  product,
  rowsOf,
  sideBySide,
  stacked,
  sum,
  table,
  tableOf,
  transposed,
  type LstmTrace,
  type Table,
} from './referenceMath.js';

interface NormTrace {
  /** Before gamma and beta. */
  readonly normal: Table;
  readonly inverseDeviation: Float64Array;
  readonly isTraining: boolean;
}

export class ReferenceEngine implements Engine {
  readonly name = 'embedded';
  readonly description = 'reference in float64, for tests';
  /** Tensors of each open scope, the innermost last; the first is what belongs to no scope. */
  readonly #scopes: Set<Table>[] = [new Set()];
  readonly #variables = new Set<Table>();

  variable(rows: number, columns: number, values?: ArrayLike<number>): Variable {
    shapes.requireTable('variable', rows, columns, values?.length);
    const made = { ...table(rows, columns, values), isVariable: true as const };
    this.#variables.add(made);
    return made;
  }

  tensor(rows: number, columns: number, values: ArrayLike<number>): Tensor {
    shapes.requireTable('tensor', rows, columns, values.length);
    return this.#keep(table(rows, columns, values));
  }

  read(tensor: Tensor): Float32Array {
    return Float32Array.from(this.#values(tensor).values);
  }

  /** Without rounding. */
  exact(tensor: Tensor): Float64Array {
    return this.#values(tensor).values.slice();
  }

  write(variable: Variable, values: ArrayLike<number>): void {
    shapes.requireTable('write', variable.rows, variable.columns, values.length);
    this.#values(variable).values.set(values);
  }

  drop(variable: Variable): void {
    this.#values(variable);
    this.#variables.delete(variable as unknown as Table);
  }

  scope<T>(work: () => T): T {
    this.#scopes.push(new Set());
    try {
      return work();
    } finally {
      this.#scopes.pop();
    }
  }

  get memoryBytes(): number {
    let count = 0;
    for (const tables of [...this.#scopes, this.#variables])
      for (const { values } of tables) count += values.length;
    return count * Float64Array.BYTES_PER_ELEMENT;
  }

  rows(x: Tensor, first: number, count: number): Tensor {
    shapes.requireRows('rows', x.rows, first, count);
    return this.#keep(rowsOf(this.#values(x), first, count));
  }

  rowsGradient(rowCount: number, first: number, dOutput: Tensor): Tensor {
    shapes.requireRows('rowsGradient', rowCount, first, dOutput.rows);
    return this.#keep(placed(rowCount, this.#values(dOutput), first));
  }

  concat(parts: readonly Tensor[]): Tensor {
    shapes.requireSameRows('concat', parts);
    return this.#keep(sideBySide(parts.map((part) => this.#values(part))));
  }

  split(x: Tensor, widths: readonly number[]): Tensor[] {
    shapes.requireWidths('split', x.columns, widths);
    let first = 0;
    return widths.map((width) => {
      const part = columnsOf(this.#values(x), first, width);
      first += width;
      return this.#keep(part);
    });
  }

  add(a: Tensor, b: Tensor): Tensor {
    shapes.requireSame('add', a, b);
    return this.#keep(sum(this.#values(a), this.#values(b)));
  }

  scale(x: Tensor, factor: number): Tensor {
    return this.#keep(map(this.#values(x), (value) => value * factor));
  }

  dense(x: Tensor, w: Tensor, b: Tensor | null): Tensor {
    shapes.requireDense('dense', x, w, b);
    const bias = b === null ? table(1, w.columns) : this.#values(b);
    const out = product(this.#values(x), this.#values(w));
    return this.#keep(map(out, (value, index) => value + bias.values[index % out.columns]!));
  }

  denseGradient(x: Tensor, w: Tensor, dOutput: Tensor, wantsInput: boolean): DenseGradient {
    shapes.requireDense('denseGradient', x, w, null);
    shapes.requireShape('denseGradient', 'dOutput', dOutput, x.rows, w.columns);
    const dOut = this.#values(dOutput);
    return {
      dX: wantsInput ? this.#keep(product(dOut, transposed(this.#values(w)))) : null,
      dW: this.#keep(product(transposed(this.#values(x)), dOut)),
      dB: this.#keep(columnSums(dOut)),
    };
  }

  embedding(weights: Tensor, ids: Int32Array): Tensor {
    shapes.requireIds('embedding', ids, weights.rows);
    const from = this.#values(weights);
    return this.#keep(tableOf(ids.length, from.columns, (row, column) => at(from, ids[row]!, column)));
  }

  embeddingGradient(vocabulary: number, ids: Int32Array, dOutput: Tensor): Tensor {
    shapes.requireIds('embeddingGradient', ids, vocabulary);
    shapes.requireShape('embeddingGradient', 'dOutput', dOutput, ids.length, dOutput.columns);
    const dOut = this.#values(dOutput);
    const out = table(vocabulary, dOut.columns);
    dOut.values.forEach((value, index) => {
      const id = ids[Math.floor(index / out.columns)]!;
      out.values[id * out.columns + (index % out.columns)]! += value;
    });
    return this.#keep(out);
  }

  relu(x: Tensor): Tensor {
    return this.#keep(map(this.#values(x), (value) => Math.max(value, 0)));
  }

  reluGradient(output: Tensor, dOutput: Tensor): Tensor {
    shapes.requireSame('reluGradient', output, dOutput);
    const passed = this.#values(output);
    return this.#keep(map(this.#values(dOutput), (value, index) => (passed.values[index]! > 0 ? value : 0)));
  }

  dropout(x: Tensor, rate: number, seed: number): Tensor {
    shapes.requireRate('dropout', rate);
    return this.#keep(
      map(this.#values(x), (value, index) => (isDropped(seed, index, rate) ? 0 : value / (1 - rate))),
    );
  }

  batchNorm(x: Tensor, state: BatchNormState, isTraining: boolean): BatchNormOutput {
    shapes.requireBatchNorm('batchNorm', x, state);
    const from = this.#values(x);
    const n = from.rows;
    const running = [
      this.#values(state.runningMean).values,
      this.#values(state.runningVariance).values,
    ] as const;
    let [mean, variance] = running;
    if (isTraining) {
      mean = map(columnSums(from), (value) => value / n).values;
      const centre = mean;
      variance = map(
        columnSums(map(from, (value, index) => (value - centre[index % from.columns]!) ** 2)),
        (value) => value / n,
      ).values;
      // One row has no unbiased variance: its own, 0, enters then.
      const unbiased = map(
        { rows: 1, columns: from.columns, values: variance },
        (value) => (value * n) / Math.max(1, n - 1),
      );
      move(running[0], mean, state.momentum);
      move(running[1], unbiased.values, state.momentum);
    }
    const inverseDeviation = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + state.epsilon));
    const centre = Float64Array.from(mean);
    const normal = map(from, (value, index) => {
      const column = index % from.columns;
      return (value - centre[column]!) * inverseDeviation[column]!;
    });
    const gamma = this.#values(state.gamma).values;
    const beta = this.#values(state.beta).values;
    const output = map(
      normal,
      (value, index) => value * gamma[index % from.columns]! + beta[index % from.columns]!,
    );
    return {
      output: this.#keep(output),
      saved: { normal, inverseDeviation, isTraining } satisfies NormTrace,
    };
  }

  batchNormGradient(saved: BatchNormOutput, gamma: Tensor, dOutput: Tensor): BatchNormGradient {
    const { normal, inverseDeviation, isTraining } = saved.saved as NormTrace;
    shapes.requireSame('batchNormGradient', normal, dOutput);
    shapes.requireShape('batchNormGradient', 'gamma', gamma, 1, normal.columns);
    const dOut = this.#values(dOutput);
    const scale = this.#values(gamma).values;
    const dBeta = columnSums(dOut);
    const dGamma = columnSums(map(dOut, (value, index) => value * normal.values[index]!));
    const n = isTraining ? dOut.rows : Infinity;
    const dX = map(dOut, (value, index) => {
      const column = index % dOut.columns;
      const pulled = (dBeta.values[column]! + normal.values[index]! * dGamma.values[column]!) / n;
      return scale[column]! * inverseDeviation[column]! * (value - pulled);
    });
    return { dX: this.#keep(dX), dGamma: this.#keep(dGamma), dBeta: this.#keep(dBeta) };
  }

  causalConvolution(x: Tensor, w: Tensor, b: Tensor, shape: ConvolutionShape): Tensor {
    shapes.requireConvolution('causalConvolution', x, w, shape);
    shapes.requireShape('causalConvolution', 'b', b, 1, w.columns);
    const from = this.#values(x);
    const bias = this.#values(b).values;
    let out = tableOf(x.rows, w.columns, (_, column) => bias[column]!);
    for (let tap = 0; tap < shape.taps; tap += 1) {
      const weights = rowsOf(this.#values(w), tap * x.columns, x.columns);
      out = sum(out, product(placed(x.rows, from, shiftOf(shape, tap)), weights));
    }
    return this.#keep(out);
  }

  causalConvolutionGradient(
    x: Tensor,
    w: Tensor,
    dOutput: Tensor,
    shape: ConvolutionShape,
    wantsInput: boolean,
  ): DenseGradient {
    shapes.requireConvolution('causalConvolutionGradient', x, w, shape);
    shapes.requireShape('causalConvolutionGradient', 'dOutput', dOutput, x.rows, w.columns);
    const from = this.#values(x);
    const dOut = this.#values(dOutput);
    let dX = table(x.rows, x.columns);
    const dW: Table[] = [];
    for (let tap = 0; tap < shape.taps; tap += 1) {
      const shift = shiftOf(shape, tap);
      const weights = rowsOf(this.#values(w), tap * x.columns, x.columns);
      dX = sum(dX, product(placed(x.rows, dOut, -shift), transposed(weights)));
      dW.push(product(transposed(placed(x.rows, from, shift)), dOut));
    }
    return {
      dX: wantsInput ? this.#keep(dX) : null,
      dW: this.#keep(stacked(dW)),
      dB: this.#keep(columnSums(dOut)),
    };
  }

  lstm(x: Tensor, w: Tensor, b: Tensor, batch: number, initial?: LstmState): LstmOutput {
    const h = shapes.requireLstm('lstm', x, w, b, batch, initial);
    const hidden0 = initial === undefined ? table(batch, h) : this.#values(initial.hidden);
    const cell0 = initial === undefined ? table(batch, h) : this.#values(initial.cell);
    const trace = lstmForward(this.#values(x), this.#values(w), this.#values(b), hidden0, cell0);
    return {
      hidden: this.#keep(rowsOf(trace.hidden, batch, x.rows)),
      last: {
        hidden: this.#keep(rowsOf(trace.hidden, x.rows, batch)),
        cell: this.#keep(rowsOf(trace.cells, x.rows, batch)),
      },
      saved: trace,
    };
  }

  lstmGradient(saved: LstmOutput, w: Tensor, dHidden: Tensor, wantsInput: boolean): DenseGradient {
    const trace = saved.saved as LstmTrace;
    shapes.requireSame('lstmGradient', saved.hidden, dHidden);
    shapes.requireShape('lstmGradient', 'w', w, trace.x.columns + dHidden.columns, 4 * dHidden.columns);
    const { dX, dW, dB } = lstmBackward(trace, this.#values(w), this.#values(dHidden));
    return { dX: wantsInput ? this.#keep(dX) : null, dW: this.#keep(dW), dB: this.#keep(dB) };
  }

  softmaxCrossEntropy(
    logits: Tensor,
    targets: Int32Array,
    weights: Float32Array | null,
    labelSmoothing: number,
  ): Loss {
    shapes.requireRate('softmaxCrossEntropy', labelSmoothing);
    shapes.requireTargets('softmaxCrossEntropy', logits.rows, targets.length, logits.rows, weights);
    shapes.requireIds('softmaxCrossEntropy', targets, logits.columns);
    const x = this.#values(logits);
    return this.#loss(x, weights, (row) => {
      const values = rowsOf(x, row, 1).values;
      const largest = values.reduce((a, b) => Math.max(a, b));
      const logSum =
        largest + Math.log(values.reduce((total, value) => total + Math.exp(value - largest), 0));
      return Array.from(values, (value, column) => {
        const share = labelSmoothing / x.columns + (column === targets[row] ? 1 - labelSmoothing : 0);
        return { loss: share * (logSum - value), slope: Math.exp(value - logSum) - share };
      });
    });
  }

  squaredError(x: Tensor, targets: Float32Array, weights: Float32Array | null): Loss {
    shapes.requireTargets('squaredError', x.rows, targets.length, x.rows * x.columns, weights);
    const from = this.#values(x);
    return this.#loss(from, weights, (row) =>
      Array.from(rowsOf(from, row, 1).values, (value, column) => {
        const error = value - targets[row * x.columns + column]!;
        return { loss: error ** 2 / x.columns, slope: (2 * error) / x.columns };
      }),
    );
  }

  quantileLoss(
    x: Tensor,
    targets: Float32Array,
    weights: Float32Array | null,
    quantiles: readonly number[],
  ): Loss {
    shapes.requireTargets('quantileLoss', x.rows, targets.length, x.rows, weights);
    shapes.requireTable('quantileLoss', 1, x.columns, quantiles.length);
    const from = this.#values(x);
    return this.#loss(from, weights, (row) =>
      quantiles.map((quantile, column) => {
        const error = targets[row]! - at(from, row, column);
        const share = (error > 0 ? quantile : error < 0 ? quantile - 1 : 0) / x.columns;
        return { loss: share * error, slope: -share };
      }),
    );
  }

  norm(tensors: readonly Tensor[]): number {
    const squares = tensors.map((tensor) => this.#values(tensor).values.reduce((a, b) => a + b * b, 0));
    return Math.sqrt(squares.reduce((a, b) => a + b, 0));
  }

  adam(w: Variable, gradient: Tensor, m: Variable, v: Variable, settings: AdamStep): void {
    for (const other of [gradient, m, v]) shapes.requireSame('adam', w, other);
    const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = settings;
    const [weights, first, second] = [this.#values(w).values, this.#values(m).values, this.#values(v).values];
    this.#values(gradient).values.forEach((value, index) => {
      const slope = value * gradientScale;
      const mean = (first[index] = beta1 * first[index]! + (1 - beta1) * slope);
      const square = (second[index] = beta2 * second[index]! + (1 - beta2) * slope * slope);
      const direction = mean / (1 - beta1 ** step) / (Math.sqrt(square / (1 - beta2 ** step)) + epsilon);
      weights[index] = weights[index]! * (1 - learningRate * weightDecay) - learningRate * direction;
    });
  }

  dispose(): void {
    for (const tables of [...this.#scopes, this.#variables]) tables.clear();
  }

  /** The mean over rows by weight of what `rowOf` gives by column: its part of the loss and the slope. */
  #loss(
    x: Table,
    weights: Float32Array | null,
    rowOf: (row: number) => readonly { loss: number; slope: number }[],
  ): Loss {
    const total = weights === null ? x.rows : weights.reduce((a, b) => a + b, 0);
    const dX = table(x.rows, x.columns);
    let loss = 0;
    for (let row = 0; row < x.rows; row += 1) {
      // Where nothing counts there is neither loss nor gradient.
      const weight = total === 0 ? 0 : (weights?.[row] ?? 1) / total;
      rowOf(row).forEach((part, column) => {
        loss += weight * part.loss;
        dX.values[row * x.columns + column] = weight * part.slope;
      });
    }
    return { loss, dX: this.#keep(dX) };
  }

  #keep(made: Table): Table {
    this.#scopes.at(-1)!.add(made);
    return made;
  }

  #values(tensor: Tensor): Table {
    const found = tensor as unknown as Table;
    if (this.#variables.has(found) || this.#scopes.some((scope) => scope.has(found))) return found;
    throw new RangeError('A tensor that was freed, or of another engine.');
  }
}

/** Rows between an event and what this tap of it reads. */
function shiftOf({ taps, dilation, batch }: ConvolutionShape, tap: number): number {
  return (taps - 1 - tap) * dilation * batch;
}
