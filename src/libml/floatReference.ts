/**
 * Networks and linear models in float32: their words as media/libml/libml.h and libml_scaling.h have them, and the reference of
 * what they say, to the bit: each operation rounded to float32 in the library's order.
 */
import type { DeployableModel, DenseLayer } from '../learning/migrations/deployableModel.js';
import { bitsOf, floatOf, isWithin, longAt, requireSound, setLong } from './libmlWords.js';
import { saturatingLess, type Answers, type WholeRows } from './wholeRows.js';

/** Words of libml_scaling.h and of a network of libml.h. */
export interface PackedFloat {
  readonly scaling: Uint32Array;
  readonly network: Uint32Array;
}

const SCALING_MAGIC = 0x31534d4c;
const NETWORK_MAGIC = 0x314c4d4c;
const VERSION = 1;
const [SCALING_FIRST, INPUT_WORDS] = [4, 4];
const [LAYERS, INPUTS, THRESHOLD, FIRST_LAYER] = [3, 4, 5, 6];
const [RELU, SIGMOID] = [1, 2];
const BOUNDS = { layers: 4, units: 256 } as const;
/** A float32 below it is denormal. */
const LEAST_NORMAL = 2 ** -126;

/** The layers of a network; a linear model is one of one layer. Failure `bad-input` for a tree, or where sizes do not fit. */
export function layersOf({ features, body }: DeployableModel): readonly DenseLayer[] {
  requireSound(body.kind !== 'tree', 'it is a tree, which has no layers');
  const layers =
    body.kind === 'mlp'
      ? body.layers
      : body.kind === 'linear'
        ? [{ units: 1, weights: body.weights, biases: [body.bias] }]
        : [];
  let width = features.length;
  for (const [at, { units, weights, biases }] of layers.entries()) {
    requireSound(
      weights.length === units * width && biases.length === units,
      `layer ${at + 1} has other numbers of weights than its sizes ask for`,
    );
    requireSound(
      [...weights, ...biases].every((each) => Number.isFinite(Math.fround(each))),
      `a weight of layer ${at + 1} is no number`,
    );
    width = units;
  }
  requireSound(width === 1 && layers.length > 0, 'its last layer has not one unit');
  return layers;
}

/** Failure `bad-input` when the model is a tree, has too many layers or units, or a number that is none. */
export function packFloat(model: DeployableModel): PackedFloat {
  const { features, threshold } = model;
  const layers = layersOf(model);
  requireSound(
    layers.length <= BOUNDS.layers &&
      [features.length, ...layers.map(({ units }) => units)].every((each) => isWithin(each, 1, BOUNDS.units)),
    `it takes up to ${BOUNDS.layers} layers and ${BOUNDS.units} units in each`,
  );
  requireSound(Number.isFinite(Math.fround(threshold)), 'its threshold is no number');
  const weights = layers.flatMap((layer) => [...layer.weights, ...layer.biases]);
  const count = FIRST_LAYER + 2 * layers.length + weights.length;
  const network = new Uint32Array(count);
  network.set([NETWORK_MAGIC, VERSION, count, layers.length, features.length, bitsOf(threshold)]);
  const sizes = layers.flatMap(({ units }, at) => [units, at + 1 < layers.length ? RELU : SIGMOID]);
  network.set([...sizes, ...weights.map(bitsOf)], FIRST_LAYER);
  return { scaling: packScaling(model), network };
}

function packScaling({ features }: DeployableModel): Uint32Array {
  const count = SCALING_FIRST + INPUT_WORDS * features.length;
  const words = new Uint32Array(count);
  words.set([SCALING_MAGIC, VERSION, count, features.length]);
  for (const [at, { name, mean, deviation }] of features.entries()) {
    requireSound(
      Number.isFinite(mean) && Math.abs(mean) < 2 ** 63 && Number.isFinite(Math.fround(deviation)),
      `mean or deviation of ${name} is no number`,
    );
    requireSound(deviation >= LEAST_NORMAL, `the deviation of ${name} is not above 0`);
    const whole = Math.round(mean);
    const word = SCALING_FIRST + INPUT_WORDS * at;
    setLong(words, word, BigInt(whole));
    words.set([bitsOf(mean - whole), bitsOf(deviation)], word + 2);
  }
  return words;
}

