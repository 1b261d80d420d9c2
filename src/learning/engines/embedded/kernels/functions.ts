/**
 * exp, sigmoid and tanh, four at a time, with the polynomials of Moshier's Cephes (expf.c, tanhf.c). Worst errors found
 * against float64, in units of the last place: exp 1.0 and sigmoid 2.4 from -87 to 88, tanh 1.3 everywhere. Beyond, exp stays at
 * what it is there: 1e-38 and 2e38. What is not a number stays so.
 */

/** Below this exp is not normal any more; above its negative nearly infinite. */
const SMALLEST: f32 = -87.3;
const LARGEST: f32 = 88.3;

/** a · b + c; rounded once where there is fused multiply-add. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const bounded = f32x4.min(f32x4.max(x, f32x4.splat(SMALLEST)), f32x4.splat(LARGEST));
  const power = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(bounded, f32x4.mul(power, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(power, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const exponent = i32x4.add(i32x4.trunc_sat_f32x4_s(power), i32x4.splat(127));
  return f32x4.mul(p, i32x4.shl(exponent, 23));
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let near = f32x4.splat(-5.70498872745e-3);
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(2.06390887954e-2));
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(-5.37397155531e-2));
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(1.33314422036e-1));
  near = f32x4.add(f32x4.mul(near, square), f32x4.splat(-3.33332819422e-1));
  near = f32x4.add(f32x4.mul(f32x4.mul(near, square), x), x);
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const far = f32x4.sub(one, f32x4.div(two, f32x4.add(one, exp4(f32x4.mul(size, two)))));
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(size, f32x4.splat(0.625)));
}

// @ts-ignore: decorator
@inline
export function sumOf4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** Up to four elements; those beyond `count` are zeros. */
// @ts-ignore: decorator
@inline
export function loadSome(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  let some = v128.load32_zero(from);
  if (count > 1) some = v128.load_lane<f32>(from + 4, some, 1);
  if (count > 2) some = v128.load_lane<f32>(from + 8, some, 2);
  return some;
}

// @ts-ignore: decorator
@inline
export function storeSome(to: usize, values: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, values);
    return;
  }
  store<f32>(to, f32x4.extract_lane(values, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(values, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(values, 2), 8);
}

/** lowbias32, as `hash32` in engines/dropoutMask.ts. */
// @ts-ignore: decorator
@inline
export function hash4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

// @ts-ignore: decorator
@inline
export function u32x4_ge(a: v128, b: v128): v128 {
  return v128.ge<u32>(a, b);
}
