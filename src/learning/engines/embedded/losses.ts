/** Losses. Softmax is work for the kernels; the others have few columns and are done here, in float64. */
import { LOSS_ROWS } from './kernelModule.js';
import { bitsOf, type Table, type Workshop } from './workshop.js';

export interface TableLoss {
  readonly loss: number;
  readonly dX: Table;
}

/** Share of each row in the mean; all 0 where nothing counts. */
function sharesOf(rows: number, weights: Float32Array | null): Float64Array {
  const total = weights === null ? rows : weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return new Float64Array(rows);
  return Float64Array.from({ length: rows }, (_, row) => (weights?.[row] ?? 1) / total);
}

export function softmaxCrossEntropy(
  shop: Workshop,
  logits: Table,
  targets: Int32Array,
  weights: Float32Array | null,
  labelSmoothing: number,
): TableLoss {
  const { rows, columns } = logits;
  const dX = shop.table(rows, columns);
  const shares = sharesOf(rows, weights);
  const loss = shop.borrow(rows * 32, (figures) => {
    const [targetsAt, sharesAt] = [figures + rows * 24, figures + rows * 28];
    shop.memory.ints(targetsAt, rows).set(targets);
    shop.memory.floats(sharesAt, rows).set(shares);
    const tables = [targetsAt, sharesAt, dX.address, figures];
    const tasks = Math.ceil(rows / LOSS_ROWS);
    shop.run('softmaxCrossEntropy', tasks, [
      logits.address,
      rows,
      columns,
      ...tables,
      bitsOf(labelSmoothing),
    ]);
    const values = shop.values(logits);
    return shares.reduce((mean, share, row) => {
      const [largest = 0, sum = 0, total = 0] = shop.memory.doubles(figures + row * 24, 3);
      const right = values[row * columns + targets[row]!]!;
      const expected = (1 - labelSmoothing) * right + (labelSmoothing * total) / columns;
      return mean + share * (largest + Math.log(sum) - expected);
    }, 0);
  });
  return { loss, dX };
}

export function squaredError(
  shop: Workshop,
  x: Table,
  targets: Float32Array,
  weights: Float32Array | null,
): TableLoss {
  const dX = shop.table(x.rows, x.columns);
  const [values, slopes] = [shop.values(x), shop.values(dX)];
  const shares = sharesOf(x.rows, weights);
  let loss = 0;
  targets.forEach((target, index) => {
    const share = shares[Math.floor(index / x.columns)]! / x.columns;
    const error = values[index]! - target;
    loss += share * error * error;
    slopes[index] = 2 * share * error;
  });
  return { loss, dX };
}

export function quantileLoss(
  shop: Workshop,
  x: Table,
  targets: Float32Array,
  weights: Float32Array | null,
  quantiles: readonly number[],
): TableLoss {
  const dX = shop.table(x.rows, x.columns);
  const [values, slopes] = [shop.values(x), shop.values(dX)];
  const shares = sharesOf(x.rows, weights);
  let loss = 0;
  targets.forEach((target, row) => {
    quantiles.forEach((quantile, column) => {
      const at = row * x.columns + column;
      const error = target - values[at]!;
      const slope = error > 0 ? quantile : error < 0 ? quantile - 1 : 0;
      const share = shares[row]! / x.columns;
      loss += share * slope * error;
      slopes[at] = -share * slope;
    });
  });
  return { loss, dX };
}
