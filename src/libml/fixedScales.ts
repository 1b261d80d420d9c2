/**
 * Scales of a network in whole numbers. Every input and every unit has one of its own, because what a unit is multiplied with the
 * weights that read it can be divided by: the units are rectified linear (Nagel et al. 2019, "Data-free quantization through
 * weight equalization and bias correction", section 4.1).
 */
import type { DenseLayer, DeployableFeature } from '../learning/migrations/deployableModel.js';
import {
  FIXED_BOUNDS,
  type FixedInput,
  type FixedLayer,
  type FixedModel,
  type WeightBits,
} from './fixedModel.js';

/** What a network is to be in whole numbers. */
export interface RealNetwork {
  readonly features: readonly DeployableFeature[];
  readonly layers: readonly DenseLayer[];
  readonly threshold: number;
}

/** What is known of the rows that it will see. */
export interface Ranges {
  /** [features] least and most raw value */
  readonly least: readonly number[];
  readonly most: readonly number[];
  /** [hidden layers][units] most that a unit gives */
  readonly activations: readonly (readonly number[])[];
}

/** How to share out the bits; which is best hangs on the network. */
export interface Choice {
  /** [features] deviations from the mean beyond which each saturates */
  readonly reaches: readonly number[];
  /** 0: every input has all 16 bits. 1: as few as make the weights that read it as long as others. */
  readonly inputs: number;
  /** 0: one scale for the units of a layer. 1: each unit's longest weight has all bits. */
  readonly units: number;
  /** 0: as that. 0.5: half of the way to weights of the next layer that are equally long. */
  readonly next: number;
}

/** Values of 16 bits, and a little room for rows that go further than those known. */
const MOST_ACTIVATION = 32767 / 1.05;
/** Of an input that hardly varies, in deviations: values beyond those known are told apart, too. */
const LEAST_REACH = 2;

export function fixedModelOf(
  network: RealNetwork,
  ranges: Ranges,
  bits: WeightBits,
  choice: Choice,
): FixedModel {
  const { features, layers, threshold } = network;
  const [mostWeight, first] = [2 ** (bits - 1) - 1, layers[0]!];
  const inputs = inputScales(features, ranges, longestByInput(first, features.length, choice.units), choice);
  // What a real value is multiplied with to be the whole number that stands for it.
  let scales = inputs.map(({ perValue }, at) => perValue * features[at]!.deviation);
  let layer: DenseLayer = { ...first, biases: shiftedBiases(first, features, inputs) };
  const fixed: FixedLayer[] = [];
  for (let at = 0; at + 1 < layers.length; at += 1) {
    const next = layers[at + 1]!;
    const made = hiddenLayer(layer, scales, { next, most: ranges.activations[at]!, mostWeight, choice });
    fixed.push(made.layer);
    scales = made.scales;
    layer = next;
  }
  const longest = Math.max(...layer.weights.map((weight, at) => Math.abs(weight) / scales[at]!));
  const scale = held(longest === 0 ? 1 : mostWeight / longest, [...layer.biases, threshold]);
  fixed.push(wholeLayer(layer, scales, [scale], 0));
  return {
    ...{ bits, inputs: inputs.map(({ input }) => input), layers: fixed },
    // A whole sum is above this when it is above the product.
    threshold: Math.floor(threshold * scale),
    logitScale: Math.fround(1 / scale),
  };
}

interface ScaledInput {
  readonly input: FixedInput;
  /** Whole numbers that one of the raw value is. */
  readonly perValue: number;
}

/** @param longest [features] the longest weight that reads each */
function inputScales(
  features: readonly DeployableFeature[],
  { least, most }: Ranges,
  longest: readonly number[],
  { reaches, inputs }: Choice,
): ScaledInput[] {
  const spans = features.map(({ mean, deviation }, at) => {
    const reach = reaches[at]! * deviation;
    const from = Math.max(least[at]!, Math.floor(mean - reach));
    const to = Math.min(most[at]!, Math.ceil(mean + reach));
    const offset = Math.round(from + (to - from) / 2);
    return {
      offset,
      half: Math.max(to - offset, offset - from, Math.min(LEAST_REACH, reaches[at]!) * deviation),
    };
  });
  const full = spans.map(({ half }, at) => (MOST_ACTIVATION * features[at]!.deviation) / half);
  const used = longest.flatMap((each, at) => (each === 0 ? [] : [full[at]! / each]));
  const common = Math.min(...used);
  return spans.map(({ offset, half }, at) => {
    const equal = longest[at] === 0 || used.length === 0 ? full[at]! : common * longest[at]!;
    const wanted = full[at]! ** (1 - inputs) * equal ** inputs;
    return scaleOf(offset, half, wanted / features[at]!.deviation);
  });
}

