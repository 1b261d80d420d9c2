/** Columns as bytes, so that thousands of splits can be tried in a moment. */

/** Numbers, NaN where there is none. */
export interface NumericColumn {
  readonly name: string;
  readonly values: Float64Array;
}

export interface BinnedColumn {
  readonly name: string;
  /** By row: how many of `cuts` are below its value; 0 for NaN. */
  readonly bins: Uint8Array;
  /** Ascending; bin b holds values above cuts[b − 1] and not above cuts[b]. */
  readonly cuts: Float64Array;
}

const MOST_BINS = 255;
/** Values of each class that quantiles are taken of. */
const SAMPLED = 4096;
/** Above, differences of all pairs are too many. */
const MOST_FOR_DIFFERENCES = 32;

/** Cuts are quantiles of each class alike, so that those which matter to a rare class are among them. */
export function binned(
  columns: readonly NumericColumn[],
  labels: Uint8Array,
  classes: number,
): BinnedColumn[] {
  const samples = samplesOf(labels, classes);
  return columns.map(({ name, values }) => binnedColumn(name, values, samples));
}

/** The columns, and the difference of every two of them: rules compare things. */
export function binnedWithDifferences(
  columns: readonly NumericColumn[],
  labels: Uint8Array,
  classes: number,
): BinnedColumn[] {
  const samples = samplesOf(labels, classes);
  const made = columns.map(({ name, values }) => binnedColumn(name, values, samples));
  if (columns.length > MOST_FOR_DIFFERENCES) return made;
  const values = new Float64Array(labels.length);
  for (const [at, a] of columns.entries()) {
    for (const b of columns.slice(at + 1)) {
      for (let row = 0; row < values.length; row += 1) values[row] = a.values[row]! - b.values[row]!;
      made.push(binnedColumn(`${a.name} − ${b.name}`, values, samples));
    }
  }
  return made;
}

function samplesOf(labels: Uint8Array, classes: number): Uint32Array[] {
  return Array.from({ length: classes }, (_, label) => sampleOf(labels, label));
}

function binnedColumn(name: string, values: Float64Array, samples: readonly Uint32Array[]): BinnedColumn {
  const cuts = cutsOf(values, samples);
  const bins = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row += 1) bins[row] = binOf(cuts, values[row]!);
  return { name, bins, cuts };
}

function binOf(cuts: Float64Array, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value > cuts[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cutsOf(values: Float64Array, samples: readonly Uint32Array[]): Float64Array {
  const candidates = new Set<number>();
  const each = Math.floor(MOST_BINS / samples.length);
  for (const rows of samples) {
    const sorted = sortedValues(values, rows);
    let distinct = 0;
    for (let at = 0; at < sorted.length; at += 1)
      if (at === 0 || sorted[at] !== sorted[at - 1]) distinct += 1;
    if (distinct <= each) for (const value of sorted) candidates.add(value);
    else {
      for (let at = 0; at < each; at += 1)
        candidates.add(sorted[Math.floor((at * (sorted.length - 1)) / (each - 1))]!);
    }
  }
  return Float64Array.from(candidates).sort();
}

function sortedValues(values: Float64Array, rows: Uint32Array): Float64Array {
  const own = new Float64Array(rows.length);
  let count = 0;
  for (let at = 0; at < rows.length; at += 1) {
    const value = values[rows[at]!]!;
    if (!Number.isNaN(value)) own[count++] = value;
  }
  return own.subarray(0, count).sort();
}

/** Rows of a class, evenly spread. */
function sampleOf(labels: Uint8Array, label: number): Uint32Array {
  const own: number[] = [];
  for (let row = 0; row < labels.length; row += 1) if (labels[row] === label) own.push(row);
  const step = Math.max(1, own.length / SAMPLED);
  return Uint32Array.from({ length: Math.floor(own.length / step) }, (_, at) => own[Math.floor(at * step)]!);
}
