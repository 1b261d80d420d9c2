/** Sums and statistics by column, over rows in their order, in float64. A task is a block of WIDTH columns. */
import { address, float, int } from './job';

/** A cache line of float32. */
export const WIDTH: i32 = 16;

/** Up to WIDTH columns: Σ x, or Σ x·y, into float64 at `sums`. @param y 0 for Σ x */
function sumBlock(x: usize, y: usize, rows: i32, columns: i32, first: i32, sums: usize): void {
  const step = <usize>columns * 4;
  for (let group = first; group < min(columns, first + WIDTH); group += 4) {
    const to = sums + <usize>(group - first) * 8;
    if (group + 4 <= columns)
      sumGroup(x + <usize>group * 4, y == 0 ? 0 : y + <usize>group * 4, rows, step, to);
    else for (let c = group; c < columns; c += 1) sumColumn(x, y, rows, step, c, to + <usize>(c - group) * 8);
  }
}

function sumGroup(x: usize, y: usize, rows: i32, step: usize, to: usize): void {
  let low = f64x2.splat(0);
  let high = low;
  for (let row = 0; row < rows; row += 1) {
    const a = v128.load(x);
    let aLow = f64x2.promote_low_f32x4(a);
    let aHigh = f64x2.promote_low_f32x4(v128.shuffle<f32>(a, a, 2, 3, 2, 3));
    if (y != 0) {
      const b = v128.load(y);
      aLow = f64x2.mul(aLow, f64x2.promote_low_f32x4(b));
      aHigh = f64x2.mul(aHigh, f64x2.promote_low_f32x4(v128.shuffle<f32>(b, b, 2, 3, 2, 3)));
      y += step;
    }
    low = f64x2.add(low, aLow);
    high = f64x2.add(high, aHigh);
    x += step;
  }
  v128.store(to, low);
  v128.store(to, high, 16);
}

function sumColumn(x: usize, y: usize, rows: i32, step: usize, column: i32, to: usize): void {
  let sum: f64 = 0;
  for (let row = 0; row < rows; row += 1) {
    const at = <usize>row * step + <usize>column * 4;
    const value = <f64>load<f32>(x + at);
    sum += y == 0 ? value : value * <f64>load<f32>(y + at);
  }
  store<f64>(to, sum);
}

/** 0 x, 1 rows, 2 columns, 3 out, 4 sums in float64 [columns + WIDTH] */
export function columnSums(task: i32): void {
  const first = task * WIDTH;
  const sums = address(4) + <usize>first * 8;
  sumBlock(address(0), 0, int(1), int(2), first, sums);
  for (let c = first; c < min(int(2), first + WIDTH); c += 1)
    store<f32>(address(3) + <usize>c * 4, <f32>load<f64>(sums + <usize>(c - first) * 8));
}

/** 0 x, 1 rows, 2 columns, 3 mean (out), 4 variance (out, biased), 5 sums in float64 */
export function moments(task: i32): void {
  const rows = int(1);
  const columns = int(2);
  const first = task * WIDTH;
  const sums = address(5) + <usize>first * 8;
  sumBlock(address(0), 0, rows, columns, first, sums);
  for (let c = first; c < min(columns, first + WIDTH); c += 1) {
    const mean = load<f64>(sums + <usize>(c - first) * 8) / <f64>rows;
    let squares: f64 = 0;
    for (let row = 0; row < rows; row += 1) {
      const off = <f64>load<f32>(address(0) + (<usize>row * columns + c) * 4) - mean;
      squares += off * off;
    }
    store<f32>(address(3) + <usize>c * 4, <f32>mean);
    store<f32>(address(4) + <usize>c * 4, <f32>(squares / <f64>rows));
  }
}

/** Rows a task of what follows. */
export const ROWS: i32 = 256;

/** 0 x, 1 rows, 2 columns, 3 mean, 4 1 / deviation, 5 gamma, 6 beta, 7 normal (out), 8 output (out) */
export function normalise(task: i32): void {
  const columns = int(2);
  for (let row = task * ROWS; row < min(int(1), (task + 1) * ROWS); row += 1) {
    const at = <usize>row * columns * 4;
    let c: usize = 0;
    const whole = <usize>(columns & ~3) * 4;
    for (; c < whole; c += 16) {
      const off = f32x4.sub(v128.load(address(0) + at + c), v128.load(address(3) + c));
      const normal = f32x4.mul(off, v128.load(address(4) + c));
      v128.store(address(7) + at + c, normal);
      const scaled = f32x4.mul(normal, v128.load(address(5) + c));
      v128.store(address(8) + at + c, f32x4.add(scaled, v128.load(address(6) + c)));
    }
    for (; c < <usize>columns * 4; c += 4) {
      const normal = (load<f32>(address(0) + at + c) - load<f32>(address(3) + c)) * load<f32>(address(4) + c);
      store<f32>(address(7) + at + c, normal);
      store<f32>(address(8) + at + c, normal * load<f32>(address(5) + c) + load<f32>(address(6) + c));
    }
  }
}

/** 0 dOutput, 1 rows, 2 columns, 3 normal, 4 dGamma (out), 5 dBeta (out), 6 sums in float64 */
export function normSums(task: i32): void {
  const first = task * WIDTH;
  const sums = address(6) + <usize>first * 8;
  sumBlock(address(0), address(3), int(1), int(2), first, sums);
  for (let c = first; c < min(int(2), first + WIDTH); c += 1)
    store<f32>(address(4) + <usize>c * 4, <f32>load<f64>(sums + <usize>(c - first) * 8));
  sumBlock(address(0), 0, int(1), int(2), first, sums);
  for (let c = first; c < min(int(2), first + WIDTH); c += 1)
    store<f32>(address(5) + <usize>c * 4, <f32>load<f64>(sums + <usize>(c - first) * 8));
}

/**
 * dX = slope · (dOutput - (dBeta + normal · dGamma) · share). 0 dOutput, 1 rows, 2 columns, 3 normal, 4 dGamma, 5 dBeta,
 * 6 slope: gamma / deviation, 7 dX (out), 8 share: 1 / rows, or 0 where mean and variance did not depend on x
 */
export function normGradient(task: i32): void {
  const columns = int(2);
  const share = float(8);
  const share4 = f32x4.splat(share);
  for (let row = task * ROWS; row < min(int(1), (task + 1) * ROWS); row += 1) {
    const at = <usize>row * columns * 4;
    let c: usize = 0;
    const whole = <usize>(columns & ~3) * 4;
    for (; c < whole; c += 16) {
      const along = f32x4.mul(v128.load(address(3) + at + c), v128.load(address(4) + c));
      const pulled = f32x4.mul(f32x4.add(v128.load(address(5) + c), along), share4);
      const left = f32x4.sub(v128.load(address(0) + at + c), pulled);
      v128.store(address(7) + at + c, f32x4.mul(left, v128.load(address(6) + c)));
    }
    for (; c < <usize>columns * 4; c += 4) {
      const along = load<f32>(address(3) + at + c) * load<f32>(address(4) + c);
      const pulled = (load<f32>(address(5) + c) + along) * share;
      store<f32>(address(7) + at + c, (load<f32>(address(0) + at + c) - pulled) * load<f32>(address(6) + c));
    }
  }
}
