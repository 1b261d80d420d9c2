/** How much a column by itself tells of a label: univariate F statistic, and mutual information. */
import { Failure } from '../../base/errors.js';
import { studentCdf } from '../../base/distributions.js';

/** Columns of numbers; a `FeatureTable` is one. */
export interface ScoreTable {
  readonly rows: number;
  readonly names: readonly string[];
  /** [rows, names.length], a row behind the other; float64 where values need it. */
  readonly values: ArrayLike<number>;
}

export interface FScore {
  readonly column: string;
  /** NaN: the column is constant, or there is one class only. Infinity: each class has a value of its own. */
  readonly f: number;
  /** How often F is that high where classes have the same mean; NaN where F is. */
  readonly p: number;
}

export interface InformationScore {
  readonly column: string;
  /** Of the label, 0 … ln 2. */
  readonly nats: number;
  /** About what a column without any relation to the label would be given, for want of rows: Miller, 1955. */
  readonly biasNats: number;
}

/**
 * F of a one-way analysis of variance between the two classes, column by column, as scikit-learn's `f_classif` computes it,
 * but from distances to the mean: large values (times in nanoseconds) lose no digits.
 * @param labels [rows] 0 or 1
 */
export function fScores(table: ScoreTable, labels: Uint8Array): FScore[] {
  requireLabels(table, labels);
  return table.names.map((column, at) => ({ column, ...fOf(columnValues(table, at), labels) }));
}

function fOf(values: Float64Array, labels: Uint8Array): { readonly f: number; readonly p: number } {
  // Distances from one of the values are exactly 0 in a constant column; those from a rounded mean are not.
  const origin = values[0] ?? 0;
  const counts = [0, 0];
  const sums = [0, 0];
  for (let row = 0; row < values.length; row += 1) {
    counts[labels[row]!]! += 1;
    sums[labels[row]!]! += values[row]! - origin;
  }
  const [negatives, positives] = counts as [number, number];
  const freedom = values.length - 2;
  if (negatives === 0 || positives === 0 || freedom < 1) return { f: NaN, p: NaN };
  const means = [sums[0]! / negatives, sums[1]! / positives];
  let within = 0;
  for (let row = 0; row < values.length; row += 1) {
    within += (values[row]! - origin - means[labels[row]!]!) ** 2;
  }
  const between = ((negatives * positives) / values.length) * (means[0]! - means[1]!) ** 2;
  const f = between / (within / freedom);
  // With one degree of freedom above, F is the square of Student's t.
  return { f, p: Number.isNaN(f) ? NaN : f === Infinity ? 0 : 2 * studentCdf(-Math.sqrt(f), freedom) };
}

/**
 * Mutual information of each column with the label, from counts (the plug-in estimate): a column with at most `bins` values
 * as it is, others cut into that many bins of about equally many rows. Equal values are never divided.
 * @param labels [rows] 0 or 1
 */
export function mutualInformation(
  table: ScoreTable,
  labels: Uint8Array,
  { bins }: { readonly bins: number },
): InformationScore[] {
  requireLabels(table, labels);
  if (!Number.isSafeInteger(bins) || bins < 2) {
    throw new Failure('wrong-usage', `Values are put into a whole number of bins, 2 or more; not ${bins}.`);
  }
  return table.names.map((column, at) => ({
    column,
    ...informationOf(columnValues(table, at), labels, bins),
  }));
}

function informationOf(values: Float64Array, labels: Uint8Array, bins: number) {
  const cuts = cutsOf(values, bins);
  const occupied = cuts.length + 1;
  const counts = [new Float64Array(occupied), new Float64Array(occupied)] as const;
  for (let row = 0; row < values.length; row += 1) {
    counts[labels[row]! as 0 | 1][binOf(cuts, values[row]!)]! += 1;
  }
  const totals = counts.map((of) => of.reduce((sum, count) => sum + count, 0));
  let nats = 0;
  for (const [label, of] of counts.entries()) {
    for (let bin = 0; bin < occupied; bin += 1) {
      const both = of[bin]!;
      if (both === 0) continue;
      const inBin = counts[0][bin]! + counts[1][bin]!;
      nats += (both / values.length) * Math.log((both * values.length) / (inBin * totals[label]!));
    }
  }
  const classes = totals.filter((total) => total > 0).length;
  const bias = ((occupied - 1) * Math.max(0, classes - 1)) / (2 * Math.max(1, values.length));
  // What cancels out may be left a little below 0.
  return { nats: Math.max(0, nats), biasNats: bias };
}

/** Largest values of all bins but the last, ascending. */
function cutsOf(values: Float64Array, bins: number): Float64Array {
  const sorted = values.slice().sort();
  const distinct: number[] = [];
  for (let at = 0; at < sorted.length && distinct.length <= bins; at += 1) {
    if (at === 0 || sorted[at] !== sorted[at - 1]) distinct.push(sorted[at]!);
  }
  if (distinct.length <= bins) return Float64Array.from(distinct.slice(0, -1));
  const cuts = new Set<number>();
  for (let bin = 1; bin < bins; bin += 1) {
    cuts.add(sorted[Math.ceil((bin * sorted.length) / bins) - 1]!);
  }
  // Behind the largest value there is no bin.
  cuts.delete(sorted.at(-1)!);
  return Float64Array.from(cuts);
}

/** How many cuts are below a value. */
function binOf(cuts: Float64Array, value: number): number {
  let bin = 0;
  while (bin < cuts.length && value > cuts[bin]!) bin += 1;
  return bin;
}

function columnValues({ rows, names, values }: ScoreTable, at: number): Float64Array {
  const column = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) column[row] = values[row * names.length + at]!;
  return column;
}

function requireLabels({ rows }: ScoreTable, labels: Uint8Array): void {
  if (labels.length !== rows) throw new Error(`There are ${labels.length} labels of ${rows} rows.`);
}
