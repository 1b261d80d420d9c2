/** LSTM layers on the kernels: the inputs' products for all events at once, the recurrent half window by window. */
import type { LstmState } from '../engine.js';
import {
  columnSums,
  multiply,
  place,
  plainLeft,
  plainRight,
  product,
  transposedRight,
  withPacked,
  type Gradients,
} from './products.js';
import type { Table, Workshop } from './workshop.js';

export interface LstmTrace {
  readonly x: Table;
  readonly batch: number;
  /** [T*B, 4h] after their functions. */
  readonly gates: Table;
  /** [(T+1)*B, h], the initial state first. */
  readonly hidden: Table;
  readonly cells: Table;
}

export function lstmForward(
  shop: Workshop,
  x: Table,
  w: Table,
  b: Table,
  batch: number,
  initial?: LstmState,
): LstmTrace {
  const units = w.columns / 4;
  const events = x.rows / batch;
  const gates = shop.table(x.rows, w.columns);
  const hidden = withInitial(shop, x.rows, batch, units, initial && shop.own(initial.hidden));
  const cells = withInitial(shop, x.rows, batch, units, initial && shop.own(initial.cell));
  const inputs = plainRight(w, 0, x.columns);
  product(shop, plainLeft(x), inputs, { ...place(gates), bias: b.address });
  withPacked(shop, plainRight(w, x.columns, units), (packed) => {
    const each = windowsEach(batch, shop.threads);
    const tables = [gates.address, hidden.address, cells.address, packed];
    shop.run('lstmForward', Math.ceil(batch / each), [...tables, events, batch, units, each]);
  });
  return { x, batch, gates, hidden, cells };
}

export function lstmBackward(
  shop: Workshop,
  trace: LstmTrace,
  w: Table,
  dOutput: Table,
  wantsInput: boolean,
): Gradients {
  const { x, batch, gates, hidden, cells } = trace;
  const units = dOutput.columns;
  const dGates = shop.table(x.rows, w.columns);
  const carried = batch * units;
  withPacked(shop, transposedRight(w, x.columns, units), (packed) =>
    shop.borrow(2 * carried * 4, (states) => {
      shop.memory.floats(states, 2 * carried).fill(0);
      const each = windowsEach(batch, shop.threads);
      const tables = [gates.address, cells.address, packed, dOutput.address, states, states + carried * 4];
      const sizes = [x.rows / batch, batch, units, each];
      shop.run('lstmBackward', Math.ceil(batch / each), [...tables, dGates.address, ...sizes]);
    }),
  );
  const dX = wantsInput ? shop.table(x.rows, x.columns) : null;
  if (dX !== null) product(shop, plainLeft(dGates), transposedRight(w, 0, x.columns), place(dX));
  const dW = shop.table(w.rows, w.columns);
  withPacked(shop, plainRight(dGates), (packed) => {
    multiply(shop, plainLeft(x, true), packed, place(shop.view(dW, 0, x.columns)));
    const before = shop.view(hidden, 0, x.rows);
    multiply(shop, plainLeft(before, true), packed, place(shop.view(dW, x.columns, units)));
  });
  return { dX, dW, dB: columnSums(shop, dGates) };
}

/** States of all events behind the initial one. */
function withInitial(
  shop: Workshop,
  rows: number,
  batch: number,
  units: number,
  initial: Table | undefined,
): Table {
  const states = shop.table(rows + batch, units);
  const first = shop.values(shop.view(states, 0, batch));
  if (initial === undefined) first.fill(0);
  else first.set(shop.values(initial));
  return states;
}

/** Windows a task: enough for panels of weights to be used often, few enough for all threads to have some. */
function windowsEach(batch: number, threads: number): number {
  const share = Math.ceil(batch / threads / 4) * 4;
  return Math.min(32, share);
}
