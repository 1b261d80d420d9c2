/** Products of matrices: dense layers and causal convolutions. */
import type { ConvolutionShape } from '../engine.js';
import { attribute, typed } from './binding.js';
import type { Id, Table, TensorFlow } from './tensorFlow.js';

export interface Gradients {
  readonly dX: Table | null;
  readonly dW: Table;
  readonly dB: Table;
}

const FORMAT = attribute('data_format', 'string', 'NHWC');

export function dense(tf: TensorFlow, x: Table, w: Table, b: Table | null): Table {
  const product = tf.product(x.id, w.id);
  return tf.keep(b === null ? product : biased(tf, product, b.id), x.rows, w.columns);
}

export function denseGradient(
  tf: TensorFlow,
  x: Table,
  w: Table,
  dOutput: Table,
  wantsInput: boolean,
): Gradients {
  const { id: dOut } = dOutput;
  return {
    dX: wantsInput ? tf.keep(tf.product(dOut, w.id, false, true), x.rows, x.columns) : null,
    dW: tf.keep(tf.product(x.id, dOut, true), w.rows, w.columns),
    dB: tf.keep(columnSums(tf, dOut), 1, w.columns),
  };
}

/** One product for all taps: what each of them reads stands side by side. */
export function convolution(tf: TensorFlow, x: Table, w: Table, b: Table, shape: ConvolutionShape): Table {
  const read = before(tf, x, shape);
  return tf.keep(biased(tf, tf.product(read, w.id), b.id), x.rows, w.columns);
}

export function convolutionGradient(
  tf: TensorFlow,
  x: Table,
  w: Table,
  dOutput: Table,
  shape: ConvolutionShape,
  wantsInput: boolean,
): Gradients {
  const dW = tf.operation(() =>
    tf.keep(tf.product(before(tf, x, shape), dOutput.id, true), w.rows, w.columns),
  );
  const dB = tf.keep(columnSums(tf, dOutput.id), 1, w.columns);
  if (!wantsInput) return { dX: null, dW, dB };
  const byTap = tf.reshape(w.id, shape.taps, x.columns, w.columns);
  const weights = tf.reshape(tf.transposed(byTap, 0, 2, 1), shape.taps * w.columns, x.columns);
  const dX = tf.product(after(tf, dOutput, shape), weights);
  return { dX: tf.keep(dX, x.rows, x.columns), dW, dB };
}

/** What the taps read, side by side: [T*B, taps * columns], the furthest event first. */
function before(tf: TensorFlow, x: Table, { batch, taps, dilation }: ConvolutionShape): Id {
  if (taps === 1) return x.id;
  const step = batch * dilation;
  const padded = tf.padded(x.id, (taps - 1) * step, 0);
  const first = (tap: number) => tap * step;
  return sideBySide(tf, padded, x, taps, first);
}

/** The events that read an event by each of the taps: what comes back from them. */
function after(tf: TensorFlow, x: Table, { batch, taps, dilation }: ConvolutionShape): Id {
  if (taps === 1) return x.id;
  const step = batch * dilation;
  const padded = tf.padded(x.id, 0, (taps - 1) * step);
  return sideBySide(tf, padded, x, taps, (tap) => (taps - 1 - tap) * step);
}

function sideBySide(tf: TensorFlow, padded: Id, x: Table, taps: number, first: (tap: number) => number): Id {
  const parts = Array.from({ length: taps }, (_, tap) =>
    tf.slice(padded, [first(tap), 0], [x.rows, x.columns]),
  );
  const joined = tf.concat(parts, 1);
  tf.free(padded, ...parts);
  return joined;
}

/** @param bias [1, n] */
export function biased(tf: TensorFlow, x: Id, bias: Id): Id {
  const out = tf.run('BiasAdd', [x, tf.reshape(bias, -1)], typed(), FORMAT);
  tf.free(x);
  return out;
}

/** [1, n] */
export function columnSums(tf: TensorFlow, x: Id): Id {
  return tf.reshape(tf.columnSums(x), 1, -1);
}
