/** Losses. Softmax is work for the kernels; those of few columns are the host's. */
import { quantileLossOf, sharesOf, squaredErrorOf } from '../hostLosses.js';
import { LOSS_ROWS } from './kernelModule.js';
import { bitsOf, type Table, type Workshop } from './workshop.js';

export interface TableLoss {
  readonly loss: number;
  readonly dX: Table;
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
  const loss = squaredErrorOf(shop.values(x), x.columns, targets, weights, shop.values(dX));
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
  const loss = quantileLossOf(shop.values(x), targets, weights, quantiles, shop.values(dX));
  return { loss, dX };
}
