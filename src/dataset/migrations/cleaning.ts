/**
 * From labelled calls to what a model is given, in the order of the thesis (4.1.1): to float; as many of either class; columns
 * without variance out; invalid rows out; normalised by column.
 */
import { Failure } from '../../base/errors.js';
import { Permutation } from '../chance.js';
import { Moments } from '../standardisation.js';
import type { FeatureTable, Labelled, MigrationSet } from './migrationSet.js';
import { allRows, columnOf } from './setColumns.js';
import { validityOf, type Validity } from './validity.js';

/** `half`: of the more frequent class as many rows are drawn as there are of the other. */
export type Balance = 'natural' | 'half';

export interface CleaningOptions {
  /** Inputs, in the order in which the model is given them. */
  readonly columns: readonly string[];
  /** Ascending. */
  readonly trainRows: Uint32Array;
  readonly balance: Balance;
  /** Of the draw for the balance. */
  readonly seed: number;
  /**
   * What balance, variance and normalisation are worked out from. `all`: as the thesis did it, which lets training know of
   * the test.
   */
  readonly fitOn: 'train' | 'all';
  /** With `fitOn: 'all'`, the rows that are meant; else all of the set. */
  readonly allRows?: Uint32Array | undefined;
  /** `invalid` unless told. */
  readonly neverRan?: 'invalid' | 'valid' | undefined;
}

/** What one step did to the rows that everything is worked out from. */
export interface CleaningStep {
  readonly name: 'float' | 'balance' | 'variance' | 'invalid' | 'normalise';
  /** What is left behind it. */
  readonly rows: number;
  readonly positives: number;
  readonly columns: number;
  /** Columns by name; rows as `1,204 negatives` or `58 rows: never ran (start_runtime is 0)`. */
  readonly left: readonly string[];
}

export interface ColumnScaling {
  readonly name: string;
  readonly mean: number;
  /** Of the population. 0: the column became constant when invalid rows went; its feature is 0 throughout. */
  readonly deviation: number;
}

/** Rows as a model is given them. */
export interface CleanedTable {
  /** Which rows of the set they are, ascending. */
  readonly rows: Uint32Array;
  /** Normalised, and as recorded. */
  readonly features: FeatureTable;
  readonly raw: FeatureTable;
  /** [rows] 1: positive */
  readonly labels: Uint8Array;
  readonly positives: number;
  /** [rows] history groups, for intervals over groups */
  readonly groups: Uint32Array;
  /** Rows that were asked for and left out as invalid. */
  readonly invalid: number;
}

export interface Cleaned {
  readonly steps: readonly CleaningStep[];
  /** Those that are left. */
  readonly columns: readonly string[];
  readonly scaling: readonly ColumnScaling[];
  /** What makes both classes of the training rows count alike; of balanced rows nearly [1, 1]. */
  readonly classWeights: readonly [number, number];
  readonly train: CleanedTable;
  /**
   * Other rows (ascending) with the same columns and the same scaling, invalid ones left out; at natural prevalence unless
   * asked otherwise. With `fitOn: 'all'`, `half` means those that the one draw over all rows kept.
   */
  readonly table: (rows: Uint32Array, balance?: Balance) => CleanedTable;
}

/** Of the draw, so that it is none of the split's. */
const DRAW_BALANCE = 11;

/**
 * Failures: `bad-input` (no rows; one class only where halves are asked for; no column with variance; nothing valid),
 * `wrong-usage` (no such column).
 */
export function cleaned(set: MigrationSet, { labels, groups }: Labelled, options: CleaningOptions): Cleaned {
  const { trainRows, balance, seed, fitOn } = options;
  const fitRows = fitOn === 'all' ? (options.allRows ?? allRows(set)) : trainRows;
  const fit = cleanRows(set, labels, { ...options, rows: fitRows });
  const scaling = fit.columns.map((name) => scalingOf(name, columnOf(set, name), fit.rows));
  const constant = scaling.filter(({ deviation }) => deviation === 0).map(({ name }) => name);
  const steps = [...fit.steps, { ...fit.steps.at(-1)!, name: 'normalise' as const, left: constant }];
  const drawn = fitOn === 'all' && balance === 'half' ? maskOf(set, fit.drawn) : undefined;

  const table = (rows: Uint32Array, wanted: Balance = 'natural'): CleanedTable => {
    const chosen =
      wanted === 'natural'
        ? rows
        : drawn === undefined
          ? halved(labels, rows, seed)
          : rows.filter((row) => drawn[row] === 1);
    const valid = chosen.filter((row) => fit.validity.reason[row] === 0);
    const ofRows = Uint8Array.from(valid, (row) => labels[row]!);
    return {
      rows: valid,
      ...featuresOf(set, valid, scaling),
      labels: ofRows,
      positives: countOf(labels, valid),
      groups: Uint32Array.from(valid, (row) => groups[row]!),
      invalid: chosen.length - valid.length,
    };
  };
  const train = table(trainRows, balance);
  return { steps, columns: fit.columns, scaling, classWeights: weightsOf(train), train, table };
}

export interface CleanRowsOptions extends Pick<CleaningOptions, 'columns' | 'balance' | 'seed' | 'neverRan'> {
  readonly rows: Uint32Array;
}

export interface CleanRows {
  /** Ascending. */
  readonly rows: Uint32Array;
  /** Those that the balance left, invalid ones among them. */
  readonly drawn: Uint32Array;
  readonly columns: readonly string[];
  readonly steps: readonly CleaningStep[];
  readonly validity: Validity;
}

