import type { AdamStep } from '../engine.js';
import { DOUBLE, FLOAT, typed } from './binding.js';
import type { Id, Table, TensorFlow } from './tensorFlow.js';

/** Square root of the sum of squares, summed in float64. */
export function norm(tf: TensorFlow, tables: readonly Table[]): number {
  const norms = tables.map(({ id }) =>
    tf.operation(() => {
      const exact = tf.run('Cast', [id], typed('SrcT', FLOAT), typed('DstT', DOUBLE));
      const half = tf.run('L2Loss', [exact], typed('T', DOUBLE));
      const root = tf.run('Sqrt', [half], typed('T', DOUBLE));
      return tf.read(tf.run('Cast', [root], typed('SrcT', DOUBLE), typed('DstT', FLOAT)))[0]!;
    }),
  );
  return Math.sqrt(norms.reduce((sum, value) => sum + 2 * value * value, 0));
}

export interface AdamResult {
  readonly w: Id;
  readonly m: Id;
  readonly v: Id;
}

/**
 * A step of Adam. Not by ResourceApplyAdam: it works out 1 - β₂ in float32, which is off by more than 1e-5 of it.
 */
export function adam(
  tf: TensorFlow,
  w: Table,
  gradient: Table,
  m: Table,
  v: Table,
  settings: AdamStep,
): AdamResult {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = settings;
  const scaled = (x: Id, factor: number): Id => tf.multiply(x, tf.float(factor));
  const mean = tf.add(scaled(m.id, beta1), scaled(gradient.id, (1 - beta1) * gradientScale));
  const squares = tf.run('Square', [gradient.id], typed());
  const square = tf.add(scaled(v.id, beta2), scaled(squares, (1 - beta2) * gradientScale * gradientScale));
  // m̂ / (√v̂ + ε) = c · m / (√v + ε'), both corrections of the bias drawn into factors.
  const root = Math.sqrt(1 - beta2 ** step);
  const below = tf.add(tf.run('Sqrt', [square], typed()), tf.float(epsilon * root));
  const direction = tf.run('Div', [mean, below], typed());
  const change = scaled(direction, (learningRate * root) / (1 - beta1 ** step));
  const decayed = weightDecay === 0 ? w.id : scaled(w.id, 1 - learningRate * weightDecay);
  return { w: tf.run('Sub', [decayed, change], typed()), m: mean, v: square };
}
