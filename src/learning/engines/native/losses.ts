/** Losses. Softmax is TensorFlow's; those of few columns are the host's. */
import { quantileLossOf, sharesOf, squaredErrorOf } from '../hostLosses.js';
import { attribute, INT32, typed } from './binding.js';
import type { Id, Table, TensorFlow } from './tensorFlow.js';

export interface TableLoss {
  readonly loss: number;
  readonly dX: Table;
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
  const slopes = new Float32Array(x.rows * x.columns);
  const loss = squaredErrorOf(tf.read(x.id), x.columns, targets, weights, slopes);
  return { loss, dX: tf.keep(tf.floats([x.rows, x.columns], slopes), x.rows, x.columns) };
}

export function quantileLoss(
  tf: TensorFlow,
  x: Table,
  targets: Float32Array,
  weights: Float32Array | null,
  quantiles: readonly number[],
): TableLoss {
  const slopes = new Float32Array(x.rows * x.columns);
  const loss = quantileLossOf(tf.read(x.id), targets, weights, quantiles, slopes);
  return { loss, dX: tf.keep(tf.floats([x.rows, x.columns], slopes), x.rows, x.columns) };
}
