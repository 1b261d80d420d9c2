/**
 * What models compute with. Tensors are row-major float32 tables that live in the engine's memory; ids, targets and weights
 * come from the host. Operations return new tensors and never change their inputs, except the optimisers, which change
 * variables. Gradients of an operation are an operation of their own: `dOutput` in, gradients of its inputs out, with the
 * same shapes as these.
 *
 * Rows of sequences are time-major: row `t * batch + b` is event t of window b.
 *
 * Every operation checks the shapes it is given; a wrong one is a defect (RangeError). Memory that runs out is a Failure
 * `too-large` that says what to make smaller.
 */
import type { Disposable } from '../../base/disposable.js';

export interface Tensor {
  /** Rows and columns; vectors are [1, n]. */
  readonly rows: number;
  readonly columns: number;
}

/** A tensor that outlives the scopes: parameters, statistics, the state of optimisers. */
export interface Variable extends Tensor {
  readonly isVariable: true;
}

export interface Engine extends Disposable {
  readonly name: 'embedded' | 'native';
  /** For logs: version, threads, instructions. */
  readonly description: string;

  /** @param values rows * columns, row-major; zeros when left out */
  variable(rows: number, columns: number, values?: Float32Array): Variable;
  /** A tensor of this scope. */
  tensor(rows: number, columns: number, values: Float32Array): Tensor;
  /** A copy for the host. */
  read(tensor: Tensor): Float32Array;
  write(variable: Variable, values: Float32Array): void;
  /** Frees a variable. */
  drop(variable: Variable): void;
  /** Frees all tensors that were made within, whatever happens. What is returned must be of the host. Scopes nest. */
  scope<T>(work: () => T): T;
  readonly memoryBytes: number;

  // --- tables ---------------------------------------------------------------------------------------------------------
  /** Rows from `first` on; a view where the engine has views. */
  rows(x: Tensor, first: number, count: number): Tensor;
  /** The gradient of `rows`: `dOutput` among zeros. */
  rowsGradient(rowCount: number, first: number, dOutput: Tensor): Tensor;
  /** Side by side: [n, a], [n, b], … → [n, a + b + …]. */
  concat(parts: readonly Tensor[]): Tensor;
  /** The gradient of `concat`: columns of these widths. */
  split(x: Tensor, widths: readonly number[]): Tensor[];
  add(a: Tensor, b: Tensor): Tensor;
  scale(x: Tensor, factor: number): Tensor;

  // --- layers ---------------------------------------------------------------------------------------------------------
  /** x[n, in] · w[in, out] + b[1, out]. */
  dense(x: Tensor, w: Tensor, b: Tensor | null): Tensor;
  /** @param wantsInput whether dX is needed; `null` in its place otherwise */
  denseGradient(x: Tensor, w: Tensor, dOutput: Tensor, wantsInput: boolean): DenseGradient;
  /** Rows of table[v, d] by index: [ids.length, d]. */
  embedding(table: Tensor, ids: Int32Array): Tensor;
  embeddingGradient(vocabulary: number, ids: Int32Array, dOutput: Tensor): Tensor;
  relu(x: Tensor): Tensor;
  /** By the output: where it is 0 nothing passes. */
  reluGradient(output: Tensor, dOutput: Tensor): Tensor;
  /**
   * Zeroes each element with probability `rate` and scales the rest by 1 / (1 - rate). Which ones follows from `seed` and the
   * element's index alone (`dropoutMask.ts`), so that the gradient is the same operation on `dOutput`.
   */
  dropout(x: Tensor, rate: number, seed: number): Tensor;
  /** Over rows, by column: training uses the batch's mean and variance and moves the running ones towards them. */
  batchNorm(x: Tensor, state: BatchNormState, isTraining: boolean): BatchNormOutput;
  batchNormGradient(saved: BatchNormOutput, gamma: Tensor, dOutput: Tensor): BatchNormGradient;
  /**
   * y[t] = bias + Σ_k x[t - (K-1-k) * dilation] · w_k, with zeros before the first event (Bai et al. 2018, arXiv:1803.01271).
   * @param x [T*B, in] @param w [K*in, out]: rows k*in … of tap k, the last tap on the event itself
   */
  causalConvolution(x: Tensor, w: Tensor, b: Tensor, shape: ConvolutionShape): Tensor;
  causalConvolutionGradient(
    x: Tensor,
    w: Tensor,
    dOutput: Tensor,
    shape: ConvolutionShape,
    wantsInput: boolean,
  ): DenseGradient;
  /**
   * One layer over time from a zero state unless one is given. Gates in the order i, f, c, o as in Keras and torch;
   * sigmoid and tanh; no peepholes; the forget gate's bias is the caller's matter.
   * @param x [T*B, in] @param w [in + h, 4h]: input rows first @param b [1, 4h]
   */
  lstm(x: Tensor, w: Tensor, b: Tensor, batch: number, initial?: LstmState): LstmOutput;
  /** @param dHidden [T*B, h] for the hidden states of all events */
  lstmGradient(saved: LstmOutput, w: Tensor, dHidden: Tensor, wantsInput: boolean): DenseGradient;