/** What a network says of rows: logits are float32, what goes into its sigmoid. The words are as `packFloat` gives them. */
export function floatAnswers({ scaling, network }: PackedFloat, { rows, values }: WholeRows): Answers {
  const scales = scalesOf(scaling);
  const layers = unpackedLayers(network);
  const threshold = floatOf(network[THRESHOLD]!);
  const width = scales.length;
  const from = new Float32Array(width);
  const [logits, decisions] = [new Float64Array(rows), new Uint8Array(rows)];
  for (let row = 0; row < rows; row += 1) {
    for (let input = 0; input < width; input += 1) {
      from[input] = scaledBy(scales[input]!, values[row * width + input]!);
    }
    let activations: Float32Array = from;
    for (const layer of layers) activations = sums(layer, activations);
    logits[row] = activations[0]!;
    decisions[row] = Number(activations[0]! > threshold);
  }
  return { logits, decisions };
}

interface FloatLayer {
  readonly units: number;
  readonly isLast: boolean;
  readonly weights: Float32Array;
  readonly biases: Float32Array;
  readonly to: Float32Array;
}

function unpackedLayers(network: Uint32Array): FloatLayer[] {
  const count = network[LAYERS]!;
  let [at, width] = [FIRST_LAYER + 2 * count, network[INPUTS]!];
  return Array.from({ length: count }, (_, layer) => {
    const units = network[FIRST_LAYER + 2 * layer]!;
    const weights = Float32Array.from(network.subarray(at, at + units * width), floatOf);
    at += units * width;
    const biases = Float32Array.from(network.subarray(at, at + units), floatOf);
    at += units;
    width = units;
    return { units, isLast: layer + 1 === count, weights, biases, to: new Float32Array(units) };
  });
}

/** In the library's order: the bias first, then input by input; products are rounded before they are added. */
function sums({ units, isLast, weights, biases, to }: FloatLayer, from: Float32Array): Float32Array {
  const width = from.length;
  for (let unit = 0, at = 0; unit < units; unit += 1) {
    let sum = biases[unit]!;
    for (let input = 0; input < width; input += 1, at += 1) {
      sum = Math.fround(sum + Math.fround(weights[at]! * from[input]!));
    }
    to[unit] = isLast || sum > 0 ? sum : 0;
  }
  return to;
}

interface Scale {
  readonly whole: bigint;
  readonly wholeNumber: number;
  readonly rest: number;
  readonly deviation: number;
}

function scalesOf(scaling: Uint32Array): Scale[] {
  return Array.from({ length: scaling[3]! }, (_, input) => {
    const at = SCALING_FIRST + INPUT_WORDS * input;
    const whole = longAt(scaling, at);
    const [rest, deviation] = [floatOf(scaling[at + 2]!), floatOf(scaling[at + 3]!)];
    return { whole, wholeNumber: Number(whole), rest, deviation };
  });
}

/** Whole numbers up to it are exact. */
const SAFE = 2 ** 52;

function scaledBy({ whole, wholeNumber, rest, deviation }: Scale, value: number | bigint): number {
  const isSafe = typeof value === 'number' && Math.abs(value) <= SAFE && Math.abs(wholeNumber) <= SAFE;
  const less = isSafe ? Math.fround(value - wholeNumber) : nextFloat(saturatingLess(BigInt(value), whole));
  return Math.fround(Math.fround(less - rest) / deviation);
}

/** The float32 next to a number of 64 bits, rounded once: what a double cannot hold is marked in its lowest bit. */
function nextFloat(value: bigint): number {
  if (value >= -(2n ** 53n) && value <= 2n ** 53n) return Math.fround(Number(value));
  const kept = value >> 12n;
  const isRest = kept << 12n !== value;
  return Math.fround(Number(isRest ? kept | 1n : kept)) * 2 ** 12;
}