/** All steps but the normalisation. Failures: those of `cleaned`. */
export function cleanRows(set: MigrationSet, labels: Uint8Array, options: CleanRowsOptions): CleanRows {
  const { rows, columns, balance, seed, neverRan = 'invalid' } = options;
  if (rows.length === 0) throw new Failure('bad-input', 'There are no calls to learn from.');
  const steps: CleaningStep[] = [];
  const step = (name: CleaningStep['name'], of: Uint32Array, count: number, left: readonly string[]) => {
    steps.push({ name, rows: of.length, positives: countOf(labels, of), columns: count, left });
  };
  for (const name of columns) columnOf(set, name);
  step('float', rows, columns.length, malformedOf(set, rows));
  const drawn = balance === 'half' ? halved(labels, rows, seed) : rows;
  step('balance', drawn, columns.length, leftByBalance(labels, rows, drawn));
  const varying = columns.filter((name) => isVarying(columnOf(set, name), drawn));
  if (varying.length === 0) {
    throw new Failure(
      'bad-input',
      `None of these columns differs between the ${n(drawn.length)} calls: ${columns.join(', ')}.`,
    );
  }
  step(
    'variance',
    drawn,
    varying.length,
    columns.filter((name) => !varying.includes(name)),
  );
  const validity = validityOf(set, varying, neverRan);
  const valid = drawn.filter((row) => validity.reason[row] === 0);
  const invalid = leftAsInvalid(validity, drawn);
  if (valid.length === 0) {
    throw new Failure('bad-input', `None of the ${n(drawn.length)} calls is valid: ${invalid.join('; ')}.`);
  }
  step('invalid', valid, varying.length, invalid);
  return { rows: valid, drawn, columns: varying, steps, validity };
}

/** Lines that could not be made numbers, of the recordings that the rows are of. */
function malformedOf(set: MigrationSet, rows: Uint32Array): string[] {
  const recordings = new Set<number>();
  for (const row of rows) recordings.add(set.recording[row]!);
  let malformed = 0;
  for (const index of recordings) malformed += set.recordings[index]!.malformed;
  return malformed === 0 ? [] : [`${n(malformed)} malformed lines`];
}

function leftByBalance(labels: Uint8Array, before: Uint32Array, after: Uint32Array): string[] {
  const left = before.length - after.length;
  if (left === 0) return [];
  const isOfPositives = countOf(labels, before) > countOf(labels, after);
  return [`${n(left)} ${isOfPositives ? 'positives' : 'negatives'}`];
}

function leftAsInvalid({ reason, reasons }: Validity, rows: Uint32Array): string[] {
  const counts = new Float64Array(reasons.length);
  for (const row of rows) counts[reason[row]!]! += 1;
  return reasons.flatMap((why, at) =>
    at === 0 || counts[at] === 0 ? [] : [`${n(counts[at]!)} rows: ${why}`],
  );
}

/** The rarer class whole and as many of the other, drawn by the seed; ascending. */
function halved(labels: Uint8Array, rows: Uint32Array, seed: number): Uint32Array {
  const positives = countOf(labels, rows);
  const negatives = rows.length - positives;
  const least = Math.min(positives, negatives);
  if (least === 0) {
    throw new Failure(
      'bad-input',
      `Of ${n(rows.length)} calls ${positives === 0 ? 'none' : 'every one'} is positive: they cannot be balanced.`,
    );
  }
  const frequent = positives > negatives ? 1 : 0;
  const order = new Permutation(Math.max(positives, negatives), seed, DRAW_BALANCE);
  const isKept = new Uint8Array(order.count);
  for (let place = 0; place < least; place += 1) isKept[order.at(place)] = 1;
  let at = 0;
  return rows.filter((row) => labels[row] !== frequent || isKept[at++] === 1);
}

function isVarying(values: Float64Array, rows: Uint32Array): boolean {
  const first = values[rows[0]!]!;
  return rows.some((row) => values[row] !== first);
}

function scalingOf(name: string, values: Float64Array, rows: Uint32Array): ColumnScaling {
  const moments = new Moments();
  for (const row of rows) moments.add(values[row]!);
  return { name, ...moments.result() };
}

function featuresOf(set: MigrationSet, rows: Uint32Array, scaling: readonly ColumnScaling[]) {
  const names = scaling.map(({ name }) => name);
  const width = names.length;
  const features = new Float32Array(rows.length * width);
  const raw = new Float32Array(rows.length * width);
  for (const [column, { name, mean, deviation }] of scaling.entries()) {
    const values = columnOf(set, name);
    for (let at = 0; at < rows.length; at += 1) {
      const value = values[rows[at]!]!;
      raw[at * width + column] = value;
      features[at * width + column] = deviation === 0 ? 0 : (value - mean) / deviation;
    }
  }
  return {
    features: { rows: rows.length, names, values: features },
    raw: { rows: rows.length, names, values: raw },
  };
}

/** Each class counts as much as half of the rows. Without one of them there is nothing to weigh. */
function weightsOf({ labels, positives }: CleanedTable): readonly [number, number] {
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return [1, 1];
  return [labels.length / (2 * negatives), labels.length / (2 * positives)];
}

function maskOf(set: MigrationSet, rows: Uint32Array): Uint8Array {
  const mask = new Uint8Array(set.rows);
  for (const row of rows) mask[row] = 1;
  return mask;
}

function countOf(labels: Uint8Array, rows: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < rows.length; at += 1) count += labels[rows[at]!]!;
  return count;
}

function n(count: number): string {
  return count.toLocaleString('en-US');
}
