/**
 * One event through a whole network, in one call: entry of the kernels of the streaming predictor, which has a memory of its
 * own and one thread. The host lays out a program there: steps, one behind the other, each with what it reads and writes
 * (streaming/programWriter.ts). Vectors have lengths that are multiples of 16; what lies beyond their values are zeros.
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
  /** Panels of 16 columns: [panel][row][16]. */
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

/**
 * to = base + inputs · weights, of the taps of a convolution that look back by `dilation` events or a multiple of it, `dilation` at
 * least 4: what they will read in this event and the next three is known, so that the weights are read once for all four.
 */
@unmanaged
class OlderTaps {
  operation: i32;
  ring: usize;
  /** Inputs of each tap. */
  count: i32;
  taps: i32;
  dilation: i32;
  /** Panels of 8 columns: [panel][tap][input][8], the oldest tap first. */
  weights: usize;
  columns: i32;
  /** By how many events the four are shifted: not all convolutions work ahead in the same event. */
  phase: i32;
  /** [4][columns] of four events */
  sums: usize;
  /** Where the number of the event among the four is kept, as f32: it belongs to the state. */
  position: usize;
  base: usize;
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
/** Of inputs that are not 0: value, offset of its row in a panel. Or inputs of four events, one behind the other. */
let list: usize = 0;
/** For each choice of four: the bytes of those that are chosen, first. */
const chosenFirst: usize = memory.data(256, 16);

export function init(scratch: usize): void {
  list = scratch;
  for (let choice: usize = 0; choice < 16; choice += 1) {
    let to = chosenFirst + choice * 16;
    for (let at: usize = 0; at < 4; at += 1) {
      if (((choice >> at) & 1) == 0) continue;
      store<u32>(to, 0x03020100 + <u32>at * 0x04040404);
      to += 4;
    }
  }
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
  const zero = f32x4.splat(0);
  let to = list;
  let row: i32 = 0;
  for (let at = 0; at < product.segmentCount; at += 1) {
    const segment = changetype<Segment>(product.segments + <usize>at * offsetof<Segment>());
    let from = addressOf(segment);
    const end = from + (<usize>segment.count << 2);
    let rows = i32x4.add(i32x4.splat(row), i32x4(0, 64, 128, 192));
    for (; from < end; from += 16) {
      const x = v128.load(from);
      const choice = i32x4.bitmask(f32x4.ne(x, zero));
      const first = v128.load(chosenFirst + <usize>(choice << 4));
      const values = i8x16.swizzle(x, first);
      const places = i8x16.swizzle(rows, first);
      v128.store(to, v128.shuffle<i32>(values, places, 0, 4, 1, 5));
      v128.store(to, v128.shuffle<i32>(values, places, 2, 6, 3, 7), 16);
      to += <usize>(popcnt(choice) << 3);
      rows = i32x4.add(rows, i32x4.splat(256));
    }
    row += segment.count << 6;
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

/**
 * 16 columns: 4 sums in registers while the list is gone through. Not more: V8 loads all that a turn of the loop reads before it
 * multiplies, and what its 15 registers do not hold goes to the stack and back.
 */
function panel(end: usize, weights: usize, start: usize, ending: i32, around: usize, to: usize): void {
  let s0 = v128.load(start, 0);
  let s1 = v128.load(start, 16);
  let s2 = v128.load(start, 32);
  let s3 = v128.load(start, 48);
  for (let at = list; at < end; at += 16) {
    let x = v128.load32_splat(at);
    let row = weights + <usize>load<u32>(at, 4);
    s0 = madd(x, v128.load(row, 0), s0);
    s1 = madd(x, v128.load(row, 16), s1);
    s2 = madd(x, v128.load(row, 32), s2);
    s3 = madd(x, v128.load(row, 48), s3);
    x = v128.load32_splat(at, 8);
    row = weights + <usize>load<u32>(at, 12);
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
  let start = product.start;
  let weights = product.weights;
  const panelBytes = <usize>product.rows << 6;
  for (let left = product.columns; left > 0; left -= 16) {
    panel(end, weights, start, product.ending, around, to);
    weights += panelBytes;
    start += 64;
    around += 64;
    to += 64;
  }
}

/** Four vectors, of this event and the next three, as [input][4]. */
function interleave(a: usize, b: usize, c: usize, d: usize, count: i32, to: usize): void {
  for (const end = a + (<usize>count << 2); a < end; a += 16) {
    const a4 = v128.load(a);
    const b4 = v128.load(b);
    const c4 = v128.load(c);
    const d4 = v128.load(d);
    const ab = v128.shuffle<i32>(a4, b4, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c4, d4, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 16);
    const abHigh = v128.shuffle<i32>(a4, b4, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<i32>(c4, d4, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 32);
    v128.store(to, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 48);
    b += 16;
    c += 16;
    d += 16;
    to += 64;
  }
}

/** 8 columns of four events. @param bytes between the sums of two events */
function panelOfFour(rows: usize, weights: usize, to: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  let a0 = zero;
  let a1 = zero;
  let b0 = zero;
  let b1 = zero;
  let c0 = zero;
  let c1 = zero;
  let d0 = zero;
  let d1 = zero;
  let at = list;
  for (const end = at + rows * 16; at < end; at += 16) {
    const w0 = v128.load(weights);
    const w1 = v128.load(weights, 16);
    const a = v128.load32_splat(at);
    const b = v128.load32_splat(at, 4);
    const c = v128.load32_splat(at, 8);
    const d = v128.load32_splat(at, 12);
    a0 = madd(a, w0, a0);
    a1 = madd(a, w1, a1);
    b0 = madd(b, w0, b0);
    b1 = madd(b, w1, b1);
    c0 = madd(c, w0, c0);
    c1 = madd(c, w1, c1);
    d0 = madd(d, w0, d0);
    d1 = madd(d, w1, d1);
    weights += 32;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  to += bytes;
  v128.store(to, b0);
  v128.store(to, b1, 16);
  to += bytes;
  v128.store(to, c0);
  v128.store(to, c1, 16);
  to += bytes;
  v128.store(to, d0);
  v128.store(to, d1, 16);
}

/** The sums of this event and the next three. */
function workAhead(step: OlderTaps): void {
  const ring = changetype<Ring>(step.ring);
  let to = list;
  for (let tap = 0; tap < step.taps; tap += 1) {
    const ago = (step.taps - tap) * step.dilation;
    const first = slotOf(ring, ago);
    interleave(first, slotOf(ring, ago - 1), slotOf(ring, ago - 2), slotOf(ring, ago - 3), step.count, to);
    to += <usize>step.count << 4;
  }
  const rows = <usize>(step.taps * step.count);
  const bytes = <usize>step.columns * 4;
  let weights = step.weights;
  for (let at: usize = 0; at < bytes; at += 32) {
    panelOfFour(rows, weights, step.sums + at, bytes);
    weights += rows * 32;
  }
}

function olderTaps(step: OlderTaps): void {
  const position = <i32>load<f32>(step.position);
  const ofFour = (position + step.phase) & 3;
  if (ofFour == 0) workAhead(step);
  store<f32>(step.position, <f32>((position + 1) & 3));
  const bytes = <usize>step.columns * 4;
  addVectors(step.base, step.sums + <usize>ofFour * bytes, bytes, step.to);
}

// @ts-ignore: decorator
@inline
function addVectors(a: usize, b: usize, bytes: usize, to: usize): void {
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(to + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
}

function addRow(sum: RowSum): void {
  const bytes = <usize>sum.columns * 4;
  addVectors(sum.base, sum.table + <usize>(sum.isState != 0 ? state : task) * bytes, bytes, sum.to);
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
      case 3:
        olderTaps(changetype<OlderTaps>(step));
        step += offsetof<OlderTaps>();
        break;
      default:
        unreachable();
    }
  }
}
