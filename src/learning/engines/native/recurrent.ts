/**
 * LSTM layers. TensorFlow's BlockLSTMV2 is one operation for all events, with the gates in our order (i, f, c, o) and no bias of
 * its own for the forget gate; it multiplies inputs and states of each event with all weights at once. For large layers it is
 * faster to have the inputs of all events in one product and the gates in one each, event by event.
 */
import type { LstmState } from '../engine.js';
import { attribute } from './binding.js';
import { biased, columnSums, type Gradients } from './products.js';
import type { Id, Table, TensorFlow } from './tensorFlow.js';

export interface LstmTrace {
  readonly x: Table;
  readonly batch: number;
  /** [B, h] */
  readonly initialHidden: Id;
  readonly initialCell: Id;
  /** [B, h] by event: gates after their functions, cells, tanh of cells. */
  readonly inputs: readonly Id[];
  readonly forgets: readonly Id[];
  readonly candidates: readonly Id[];
  readonly outputs: readonly Id[];
  readonly cells: readonly Id[];
  readonly cellTanhs: readonly Id[];
  /** [T*B, h] */
  readonly hidden: Id;
}

export interface LstmResult {
  readonly hidden: Table;
  readonly last: { readonly hidden: Table; readonly cell: Table };
  readonly trace: LstmTrace;
}

/** From here on operations of their own cost less than what they save (measured at 128 and 256 units, batch 128). */
const LARGE_UNITS = 192;
const LARGE_BATCH = 32;

export function lstmForward(
  tf: TensorFlow,
  x: Table,
  w: Table,
  b: Table,
  batch: number,
  initial: LstmState | undefined,
): LstmResult {
  const units = w.columns / 4;
  const initialHidden = initial === undefined ? tf.hold(tf.zeros(batch, units)) : tf.own(initial.hidden).id;
  const initialCell = initial === undefined ? initialHidden : tf.own(initial.cell).id;
  const start = { x, batch, initialHidden, initialCell };
  const forward = units >= LARGE_UNITS && batch >= LARGE_BATCH ? eventByEvent : atOnce;
  const { hiddens, ...states } = forward(tf, start, w, b);
  for (const id of Object.values(states).flat()) tf.hold(id);
  const [hidden, cell] = [hiddens.at(-1)!, states.cells.at(-1)!];
  const last = { hidden: tf.keep(hidden, batch, units), cell: tf.keep(cell, batch, units) };
  const all = tf.keep(tf.concat(hiddens, 0), x.rows, units);
  return { hidden: all, last, trace: { ...start, ...states, hidden: all.id } };
}

type Start = Pick<LstmTrace, 'x' | 'batch' | 'initialHidden' | 'initialCell'>;

/** [B, h] by event. */
interface States extends Omit<LstmTrace, keyof Start | 'hidden'> {
  readonly hiddens: readonly Id[];
}

/** By BlockLSTMV2. */
function atOnce(tf: TensorFlow, start: Start, w: Table, b: Table): States {
  const { x, batch, initialHidden, initialCell } = start;
  const events = x.rows / batch;
  const peephole = tf.zeros(w.columns / 4);
  const series = tf.reshape(x.id, events, batch, x.columns);
  const [inputs, cells, forgets, outputs, candidates, cellTanhs, hiddens] = tf
    .runMany(
      'BlockLSTMV2',
      [
        ...[tf.long(events), series, initialCell, initialHidden, w.id],
        ...[peephole, peephole, peephole, tf.reshape(b.id, -1)],
      ],
      [attribute('cell_clip', 'float', 0), attribute('use_peephole', 'bool', false)],
      7,
    )
    .map((id) => tf.unpacked(id, events)) as [Ids, Ids, Ids, Ids, Ids, Ids, Ids];
  return { inputs, cells, forgets, outputs, candidates, cellTanhs, hiddens };
}

type Ids = readonly Id[];

function eventByEvent(tf: TensorFlow, start: Start, w: Table, b: Table): States {
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
  const [inputs, forgets, candidates, outputs]: [Id[], Id[], Id[], Id[]] = [[], [], [], []];
  const [cells, cellTanhs, hiddens]: [Id[], Id[], Id[]] = [[], [], []];
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
    inputs.push(input);
    forgets.push(forget);
    candidates.push(candidate);
    outputs.push(output);
    cells.push(cell);
    cellTanhs.push(cellTanh);
    hiddens.push(hidden);
  }
  return { inputs, forgets, candidates, outputs, cells, cellTanhs, hiddens };
}

