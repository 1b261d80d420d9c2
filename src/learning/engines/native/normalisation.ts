/** Batch normalisation over rows, by TensorFlow's fused operations on [rows, 1, 1, columns]. */
import type { BatchNormState } from '../engine.js';
import { attribute, FLOAT, typed } from './binding.js';
import type { Id, Table, TensorFlow } from './tensorFlow.js';

export interface NormTrace {
  readonly x: Table;
  /** [columns]: of the batch when training, else the running ones. The variance is the biased one. */
  readonly mean: Id;
  readonly variance: Id;
  readonly reserved: Id;
  readonly epsilon: number;
  readonly isTraining: boolean;
}

const attributesOf = (epsilon: number, isTraining: boolean) => [
  ...[typed('T'), typed('U', FLOAT)],
  attribute('epsilon', 'float', epsilon),
  attribute('data_format', 'string', 'NHWC'),
  attribute('is_training', 'bool', isTraining),
];

export interface NormResult {
  readonly output: Table;
  readonly trace: NormTrace;
  /** [1, columns] of the batch, the variance unbiased; `null` unless training. */
  readonly moments: readonly [mean: Id, variance: Id] | null;
}

export function batchNorm(tf: TensorFlow, x: Table, state: BatchNormState, isTraining: boolean): NormResult {
  const vector = (id: Id) => tf.reshape(id, x.columns);
  const row = (id: Id) => tf.reshape(id, 1, x.columns);
  const running = [tf.own(state.runningMean).id, tf.own(state.runningVariance).id].map(vector);
  // Training takes no running figures.
  const given = isTraining ? [tf.zeros(0), tf.zeros(0)] : running;
  const [y, mean, variance, savedMean, savedVariance, reserved] = tf.runMany(
    'FusedBatchNormV3',
    [
      tf.reshape(x.id, x.rows, 1, 1, x.columns),
      ...[vector(tf.own(state.gamma).id), vector(tf.own(state.beta).id), ...given],
    ],
    [...attributesOf(state.epsilon, isTraining), attribute('exponential_avg_factor', 'float', 1)],
    6,
  ) as [Id, Id, Id, Id, Id, Id];
  return {
    output: tf.keep(tf.reshape(y, x.rows, x.columns), x.rows, x.columns),
    trace: {
      ...{ x, isTraining, epsilon: state.epsilon, reserved: tf.hold(reserved) },
      // The running figures may move before the gradient is asked for; the reshaped ones are their state of now.
      mean: tf.hold(isTraining ? savedMean : running[0]!),
      variance: tf.hold(isTraining ? savedVariance : running[1]!),
    },
    moments: isTraining ? [row(mean), row(variance)] : null,
  };
}

export function batchNormGradient(
  tf: TensorFlow,
  { x, mean, variance, reserved, epsilon, isTraining }: NormTrace,
  gamma: Table,
  dOutput: Table,
): { dX: Table; dGamma: Table; dBeta: Table } {
  const image = (table: Table) => tf.reshape(table.id, x.rows, 1, 1, x.columns);
  const [dX, dGamma, dBeta] = tf.runMany(
    'FusedBatchNormGradV3',
    [image(dOutput), image(x), tf.reshape(gamma.id, x.columns), mean, variance, reserved],
    attributesOf(epsilon, isTraining),
    5,
  ) as [Id, Id, Id, Id, Id];
  const row = (id: Id) => tf.keep(tf.reshape(id, 1, x.columns), 1, x.columns);
  return {
    dX: tf.keep(tf.reshape(dX, x.rows, x.columns), x.rows, x.columns),
    dGamma: row(dGamma),
    dBeta: row(dBeta),
  };
}
