/**
 * An LSTM layer's way there and back, of a batch in parts. What is made of operations here runs on tensors or in a graph.
 */
import { attribute, FLOAT, INT32, INT64, typed } from './binding.js';
import type { Program } from './graphSessions.js';
import type { Operations } from './operations.js';

/** What the way back reads of a part: gates after their functions, cells, tanh of cells. */
export const STATES = ['inputs', 'cells', 'forgets', 'outputs', 'candidates', 'cellTanhs'] as const;

/**
 * Reads x [T, B, n], hidden and cell states before it [B, h], w [n + h, 4h], b [4h], zeros [h], T, rows of each part; gives the
 * hidden states [T, B, h] and `STATES` of each part. BlockLSTMV2 has our order of gates and no bias of its own for one.
 */
export const forwardProgram = (parts: number): Program => ({
  name: `lstm in ${parts}`,
  inputTypes: [...Array.from({ length: 6 }, () => FLOAT), INT64, INT32],
  build: (on, inputs) => forward(on, inputs, parts),
});

function forward<V>(on: Operations<V>, inputs: readonly V[], parts: number): readonly V[] {
  const [x, hidden, cell, w, b, peephole, events, rows] = inputs as readonly [V, V, V, V, V, V, V, V];
  const xs = on.splitBy(x, rows, parts, 1);
  const [hiddens, cells] = [on.splitBy(hidden, rows, parts, 0), on.splitBy(cell, rows, parts, 0)];
  const made = xs.map((each, part) =>
    on.runMany(
      'BlockLSTMV2',
      [events, each, cells[part]!, hiddens[part]!, w, peephole, peephole, peephole, b],
      [attribute('cell_clip', 'float', 0), attribute('use_peephole', 'bool', false), typed()],
      STATES.length + 1,
    ),
  );
  const all = made.map((results) => results.at(-1)!);
  return [on.concat(all, 1), ...made.flatMap((results) => results.slice(0, STATES.length))];
}

/** What `backwardProgram` reads, and `STATES` of each part after it. */
interface BackwardInputs<V> {
  /** [T, B, n] */
  readonly x: V;
  /** [T, B, h] */
  readonly hidden: V;
  readonly dOutput: V;
  /** [B, h] */
  readonly initialHidden: V;
  readonly initialCell: V;
  /** [n + h, 4h] */
  readonly w: V;
  /** [B, n], of no meaning, but its shape is looked at. */
  readonly event: V;
  /** Zeros: [h], [4h]. */
  readonly peephole: V;
  readonly bias: V;
  /** int32: B of each part; n and h; [-1, n]; [T, -1, n]. */
  readonly rows: V;
  readonly widths: V;
  readonly flat: V;
  readonly series: V;
}

const FLOAT_INPUTS = 9;
const SHAPE_INPUTS = 4;

export interface BackwardOptions {
  readonly parts: number;
  readonly events: number;
  readonly wantsInput: boolean;
  /** A product for each gate on the way from event to event, instead of one for the four. */
  readonly isByGate: boolean;
}

/** Gives dW, dB [4h], and dX [T, B, n] where it is wanted. */
export const backwardProgram = (options: BackwardOptions): Program => ({
  name: `gradient of an lstm ${JSON.stringify(options)}`,
  inputTypes: [
    ...Array.from({ length: FLOAT_INPUTS }, () => FLOAT),
    ...Array.from({ length: SHAPE_INPUTS }, () => INT32),
    ...Array.from({ length: STATES.length * options.parts }, () => FLOAT),
  ],
  build: (on, inputs) => backward(on, inputs, options),
});

