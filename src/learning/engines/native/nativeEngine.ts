import { availableParallelism, totalmem } from 'node:os';
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
} from '../engine.js';
import * as shapes from '../shapes.js';
import { INT32, loadBinding, typed } from './binding.js';
import { DropoutMasks } from './dropoutMasks.js';
import * as losses from './losses.js';
import * as normalisation from './normalisation.js';
import * as optimisers from './optimisers.js';
import * as products from './products.js';
import * as recurrent from './recurrent.js';
import { Table, TensorFlow, type Id } from './tensorFlow.js';

export interface NativeEngineOptions {
  /** The addon of `@tensorflow/tfjs-node`, beside its libtensorflow. */
  readonly addon: string;
  /** As many as there are processors when left out. TensorFlow keeps the number with which a process began. */
  readonly threads?: number;
  /** Half of the machine's when left out. */
  readonly maxMemoryBytes?: number;
}

class TableVariable extends Table implements Variable {
  readonly isVariable = true;

  constructor(
    rows: number,
    columns: number,
    id: Id,
    override readonly scope: { isOpen: boolean },
    owner: TensorFlow,
  ) {
    super(rows, columns, id, scope, owner);
  }
}

/** TensorFlow's C library, one operation after the other, by the addon of `@tensorflow/tfjs-node`. */
export class NativeEngine implements Engine {
  readonly name = 'native';
  readonly description: string;
  readonly #tf: TensorFlow;
  readonly #variables = new Set<TableVariable>();
  /** What dropout multiplies with, by shape, rate and seed: the gradient wants it again. */
  #masks = new Map<string, Table>();
  readonly #maskMemory = new DropoutMasks();

  private constructor(tf: TensorFlow, description: string) {
    this.#tf = tf;
    this.description = description;
  }

  /** Failures: those of `loadBinding`. */
  static create(options: NativeEngineOptions): NativeEngine {
    const wanted = options.threads ?? 0;
    if (!Number.isSafeInteger(wanted) || wanted < 0) throw new RangeError(`${wanted} threads`);
    const { binding, threads } = loadBinding(options.addon, wanted);
    const count = threads === 0 ? availableParallelism() : threads;
    const tf = new TensorFlow(binding, options.maxMemoryBytes ?? Math.floor(totalmem() / 2), count);
    const words = `${count} ${count === 1 ? 'thread' : 'threads'}`;
    return new NativeEngine(tf, `native (TensorFlow ${binding.TF_Version}), ${words}`);
  }

