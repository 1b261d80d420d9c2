/** From a trained network or linear model to one in whole numbers. */
import { Failure } from '../base/errors.js';
import type { DeployableModel, RawRows } from '../learning/migrations/deployableModel.js';
import { fixedAnswers, fixedInputs } from './fixedInterpreter.js';
import { packFixed, type FixedModel, type WeightBits } from './fixedModel.js';
import { fixedModelOf, type Choice, type Ranges, type RealNetwork } from './fixedScales.js';
import { floatAnswers, layersOf, packFloat } from './floatReference.js';
import { nudged } from './nudging.js';
import type { Answers } from './wholeRows.js';

/** On which of the same rows two models decide alike. */
export interface Agreement {
  readonly rows: number;
  readonly agreeing: number;
  /** Of the rows; 1 where there are none. */
  readonly share: number;
  /** Numbers of the rows that they decide differently on, ascending. */
  readonly differing: Uint32Array;
}

export interface Quantised {
  readonly model: FixedModel;
  /** Of media/libml/libml_fixed.h. */
  readonly words: Uint32Array;
  /** With the float32 reference, on the calibration rows. */
  readonly agreement: Agreement;
}

/** Rows that choices are compared on; among them are those that are nearest to the threshold. */
const SEARCHED_ROWS = 4096;

/** Deviations from the mean. Columns of durations have a few values hundreds away, and what matters close by. */
const REACHES = [Infinity, 32, 8, 4, 2, 1, 0.5, 0.25, 0.1] as const;
/** Of the rows, those that no input saturates for, to begin with. */
const STARTS = [1, 0.999, 0.99] as const;
const SHARES = [0, 0.5, 1].flatMap((inputs) =>
  [0, 1].flatMap((units) => [0, 0.5].map((next) => ({ inputs, units, next }))),
);

/**
 * The model in whole numbers that decides as the float32 reference on most of the calibration rows, of those that sharing out the
 * bits in different ways gives; of equally good ones the one whose sums are nearest. Then weights go a step up or down where
 * that brings them nearer. Failures: `bad-input` when the model is a tree, is not sound or there are no rows; `too-large` when
 * it takes more words than LibML has room for.
 */
export function quantise(
  model: DeployableModel,
  calibrationRows: RawRows,
  { bits }: { readonly bits: WeightBits },
): Quantised {
  if (calibrationRows.rows === 0) {
    throw new Failure('bad-input', 'There are no rows to choose the scales of whole numbers from.');
  }
  const network = { features: model.features, layers: layersOf(model), threshold: model.threshold };
  const float = floatAnswers(packFloat(model), calibrationRows);
  const ranges = rangesOf(network, calibrationRows);
  const places = searchedRows(float, model.threshold);
  const [rows, wanted] = [picked(calibrationRows, places), pickedAnswers(float, places)];
  const search = new Search((choice) => fixedModelOf(network, ranges, bits, choice), rows, wanted);
  const distances = sortedDistances(network, calibrationRows);
  for (const share of STARTS)
    search.tryShares(distances.map((each) => each[Math.round(share * (each.length - 1))]!));
  search.tryReaches(distances.map((each) => each.at(-1)!));
  search.tryShares(search.best.choice.reaches);
  const rounded = search.best.model;
  const models = [rounded, nudged(rounded, fixedInputs(rounded, rows), wanted.logits)];
  // Judged on all rows: those that were searched are not like all.
  const [first, second] = models.map((each) => {
    const answers = fixedAnswers(each, calibrationRows);
    return { model: each, answers, cost: costOf(float, answers, each.logitScale) };
  }) as [Judged, Judged];
  const { model: found, answers } = isLess(second.cost, first.cost) ? second : first;
  return { model: found, words: packFixed(found), agreement: agreementOf(float, answers) };
}

interface Judged {
  readonly model: FixedModel;
  readonly answers: Answers;
  readonly cost: Cost;
}

/** On which rows two models decide alike that were asked about the same ones. */
export function agreementOf(one: Answers, other: Answers): Agreement {
  const rows = one.decisions.length;
  const differing = new Uint32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    if (one.decisions[row] !== other.decisions[row]) differing[count++] = row;
  }
  const agreeing = rows - count;
  return { rows, agreeing, share: rows === 0 ? 1 : agreeing / rows, differing: differing.slice(0, count) };
}

interface Cost {
  readonly differing: number;
  /** Sum of squares of the differences of log-odds. */
  readonly error: number;
}

function costOf(float: Answers, fixed: Answers, logitScale: number): Cost {
  let [differing, error] = [0, 0];
  for (let row = 0; row < float.logits.length; row += 1) {
    differing += Number(float.decisions[row] !== fixed.decisions[row]);
    error += (fixed.logits[row]! * logitScale - float.logits[row]!) ** 2;
  }
  return { differing, error };
}

