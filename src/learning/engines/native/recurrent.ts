/**
 * LSTM layers, by TensorFlow's fused operations. One event is too little work to be shared out among threads; so the batch is
 * cut into parts, whose events run side by side in one graph (`lstmPrograms.ts`).
 */
import type { LstmState } from '../engine.js';
import type { Program } from './graphSessions.js';
import { backwardProgram, forwardProgram, STATES } from './lstmPrograms.js';
import { biased, type Gradients } from './products.js';
import type { Id, Table, TensorFlow } from './tensorFlow.js';

export interface LstmTrace {
  readonly x: Table;
  readonly batch: number;
  /** [B, h] */
  readonly initialHidden: Id;
  readonly initialCell: Id;
  /** Of each part of the batch what the way back reads: [T, B of the part, h] each, in the order of `STATES`. */
  readonly states: readonly (readonly Id[])[];
  /** [T*B, h] */
  readonly hidden: Id;
}

export interface LstmResult {
  readonly hidden: Table;
  readonly last: { readonly hidden: Table; readonly cell: Table };
  readonly trace: LstmTrace;
}

/** Rows of a part: at 128 units, parts of 64 were faster than of 32, and at 256 units as fast. */
const LEAST_PART = 32;
/** What is smaller is not worth the run of a graph. */
const LEAST_UNITS = 32;

/** Rows of the batch in each part. */
function partsOf(tf: TensorFlow, batch: number, units: number): number[] {
  const count = units < LEAST_UNITS ? 1 : Math.max(1, Math.min(tf.threads, Math.floor(batch / LEAST_PART)));
  const start = (part: number) => Math.floor((part * batch) / count);
  return Array.from({ length: count }, (_, part) => start(part + 1) - start(part));
}

/** In one part a product for each gate is faster from here on (measured at 128 and 256 units, batch 128). */
const LARGE_UNITS = 192;
const isLarge = (parts: readonly number[], batch: number, units: number): boolean =>
  parts.length === 1 && units >= LARGE_UNITS && batch >= LEAST_PART;

/** One part needs no graph. */
const runParts = (tf: TensorFlow, parts: number, program: Program, inputs: readonly Id[], bytes: number) =>
  parts === 1 ? program.build(tf, inputs) : tf.runProgram(program, inputs, bytes);

export function lstmForward(
  tf: TensorFlow,
  x: Table,
  w: Table,
  b: Table,
  batch: number,
  initial: LstmState | undefined,
): LstmResult {
  const [units, events] = [w.columns / 4, x.rows / batch];
  const initialHidden = initial === undefined ? tf.hold(tf.zeros(batch, units)) : tf.own(initial.hidden).id;
  const initialCell = initial === undefined ? initialHidden : tf.own(initial.cell).id;
  const parts = partsOf(tf, batch, units);
  const start = { x, batch, initialHidden, initialCell };
  const [hidden, ...made] = (
    isLarge(parts, batch, units) ? eventByEvent(tf, start, w, b) : inParts(tf, start, w, b, parts)
  ) as [Id, ...Id[]];
  for (const id of made) tf.hold(id);
  const states = parts.map((_, part) => made.slice(part * STATES.length, (part + 1) * STATES.length));
  const lastOf = (series: Id, rows: number) =>
    tf.reshape(tf.slice(series, [events - 1, 0, 0], [1, rows, units]), rows, units);
  const cells = parts.map((rows, part) => lastOf(states[part]![STATES.indexOf('cells')]!, rows));
  const all = tf.keep(tf.reshape(hidden, x.rows, units), x.rows, units);
  return {
    hidden: all,
    last: {
      hidden: tf.keep(lastOf(hidden, batch), batch, units),
      cell: tf.keep(tf.concat(cells, 0), batch, units),
    },
    trace: { ...start, states, hidden: all.id },
  };
}

type Start = Pick<LstmTrace, 'x' | 'batch' | 'initialHidden' | 'initialCell'>;

