/**
 * Losses of few columns, worked out by the host in float64, the same for both engines: the mean loss is returned, and slopes
 * for the predictions are written to where the engine wants them. All tables are row-major.
 */

/** Share of each row in the mean; all 0 where nothing counts. */
export function sharesOf(rows: number, weights: Float32Array | null): Float64Array {
  const total = weights === null ? rows : weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return new Float64Array(rows);
  return Float64Array.from({ length: rows }, (_, row) => (weights?.[row] ?? 1) / total);
}

/** @param slopes [rows, columns], as `values` and `targets`; written */
export function squaredErrorOf(
  values: Float32Array,
  columns: number,
  targets: Float32Array,
  weights: Float32Array | null,
  slopes: Float32Array,
): number {
  const shares = sharesOf(values.length / columns, weights);
  let loss = 0;
  targets.forEach((target, index) => {
    const share = shares[Math.floor(index / columns)]! / columns;
    const error = values[index]! - target;
    loss += share * error * error;
    slopes[index] = 2 * share * error;
  });
  return loss;
}

/** @param targets one a row @param quantiles one a column @param slopes [rows, columns], as `values`; written */
export function quantileLossOf(
  values: Float32Array,
  targets: Float32Array,
  weights: Float32Array | null,
  quantiles: readonly number[],
  slopes: Float32Array,
): number {
  const columns = quantiles.length;
  const shares = sharesOf(targets.length, weights);
  let loss = 0;
  targets.forEach((target, row) => {
    quantiles.forEach((quantile, column) => {
      const at = row * columns + column;
      const error = target - values[at]!;
      const slope = error > 0 ? quantile : error < 0 ? quantile - 1 : 0;
      const share = shares[row]! / columns;
      loss += share * slope * error;
      slopes[at] = -share * slope;
    });
  });
  return loss;
}