  variable(rows: number, columns: number, values?: Float32Array): Variable {
    shapes.requireTable('variable', rows, columns, values?.length);
    return this.#tf.operation(() => {
      const id = this.#tf.detach(
        this.#tf.floats([rows, columns], values ?? new Float32Array(rows * columns)),
      );
      const made = new TableVariable(rows, columns, id, { isOpen: true }, this.#tf);
      this.#variables.add(made);
      return made;
    });
  }

  tensor(rows: number, columns: number, values: Float32Array): Tensor {
    shapes.requireTable('tensor', rows, columns, values.length);
    return this.#made(rows, columns, () => this.#tf.floats([rows, columns], values));
  }

  read(tensor: Tensor): Float32Array {
    return this.#tf.read(this.#tf.own(tensor).id);
  }

  write(variable: Variable, values: Float32Array): void {
    shapes.requireTable('write', variable.rows, variable.columns, values.length);
    const own = this.#ownVariable('write', variable);
    this.#tf.operation(() => this.#assign(own, this.#tf.floats([own.rows, own.columns], values)));
  }

  drop(variable: Variable): void {
    const own = this.#ownVariable('drop', variable);
    this.#variables.delete(own);
    own.scope.isOpen = false;
    this.#tf.release(own.id);
  }

  scope<T>(work: () => T): T {
    const outer = this.#masks;
    this.#masks = new Map(outer);
    try {
      return this.#tf.within(work);
    } finally {
      this.#masks = outer;
    }
  }

  get memoryBytes(): number {
    return this.#tf.usedBytes;
  }

  rows(x: Tensor, first: number, count: number): Tensor {
    shapes.requireRows('rows', x.rows, first, count);
    const from = this.#tf.own(x);
    return this.#made(count, x.columns, () => this.#tf.slice(from.id, [first, 0], [count, x.columns]));
  }

  rowsGradient(rowCount: number, first: number, dOutput: Tensor): Tensor {
    shapes.requireRows('rowsGradient', rowCount, first, dOutput.rows);
    const from = this.#tf.own(dOutput);
    const behind = rowCount - first - from.rows;
    return this.#made(rowCount, from.columns, () => this.#tf.padded(from.id, first, behind));
  }

  concat(parts: readonly Tensor[]): Tensor {
    const columns = shapes.requireSameRows('concat', parts);
    const ids = parts.map((part) => this.#tf.own(part).id);
    // One part alone is no work for TensorFlow.
    if (ids.length === 1) return parts[0]!;
    return this.#made(parts[0]!.rows, columns, () => this.#tf.concat(ids, 1));
  }

  split(x: Tensor, widths: readonly number[]): Tensor[] {
    shapes.requireWidths('split', x.columns, widths);
    const from = this.#tf.own(x);
    let first = 0;
    return widths.map((width) => {
      const at = first;
      first += width;
      return this.#made(x.rows, width, () => this.#tf.slice(from.id, [0, at], [x.rows, width]));
    });
  }

  add(a: Tensor, b: Tensor): Tensor {
    shapes.requireSame('add', a, b);
    const [left, right] = [this.#tf.own(a), this.#tf.own(b)];
    return this.#made(a.rows, a.columns, () => this.#tf.add(left.id, right.id));
  }

  scale(x: Tensor, factor: number): Tensor {
    const from = this.#tf.own(x);
    return this.#made(x.rows, x.columns, () => this.#tf.multiply(from.id, this.#tf.float(factor)));
  }

  dense(x: Tensor, w: Tensor, b: Tensor | null): Tensor {
    shapes.requireDense('dense', x, w, b);
    const [input, weights] = [this.#tf.own(x), this.#tf.own(w)];
    const bias = b === null ? null : this.#tf.own(b);
    return this.#tf.operation(() => products.dense(this.#tf, input, weights, bias));
  }

  denseGradient(x: Tensor, w: Tensor, dOutput: Tensor, wantsInput: boolean): DenseGradient {
    shapes.requireDense('denseGradient', x, w, null);
    shapes.requireShape('denseGradient', 'dOutput', dOutput, x.rows, w.columns);
    const [input, weights, dOut] = [this.#tf.own(x), this.#tf.own(w), this.#tf.own(dOutput)];
    return this.#tf.operation(() => products.denseGradient(this.#tf, input, weights, dOut, wantsInput));
  }

  embedding(table: Tensor, ids: Int32Array): Tensor {
    shapes.requireIds('embedding', ids, table.rows);
    const from = this.#tf.own(table);
    return this.#made(ids.length, table.columns, () =>
      this.#tf.run(
        'GatherV2',
        [from.id, this.#tf.ints([ids.length], ids), this.#tf.int(0)],
        ...[typed('Tparams'), typed('Tindices', INT32), typed('Taxis', INT32)],
      ),
    );
  }

  embeddingGradient(vocabulary: number, ids: Int32Array, dOutput: Tensor): Tensor {
    shapes.requireIds('embeddingGradient', ids, vocabulary);
    shapes.requireShape('embeddingGradient', 'dOutput', dOutput, ids.length, dOutput.columns);
    const from = this.#tf.own(dOutput);
    return this.#made(vocabulary, from.columns, () =>
      this.#tf.run(
        'UnsortedSegmentSum',
        [from.id, this.#tf.ints([ids.length], ids), this.#tf.int(vocabulary)],
        ...[typed(), typed('Tindices', INT32), typed('Tnumsegments', INT32)],
      ),
    );
  }

  relu(x: Tensor): Tensor {
    const from = this.#tf.own(x);
    return this.#made(x.rows, x.columns, () => this.#tf.run('Relu', [from.id], typed()));
  }

  reluGradient(output: Tensor, dOutput: Tensor): Tensor {
    shapes.requireSame('reluGradient', output, dOutput);
    const [passed, dOut] = [this.#tf.own(output), this.#tf.own(dOutput)];
    return this.#made(output.rows, output.columns, () =>
      this.#tf.run('ReluGrad', [dOut.id, passed.id], typed()),
    );
  }

  dropout(x: Tensor, rate: number, seed: number): Tensor {
    shapes.requireRate('dropout', rate);
    const from = this.#tf.own(x);
    const factors = this.#maskOf(from, rate, seed);
    return this.#made(x.rows, x.columns, () => this.#tf.multiply(from.id, factors.id));
  }

  batchNorm(x: Tensor, state: BatchNormState, isTraining: boolean): BatchNormOutput {
    shapes.requireBatchNorm('batchNorm', x, state);
    const input = this.#tf.own(x);
    return this.#tf.operation(() => {
      const { output, trace, moments } = normalisation.batchNorm(this.#tf, input, state, isTraining);
      if (moments !== null) {
        this.#move(this.#ownVariable('batchNorm', state.runningMean), moments[0], state.momentum);
        this.#move(this.#ownVariable('batchNorm', state.runningVariance), moments[1], state.momentum);
      }
      return { output, saved: trace };
    });
  }

  batchNormGradient(saved: BatchNormOutput, gamma: Tensor, dOutput: Tensor): BatchNormGradient {
    const trace = saved.saved as normalisation.NormTrace;
    shapes.requireSame('batchNormGradient', this.#tf.own(trace.x), dOutput);
    shapes.requireShape('batchNormGradient', 'gamma', gamma, 1, dOutput.columns);
    const [scale, dOut] = [this.#tf.own(gamma), this.#tf.own(dOutput)];
    return this.#tf.operation(() => normalisation.batchNormGradient(this.#tf, trace, scale, dOut));
  }

  causalConvolution(x: Tensor, w: Tensor, b: Tensor, shape: ConvolutionShape): Tensor {
    shapes.requireConvolution('causalConvolution', x, w, shape);
    shapes.requireShape('causalConvolution', 'b', b, 1, w.columns);
    const [input, weights, bias] = [this.#tf.own(x), this.#tf.own(w), this.#tf.own(b)];
    return this.#tf.operation(() => products.convolution(this.#tf, input, weights, bias, shape));
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
    const [input, weights, dOut] = [this.#tf.own(x), this.#tf.own(w), this.#tf.own(dOutput)];
    return this.#tf.operation(() =>
      products.convolutionGradient(this.#tf, input, weights, dOut, shape, wantsInput),
    );
  }

  lstm(x: Tensor, w: Tensor, b: Tensor, batch: number, initial?: LstmState): LstmOutput {
    shapes.requireLstm('lstm', x, w, b, batch, initial);
    const [input, weights, bias] = [this.#tf.own(x), this.#tf.own(w), this.#tf.own(b)];
    return this.#tf.operation(() => {
      const { hidden, last, trace } = recurrent.lstmForward(this.#tf, input, weights, bias, batch, initial);
      return { hidden, last, saved: trace };
    });
  }

  lstmGradient(saved: LstmOutput, w: Tensor, dHidden: Tensor, wantsInput: boolean): DenseGradient {
    const trace = saved.saved as recurrent.LstmTrace;
    shapes.requireSame('lstmGradient', this.#tf.own(saved.hidden), dHidden);
    const units = dHidden.columns;
    shapes.requireShape('lstmGradient', 'w', w, this.#tf.own(trace.x).columns + units, 4 * units);
    const [weights, dOut] = [this.#tf.own(w), this.#tf.own(dHidden)];
    return this.#tf.operation(() => recurrent.lstmBackward(this.#tf, trace, weights, dOut, wantsInput));
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
    const x = this.#tf.own(logits);
    return this.#tf.operation(() =>
      losses.softmaxCrossEntropy(this.#tf, x, targets, weights, labelSmoothing),
    );
  }

  squaredError(x: Tensor, targets: Float32Array, weights: Float32Array | null): Loss {
    shapes.requireTargets('squaredError', x.rows, targets.length, x.rows * x.columns, weights);
    const from = this.#tf.own(x);
    return this.#tf.operation(() => losses.squaredError(this.#tf, from, targets, weights));
  }

  quantileLoss(
    x: Tensor,
    targets: Float32Array,
    weights: Float32Array | null,
    quantiles: readonly number[],
  ): Loss {
    shapes.requireTargets('quantileLoss', x.rows, targets.length, x.rows, weights);
    shapes.requireTable('quantileLoss', 1, x.columns, quantiles.length);
    const from = this.#tf.own(x);
    return this.#tf.operation(() => losses.quantileLoss(this.#tf, from, targets, weights, quantiles));
  }

  norm(tensors: readonly Tensor[]): number {
    return optimisers.norm(
      this.#tf,
      tensors.map((tensor) => this.#tf.own(tensor)),
    );
  }

  adam(w: Variable, gradient: Tensor, m: Variable, v: Variable, settings: AdamStep): void {
    for (const other of [gradient, m, v]) shapes.requireSame('adam', w, other);
    const [weights, mean, square] = [w, m, v].map((each) => this.#ownVariable('adam', each)) as [
      TableVariable,
      TableVariable,
      TableVariable,
    ];
    const slope = this.#tf.own(gradient);
    this.#tf.operation(() => {
      const made = optimisers.adam(this.#tf, weights, slope, mean, square, settings);
      this.#assign(weights, made.w);
      this.#assign(mean, made.m);
      this.#assign(square, made.v);
    });
  }

  dispose(): void {
    for (const variable of this.#variables) variable.scope.isOpen = false;
    this.#variables.clear();
    this.#masks.clear();
    this.#tf.dispose();
  }

  #made(rows: number, columns: number, work: () => Id): Table {
    return this.#tf.operation(() => this.#tf.keep(work(), rows, columns));
  }

  #ownVariable(operation: string, variable: Variable): TableVariable {
    const own = this.#tf.own(variable);
    if (own instanceof TableVariable) return own;
    throw new RangeError(`${operation}: not a variable`);
  }

  /** Gives a variable a result of the operation under way as its value. */
  #assign(variable: TableVariable, id: Id): void {
    this.#tf.release(variable.id);
    variable.id = this.#tf.detach(id);
  }

  /** Moves running figures towards those of a batch. */
  #move(variable: TableVariable, towards: Id, momentum: number): void {
    const tf = this.#tf;
    const left = tf.multiply(variable.id, tf.float(1 - momentum));
    this.#assign(variable, tf.add(left, tf.multiply(towards, tf.float(momentum))));
  }

  /** Made once a scope: the gradient asks for that of the way there. */
  #maskOf({ rows, columns }: Table, rate: number, seed: number): Table {
    const key = `${rows} ${columns} ${rate} ${seed}`;
    const known = this.#masks.get(key);
    if (known?.scope.isOpen === true) return known;
    const factors = this.#made(rows, columns, () => {
      const mask = this.#maskMemory.factors(rows * columns, rate, seed, this.#tf.innermostScope);
      return this.#tf.given([rows, columns], mask);
    });
    this.#masks.set(key, factors);
    return factors;
  }
}
