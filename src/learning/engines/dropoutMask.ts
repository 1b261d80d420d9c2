/**
 * Whether an element is dropped, the same on all engines: a hash of seed and index, uniform on 32 bits, below the rate.
 * The hash is lowbias32 (Wellons, "Prospecting for Hash Functions", 2018).
 */
export function isDropped(seed: number, index: number, rate: number): boolean {
  return hash32((index ^ hash32(seed)) | 0) < rate * 2 ** 32;
}

/** @returns 0 … 2^32 - 1 */
export function hash32(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
