import { availableParallelism, totalmem } from 'node:os';
import { hash32 } from '../dropoutMask.js';
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
import { Arena } from './arena.js';
import { CHUNK, FIRST_FREE, instantiate, kernelModule, SCRATCH_BYTES, type Kernels } from './kernelModule.js';
import { LinearMemory, type Block } from './linearMemory.js';
import * as losses from './losses.js';
import * as normalisation from './normalisation.js';
import * as products from './products.js';
import * as recurrent from './recurrent.js';
import { EngineThreads } from './threads.js';
import { bitsOf, Table, Workshop } from './workshop.js';

/** More do not help tables of this size. */
const MOST_THREADS = 8;
const MOST_MEMORY_BYTES = 4 * 2 ** 30;

export interface EmbeddedEngineOptions {
  /** As many as there are processors, eight at most, when left out. */
  readonly threads?: number;
  /** 4 GiB at most; half of the machine's when left out. */
  readonly maxMemoryBytes?: number;
}

class TableVariable extends Table implements Variable {
  readonly isVariable = true;
}

const chunks = (x: Table): number => Math.ceil(x.length / CHUNK);

/** The engine that is always there: WebAssembly with SIMD, on threads that share its memory. */
export class EmbeddedEngine implements Engine {
  readonly name = 'embedded';
  readonly description: string;
  readonly #memory: LinearMemory;
  readonly #arena: Arena;
  readonly #shop: Workshop;
  readonly #kernels: Kernels;
  readonly #variables = new Map<TableVariable, Block>();
  #threads: EngineThreads | undefined;

