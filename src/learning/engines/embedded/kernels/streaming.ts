/**
 * One event through a whole network, in one call: entry of the kernels of the streaming predictor, which has a memory of its
 * own and one thread. The host lays out a program there: steps, one behind the other, each with what it reads and writes
 * (streaming/program.ts). Vectors have lengths that are multiples of 16; what lies beyond their values are zeros.
 */
import { madd, sigmoid4, tanh4 } from './functions';

/** The last events' values of one vector, in turn. */
@unmanaged
class Ring {
  first: usize;
  slots: i32;
  slotBytes: i32;
  /** Where the newest slot's number is kept, as f32: it belongs to the state. */
  position: usize;
}

/** Some of the inputs of a product. */
@unmanaged
class Segment {
  /** 0 values at `address`; 1 of the ring at `address`, `step` events ago; 2 the task's row of the table at `address`, 3 the state's. */
  kind: i32;
  address: usize;
  count: i32;
  /** Of a table in bytes. */
  step: i32;
}

/** out = ending(start + inputs · weights) */
@unmanaged
class Product {
  operation: i32;
  segments: usize;
  segmentCount: i32;
  rows: i32;
  /** [columns] */
  start: usize;
  /** Panels of 32 columns, the last one perhaps of 16: [panel][row][32]. */
  weights: usize;
  columns: i32;
  /** 0 nothing, 1 ReLU, 2 ReLU, then the newest of ring `around` added, then ReLU. */
  ending: i32;
  around: usize;
  /** Where it goes: this ring, which goes on by it, or, without one, `to`. */
  ring: usize;
  to: usize;
}

/** to = base + a row of a table */
@unmanaged
class RowSum {
  operation: i32;
  /** Of the state in place of the task. */
  isState: i32;
  base: usize;
  table: usize;
  columns: i32;
  to: usize;
}

/** hidden and cell from gates [4][units] and cell */
@unmanaged
class Cell {
  operation: i32;
  gates: usize;
  units: i32;
  hidden: usize;
  cell: usize;
}

let task: i32 = 0;
let state: i32 = 0;
/** Of inputs that are not 0: value, offset of its row in a panel of 32 columns. */
let list: usize = 0;

export function init(scratch: usize): void {
  list = scratch;
}

// @ts-ignore: decorator
@inline
function slotOf(ring: Ring, ago: i32): usize {
  let slot = <i32>load<f32>(ring.position) - ago;
  if (slot < 0) slot += ring.slots;
  return ring.first + <usize>slot * <usize>ring.slotBytes;
}

/** The ring goes on by an event. @returns its newest slot, yet to be written */
function advanced(ring: Ring): usize {
  const next = <i32>load<f32>(ring.position) + 1;
  store<f32>(ring.position, next == ring.slots ? 0 : <f32>next);
  return slotOf(ring, 0);
}

function addressOf(segment: Segment): usize {
  switch (segment.kind) {
    case 0:
      return segment.address;
    case 1:
      return slotOf(changetype<Ring>(segment.address), segment.step);
    case 2:
      return segment.address + <usize>task * <usize>segment.step;
    case 3:
      return segment.address + <usize>state * <usize>segment.step;
    default:
      return unreachable();
  }
}

/** Lists the inputs that are not 0: about half are behind a ReLU, and their rows need not be read. @returns end of the list */
function collect(product: Product): usize {
  let to = list;
  let row: i32 = 0;
  for (let at = 0; at < product.segmentCount; at += 1) {
    const segment = changetype<Segment>(product.segments + <usize>at * offsetof<Segment>());
    let from = addressOf(segment);
    const end = row + (segment.count << 7);
    for (; row < end; row += 128) {
      const bits = load<i32>(from);
      store<i32>(to, bits);
      store<i32>(to, row, 4);
      // But for the sign.
      to += <usize>(bits << 1 != 0) << 3;
      from += 4;
    }
  }
  // One more that changes nothing, where panels take two at a time.
  store<i64>(to, 0);
  return to;
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, ending: i32, around: usize, to: usize): void {
  const zero = f32x4.splat(0);
  if (ending != 0) sum = f32x4.pmax(sum, zero);
  if (ending == 2) sum = f32x4.pmax(f32x4.add(sum, v128.load(around)), zero);
  v128.store(to, sum);
}