function isLess(one: Cost, other: Cost): boolean {
  return one.differing !== other.differing ? one.differing < other.differing : one.error < other.error;
}

interface Found {
  readonly choice: Choice;
  readonly model: FixedModel;
  readonly cost: Cost;
}

/** Keeps the best of the choices that were tried. */
class Search {
  #best: Found | undefined;

  constructor(
    private readonly modelOf: (choice: Choice) => FixedModel,
    private readonly rows: RawRows,
    private readonly wanted: Answers,
  ) {}

  get best(): Found {
    return this.#best!;
  }

  tryShares(reaches: readonly number[]): void {
    for (const shares of SHARES) this.#try({ ...shares, reaches });
  }

  /** One input after the other. @param widest [features] how far values go, in deviations */
  tryReaches(widest: readonly number[]): void {
    for (const [input, most] of widest.entries()) {
      for (const reach of REACHES) {
        if (reach < most)
          this.#try({ ...this.best.choice, reaches: this.best.choice.reaches.with(input, reach) });
      }
    }
  }

  #try(choice: Choice): void {
    const model = this.modelOf(choice);
    // Before anything is asked of it: what is out of bounds is told.
    packFixed(model);
    const cost = costOf(this.wanted, fixedAnswers(model, this.rows), model.logitScale);
    if (this.#best === undefined || isLess(cost, this.#best.cost)) this.#best = { choice, model, cost };
  }
}

/** [features] of all rows how far each is from the mean, in deviations, ascending. */
function sortedDistances({ features }: RealNetwork, { rows, values }: RawRows): Float64Array[] {
  const width = features.length;
  return features.map(({ mean, deviation }, at) =>
    Float64Array.from(
      { length: rows },
      (_, row) => Math.abs(values[row * width + at]! - mean) / deviation,
    ).sort(),
  );
}

function rangesOf({ features, layers }: RealNetwork, { rows, values }: RawRows): Ranges {
  const width = features.length;
  const [least, most] = [new Array<number>(width).fill(Infinity), new Array<number>(width).fill(-Infinity)];
  const activations = layers.slice(0, -1).map(({ units }) => new Array<number>(units).fill(0));
  const scaled = new Float64Array(width);
  for (let row = 0; row < rows; row += 1) {
    for (const [input, { mean, deviation }] of features.entries()) {
      const value = values[row * width + input]!;
      least[input] = Math.min(least[input]!, value);
      most[input] = Math.max(most[input]!, value);
      scaled[input] = (value - mean) / deviation;
    }
    let from: Float64Array = scaled;
    for (const [at, mostOfUnits] of activations.entries()) {
      from = activated(layers[at]!, from);
      for (const [unit, value] of from.entries()) mostOfUnits[unit] = Math.max(mostOfUnits[unit]!, value);
    }
  }
  return { least, most, activations };
}

function activated(
  { units, weights, biases }: RealNetwork['layers'][number],
  from: Float64Array,
): Float64Array {
  const width = from.length;
  return Float64Array.from({ length: units }, (_, unit) => {
    let sum = biases[unit]!;
    for (let input = 0; input < width; input += 1) sum += weights[unit * width + input]! * from[input]!;
    return Math.max(0, sum);
  });
}

/** Half of them the rows whose log-odds are nearest to the threshold, half spread over all; ascending. */
function searchedRows({ logits }: Answers, threshold: number): Uint32Array {
  const all = Uint32Array.from(logits, (_, row) => row);
  if (all.length <= SEARCHED_ROWS) return all;
  const near = all
    .slice()
    .sort((a, b) => Math.abs(logits[a]! - threshold) - Math.abs(logits[b]! - threshold));
  const half = SEARCHED_ROWS / 2;
  const spread = Array.from({ length: half }, (_, at) => Math.floor((at * all.length) / half));
  return Uint32Array.from(new Set([...near.subarray(0, half), ...spread])).sort();
}

function picked({ rows, values }: RawRows, chosen: Uint32Array): RawRows {
  const width = values.length / rows;
  const own = new Float64Array(chosen.length * width);
  for (const [at, row] of chosen.entries()) {
    own.set(values.subarray(row * width, (row + 1) * width), at * width);
  }
  return { rows: chosen.length, values: own };
}

function pickedAnswers({ logits, decisions }: Answers, chosen: Uint32Array): Answers {
  return {
    logits: Float64Array.from(chosen, (row) => logits[row]!),
    decisions: Uint8Array.from(chosen, (row) => decisions[row]!),
  };
}
