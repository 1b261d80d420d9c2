/** A network or linear model in whole numbers, and its words as media/libml/libml_fixed.h has them. */
import { Failure } from '../base/errors.js';
import { bitsOf, floatOf, isWithin, longAt, requireSound, setLong } from './libmlWords.js';
import { LONG_MAX, LONG_MIN } from './wholeRows.js';

export type WeightBits = 8 | 16;

/** How a raw value v becomes 16 bits: ((v − offset) ≫ before) · multiplier ≫ after, each step saturating, each shift rounding. */
export interface FixedInput {
  /** 64 bits */
  readonly offset: bigint;
  /** 1 to 2^21 */
  readonly multiplier: number;
  /** 0 to 63 */
  readonly before: number;
  /** 0 to 50 */
  readonly after: number;
}

export interface FixedLayer {
  readonly units: number;
  /** Of the sums of hidden units, which are then held between 0 and 32767; 0 in the last layer. */
  readonly shift: number;
  /** [units, inputs of the layer] of 8 or 16 bits */
  readonly weights: Int16Array;
  /** [units] whole numbers, up to 2^51 */
  readonly biases: Float64Array;
}

export interface FixedModel {
  readonly bits: WeightBits;
  readonly inputs: readonly FixedInput[];
  /** Hidden layers and a last one of one unit. */
  readonly layers: readonly FixedLayer[];
  /** Whole, up to 2^51; the decision is 1 above it. */
  readonly threshold: number;
  /** Log-odds of 1 of the last sum, a float32. */
  readonly logitScale: number;
}

/** Bounds of libml_fixed.h. */
export const FIXED_BOUNDS = {
  layers: 4,
  inputs: 32,
  units: 64,
  shift: 50,
  multiplier: 2 ** 21,
  sum: 2 ** 51,
  words: 960,
} as const;

const MAGIC = 0x31584d4c;
const VERSION = 1;
const [COUNT, LAYERS, INPUTS, BITS, THRESHOLD, LOGIT_SCALE, FIRST_LAYER] = [2, 3, 4, 5, 6, 8, 9];
const SCALE_WORDS = 4;

/** Words of a model with so many inputs and units by layer. */
export function fixedWords(inputs: number, units: readonly number[], bits: WeightBits): number {
  let [words, width] = [FIRST_LAYER + 2 * units.length + SCALE_WORDS * inputs, inputs];
  for (const each of units) {
    words += each * (rowWords(width, bits) + 2);
    width = each;
  }
  return words;
}

/**
 * The words of a model. Failures: `too-large` when there are more than LibML takes, `bad-input` when a number is out of its bounds.
 */
export function packFixed(model: FixedModel): Uint32Array {
  requireBounds(model);
  const { bits, inputs, layers } = model;
  const units = layers.map((layer) => layer.units);
  const count = fixedWords(inputs.length, units, bits);
  const words = new Uint32Array(count);
  words.set([MAGIC, VERSION, count, layers.length, inputs.length, bits]);
  setLong(words, THRESHOLD, BigInt(model.threshold));
  words[LOGIT_SCALE] = bitsOf(model.logitScale);
  words.set(
    layers.flatMap((layer) => [layer.units, layer.shift]),
    FIRST_LAYER,
  );
  let at = FIRST_LAYER + 2 * layers.length;
  for (const { offset, multiplier, before, after } of inputs) {
    setLong(words, at, offset);
    words.set([multiplier, before | (after << 8)], at + 2);
    at += SCALE_WORDS;
  }
  let width = inputs.length;
  for (const layer of layers) {
    at = packLayer(words, at, layer, width, bits);
    width = layer.units;
  }
  return words;
}

/** The model that these words are. Failure `bad-input` when they are none, as libml_fixed_check() has it. */
export function unpackFixed(words: Uint32Array): FixedModel {
  requireSound(
    words.length >= FIRST_LAYER && words[0] === MAGIC && words[1] === VERSION,
    'it is no fixed-point model of this version',
  );
  const [layers, inputs, bits] = [words[LAYERS]!, words[INPUTS]!, words[BITS]!];
  requireSound(
    isWithin(layers, 1, FIXED_BOUNDS.layers) &&
      isWithin(inputs, 1, FIXED_BOUNDS.inputs) &&
      (bits === 8 || bits === 16) &&
      words.length >= FIRST_LAYER + 2 * layers,
    'its sizes are out of bounds',
  );
  const weightBits = bits as WeightBits;
  const units = Array.from({ length: layers }, (_, layer) => words[FIRST_LAYER + 2 * layer]!);
  requireSound(
    units.every((each) => isWithin(each, 1, FIXED_BOUNDS.units)) &&
      words[COUNT] === words.length &&
      fixedWords(inputs, units, weightBits) === words.length,
    'its sizes do not fit the words that there are',
  );
  let at = FIRST_LAYER + 2 * layers;
  const scales = Array.from({ length: inputs }, (_, input) => unpackedInput(words, at + SCALE_WORDS * input));
  at += SCALE_WORDS * inputs;
  let width = inputs;
  const unpacked = units.map((each, layer): FixedLayer => {
    const shift = words[FIRST_LAYER + 2 * layer + 1]!;
    const found = { units: each, shift, ...unpackedLayer(words, at, each, width, weightBits) };
    at += each * (rowWords(width, weightBits) + 2);
    width = each;
    return found;
  });
  const model = {
    bits: weightBits,
    inputs: scales,
    layers: unpacked,
    threshold: Number(longAt(words, THRESHOLD)),
    logitScale: floatOf(words[LOGIT_SCALE]!),
  };
  requireBounds(model);
  return model;
}