/**
 * Back through time. BlockLSTMGradV2 would add to the weights' gradient event by event; here the slopes of each gate are
 * gathered and its large products are made once for all events. A product for each gate is faster than one for the four.
 */
export function lstmBackward(
  tf: TensorFlow,
  trace: LstmTrace,
  w: Table,
  dOutput: Table,
  wantsInput: boolean,
): Gradients {
  const { x } = trace;
  const units = dOutput.columns;
  const events = x.rows / trace.batch;
  const weights = tf.split(w.id, 4, 1);
  const recurrent = weights.map((each) =>
    tf.transposed(tf.slice(each, [x.columns, 0], [units, units]), 1, 0),
  );
  const dGates = gateSlopes(tf, trace, recurrent, dOutput, events);
  const before = previous(tf, trace, events, units);
  const read = tf.concat([x.id, before], 1);
  const dW = tf.concat(
    dGates.map((dGate) => tf.product(read, dGate, true)),
    1,
  );
  const dB = tf.concat(
    dGates.map((dGate) => columnSums(tf, dGate)),
    1,
  );
  const dX = () => {
    const inputs = weights.map((each) => tf.slice(each, [0, 0], [x.columns, units]));
    return tf.sum(dGates.map((dGate, gate) => tf.product(dGate, inputs[gate]!, false, true)));
  };
  return {
    dX: wantsInput ? tf.keep(dX(), x.rows, x.columns) : null,
    dW: tf.keep(dW, w.rows, w.columns),
    dB: tf.keep(dB, 1, w.columns),
  };
}

/** Slopes of what goes into the gates i, f, c, o: [T*B, h] each. @param recurrent [h, h] each, transposed */
function gateSlopes(
  tf: TensorFlow,
  trace: LstmTrace,
  recurrent: readonly Id[],
  dOutput: Table,
  events: number,
): readonly Id[] {
  const units = dOutput.columns;
  const { inputs, forgets, candidates, outputs, cells, cellTanhs } = trace;
  const dHidden = tf.unpacked(tf.reshape(dOutput.id, events, trace.batch, units), events);
  const slopes: [Id[], Id[], Id[], Id[]] = [[], [], [], []];
  let dH: Id = dHidden[events - 1]!;
  let carried: Id | null = null;
  for (let event = events - 1; event >= 0; event -= 1) {
    const cellBefore = event === 0 ? trace.initialCell : cells[event - 1]!;
    const [byOutput, byCell] = [tf.multiply(dH, cellTanhs[event]!), tf.multiply(dH, outputs[event]!)];
    const through = tf.tanhSlope(cellTanhs[event]!, byCell);
    const dCell: Id = carried === null ? through : tf.add(through, carried);
    const [byInput, byForget] = [tf.multiply(dCell, candidates[event]!), tf.multiply(dCell, cellBefore)];
    const byCandidate = tf.multiply(dCell, inputs[event]!);
    const gates = [
      tf.sigmoidSlope(inputs[event]!, byInput),
      tf.sigmoidSlope(forgets[event]!, byForget),
      tf.tanhSlope(candidates[event]!, byCandidate),
      tf.sigmoidSlope(outputs[event]!, byOutput),
    ] as const;
    gates.forEach((slope, gate) => slopes[gate]!.unshift(slope));
    tf.free(
      byOutput,
      byCell,
      byInput,
      byForget,
      byCandidate,
      ...(carried === null ? [] : [carried, through]),
      dH,
    );
    if (event > 0) {
      carried = tf.multiply(dCell, forgets[event]!);
      const back = gates.map((slope, gate) => tf.product(slope, recurrent[gate]!));
      dH = tf.sum([dHidden[event - 1]!, ...back]);
      tf.free(...back);
    }
    tf.free(dCell);
  }
  return slopes.map((parts) => {
    const all = tf.concat(parts, 0);
    if (parts.length > 1) tf.free(...parts);
    return all;
  });
}

/** Hidden states before each event: [T*B, h]. */
function previous(tf: TensorFlow, trace: LstmTrace, events: number, units: number): Id {
  const { batch, initialHidden, hidden } = trace;
  if (events === 1) return initialHidden;
  return tf.concat([initialHidden, tf.slice(hidden, [0, 0], [(events - 1) * batch, units])], 0);
}
