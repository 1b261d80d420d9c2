import { Failure } from '../../../base/errors.js';
import type { LbfgsSettings } from '../../models/model.js';
import type { Evaluation, OptimizerState } from './optimizer.js';

/** Torch's: the largest part of a gradient, of a step, and the change of the loss below which a step ends. */
const LEAST_GRADIENT = 1e-7;
const LEAST_CHANGE = 1e-9;
/** Curvature below which a pair is not kept. */
const LEAST_CURVATURE = 1e-10;

interface Pair {
  /** Of the weights. */
  readonly step: Float64Array;
  /** Of the gradient. */
  readonly change: Float64Array;
}

/**
 * Limited-memory BFGS on the host in float64 (Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithms 7.4 and
 * 7.5), without a line search: the step is the learning rate, the first one shortened by the gradient's size, as
 * torch.optim.LBFGS does with its defaults.
 */
export class Lbfgs {
  readonly #weights: Float64Array;
  #pairs: Pair[] = [];
  #direction: Float64Array;
  #previous: Float64Array;
  #scale = 1;
  #rate = 0;
  #iterations = 0;

  constructor(
    private readonly settings: LbfgsSettings,
    initial: Float64Array,
  ) {
    this.#weights = initial.slice();
    this.#direction = new Float64Array(initial.length);
    this.#previous = new Float64Array(initial.length);
  }

  /**
   * One step of up to `iterations` directions; `at` evaluates loss and gradient at weights.
   * @returns the loss before the step, which is the one that was asked for first
   */
  async step(at: (weights: Float64Array) => Promise<Evaluation>, learningRate: number): Promise<number> {
    let { loss, gradient } = await at(this.#weights);
    const first = loss;
    const mostEvaluations = Math.floor((this.settings.iterations * 5) / 4);
    let evaluations = 1;
    for (let iteration = 1; iteration <= this.settings.iterations; iteration += 1) {
      if (!Number.isFinite(loss) || largest(gradient) <= LEAST_GRADIENT) break;
      this.#turn(gradient, learningRate);
      const previousLoss = loss;
      if (dot(gradient, this.#direction) > -LEAST_CHANGE) break;
      for (let index = 0; index < this.#weights.length; index += 1)
        this.#weights[index] = this.#weights[index]! + this.#rate * this.#direction[index]!;
      // After the last direction of a step nothing is evaluated: the next step begins with that.
      if (iteration === this.settings.iterations) break;
      ({ loss, gradient } = await at(this.#weights));
      evaluations += 1;
      // Torch's limit, which fewer than four directions meet before they are done.
      if (evaluations >= mostEvaluations) break;
      if (largest(this.#direction) * this.#rate <= LEAST_CHANGE) break;
      if (Math.abs(loss - previousLoss) < LEAST_CHANGE) break;
    }
    return first;
  }

  /** The weights as they are now; to be read only. */
  get weights(): Float64Array {
    return this.#weights;
  }

  state(): OptimizerState {
    const size = this.#weights.length;
    const joined = (kind: keyof Pair) => {
      const values = new Float64Array(this.#pairs.length * size);
      this.#pairs.forEach((pair, at) => values.set(pair[kind], at * size));
      return { shape: [this.#pairs.length, size], values };
    };
    const vector = (values: Float64Array) => ({ shape: [1, values.length], values });
    return new Map([
      ['weights', vector(this.#weights)],
      ['direction', vector(this.#direction)],
      ['previous', vector(this.#previous)],
      ['scalars', vector(Float64Array.of(this.#scale, this.#rate, this.#iterations))],
      ['steps', joined('step')],
      ['changes', joined('change')],
    ]);
  }

  /** Failure `bad-input` for a state of another model. */
  restore(state: OptimizerState): void {
    const size = this.#weights.length;
    const values = (name: string, wanted: (length: number) => boolean): Float64Array => {
      const found = state.get(name)?.values;
      if (found instanceof Float64Array && wanted(found.length)) return found;
      throw new Failure('bad-input', `optimizer.safetensors has no ${name} of this model.`);
    };
    this.#weights.set(values('weights', (length) => length === size));
    this.#direction = values('direction', (length) => length === size).slice();
    this.#previous = values('previous', (length) => length === size).slice();
    const [scale, rate, iterations] = values('scalars', (length) => length === 3);
    [this.#scale, this.#rate, this.#iterations] = [scale!, rate!, iterations!];
    const steps = values('steps', (length) => length % size === 0);
    const changes = values('changes', (length) => length === steps.length);
    this.#pairs = Array.from({ length: steps.length / size }, (_, at) => ({
      step: steps.slice(at * size, (at + 1) * size),
      change: changes.slice(at * size, (at + 1) * size),
    }));
  }

  /** Chooses direction and rate from the gradient here and what went before. */
  #turn(gradient: Float64Array, learningRate: number): void {
    this.#iterations += 1;
    if (this.#iterations === 1) {
      this.#direction = gradient.map((value) => -value);
      this.#scale = 1;
      const size = gradient.reduce((sum, value) => sum + Math.abs(value), 0);
      this.#rate = Math.min(1, 1 / size) * learningRate;
    } else {
      this.#keepPair(gradient);
      this.#direction = this.#twoLoops(gradient);
      this.#rate = learningRate;
    }
    this.#previous = gradient.slice();
  }

  #keepPair(gradient: Float64Array): void {
    const change = gradient.map((value, at) => value - this.#previous[at]!);
    const step = this.#direction.map((value) => value * this.#rate);
    const curvature = dot(change, step);
    if (curvature <= LEAST_CURVATURE) return;
    if (this.#pairs.length === this.settings.history) this.#pairs.shift();
    this.#pairs.push({ step, change });
    this.#scale = curvature / dot(change, change);
  }

  #twoLoops(gradient: Float64Array): Float64Array {
    const direction = gradient.map((value) => -value);
    const factors = new Float64Array(this.#pairs.length);
    for (let at = this.#pairs.length - 1; at >= 0; at -= 1) {
      const { step, change } = this.#pairs[at]!;
      factors[at] = dot(step, direction) / dot(change, step);
      addScaled(direction, change, -factors[at]!);
    }
    for (let index = 0; index < direction.length; index += 1)
      direction[index] = direction[index]! * this.#scale;
    this.#pairs.forEach(({ step, change }, at) => {
      addScaled(direction, step, factors[at]! - dot(change, direction) / dot(change, step));
    });
    return direction;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}

function addScaled(to: Float64Array, values: Float64Array, factor: number): void {
  for (let at = 0; at < to.length; at += 1) to[at] = to[at]! + factor * values[at]!;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
