/** Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) on the kernels. */
import type { BatchNormState } from '../engine.js';
import { COLUMNS_EACH, NORM_ROWS } from './kernelModule.js';
import { bitsOf, type Table, type Workshop } from './workshop.js';

export interface NormTrace {
  /** Before gamma and beta. */
  readonly normal: Table;
  readonly inverseDeviation: Float32Array;
  readonly isTraining: boolean;
}

export function batchNorm(
  shop: Workshop,
  x: Table,
  state: BatchNormState,
  isTraining: boolean,
): { output: Table; trace: NormTrace } {
  const { rows, columns } = x;
  const running = [shop.own(state.runningMean), shop.own(state.runningVariance)] as const;
  const [mean, variance] = isTraining ? momentsOf(shop, x) : running;
  const inverseDeviation = Float32Array.from(
    shop.values(variance),
    (value) => 1 / Math.sqrt(value + state.epsilon),
  );
  if (isTraining) {
    move(shop, running[0], mean, state.momentum, 1);
    // One row has no unbiased variance: its own, 0, enters then.
    move(shop, running[1], variance, state.momentum, rows / Math.max(1, rows - 1));
  }
  const scale = shop.filled(1, columns, inverseDeviation);
  const normal = shop.table(rows, columns);
  const output = shop.table(rows, columns);
  const tables = [mean, scale, shop.own(state.gamma), shop.own(state.beta), normal, output];
  shop.run('normalise', Math.ceil(rows / NORM_ROWS), [
    x.address,
    rows,
    columns,
    ...tables.map(({ address }) => address),
  ]);
  return { output, trace: { normal, inverseDeviation, isTraining } };
}

export function batchNormGradient(
  shop: Workshop,
  { normal, inverseDeviation, isTraining }: NormTrace,
  gamma: Table,
  dOutput: Table,
): { dX: Table; dGamma: Table; dBeta: Table } {
  const { rows, columns } = normal;
  const dGamma = shop.table(1, columns);
  const dBeta = shop.table(1, columns);
  const sides = [dOutput.address, rows, columns, normal.address, dGamma.address, dBeta.address];
  shop.borrow((columns + COLUMNS_EACH) * 8, (sums) =>
    shop.run('normSums', Math.ceil(columns / COLUMNS_EACH), [...sides, sums]),
  );
  const slope = shop.filled(1, columns, inverseDeviation);
  const slopes = shop.values(slope);
  shop.values(gamma).forEach((value, column) => (slopes[column]! *= value));
  const dX = shop.table(rows, columns);
  const share = bitsOf(isTraining ? 1 / rows : 0);
  shop.run('normGradient', Math.ceil(rows / NORM_ROWS), [...sides, slope.address, dX.address, share]);
  return { dX, dGamma, dBeta };
}

/** Mean and biased variance by column. */
function momentsOf(shop: Workshop, x: Table): [Table, Table] {
  const { rows, columns } = x;
  const mean = shop.table(1, columns);
  const variance = shop.table(1, columns);
  shop.borrow((columns + COLUMNS_EACH) * 8, (sums) =>
    shop.run('moments', Math.ceil(columns / COLUMNS_EACH), [
      x.address,
      rows,
      columns,
      mean.address,
      variance.address,
      sums,
    ]),
  );
  return [mean, variance];
}

function move(shop: Workshop, running: Table, towards: Table, momentum: number, factor: number): void {
  const target = shop.values(towards);
  const values = shop.values(running);
  values.forEach((value, column) => {
    values[column] = (1 - momentum) * value + momentum * factor * target[column]!;
  });
}