  // --- losses: a mean over the rows by weight, on the host, and the gradient for the predictions --------------------------
  /**
   * Cross entropy of softmax(logits) against one target a row, with label smoothing ε (Szegedy et al. 2016, arXiv:1512.00567).
   * @param weights one a row, 0 leaves it out; `null`: all 1
   */
  softmaxCrossEntropy(
    logits: Tensor,
    targets: Int32Array,
    weights: Float32Array | null,
    labelSmoothing: number,
  ): Loss;
  /** Mean of (x - target)². @param targets rows * columns */
  squaredError(x: Tensor, targets: Float32Array, weights: Float32Array | null): Loss;
  /** Pinball loss, the mean over quantiles (columns) and rows (Koenker and Bassett 1978). @param targets one a row */
  quantileLoss(
    x: Tensor,
    targets: Float32Array,
    weights: Float32Array | null,
    quantiles: readonly number[],
  ): Loss;

  // --- optimisers -------------------------------------------------------------------------------------------------------
  /** Square root of the sum of squares over all tensors, in float64. */
  norm(tensors: readonly Tensor[]): number;
  /**
   * Adam with decoupled weight decay (Kingma and Ba 2015, arXiv:1412.6980; Loshchilov and Hutter 2019, arXiv:1711.05101):
   * decay 0 is plain Adam. Changes `w`, `m` and `v`. The gradient counts `gradientScale` times (for clipping).
   */
  adam(w: Variable, gradient: Tensor, m: Variable, v: Variable, settings: AdamStep): void;
}

export interface DenseGradient {
  readonly dX: Tensor | null;
  readonly dW: Tensor;
  readonly dB: Tensor;
}

export interface BatchNormState {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  readonly runningMean: Variable;
  readonly runningVariance: Variable;
  /** How much of the batch's figures enters the running ones; 0.1 in torch. The variance enters unbiased, as there. */
  readonly momentum: number;
  readonly epsilon: number;
}

export interface BatchNormOutput {
  readonly output: Tensor;
  /** Opaque, for the gradient. */
  readonly saved: unknown;
}

export interface BatchNormGradient {
  readonly dX: Tensor;
  readonly dGamma: Tensor;
  readonly dBeta: Tensor;
}

export interface ConvolutionShape {
  readonly batch: number;
  readonly taps: number;
  readonly dilation: number;
}

/** [B, h] each. */
export interface LstmState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

export interface LstmOutput {
  /** [T*B, h] */
  readonly hidden: Tensor;
  /** After the last event. */
  readonly last: LstmState;
  /** Opaque, for the gradient. */
  readonly saved: unknown;
}

export interface Loss {
  readonly loss: number;
  readonly dX: Tensor;
}

export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** 1 for the first. */
  readonly step: number;
  readonly gradientScale: number;
}
