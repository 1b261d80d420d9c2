/**
 * What dropout multiplies with, by itself: entry of the kernels for the native engine, which has no hash of its own. One thread,
 * and a memory that is the mask alone.
 */
import { hash4, u32x4_ge } from './functions';

/**
 * @param end bytes, a multiple of 16
 * @param key hash of the seed
 * @param below hashes below it are dropped
 * @param factor of the others
 */
export function fill(end: usize, key: i32, below: i32, factor: f32): void {
  const seed = i32x4.splat(key);
  const limit = i32x4.splat(below);
  const kept = f32x4.splat(factor);
  let index = i32x4(0, 1, 2, 3);
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(at, v128.and(kept, u32x4_ge(hash4(v128.xor(index, seed)), limit)));
    index = i32x4.add(index, i32x4.splat(4));
  }
}
