/**
 * A network with one hidden layer of rectified linear units and one sigmoid, in float64 and plain loops: of a batch of 32 rows
 * the operations of an engine would cost more in being started than in what they compute.
 */
import type { DeployableNetwork } from '../deployableModel.js';
import { uniformByFan } from '../../layers/initialisers.js';
import { streamOf } from '../../layers/chance.js';
import { sigmoid } from './sigmoid.js';

export interface PerceptronShape {
  readonly inputs: number;
  readonly hidden: number;
}

/** Where things stand in the parameters: weights [hidden, inputs], biases [hidden], weights [hidden] of the output, its bias. */
function placesOf({ inputs, hidden }: PerceptronShape) {
  const biases = hidden * inputs;
  return { biases, outputs: biases + hidden, bias: biases + 2 * hidden, count: biases + 2 * hidden + 1 };
}

/** Distributed as torch's linear layers: U(−1/√n, 1/√n), n being what one unit reads. */
export function initialParameters(shape: PerceptronShape, seed: number): Float64Array {
  const { inputs, hidden } = shape;
  const places = placesOf(shape);
  const values = new Float64Array(places.count);
  const draw = (name: string, fan: number, count: number, at: number) => {
    values.set(uniformByFan(fan)(1, count, streamOf(seed, name)), at);
  };
  draw('hidden.weight', inputs, places.biases, 0);
  draw('hidden.bias', inputs, hidden, places.biases);
  draw('output.weight', hidden, hidden, places.outputs);
  draw('output.bias', hidden, 1, places.bias);
  return values;
}

export class Perceptron {
  readonly #hidden: Float64Array;
  readonly #places: ReturnType<typeof placesOf>;

  constructor(
    readonly shape: PerceptronShape,
    readonly parameters: Float64Array,
  ) {
    this.#hidden = new Float64Array(shape.hidden);
    this.#places = placesOf(shape);
  }

  /** The probability of one row of a table with as many columns as there are inputs. */
  score(values: Float32Array, row: number): number {
    const { inputs, hidden } = this.shape;
    const { biases, outputs, bias } = this.#places;
    const parameters = this.parameters;
    const from = row * inputs;
    let logit = parameters[bias]!;
    for (let unit = 0; unit < hidden; unit += 1) {
      let sum = parameters[biases + unit]!;
      const weights = unit * inputs;
      for (let input = 0; input < inputs; input += 1)
        sum += parameters[weights + input]! * values[from + input]!;
      const activation = sum > 0 ? sum : 0;
      this.#hidden[unit] = activation;
      logit += parameters[outputs + unit]! * activation;
    }
    return sigmoid(logit);
  }

  /** Rounded to float32. */
  layers(): DeployableNetwork {
    const { biases, outputs, bias, count } = this.#places;
    const floats = (from: number, to: number) => Array.from(this.parameters.subarray(from, to), Math.fround);
    return {
      kind: 'mlp',
      layers: [
        { units: this.shape.hidden, weights: floats(0, biases), biases: floats(biases, outputs) },
        { units: 1, weights: floats(outputs, bias), biases: floats(bias, count) },
      ],
    };
  }

  /** Adds the gradient of `weight` times the cross entropy of one row. @param gradient [parameters] */
  addGradient(
    values: Float32Array,
    row: number,
    label: number,
    weight: number,
    gradient: Float64Array,
  ): void {
    const { inputs, hidden } = this.shape;
    const { biases, outputs, bias } = this.#places;
    const parameters = this.parameters;
    const from = row * inputs;
    const slope = weight * (this.score(values, row) - label);
    gradient[bias]! += slope;
    for (let unit = 0; unit < hidden; unit += 1) {
      const activation = this.#hidden[unit]!;
      if (activation === 0) continue;
      gradient[outputs + unit]! += slope * activation;
      const below = slope * parameters[outputs + unit]!;
      gradient[biases + unit]! += below;
      const weights = unit * inputs;
      for (let input = 0; input < inputs; input += 1)
        gradient[weights + input]! += below * values[from + input]!;
    }
  }
}

export interface AdamSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba 2015, arXiv:1412.6980) with the decay as part of the gradient, as torch.optim.Adam has it. */
export class Adam {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #steps = 0;

  constructor(
    private readonly settings: AdamSettings,
    count: number,
  ) {
    this.#first = new Float64Array(count);
    this.#second = new Float64Array(count);
  }

  /** Changes the parameters. */
  step(parameters: Float64Array, gradient: Float64Array): void {
    const { learningRate, weightDecay } = this.settings;
    this.#steps += 1;
    const rate = learningRate / (1 - BETA1 ** this.#steps);
    const correction = 1 / (1 - BETA2 ** this.#steps);
    for (let at = 0; at < parameters.length; at += 1) {
      const slope = gradient[at]! + weightDecay * parameters[at]!;
      const first = BETA1 * this.#first[at]! + (1 - BETA1) * slope;
      const second = BETA2 * this.#second[at]! + (1 - BETA2) * slope * slope;
      this.#first[at] = first;
      this.#second[at] = second;
      parameters[at]! -= (rate * first) / (Math.sqrt(second * correction) + EPSILON);
    }
  }
}