/** A multiplier of 21 bits and shifts next to a factor. */
function scaleOf(offset: number, half: number, factor: number): ScaledInput {
  const before = Math.min(63, Math.max(0, Math.ceil(Math.log2(half)) - 31));
  const wanted = factor * 2 ** before;
  const after = Math.min(
    FIXED_BOUNDS.shift,
    Math.max(0, Math.floor(Math.log2(FIXED_BOUNDS.multiplier / wanted))),
  );
  const multiplier = Math.min(FIXED_BOUNDS.multiplier, Math.max(1, Math.round(wanted * 2 ** after)));
  return {
    input: { offset: BigInt(offset), multiplier, before, after },
    perValue: multiplier / 2 ** (before + after),
  };
}

/** The longest weight that reads each input, units being made as long as each other as far as the choice says. */
function longestByInput({ units, weights }: DenseLayer, width: number, equal: number): number[] {
  const longest = new Array<number>(width).fill(0);
  for (let unit = 0; unit < units; unit += 1) {
    const row = weights.slice(unit * width, (unit + 1) * width).map(Math.abs);
    const most = Math.max(...row);
    if (most === 0) continue;
    for (const [input, weight] of row.entries()) {
      longest[input] = Math.max(longest[input]!, weight / most ** equal);
    }
  }
  return longest;
}

/** Inputs are counted from their offsets, not from their means. */
function shiftedBiases(
  { units, weights, biases }: DenseLayer,
  features: readonly DeployableFeature[],
  inputs: readonly ScaledInput[],
): number[] {
  const width = features.length;
  const apart = features.map(
    ({ mean, deviation }, at) => (Number(inputs[at]!.input.offset) - mean) / deviation,
  );
  return Array.from({ length: units }, (_, unit) =>
    apart.reduce((sum, each, input) => sum + each * weights[unit * width + input]!, biases[unit]!),
  );
}

interface HiddenOptions {
  readonly next: DenseLayer;
  /** [units] */
  readonly most: readonly number[];
  readonly mostWeight: number;
  readonly choice: Choice;
}

function hiddenLayer(
  layer: DenseLayer,
  scales: readonly number[],
  { next, most, mostWeight, choice }: HiddenOptions,
) {
  const width = scales.length;
  const longest = Array.from({ length: layer.units }, (_, unit) =>
    Math.max(...scales.map((scale, input) => Math.abs(layer.weights[unit * width + input]!) / scale)),
  );
  const longestOfAll = Math.max(...longest, Number.MIN_VALUE);
  const own = longest.map(
    (each) => mostWeight / ((each || longestOfAll) ** choice.units * longestOfAll ** (1 - choice.units)),
  );
  // How long the weights of the next layer become that read a unit.
  const read = longestByInput(next, layer.units, 1).map((each, unit) => each / own[unit]!);
  const mostRead = Math.max(...read, Number.MIN_VALUE);
  const wanted = own.map((each, unit) =>
    held(each * ((read[unit]! || mostRead) / mostRead) ** choice.next, [layer.biases[unit]!]),
  );
  const mostSum = Math.max(...wanted.map((each, unit) => each * most[unit]!), 1);
  const shift = Math.min(FIXED_BOUNDS.shift, Math.max(0, Math.ceil(Math.log2(mostSum / MOST_ACTIVATION))));
  return {
    layer: wholeLayer(layer, scales, wanted, shift),
    scales: wanted.map((each) => each / 2 ** shift),
  };
}

/** @param scales of what it reads @param wanted of the sums of its units */
function wholeLayer(
  { units, weights, biases }: DenseLayer,
  scales: readonly number[],
  wanted: readonly number[],
  shift: number,
): FixedLayer {
  const width = scales.length;
  return {
    ...{ units, shift },
    weights: Int16Array.from(weights, (weight, at) =>
      Math.round((weight / scales[at % width]!) * wanted[Math.floor(at / width)]!),
    ),
    biases: Float64Array.from(biases, (bias, unit) => Math.round(bias * wanted[unit]!)),
  };
}

/** A scale, or the largest one that keeps these numbers within the bounds of sums. */
function held(scale: number, numbers: readonly number[]): number {
  const most = Math.max(...numbers.map(Math.abs), Number.MIN_VALUE);
  return Math.min(scale, FIXED_BOUNDS.sum / 2 / most);
}