/** 32 columns: 8 sums in registers while the list is gone through. */
function panel32(end: usize, weights: usize, start: usize, ending: i32, around: usize, to: usize): void {
  let s0 = v128.load(start, 0);
  let s1 = v128.load(start, 16);
  let s2 = v128.load(start, 32);
  let s3 = v128.load(start, 48);
  let s4 = v128.load(start, 64);
  let s5 = v128.load(start, 80);
  let s6 = v128.load(start, 96);
  let s7 = v128.load(start, 112);
  for (let at = list; at < end; at += 16) {
    let x = v128.load32_splat(at);
    let row = weights + <usize>load<u32>(at, 4);
    s0 = madd(x, v128.load(row, 0), s0);
    s1 = madd(x, v128.load(row, 16), s1);
    s2 = madd(x, v128.load(row, 32), s2);
    s3 = madd(x, v128.load(row, 48), s3);
    s4 = madd(x, v128.load(row, 64), s4);
    s5 = madd(x, v128.load(row, 80), s5);
    s6 = madd(x, v128.load(row, 96), s6);
    s7 = madd(x, v128.load(row, 112), s7);
    x = v128.load32_splat(at, 8);
    row = weights + <usize>load<u32>(at, 12);
    s0 = madd(x, v128.load(row, 0), s0);
    s1 = madd(x, v128.load(row, 16), s1);
    s2 = madd(x, v128.load(row, 32), s2);
    s3 = madd(x, v128.load(row, 48), s3);
    s4 = madd(x, v128.load(row, 64), s4);
    s5 = madd(x, v128.load(row, 80), s5);
    s6 = madd(x, v128.load(row, 96), s6);
    s7 = madd(x, v128.load(row, 112), s7);
  }
  finish(s0, ending, around, to);
  finish(s1, ending, around + 16, to + 16);
  finish(s2, ending, around + 32, to + 32);
  finish(s3, ending, around + 48, to + 48);
  finish(s4, ending, around + 64, to + 64);
  finish(s5, ending, around + 80, to + 80);
  finish(s6, ending, around + 96, to + 96);
  finish(s7, ending, around + 112, to + 112);
}

/** 16 columns. */
function panel16(end: usize, weights: usize, start: usize, ending: i32, around: usize, to: usize): void {
  let s0 = v128.load(start, 0);
  let s1 = v128.load(start, 16);
  let s2 = v128.load(start, 32);
  let s3 = v128.load(start, 48);
  for (let at = list; at < end; at += 8) {
    const x = v128.load32_splat(at);
    const row = weights + (<usize>load<u32>(at, 4) >> 1);
    s0 = madd(x, v128.load(row, 0), s0);
    s1 = madd(x, v128.load(row, 16), s1);
    s2 = madd(x, v128.load(row, 32), s2);
    s3 = madd(x, v128.load(row, 48), s3);
  }
  finish(s0, ending, around, to);
  finish(s1, ending, around + 16, to + 16);
  finish(s2, ending, around + 32, to + 32);
  finish(s3, ending, around + 48, to + 48);
}

function multiply(product: Product): void {
  const end = collect(product);
  let to = product.ring == 0 ? product.to : advanced(changetype<Ring>(product.ring));
  let around: usize = product.around == 0 ? 0 : slotOf(changetype<Ring>(product.around), 0);
  const ending = product.ending;
  let start = product.start;
  let weights = product.weights;
  const panelBytes = <usize>product.rows << 7;
  let left = product.columns;
  for (; left >= 32; left -= 32) {
    panel32(end, weights, start, ending, around, to);
    weights += panelBytes;
    start += 128;
    around += 128;
    to += 128;
  }
  if (left > 0) panel16(end, weights, start, ending, around, to);
}

function addRow(sum: RowSum): void {
  const row = <usize>(sum.isState != 0 ? state : task) * <usize>sum.columns * 4;
  for (let at: usize = 0; at < <usize>sum.columns * 4; at += 16)
    v128.store(sum.to + at, f32x4.add(v128.load(sum.base + at), v128.load(sum.table + row + at)));
}

/** Gates in the order i, f, c, o. */
function cell(step: Cell): void {
  const h = <usize>step.units * 4;
  for (let at: usize = 0; at < h; at += 16) {
    const gates = step.gates + at;
    const i = sigmoid4(v128.load(gates));
    const f = sigmoid4(v128.load(gates + h));
    const c = tanh4(v128.load(gates + 2 * h));
    const o = sigmoid4(v128.load(gates + 3 * h));
    const after = f32x4.add(f32x4.mul(f, v128.load(step.cell + at)), f32x4.mul(i, c));
    v128.store(step.cell + at, after);
    v128.store(step.hidden + at, f32x4.mul(o, tanh4(after)));
  }
}

/** Does the steps `[first, end)` for an event. */
export function run(first: usize, end: usize, ofTask: i32, ofState: i32): void {
  task = ofTask;
  state = ofState;
  for (let step = first; step < end; ) {
    switch (load<i32>(step)) {
      case 0:
        multiply(changetype<Product>(step));
        step += offsetof<Product>();
        break;
      case 1:
        addRow(changetype<RowSum>(step));
        step += offsetof<RowSum>();
        break;
      case 2:
        cell(changetype<Cell>(step));
        step += offsetof<Cell>();
        break;
      default:
        unreachable();
    }
  }
}