  private constructor(memory: LinearMemory, kernels: Kernels, threads: number, instructions: string) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#arena = new Arena(memory);
    this.#shop = new Workshop(memory, this.#arena, kernels, threads);
    this.description = `embedded (WebAssembly ${instructions}), ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  }

  static async create(options: EmbeddedEngineOptions = {}): Promise<EmbeddedEngine> {
    const threads = options.threads ?? Math.min(MOST_THREADS, availableParallelism());
    if (!Number.isSafeInteger(threads) || threads < 1) throw new RangeError(`${threads} threads`);
    const { module, hasFusedMultiply } = kernelModule();
    const allowed = options.maxMemoryBytes ?? Math.floor(totalmem() / 2);
    const memory = new LinearMemory(FIRST_FREE, Math.min(MOST_MEMORY_BYTES, allowed));
    const scratches = Array.from({ length: threads }, () => memory.allocate(SCRATCH_BYTES));
    const kernels = instantiate(module, memory.memory);
    kernels.init(scratches[0]!.address);
    const instructions = hasFusedMultiply ? 'SIMD with fused multiply-add' : 'SIMD';
    const engine = new EmbeddedEngine(memory, kernels, threads, instructions);
    engine.#threads = await EngineThreads.start(module, memory.memory, scratches.slice(1));
    return engine;
  }

  variable(rows: number, columns: number, values?: Float32Array): Variable {
    shapes.requireTable('variable', rows, columns, values?.length);
    const block = this.#memory.allocate(rows * columns * 4);
    const made = new TableVariable(rows, columns, block.address, { isOpen: true }, this.#memory);
    this.#variables.set(made, block);
    if (values === undefined) this.#shop.values(made).fill(0);
    else this.#shop.values(made).set(values);
    return made;
  }

  tensor(rows: number, columns: number, values: Float32Array): Tensor {
    shapes.requireTable('tensor', rows, columns, values.length);
    return this.#shop.filled(rows, columns, values);
  }

  read(tensor: Tensor): Float32Array {
    return Float32Array.from(this.#shop.values(this.#shop.own(tensor)));
  }

  write(variable: Variable, values: Float32Array): void {
    shapes.requireTable('write', variable.rows, variable.columns, values.length);
    this.#shop.values(this.#shop.own(variable)).set(values);
  }

  drop(variable: Variable): void {
    const own = this.#shop.own(variable);
    const block = own instanceof TableVariable ? this.#variables.get(own) : undefined;
    if (!(own instanceof TableVariable) || block === undefined) throw new RangeError('drop: not a variable');
    this.#variables.delete(own);
    own.scope.isOpen = false;
    this.#memory.release(block);
  }

  scope<T>(work: () => T): T {
    return this.#arena.within(work);
  }

  get memoryBytes(): number {
    let bytes = this.#arena.takenBytes;
    for (const block of this.#variables.values()) bytes += block.bytes;
    return bytes;
  }

  rows(x: Tensor, first: number, count: number): Tensor {
    shapes.requireRows('rows', x.rows, first, count);
    return this.#shop.view(this.#shop.own(x), first, count);
  }

  rowsGradient(rowCount: number, first: number, dOutput: Tensor): Tensor {
    shapes.requireRows('rowsGradient', rowCount, first, dOutput.rows);
    const from = this.#shop.own(dOutput);
    const out = this.#shop.zeros(rowCount, from.columns);
    this.#shop.values(this.#shop.view(out, first, from.rows)).set(this.#shop.values(from));
    return out;
  }

  concat(parts: readonly Tensor[]): Tensor {
    const columns = shapes.requireSameRows('concat', parts);
    const tables = parts.map((part) => this.#shop.own(part));
    const out = this.#shop.table(tables[0]!.rows, columns);
    let first = 0;
    for (const part of tables) {
      this.#copyColumns(part, part.address, out, out.address + first * 4, part.columns);
      first += part.columns;
    }
    return out;
  }

  split(x: Tensor, widths: readonly number[]): Tensor[] {
    shapes.requireWidths('split', x.columns, widths);
    const from = this.#shop.own(x);
    let first = 0;
    return widths.map((width) => {
      const part = this.#shop.table(from.rows, width);
      this.#copyColumns(from, from.address + first * 4, part, part.address, width);
      first += width;
      return part;
    });
  }

  add(a: Tensor, b: Tensor): Tensor {
    shapes.requireSame('add', a, b);
    const [left, right] = [this.#shop.own(a), this.#shop.own(b)];
    return this.#elementwise('add', left, (out) => [left.address, right.address, out, left.length]);
  }

  scale(x: Tensor, factor: number): Tensor {
    const from = this.#shop.own(x);
    return this.#elementwise('scale', from, (out) => [from.address, out, from.length, bitsOf(factor)]);
  }

  dense(x: Tensor, w: Tensor, b: Tensor | null): Tensor {
    shapes.requireDense('dense', x, w, b);
    const bias = b === null ? null : this.#shop.own(b);
    return products.dense(this.#shop, this.#shop.own(x), this.#shop.own(w), bias);
  }

  denseGradient(x: Tensor, w: Tensor, dOutput: Tensor, wantsInput: boolean): DenseGradient {
    shapes.requireDense('denseGradient', x, w, null);
    shapes.requireShape('denseGradient', 'dOutput', dOutput, x.rows, w.columns);
    const [input, weights, dOut] = [this.#shop.own(x), this.#shop.own(w), this.#shop.own(dOutput)];
    return products.denseGradient(this.#shop, input, weights, dOut, wantsInput);
  }

  embedding(table: Tensor, ids: Int32Array): Tensor {
    shapes.requireIds('embedding', ids, table.rows);
    const from = this.#shop.own(table);
    const out = this.#shop.table(ids.length, from.columns);
    this.#withIds(ids, (at) =>
      this.#shop.run('gather', 1, [from.address, from.columns, at, ids.length, out.address]),
    );
    return out;
  }

  embeddingGradient(vocabulary: number, ids: Int32Array, dOutput: Tensor): Tensor {
    shapes.requireIds('embeddingGradient', ids, vocabulary);
    shapes.requireShape('embeddingGradient', 'dOutput', dOutput, ids.length, dOutput.columns);
    const from = this.#shop.own(dOutput);
    const out = this.#shop.zeros(vocabulary, from.columns);
    this.#withIds(ids, (at) =>
      this.#shop.run('scatter', 1, [out.address, from.columns, at, ids.length, from.address]),
    );
    return out;
  }

  relu(x: Tensor): Tensor {
    const from = this.#shop.own(x);
    return this.#elementwise('relu', from, (out) => [from.address, out, from.length]);
  }

  reluGradient(output: Tensor, dOutput: Tensor): Tensor {
    shapes.requireSame('reluGradient', output, dOutput);
    const [passed, dOut] = [this.#shop.own(output), this.#shop.own(dOutput)];
    return this.#elementwise('reluGradient', dOut, (out) => [
      passed.address,
      dOut.address,
      out,
      passed.length,
    ]);
  }

  dropout(x: Tensor, rate: number, seed: number): Tensor {
    shapes.requireRate('dropout', rate);
    const from = this.#shop.own(x);
    // A whole hash is below the rate's share of 2^32 exactly when it is below the next whole number.
    const below = Math.min(2 ** 32 - 1, Math.ceil(rate * 2 ** 32));
    const settings = [hash32(seed), below, bitsOf(1 / (1 - rate))];
    return this.#elementwise('dropout', from, (out) => [from.address, out, from.length, ...settings]);
  }

  batchNorm(x: Tensor, state: BatchNormState, isTraining: boolean): BatchNormOutput {
    shapes.requireBatchNorm('batchNorm', x, state);
    const { output, trace } = normalisation.batchNorm(this.#shop, this.#shop.own(x), state, isTraining);
    return { output, saved: trace };
  }

  batchNormGradient(saved: BatchNormOutput, gamma: Tensor, dOutput: Tensor): BatchNormGradient {
    const trace = saved.saved as normalisation.NormTrace;
    shapes.requireSame('batchNormGradient', this.#shop.own(trace.normal), dOutput);
    shapes.requireShape('batchNormGradient', 'gamma', gamma, 1, dOutput.columns);
    const [scale, dOut] = [this.#shop.own(gamma), this.#shop.own(dOutput)];
    return normalisation.batchNormGradient(this.#shop, trace, scale, dOut);
  }

  causalConvolution(x: Tensor, w: Tensor, b: Tensor, shape: ConvolutionShape): Tensor {
    shapes.requireConvolution('causalConvolution', x, w, shape);
    shapes.requireShape('causalConvolution', 'b', b, 1, w.columns);
    const [input, weights, bias] = [this.#shop.own(x), this.#shop.own(w), this.#shop.own(b)];
    return products.convolution(this.#shop, input, weights, bias, shape);
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
    const [input, weights, dOut] = [this.#shop.own(x), this.#shop.own(w), this.#shop.own(dOutput)];
    return products.convolutionGradient(this.#shop, input, weights, dOut, shape, wantsInput);
  }

  lstm(x: Tensor, w: Tensor, b: Tensor, batch: number, initial?: LstmState): LstmOutput {
    shapes.requireLstm('lstm', x, w, b, batch, initial);
    const [input, weights, bias] = [this.#shop.own(x), this.#shop.own(w), this.#shop.own(b)];
    const trace = recurrent.lstmForward(this.#shop, input, weights, bias, batch, initial);
    return {
      hidden: this.#shop.view(trace.hidden, batch, x.rows),
      last: {
        hidden: this.#shop.view(trace.hidden, x.rows, batch),
        cell: this.#shop.view(trace.cells, x.rows, batch),
      },
      saved: trace,
    };
  }

  lstmGradient(saved: LstmOutput, w: Tensor, dHidden: Tensor, wantsInput: boolean): DenseGradient {
    const trace = saved.saved as recurrent.LstmTrace;
    shapes.requireSame('lstmGradient', this.#shop.own(saved.hidden), dHidden);
    const units = dHidden.columns;
    shapes.requireShape('lstmGradient', 'w', w, this.#shop.own(trace.x).columns + units, 4 * units);
    const [weights, dOut] = [this.#shop.own(w), this.#shop.own(dHidden)];
    return recurrent.lstmBackward(this.#shop, trace, weights, dOut, wantsInput);
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
    const x = this.#shop.own(logits);
    return losses.softmaxCrossEntropy(this.#shop, x, targets, weights, labelSmoothing);
  }

  squaredError(x: Tensor, targets: Float32Array, weights: Float32Array | null): Loss {
    shapes.requireTargets('squaredError', x.rows, targets.length, x.rows * x.columns, weights);
    return losses.squaredError(this.#shop, this.#shop.own(x), targets, weights);
  }

  quantileLoss(
    x: Tensor,
    targets: Float32Array,
    weights: Float32Array | null,
    quantiles: readonly number[],
  ): Loss {
    shapes.requireTargets('quantileLoss', x.rows, targets.length, x.rows, weights);
    shapes.requireTable('quantileLoss', 1, x.columns, quantiles.length);
    return losses.quantileLoss(this.#shop, this.#shop.own(x), targets, weights, quantiles);
  }

  norm(tensors: readonly Tensor[]): number {
    const squares = tensors.map((tensor) => {
      const x = this.#shop.own(tensor);
      return this.#shop.borrow(chunks(x) * 8, (at) => {
        this.#shop.run('squares', chunks(x), [x.address, x.length, at]);
        return this.#memory.doubles(at, chunks(x)).reduce((sum, part) => sum + part, 0);
      });
    });
    return Math.sqrt(squares.reduce((sum, part) => sum + part, 0));
  }

  adam(w: Variable, gradient: Tensor, m: Variable, v: Variable, settings: AdamStep): void {
    for (const other of [gradient, m, v]) shapes.requireSame('adam', w, other);
    const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = settings;
    const tables = [w, gradient, m, v].map((tensor) => this.#shop.own(tensor));
    const weights = tables[0]!;
    const floats = [
      ...[gradientScale, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - learningRate * weightDecay],
      learningRate / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
    ];
    const addresses = tables.map(({ address }) => address);
    this.#shop.run('adam', chunks(weights), [...addresses, weights.length, ...floats.map(bitsOf)]);
  }

  dispose(): void {
    if (this.#threads === undefined) return;
    this.#kernels.close();
    this.#threads.dispose();
    this.#threads = undefined;
    for (const variable of this.#variables.keys()) variable.scope.isOpen = false;
    this.#variables.clear();
    this.#arena.scope.isOpen = false;
  }

  #elementwise(
    operation: 'add' | 'scale' | 'relu' | 'reluGradient' | 'dropout',
    like: Table,
    values: (out: number) => readonly number[],
  ): Table {
    const out = this.#shop.table(like.rows, like.columns);
    this.#shop.run(operation, chunks(like), values(out.address));
    return out;
  }

  #copyColumns(from: Table, fromAt: number, to: Table, toAt: number, columns: number): void {
    this.#shop.run('copyColumns', 1, [fromAt, from.columns, toAt, to.columns, from.rows, columns]);
  }

  #withIds(ids: Int32Array, work: (address: number) => void): void {
    this.#shop.borrow(ids.length * 4, (at) => {
      this.#memory.ints(at, ids.length).set(ids);
      work(at);
    });
  }
}