function backward<V>(
  on: Operations<V>,
  inputs: readonly V[],
  { parts, events, wantsInput, isByGate }: BackwardOptions,
): readonly V[] {
  const given = namedInputs(inputs);
  const { rows, w, widths, flat, series } = given;
  const weights = withGatesMoved(on, w, 1);
  const [forInput, forHidden] = on.splitBy(weights, widths, 2, 0) as [V, V];
  const transposed = on.transposed(forHidden, 1, 0);
  const recurrent = isByGate ? on.split(transposed, 4, 0) : [transposed];
  const cut = (value: V, axis: number) => on.splitBy(value, rows, parts, axis);
  const [xs, hiddens, slopes, shapes] = [
    cut(given.x, 1),
    cut(given.hidden, 1),
    cut(given.dOutput, 1),
    cut(given.event, 0),
  ];
  const [initialHiddens, initialCells] = [cut(given.initialHidden, 0), cut(given.initialCell, 0)];
  const results = xs.map((x, part) => {
    const first = FLOAT_INPUTS + SHAPE_INPUTS + part * STATES.length;
    const states = inputs.slice(first, first + STATES.length).map((each) => on.unpacked(each, events));
    const dGates = gateSlopes(on, {
      ...{ given, states, recurrent, events, initialHidden: initialHiddens[part]!, shape: shapes[part]! },
      ...{ initialCell: initialCells[part]!, dOutput: on.unpacked(slopes[part]!, events) },
    });
    const before = [initialHiddens[part]!, ...on.unpacked(hiddens[part]!, events).slice(0, -1)];
    const read = on.concat([on.reshapeAs(x, flat), on.concat(before, 0)], 1);
    return {
      dW: on.product(read, dGates, true),
      dB: on.columnSums(dGates),
      dX: wantsInput ? [on.reshapeAs(on.product(dGates, forInput, false, true), series)] : [],
    };
  });
  const dX = results.flatMap((result) => result.dX);
  return [
    withGatesMoved(on, on.sum(results.map(({ dW }) => dW)), 1),
    withGatesMoved(on, on.sum(results.map(({ dB }) => dB)), 0),
    ...(wantsInput ? [on.concat(dX, 1)] : []),
  ];
}

function namedInputs<V>(inputs: readonly V[]): BackwardInputs<V> {
  const [x, hidden, dOutput, initialHidden, initialCell, w, event, peephole, bias, ...others] =
    inputs as readonly [V, V, V, V, V, V, V, V, V, ...V[]];
  const [rows, widths, flat, series] = others as [V, V, V, V, ...V[]];
  return {
    ...{ x, hidden, dOutput, initialHidden, initialCell, w, event, peephole, bias },
    ...{ rows, widths, flat, series },
  };
}

/** From i, f, c, o, the order here, to i, c, f, o, the order of LSTMBlockCellGrad, or the other way. */
function withGatesMoved<V>(on: Operations<V>, x: V, axis: number): V {
  const [first, second, third, fourth] = on.split(x, 4, axis) as readonly [V, V, V, V];
  return on.concat([first, third, second, fourth], axis);
}

interface Part<V> {
  readonly given: BackwardInputs<V>;
  /** By event, in the order of `STATES`. */
  readonly states: readonly (readonly V[])[];
  readonly dOutput: readonly V[];
  /** [4h, h], or [h, h] of each gate. */
  readonly recurrent: readonly V[];
  readonly initialHidden: V;
  readonly initialCell: V;
  readonly shape: V;
  readonly events: number;
}

/** Slopes of what goes into the gates i, c, f, o: [T*B, 4h]. */
function gateSlopes<V>(on: Operations<V>, part: Part<V>): V {
  const { given, states, dOutput, recurrent, initialHidden, initialCell, shape, events } = part;
  const { w, peephole, bias } = given;
  const cells = states[STATES.indexOf('cells')]!;
  const slopes: V[] = [];
  let dHidden: V = dOutput[events - 1]!;
  let dCell: V = on.zerosLike(dHidden);
  for (let event = events - 1; event >= 0; event -= 1) {
    const cellBefore = event === 0 ? initialCell : cells[event - 1]!;
    const [dCellBefore, slope, ...unused] = on.runMany(
      'LSTMBlockCellGrad',
      [
        ...[shape, cellBefore, initialHidden, w, peephole, peephole, peephole, bias],
        ...[...states.map((each) => each[event]!), dCell, dHidden],
      ],
      [attribute('use_peephole', 'bool', false), typed()],
      5,
    ) as readonly [V, V, V, V, V];
    slopes.unshift(slope);
    on.free(...unused, dCell, dHidden);
    if (event === 0) break;
    dCell = dCellBefore;
    const gates = recurrent.length === 1 ? [slope] : on.split(slope, recurrent.length, 1);
    const products = gates.map((gate, index) => on.product(gate, recurrent[index]!));
    dHidden = on.sum([dOutput[event - 1]!, ...products]);
    on.free(...products, ...(gates.length === 1 ? [] : gates));
  }
  const all = on.concat(slopes, 0);
  if (events > 1) on.free(...slopes);
  return all;
}
