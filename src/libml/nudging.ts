/**
 * Weights of whole numbers that are rounded to what serves the decisions best, and not each to the nearest: with 8 bits it is the
 * sum of many roundings that decides (Nagel et al. 2020, "Up or down? Adaptive rounding for post-training quantization"). Here by
 * plain descent: a weight goes a step up or down where that brings what is decided nearer to the float model.
 */
import type { FixedLayer, FixedModel } from './fixedModel.js';

const MOST_ROUNDS = 6;
/** A round that gains less of the loss is the last. */
const LEAST_GAIN = 0.01;
/** Of the spread of log-odds: rows nearer to the threshold count alike. */
const NEAR = 0.01;
/** A row that is wrong cannot be more so than this. */
const MOST_LOSS = 4;
/** Of a bias, in steps of what its unit gives. */
const BIAS_STEPS = [64, 8, 1, 0.25];

/**
 * The model with weights and biases that give less loss: the squared error of the log-odds, in units of what they are from the
 * threshold, as beyond 1 the decision changes. Networks of more than one hidden layer are returned as they are.
 * @param inputs [rows, inputs] of `fixedInputs` @param wanted [rows] log-odds of the float model
 */
export function nudged(model: FixedModel, inputs: Int16Array, wanted: Float64Array): FixedModel {
  // Where all log-odds are 0 there is nothing to be near to.
  if (model.layers.length > 2 || meanSize(wanted) === 0) return model;
  const descent = new Descent(model, inputs, wanted);
  let loss = descent.loss;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    descent.round();
    if (descent.loss > loss * (1 - LEAST_GAIN)) break;
    loss = descent.loss;
  }
  return descent.model();
}

class Descent {
  readonly #rows: number;
  /** [inputs][rows] */
  readonly #inputs: readonly Float64Array[];
  readonly #hidden: HiddenUnits | undefined;
  readonly #last: FixedLayer;
  /** [rows] last sums, wanted ones, and what an error of 1 of them costs */
  readonly #sums: Float64Array;
  readonly #wanted: Float64Array;
  readonly #costs: Float64Array;
  readonly #most: number;
  #loss = Infinity;

