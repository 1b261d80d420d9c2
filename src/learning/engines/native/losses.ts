/** Losses. Softmax is TensorFlow's; the others have few columns and are worked out here, in float64. */
import { attribute, INT32, typed } from './binding.js';
import type { Id, Table, TensorFlow } from './tensorFlow.js';

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
  tf: TensorFlow,
  logits: Table,
  targets: Int32Array,
  weights: Float32Array | null,
  labelSmoothing: number,
): TableLoss {
  const { rows, columns } = logits;
  const ids = tf.ints([rows], targets);
  const [losses, slopes] = (
    labelSmoothing === 0
      ? tf.runMany(
          'SparseSoftmaxCrossEntropyWithLogits',
          [logits.id, ids],
          [typed(), typed('Tlabels', INT32)],
          2,
        )
      : tf.runMany(
          'SoftmaxCrossEntropyWithLogits',
          [logits.id, smoothed(tf, ids, columns, labelSmoothing)],
          [typed()],
          2,
        )
  ) as [Id, Id];
  const shares = sharesOf(rows, weights);
  const loss = tf.read(losses).reduce((sum, value, row) => sum + value * shares[row]!, 0);
  const factors = tf.floats([rows, 1], Float32Array.from(shares));
  return { loss, dX: tf.keep(tf.multiply(slopes, factors), rows, columns) };
}

/** [rows, columns]: ε / columns for all, and 1 - ε more for the target. */
function smoothed(tf: TensorFlow, ids: Id, columns: number, labelSmoothing: number): Id {
  const others = labelSmoothing / columns;
  return tf.run(
    'OneHot',
    [ids, tf.int(columns), tf.float(1 - labelSmoothing + others), tf.float(others)],
    ...[attribute('axis', 'int', -1), typed(), typed('TI', INT32)],
  );
}

export function squaredError(
  tf: TensorFlow,
  x: Table,
  targets: Float32Array,
  weights: Float32Array | null,
): TableLoss {
  const values = tf.read(x.id);
  const slopes = new Float32Array(values.length);
  const shares = sharesOf(x.rows, weights);
  let loss = 0;
  targets.forEach((target, index) => {
    const share = shares[Math.floor(index / x.columns)]! / x.columns;
    const error = values[index]! - target;
    loss += share * error * error;
    slopes[index] = 2 * share * error;
  });
  return { loss, dX: tf.keep(tf.floats([x.rows, x.columns], slopes), x.rows, x.columns) };
}

export function quantileLoss(
  tf: TensorFlow,
  x: Table,
  targets: Float32Array,
  weights: Float32Array | null,
  quantiles: readonly number[],
): TableLoss {
  const values = tf.read(x.id);
  const slopes = new Float32Array(values.length);
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
  return { loss, dX: tf.keep(tf.floats([x.rows, x.columns], slopes), x.rows, x.columns) };
}