function rowWords(width: number, bits: WeightBits): number {
  return Math.ceil((width * bits) / 32);
}

function packLayer(
  words: Uint32Array,
  first: number,
  { units, weights, biases }: FixedLayer,
  width: number,
  bits: WeightBits,
): number {
  const [perWord, mask, row] = [32 / bits, 2 ** bits - 1, rowWords(width, bits)];
  for (let unit = 0; unit < units; unit += 1) {
    for (let input = 0; input < width; input += 1) {
      const at = first + unit * row + Math.floor(input / perWord);
      words[at]! |= (weights[unit * width + input]! & mask) << (bits * (input % perWord));
    }
    setLong(words, first + units * row + 2 * unit, BigInt(biases[unit]!));
  }
  return first + units * (row + 2);
}

function unpackedLayer(words: Uint32Array, first: number, units: number, width: number, bits: WeightBits) {
  const [perWord, row] = [32 / bits, rowWords(width, bits)];
  const weights = Int16Array.from({ length: units * width }, (_, at) => {
    const input = at % width;
    const word = words[first + Math.floor(at / width) * row + Math.floor(input / perWord)]!;
    // Up to the sign, and back with it.
    return (word << (32 - bits * ((input % perWord) + 1))) >> (32 - bits);
  });
  const biases = Float64Array.from({ length: units }, (_, unit) =>
    Number(longAt(words, first + units * row + 2 * unit)),
  );
  return { weights, biases };
}

function unpackedInput(words: Uint32Array, at: number): FixedInput {
  const shifts = words[at + 3]!;
  return {
    offset: longAt(words, at),
    multiplier: words[at + 2]!,
    before: shifts & 255,
    // With whatever else is there: then it is out of bounds.
    after: shifts >>> 8,
  };
}

function requireBounds({ bits, inputs, layers, threshold, logitScale }: FixedModel): void {
  const units = layers.map((layer) => layer.units);
  requireSound(
    isWithin(layers.length, 1, FIXED_BOUNDS.layers) &&
      isWithin(inputs.length, 1, FIXED_BOUNDS.inputs) &&
      units.every((each) => isWithin(each, 1, FIXED_BOUNDS.units)) &&
      units.at(-1) === 1,
    `in whole numbers it takes 1 to ${FIXED_BOUNDS.inputs} inputs, up to ${FIXED_BOUNDS.layers - 1} hidden layers of up to ${FIXED_BOUNDS.units} units and an output`,
  );
  const count = fixedWords(inputs.length, units, bits);
  if (count > FIXED_BOUNDS.words) {
    throw new Failure(
      'too-large',
      `In whole numbers of ${bits} bits this model takes ${4 * count} bytes, and LibML takes ${4 * FIXED_BOUNDS.words} at most. Take ${bits === 16 ? 'weights of 8 bits or ' : ''}fewer units.`,
    );
  }
  requireSound(isSum(threshold) && Number.isFinite(logitScale), 'its threshold is out of bounds');
  requireSound(inputs.every(isInput), 'a scale of an input is out of bounds');
  for (const [at, layer] of layers.entries()) {
    const [width, isLast] = [at === 0 ? inputs.length : units[at - 1]!, at + 1 === layers.length];
    requireSound(
      isWithin(layer.shift, 0, isLast ? 0 : FIXED_BOUNDS.shift) &&
        layer.weights.length === width * layer.units &&
        layer.biases.length === layer.units &&
        layer.weights.every((weight) => isWithin(weight, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)) &&
        layer.biases.every(isSum),
      `a number of layer ${at + 1} is out of bounds`,
    );
  }
}

function isInput({ offset, multiplier, before, after }: FixedInput): boolean {
  return (
    offset >= LONG_MIN &&
    offset <= LONG_MAX &&
    isWithin(multiplier, 1, FIXED_BOUNDS.multiplier) &&
    isWithin(before, 0, 63) &&
    isWithin(after, 0, FIXED_BOUNDS.shift)
  );
}

function isSum(value: number): boolean {
  return isWithin(value, -FIXED_BOUNDS.sum, FIXED_BOUNDS.sum);
}
