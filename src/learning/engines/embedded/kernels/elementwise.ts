/** What is done element by element. A task is a stretch of CHUNK elements. */
import { hash4, loadSome, storeSome, u32x4_ge } from './functions';
import { address, float, int } from './job';

export const CHUNK: i32 = 16384;

// @ts-ignore: decorator
@inline
function endOf(task: i32, length: i32): i32 {
  return min(length, (task + 1) * CHUNK);
}

/** 0 a, 1 b, 2 out, 3 length */
export function add(task: i32): void {
  const end = endOf(task, int(3));
  for (let i = task * CHUNK; i < end; i += 4) {
    const at = <usize>i * 4;
    const sum = f32x4.add(loadSome(address(0) + at, end - i), loadSome(address(1) + at, end - i));
    storeSome(address(2) + at, sum, end - i);
  }
}

/** 0 x, 1 out, 2 length, 3 factor */
export function scale(task: i32): void {
  const end = endOf(task, int(2));
  const factor = f32x4.splat(float(3));
  for (let i = task * CHUNK; i < end; i += 4) {
    const at = <usize>i * 4;
    storeSome(address(1) + at, f32x4.mul(loadSome(address(0) + at, end - i), factor), end - i);
  }
}

/** 0 x, 1 out, 2 length */
export function relu(task: i32): void {
  const end = endOf(task, int(2));
  const zero = f32x4.splat(0);
  for (let i = task * CHUNK; i < end; i += 4) {
    const at = <usize>i * 4;
    storeSome(address(1) + at, f32x4.max(loadSome(address(0) + at, end - i), zero), end - i);
  }
}

/** 0 output, 1 dOutput, 2 out, 3 length */
export function reluGradient(task: i32): void {
  const end = endOf(task, int(3));
  const zero = f32x4.splat(0);
  for (let i = task * CHUNK; i < end; i += 4) {
    const at = <usize>i * 4;
    const passes = f32x4.gt(loadSome(address(0) + at, end - i), zero);
    storeSome(address(2) + at, v128.and(loadSome(address(1) + at, end - i), passes), end - i);
  }
}

/** 0 x, 1 out, 2 length, 3 hash of the seed, 4 hashes below it are dropped, 5 factor of the others */
export function dropout(task: i32): void {
  const end = endOf(task, int(2));
  const seed = i32x4.splat(int(3));
  const below = i32x4.splat(int(4));
  const factor = f32x4.splat(float(5));
  let index = i32x4.add(i32x4.splat(task * CHUNK), i32x4(0, 1, 2, 3));
  for (let i = task * CHUNK; i < end; i += 4) {
    const at = <usize>i * 4;
    const isKept = u32x4_ge(hash4(v128.xor(index, seed)), below);
    const kept = f32x4.mul(loadSome(address(0) + at, end - i), factor);
    storeSome(address(1) + at, v128.and(kept, isKept), end - i);
    index = i32x4.add(index, i32x4.splat(4));
  }
}

/**
 * 0 w, 1 gradient, 2 m, 3 v, 4 length; floats: 5 gradient scale, 6 beta1, 7 1 - beta1, 8 beta2, 9 1 - beta2, 10 epsilon,
 * 11 what remains of w after decay, 12 learning rate over the correction of m, 13 the inverse root of the correction of v
 */
export function adam(task: i32): void {
  const end = endOf(task, int(4));
  for (let i = task * CHUNK; i < end; i += 4) {
    const at = <usize>i * 4;
    const left = end - i;
    const gradient = f32x4.mul(loadSome(address(1) + at, left), f32x4.splat(float(5)));
    let m = loadSome(address(2) + at, left);
    let v = loadSome(address(3) + at, left);
    m = f32x4.add(f32x4.mul(m, f32x4.splat(float(6))), f32x4.mul(gradient, f32x4.splat(float(7))));
    const square = f32x4.mul(gradient, gradient);
    v = f32x4.add(f32x4.mul(v, f32x4.splat(float(8))), f32x4.mul(square, f32x4.splat(float(9))));
    const deviation = f32x4.mul(f32x4.sqrt(v), f32x4.splat(float(13)));
    const step = f32x4.div(
      f32x4.mul(m, f32x4.splat(float(12))),
      f32x4.add(deviation, f32x4.splat(float(10))),
    );
    const w = f32x4.mul(loadSome(address(0) + at, left), f32x4.splat(float(11)));
    storeSome(address(0) + at, f32x4.sub(w, step), left);
    storeSome(address(2) + at, m, left);
    storeSome(address(3) + at, v, left);
  }
}

/** The sum of squares of each chunk. 0 x, 1 length, 2 sums in float64, one a chunk */
export function squares(task: i32): void {
  const end = endOf(task, int(1));
  let low = f64x2.splat(0);
  let high = low;
  for (let i = task * CHUNK; i < end; i += 4) {
    const x = loadSome(address(0) + <usize>i * 4, end - i);
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  store<f64>(
    address(2) + <usize>task * 8,
    f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1),
  );
}
