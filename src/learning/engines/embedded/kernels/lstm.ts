/**
 * The recurrent half of an LSTM layer: a task is some windows of the batch over all events, so that threads never wait for
 * each other. The products with the inputs of all events come before (forward) or after (backward).
 */
import { multiply, NR, Product } from './gemm';
import { loadSome, sigmoid4, storeSome, tanh4 } from './functions';
import { address, int, scratch } from './job';

/** In the thread's scratch: the description of its product, then the packed block. */
function recurrentProduct(depth: i32, packed: usize, columns: i32, accumulates: bool): Product {
  const p = changetype<Product>(scratch);
  p.lda = depth;
  p.isTransposed = false;
  p.segments = 1;
  p.segmentLength = depth;
  p.shift = 0;
  p.shiftStep = 0;
  p.depth = depth;
  p.packed = packed;
  p.columns = columns;
  p.ldc = columns;
  p.bias = 0;
  p.accumulates = accumulates;
  p.scratch = scratch + 256;
  return p;
}

/** One row: gates before their functions in, after them out. */
function stepForward(gates: usize, before: usize, after: usize, hidden: usize, units: i32): void {
  const h = <usize>units * 4;
  for (let unit = 0; unit < units; unit += 4) {
    const at = <usize>unit * 4;
    const left = units - unit;
    const i = sigmoid4(loadSome(gates + at, left));
    const f = sigmoid4(loadSome(gates + h + at, left));
    const c = tanh4(loadSome(gates + 2 * h + at, left));
    const o = sigmoid4(loadSome(gates + 3 * h + at, left));
    const cell = f32x4.add(f32x4.mul(f, loadSome(before + at, left)), f32x4.mul(i, c));
    storeSome(gates + at, i, left);
    storeSome(gates + h + at, f, left);
    storeSome(gates + 2 * h + at, c, left);
    storeSome(gates + 3 * h + at, o, left);
    storeSome(after + at, cell, left);
    storeSome(hidden + at, f32x4.mul(o, tanh4(cell)), left);
  }
}

/**
 * 0 gates [T*B, 4h], in: the inputs' share; 1 hidden, 2 cells [(T+1)*B, h], the initial state first; 3 packed recurrent
 * weights; 4 events, 5 batch, 6 units, 7 windows a task (64 at most)
 */
export function forward(task: i32): void {
  const batch = int(5);
  const units = int(6);
  const first = task * int(7);
  const windows = min(int(7), batch - first);
  const rowBytes = <usize>units * 4;
  const p = recurrentProduct(units, address(3), 4 * units, true);
  p.aRows = windows;
  const panels = (4 * units + NR - 1) / NR;
  for (let t = 0; t < int(4); t += 1) {
    const row = <usize>t * batch + first;
    p.a = address(1) + row * rowBytes;
    p.c = address(0) + row * rowBytes * 4;
    multiply(p, 0, windows, 0, panels);
    for (let w: usize = 0; w < <usize>windows; w += 1) {
      const at = (row + w) * rowBytes;
      const next = at + <usize>batch * rowBytes;
      stepForward(address(0) + at * 4, address(2) + at, address(2) + next, address(1) + next, units);
    }
  }
}

/** One row. `dCell` and `dHidden` come from the event behind; `dCell` leaves for the event before. */
function stepBackward(
  gates: usize,
  before: usize,
  after: usize,
  dOutput: usize,
  dHidden: usize,
  dCell: usize,
  dGates: usize,
  units: i32,
): void {
  const h = <usize>units * 4;
  const one = f32x4.splat(1);
  for (let unit = 0; unit < units; unit += 4) {
    const at = <usize>unit * 4;
    const left = units - unit;
    const i = loadSome(gates + at, left);
    const f = loadSome(gates + h + at, left);
    const c = loadSome(gates + 2 * h + at, left);
    const o = loadSome(gates + 3 * h + at, left);
    const tanh = tanh4(loadSome(after + at, left));
    const dH = f32x4.add(loadSome(dOutput + at, left), loadSome(dHidden + at, left));
    const through = f32x4.mul(f32x4.mul(dH, o), f32x4.sub(one, f32x4.mul(tanh, tanh)));
    const dC = f32x4.add(loadSome(dCell + at, left), through);
    const dI = f32x4.mul(f32x4.mul(dC, c), f32x4.mul(i, f32x4.sub(one, i)));
    const dF = f32x4.mul(f32x4.mul(dC, loadSome(before + at, left)), f32x4.mul(f, f32x4.sub(one, f)));
    const dG = f32x4.mul(f32x4.mul(dC, i), f32x4.sub(one, f32x4.mul(c, c)));
    const dO = f32x4.mul(f32x4.mul(dH, tanh), f32x4.mul(o, f32x4.sub(one, o)));
    storeSome(dGates + at, dI, left);
    storeSome(dGates + h + at, dF, left);
    storeSome(dGates + 2 * h + at, dG, left);
    storeSome(dGates + 3 * h + at, dO, left);
    storeSome(dCell + at, f32x4.mul(dC, f), left);
  }
}

/**
 * 0 gates, 1 cells, 2 packed transposed recurrent weights, 3 dOutput [T*B, h], 4 dHidden, 5 dCell [B, h], zeros at first;
 * 6 dGates [T*B, 4h] (out), 7 events, 8 batch, 9 units, 10 windows a task
 */
export function backward(task: i32): void {
  const batch = int(8);
  const units = int(9);
  const first = task * int(10);
  const windows = min(int(10), batch - first);
  const rowBytes = <usize>units * 4;
  const p = recurrentProduct(4 * units, address(2), units, false);
  p.aRows = windows;
  p.c = address(4) + <usize>first * rowBytes;
  const panels = (units + NR - 1) / NR;
  for (let t = int(7) - 1; t >= 0; t -= 1) {
    const row = <usize>t * batch + first;
    for (let w: usize = 0; w < <usize>windows; w += 1) {
      const at = (row + w) * rowBytes;
      const carried = (<usize>first + w) * rowBytes;
      stepBackward(
        address(0) + at * 4,
        address(1) + at,
        address(1) + at + <usize>batch * rowBytes,
        address(3) + at,
        address(4) + carried,
        address(5) + carried,
        address(6) + at * 4,
        units,
      );
    }
    if (t == 0) return;
    p.a = address(6) + row * rowBytes * 4;
    multiply(p, 0, windows, 0, panels);
  }
}
