/** Trees whose leaves are steps down a loss that is known by its first and second derivatives at each row. */
import type { BinnedColumn } from '../../trees/binnedTable.js';

/** λ of the paper: what keeps leaves of few rows from long steps. */
const PENALTY = 1;
/** Least curvature of a leaf, the paper's minimal child weight. */
const LEAST_CURVATURE = 1;
const LEAST_GAIN = 1e-9;

export type RegressionTree =
  | { readonly value: number }
  | {
      /** Index into the columns. */
      readonly column: number;
      /** The last bin of the lower side. */
      readonly bin: number;
      readonly low: RegressionTree;
      readonly high: RegressionTree;
    };

export interface RegressionTask {
  readonly columns: readonly BinnedColumn[];
  /** [rows] each */
  readonly slopes: Float64Array;
  readonly curvatures: Float64Array;
}

/** @param rows that it learns from; depth: most questions that are asked of a row */
export function grownRegressionTree(task: RegressionTask, rows: Uint32Array, depth: number): RegressionTree {
  let slope = 0;
  let curvature = 0;
  for (const row of rows) {
    slope += task.slopes[row]!;
    curvature += task.curvatures[row]!;
  }
  const split = depth === 0 ? null : bestSplit(task, rows, slope, curvature);
  if (split === null) return { value: -slope / (curvature + PENALTY) };
  const { column, bin } = split;
  const { bins } = task.columns[column]!;
  const low = grownRegressionTree(
    task,
    rows.filter((row) => bins[row]! <= bin),
    depth - 1,
  );
  const high = grownRegressionTree(
    task,
    rows.filter((row) => bins[row]! > bin),
    depth - 1,
  );
  return { column, bin, low, high };
}

/** Equation 7 of the paper: what a split gains is ½ (G_low² / (H_low + λ) + G_high² / (H_high + λ) − G² / (H + λ)). */
function bestSplit(
  { columns, slopes, curvatures }: RegressionTask,
  rows: Uint32Array,
  slope: number,
  curvature: number,
): { readonly column: number; readonly bin: number } | null {
  let best: { column: number; bin: number } | null = null;
  let most = (slope * slope) / (curvature + PENALTY) + LEAST_GAIN;
  const histogram = new Float64Array(2 * 256);
  for (const [column, { bins, cuts }] of columns.entries()) {
    histogram.fill(0);
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at]!;
      const place = 2 * bins[row]!;
      histogram[place]! += slopes[row]!;
      histogram[place + 1]! += curvatures[row]!;
    }
    let lowSlope = 0;
    let lowCurvature = 0;
    for (let bin = 0; bin < cuts.length; bin += 1) {
      lowSlope += histogram[2 * bin]!;
      lowCurvature += histogram[2 * bin + 1]!;
      const highSlope = slope - lowSlope;
      const highCurvature = curvature - lowCurvature;
      if (lowCurvature < LEAST_CURVATURE || highCurvature < LEAST_CURVATURE) continue;
      const gained =
        (lowSlope * lowSlope) / (lowCurvature + PENALTY) +
        (highSlope * highSlope) / (highCurvature + PENALTY);
      if (gained > most) {
        most = gained;
        best = { column, bin };
      }
    }
  }
  return best;
}
