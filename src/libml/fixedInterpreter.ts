/**
 * The reference of media/libml/libml_fixed.h: what a model in whole numbers says, to the bit. All sums and products of a checked
 * model stay within 2^53 (see there), so doubles hold them; only what comes before may take 64 bits.
 */
import type { FixedInput, FixedLayer, FixedModel } from './fixedModel.js';
import { saturatingLess, type Answers, type WholeRows } from './wholeRows.js';

/** Numbers up to it, a half added, are exact. */
const SAFE = 2 ** 52;

/** What a model says of rows: logits are its last sums, exact. The model is as `packFixed` takes it. */
export function fixedAnswers(model: FixedModel, rows: WholeRows): Answers {
  return answersOf(model, fixedInputs(model, rows));
}

/** What the inputs of rows become: [rows, inputs]. */
export function fixedInputs({ inputs }: FixedModel, { rows, values }: WholeRows): Int16Array {
  const width = inputs.length;
  const scaled = new Int16Array(rows * width);
  for (const [at, input] of inputs.entries()) {
    const scale = new Scale(input);
    for (let place = at; place < scaled.length; place += width) scaled[place] = scale.scaled(values[place]!);
  }
  return scaled;
}

/** The same from there on. @param scaled of `fixedInputs` */
export function answersOf(model: FixedModel, scaled: Int16Array): Answers {
  const width = model.inputs.length;
  const rows = scaled.length / width;
  const layers = model.layers.map((layer) => new Sums(layer));
  const last = layers.pop()!;
  const from = new Float64Array(width);
  const [logits, decisions] = [new Float64Array(rows), new Uint8Array(rows)];
  for (let row = 0; row < rows; row += 1) {
    for (let input = 0; input < width; input += 1) from[input] = scaled[row * width + input]!;
    let activations: Float64Array = from;
    for (const layer of layers) activations = layer.activations(activations);
    logits[row] = last.sum(0, activations);
    decisions[row] = Number(logits[row]! > model.threshold);
  }
  return { logits, decisions };
}

/** A layer's sums, and what its units give. */
class Sums {
  readonly #weights: Float64Array;
  readonly #biases: Float64Array;
  readonly #to: Float64Array;
  readonly #half: number;
  readonly #divisor: number;

  constructor({ units, shift, weights, biases }: FixedLayer) {
    this.#weights = Float64Array.from(weights);
    this.#biases = biases;
    this.#to = new Float64Array(units);
    this.#half = shift === 0 ? 0 : 2 ** (shift - 1);
    this.#divisor = 2 ** shift;
  }

  sum(unit: number, from: Float64Array): number {
    const [weights, width] = [this.#weights, from.length];
    let sum = this.#biases[unit]!;
    for (let input = 0, at = unit * width; input < width; input += 1, at += 1) {
      sum += weights[at]! * from[input]!;
    }
    return sum;
  }

  activations(from: Float64Array): Float64Array {
    const to = this.#to;
    for (let unit = 0; unit < to.length; unit += 1) {
      to[unit] = held(Math.floor((this.sum(unit, from) + this.#half) / this.#divisor), 0, 32767);
    }
    return to;
  }
}

/** floor(value / 2^shift + 1/2) */
function shifted(value: number, shift: number): number {
  return shift === 0 ? value : Math.floor((value + 2 ** (shift - 1)) / 2 ** shift);
}

function held(value: number, least: number, most: number): number {
  return value < least ? least : value > most ? most : value;
}

class Scale {
  readonly #offset: number;
  readonly #isSafe: boolean;

  constructor(private readonly input: FixedInput) {
    this.#offset = Number(input.offset);
    this.#isSafe = Math.abs(this.#offset) <= SAFE && input.before <= 50;
  }

  scaled(value: number | bigint): number {
    const { multiplier, after } = this.input;
    const whole = held(this.#withoutOffset(value), -(2 ** 31), 2 ** 31 - 1);
    return held(shifted(whole * multiplier, after), -32768, 32767);
  }

  /** In 64 bits less the offset, and shifted for the first time. */
  #withoutOffset(value: number | bigint): number {
    const { offset, before } = this.input;
    if (this.#isSafe && typeof value === 'number' && Math.abs(value) <= SAFE) {
      const less = value - this.#offset;
      if (Math.abs(less) <= SAFE) return shifted(less, before);
    }
    const less = saturatingLess(BigInt(value), offset);
    // More than 53 bits may be rounded here: they are far beyond what is held.
    if (before === 0) return Number(less);
    return Number((less + (1n << BigInt(before - 1))) >> BigInt(before));
  }
}