/** Hidden states [T, B, h] and the states of each part. */
function inParts(tf: TensorFlow, start: Start, w: Table, b: Table, parts: readonly number[]): readonly Id[] {
  const { x, batch, initialHidden, initialCell } = start;
  const [units, events] = [w.columns / 4, x.rows / batch];
  return runParts(
    tf,
    parts.length,
    forwardProgram(parts.length),
    [
      ...[tf.reshape(x.id, events, batch, x.columns), initialHidden, initialCell, w.id, tf.reshape(b.id, -1)],
      ...[tf.zeros(units), tf.long(events), tf.counts(...parts)],
    ],
    // The parts of the input and of the hidden states, before these are joined.
    4 * x.rows * (x.columns + units),
  );
}

/** The same, in one part: the inputs of all events in one product for each gate. */
function eventByEvent(tf: TensorFlow, start: Start, w: Table, b: Table): readonly Id[] {
  const { x, batch } = start;
  const [units, events] = [w.columns / 4, x.rows / batch];
  const biases = tf.split(b.id, 4, 1);
  const weights = tf.split(w.id, 4, 1);
  const recurrent = weights.map((each) => tf.slice(each, [x.columns, 0], [units, units]));
  // What the inputs of all events give to a gate, event by event.
  const given = weights.map((each, gate) => {
    const product = tf.product(x.id, tf.slice(each, [0, 0], [x.columns, units]));
    return tf.unpacked(tf.reshape(biased(tf, product, biases[gate]!), events, batch, units), events);
  });
  /** By event: hidden states, and those of `STATES`. */
  const made: Id[][] = Array.from({ length: 1 + STATES.length }, () => []);
  let [hidden, cell] = [start.initialHidden, start.initialCell];
  for (let event = 0; event < events; event += 1) {
    const products = recurrent.map((each) => tf.product(hidden, each));
    const sums = products.map((product, gate) => tf.add(product, given[gate]![event]!)) as [Id, Id, Id, Id];
    const [input, forget, output] = [tf.sigmoid(sums[0]), tf.sigmoid(sums[1]), tf.sigmoid(sums[3])];
    const candidate = tf.tanh(sums[2]);
    const [kept, taken] = [tf.multiply(forget, cell), tf.multiply(input, candidate)];
    cell = tf.add(kept, taken);
    const cellTanh = tf.tanh(cell);
    hidden = tf.multiply(output, cellTanh);
    tf.free(...products, ...sums, kept, taken);
    [hidden, input, cell, forget, output, candidate, cellTanh].forEach((id, index) => made[index]!.push(id));
  }
  return made.map((ids) => {
    const all = tf.reshape(tf.concat(ids, 0), events, batch, units);
    tf.free(...ids);
    return all;
  });
}

/** Back through time. BlockLSTMGradV2 would add to the weights' gradient event by event. */
export function lstmBackward(
  tf: TensorFlow,
  trace: LstmTrace,
  w: Table,
  dOutput: Table,
  wantsInput: boolean,
): Gradients {
  const { x, batch, initialHidden, initialCell, states } = trace;
  const [units, events] = [dOutput.columns, x.rows / batch];
  const parts = partsOf(tf, batch, units);
  const isByGate = isLarge(parts, batch, units);
  const [dW, dB, dX] = runParts(
    tf,
    parts.length,
    backwardProgram({ parts: parts.length, events, wantsInput, isByGate }),
    [
      tf.reshape(x.id, events, batch, x.columns),
      ...[trace.hidden, dOutput.id].map((id) => tf.reshape(id, events, batch, units)),
      ...[initialHidden, initialCell, w.id],
      ...[tf.zeros(batch, x.columns), tf.zeros(units), tf.zeros(w.columns)],
      ...[tf.counts(...parts), tf.counts(x.columns, units)],
      ...[tf.counts(-1, x.columns), tf.counts(events, -1, x.columns), ...states.flat()],
    ],
    // The parts of what is read, which stands side by side then, slopes of hidden states, and those of gates twice.
    4 * x.rows * (3 * x.columns + 4 * units + 8 * units),
  ) as [Id, Id, Id | undefined];
  return {
    dX: dX === undefined ? null : tf.keep(tf.reshape(dX, x.rows, x.columns), x.rows, x.columns),
    dW: tf.keep(dW, w.rows, w.columns),
    dB: tf.keep(tf.reshape(dB, 1, w.columns), 1, w.columns),
  };
}
