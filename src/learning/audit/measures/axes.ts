/**
 * Whether a table of columns (features) and rows (time) was read along the wrong axes. In a sound table, columns differ from
 * each other, and a column is alike at all of its rows. Where a table of F columns was cut up along the wrong axis, each
 * column runs through the values of all features in turn: then columns are alike, and rows differ by their number modulo F.
 */
export interface AxisContrast {
  /** How far columns differ: mean distance of every two (Kolmogorov and Smirnov), 0 … 1. */
  readonly columns: number;
  /** How far rows of one column differ by their number modulo `period`. */
  readonly phases: number;
  readonly period: number;
}

const MOST_ROWS = 6000;
const LEAST_ROWS = 64;
const MOST_PERIOD = 8;
/** Below, no order of any kind is told apart. */
const CLEAR = 0.3;

/** The period at which rows differ most; `null`: too few rows or columns. Values that are NaN are left out. */
export function axisContrast(columns: readonly ArrayLike<number>[]): AxisContrast | null {
  const rows = Math.min(MOST_ROWS, columns[0]?.length ?? 0);
  if (columns.length < 2 || rows < LEAST_ROWS) return null;
  const all = columns.map((column) => phaseOf(column, rows, 0, 1));
  const between = meanDistance(all);
  const periods = new Set(Array.from({ length: MOST_PERIOD - 1 }, (_, at) => at + 2));
  if (columns.length <= rows / LEAST_ROWS) periods.add(columns.length);
  let best: AxisContrast | null = null;
  for (const period of periods) {
    const within = columns.map((column) =>
      meanDistance(Array.from({ length: period }, (_, phase) => phaseOf(column, rows, phase, period))),
    );
    const phases = within.reduce((sum, each) => sum + each, 0) / within.length;
    if (best === null || phases > best.phases) best = { columns: between, phases, period };
  }
  return best;
}

export function areMixed({ columns, phases }: AxisContrast): boolean {
  return phases >= CLEAR && phases > columns;
}

/** Every `period`-th value, ascending. */
function phaseOf(column: ArrayLike<number>, rows: number, phase: number, period: number): Float64Array {
  const values: number[] = [];
  for (let row = phase; row < rows; row += period) {
    if (!Number.isNaN(column[row])) values.push(column[row]!);
  }
  return Float64Array.from(values).sort();
}

function meanDistance(samples: readonly Float64Array[]): number {
  let sum = 0;
  let pairs = 0;
  samples.forEach((a, at) => {
    for (const b of samples.slice(at + 1)) {
      sum += distance(a, b);
      pairs += 1;
    }
  });
  return pairs === 0 ? 0 : sum / pairs;
}

/** Greatest difference of the shares of values up to any x. */
function distance(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  let greatest = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i += 1;
    while (j < b.length && b[j]! <= value) j += 1;
    greatest = Math.max(greatest, Math.abs(i / a.length - j / b.length));
  }
  return greatest;
}
