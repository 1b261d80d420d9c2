/** Softmax with cross entropy, row by row. */
import { exp4, loadSome, storeSome, sumOf4 } from './functions';
import { address, float, int } from './job';

/** Rows a task. */
export const ROWS: i32 = 16;

/** What the host needs of a row: largest logit, Σ exp(x - largest), Σ x; float64 each. */
const FIGURES: usize = 24;

/**
 * 0 logits, 1 rows, 2 columns, 3 targets, 4 share of each row in the mean, 5 dX (out), 6 figures (out), 7 label smoothing
 */
export function softmaxCrossEntropy(task: i32): void {
  const columns = int(2);
  for (let row = task * ROWS; row < min(int(1), (task + 1) * ROWS); row += 1) {
    const at = <usize>row * columns * 4;
    const share = load<f32>(address(4) + <usize>row * 4);
    const target = load<i32>(address(3) + <usize>row * 4);
    softmaxRow(address(0) + at, address(5) + at, columns, address(6) + <usize>row * FIGURES, share);
    const to = address(5) + at + <usize>target * 4;
    store<f32>(to, load<f32>(to) - share * (1 - float(7)));
  }
}

function softmaxRow(x: usize, dX: usize, columns: i32, figures: usize, share: f32): void {
  let largest4 = f32x4.splat(load<f32>(x));
  let total4 = f32x4.splat(0);
  for (let c = 0; c < columns; c += 4) {
    const some = loadSome(x + <usize>c * 4, columns - c);
    total4 = f32x4.add(total4, some);
    largest4 = f32x4.max(largest4, c + 4 <= columns ? some : lastOf(x, columns, c));
  }
  const largest = max(
    max(f32x4.extract_lane(largest4, 0), f32x4.extract_lane(largest4, 1)),
    max(f32x4.extract_lane(largest4, 2), f32x4.extract_lane(largest4, 3)),
  );
  let sum4 = f32x4.splat(0);
  let rest: f32 = 0;
  for (let c = 0; c < columns; c += 4) {
    const at = <usize>c * 4;
    const e = exp4(f32x4.sub(loadSome(x + at, columns - c), f32x4.splat(largest)));
    storeSome(dX + at, e, columns - c);
    if (c + 4 <= columns) sum4 = f32x4.add(sum4, e);
    else for (let k = c; k < columns; k += 1) rest += load<f32>(dX + <usize>k * 4);
  }
  const sum = sumOf4(sum4) + rest;
  store<f64>(figures, <f64>largest);
  store<f64>(figures, <f64>sum, 8);
  store<f64>(figures, <f64>sumOf4(total4), 16);
  const factor = f32x4.splat(share / sum);
  const smoothing = f32x4.splat((share * float(7)) / <f32>columns);
  for (let c = 0; c < columns; c += 4) {
    const to = dX + <usize>c * 4;
    const slope = f32x4.sub(f32x4.mul(loadSome(to, columns - c), factor), smoothing);
    storeSome(to, slope, columns - c);
  }
}

/** The last columns, fewer than four, with the first of them in place of what is missing. */
function lastOf(x: usize, columns: i32, from: i32): v128 {
  const at = x + <usize>from * 4;
  let some = v128.load32_splat(at);
  if (columns - from > 1) some = v128.load_lane<f32>(at + 4, some, 1);
  if (columns - from > 2) some = v128.load_lane<f32>(at + 8, some, 2);
  return some;
}