  constructor(
    private readonly from: FixedModel,
    inputs: Int16Array,
    wanted: Float64Array,
  ) {
    const width = from.inputs.length;
    this.#rows = wanted.length;
    this.#most = 2 ** (from.bits - 1) - 1;
    this.#inputs = Array.from({ length: width }, (_, input) =>
      Float64Array.from({ length: this.#rows }, (__, row) => inputs[row * width + input]!),
    );
    const last = from.layers.at(-1)!;
    this.#last = { ...last, weights: last.weights.slice(), biases: last.biases.slice() };
    this.#hidden = from.layers.length === 2 ? new HiddenUnits(from.layers[0]!, this.#inputs) : undefined;
    const read = this.#hidden?.activations ?? this.#inputs;
    this.#sums = new Float64Array(this.#rows).fill(last.biases[0]!);
    for (const [at, values] of read.entries()) {
      for (let row = 0; row < this.#rows; row += 1) this.#sums[row]! += last.weights[at]! * values[row]!;
    }
    this.#wanted = wanted.map((logit) => logit / from.logitScale);
    this.#costs = costsOf(this.#wanted, from.threshold);
    this.#loss = this.#lossWith(() => 0);
  }

  get loss(): number {
    return this.#loss;
  }

  round(): void {
    if (this.#hidden !== undefined) this.#nudgeHidden(this.#hidden);
    const read = this.#hidden?.activations ?? this.#inputs;
    const { weights, biases } = this.#last;
    for (const [at, values] of read.entries()) {
      for (const step of [1, -1]) {
        while (Math.abs(weights[at]! + step) <= this.#most && this.#take((row) => step * values[row]!)) {
          weights[at]! += step;
        }
      }
    }
    const unit = meanSize(this.#wanted) / 4096;
    for (const size of BIAS_STEPS) {
      const step = Math.max(1, Math.round(size * unit));
      for (const signed of [step, -step]) while (this.#take(() => signed)) biases[0]! += signed;
    }
  }

  model(): FixedModel {
    const hidden = this.#hidden === undefined ? [] : [this.#hidden.layer];
    return { ...this.from, layers: [...hidden, this.#last] };
  }

  #nudgeHidden(hidden: HiddenUnits): void {
    const { units, weights, biases, shift } = hidden.layer;
    for (let unit = 0; unit < units; unit += 1) {
      const out = this.#last.weights[unit]!;
      const take = (step: (row: number) => number) =>
        this.#take((row) => out * (hidden.given(unit, row, step(row)) - hidden.activations[unit]![row]!)) &&
        hidden.move(unit, step);
      for (const [input, values] of this.#inputs.entries()) {
        const at = unit * this.#inputs.length + input;
        for (const step of [1, -1]) {
          while (Math.abs(weights[at]! + step) <= this.#most && take((row) => step * values[row]!)) {
            weights[at]! += step;
          }
        }
      }
      for (const size of BIAS_STEPS) {
        const step = Math.max(1, Math.round(size * 2 ** shift));
        for (const signed of [step, -step]) while (take(() => signed)) biases[unit]! += signed;
      }
    }
  }

  /** Moves the last sums if that costs less; @returns whether it did */
  #take(change: (row: number) => number): boolean {
    const loss = this.#lossWith(change);
    if (loss >= this.#loss * (1 - 1e-6)) return false;
    for (let row = 0; row < this.#rows; row += 1) this.#sums[row]! += change(row);
    this.#loss = loss;
    return true;
  }

  /** What it would be; once it is more than it is, no more is added up. */
  #lossWith(change: (row: number) => number): number {
    const most = this.#loss;
    let loss = 0;
    for (let row = 0; row < this.#rows && !(loss > most); row += 1) {
      const error = (this.#sums[row]! + change(row) - this.#wanted[row]!) * this.#costs[row]!;
      loss += Math.min(MOST_LOSS, error * error);
    }
    return loss;
  }
}

/** The hidden layer, and what it gives to the rows. */
class HiddenUnits {
  readonly layer: FixedLayer;
  /** [units][rows] */
  readonly activations: readonly Float64Array[];
  readonly #sums: readonly Float64Array[];
  readonly #half: number;
  readonly #divisor: number;

  constructor(layer: FixedLayer, inputs: readonly Float64Array[]) {
    this.layer = { ...layer, weights: layer.weights.slice(), biases: layer.biases.slice() };
    this.#divisor = 2 ** layer.shift;
    this.#half = layer.shift === 0 ? 0 : this.#divisor / 2;
    const rows = inputs[0]!.length;
    this.#sums = Array.from({ length: layer.units }, (_, unit) => {
      const sums = new Float64Array(rows).fill(layer.biases[unit]!);
      for (const [input, values] of inputs.entries()) {
        const weight = layer.weights[unit * inputs.length + input]!;
        for (let row = 0; row < rows; row += 1) sums[row]! += weight * values[row]!;
      }
      return sums;
    });
    this.activations = this.#sums.map((sums, unit) => sums.map((_, row) => this.given(unit, row, 0)));
  }

  /** What a unit would give to a row were its sum so much more. */
  given(unit: number, row: number, more: number): number {
    const given = Math.floor((this.#sums[unit]![row]! + more + this.#half) / this.#divisor);
    return given < 0 ? 0 : given > 32767 ? 32767 : given;
  }

  move(unit: number, more: (row: number) => number): true {
    const [sums, activations] = [this.#sums[unit]!, this.activations[unit]!];
    for (let row = 0; row < sums.length; row += 1) {
      activations[row] = this.given(unit, row, more(row));
      sums[row]! += more(row);
    }
    return true;
  }
}

/** [rows] what an error of 1 costs, squared. */
function costsOf(wanted: Float64Array, threshold: number): Float64Array {
  const near = Math.max(NEAR * meanSize(wanted), Number.MIN_VALUE);
  return wanted.map((sum) => 1 / Math.max(near, Math.abs(sum - threshold)));
}

function meanSize(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}
