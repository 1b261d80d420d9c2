/**
 * Matrix products C = A · B (+ bias or + C) as Goto and van de Geijn lay them out (2008, "Anatomy of high-performance matrix
 * multiplication"): B is packed once into panels of NR columns, A block by block into panels of MR rows, and a micro-kernel
 * keeps MR × NR sums in registers.
 *
 * Each element of C is the sum over blocks of KC products, in this order, whoever computes it and whatever lies beside it:
 * so bits do not depend on threads.
 *
 * A may be read in segments, which is what makes causal convolutions products without copies. Untransposed, the columns of
 * A are `segments` times the columns of the table `a`, in each segment with the rows moved down by its shift; transposed,
 * the rows of A are the columns of the table, again and again, with the rows of the table moved down.
 */
import { madd } from './functions';

export const MR: i32 = 4;
export const NR: i32 = 8;
export const KC: i32 = 256;

/** What a product reads and writes, in memory of the thread. Leading dimensions are in elements. */
@unmanaged
export class Product {
  a: usize;
  lda: i32;
  /** Rows of the table: beyond lie zeros. */
  aRows: i32;
  isTransposed: bool;
  segments: i32;
  /** Columns of the table. */
  segmentLength: i32;
  shift: i32;
  /** Added to the shift from segment to segment. */
  shiftStep: i32;
  /** Length of the sums: for transposed products; otherwise segments * segmentLength. */
  depth: i32;
  packed: usize;
  columns: i32;
  c: usize;
  ldc: i32;
  bias: usize;
  accumulates: bool;
  /** Of this thread: for a packed block of A. */
  scratch: usize;
}

// @ts-ignore: decorator
@inline
function finish(c: usize, sum: v128, bias: usize, accumulates: bool): void {
  if (accumulates) sum = f32x4.add(v128.load(c), sum);
  else if (bias != 0) sum = f32x4.add(v128.load(bias), sum);
  v128.store(c, sum);
}

/** MR rows by NR columns over `depth` products. @param ldc in bytes */
function microKernel(
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  bias: usize,
  accumulates: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let k = depth;
  for (; k >= 4; k -= 4) {
    let b0 = v128.load(b, 0);
    let b1 = v128.load(b, 16);
    let x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);

    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a, 16);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 20);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 24);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 28);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);

    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    x = v128.load32_splat(a, 32);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 36);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 40);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 44);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);

    b0 = v128.load(b, 96);
    b1 = v128.load(b, 112);
    x = v128.load32_splat(a, 48);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 52);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 56);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 60);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += 64;
    b += 128;
  }
  for (; k > 0; k -= 1) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += 16;
    b += 32;
  }
  const second = bias == 0 ? <usize>0 : bias + 16;
  finish(c, c00, bias, accumulates);
  finish(c + 16, c01, second, accumulates);
  c += ldc;
  finish(c, c10, bias, accumulates);
  finish(c + 16, c11, second, accumulates);
  c += ldc;
  finish(c, c20, bias, accumulates);
  finish(c + 16, c21, second, accumulates);
  c += ldc;
  finish(c, c30, bias, accumulates);
  finish(c + 16, c31, second, accumulates);
}

/** A tile at the edge of C: computed whole beside it, and copied as far as it reaches. */
function edgeKernel(
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  bias: usize,
  accumulates: bool,
  rows: i32,
  columns: i32,
  tile: usize,
): void {
  microKernel(depth, a, b, tile, NR * 4, 0, false);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const to = c + <usize>i * ldc + <usize>j * 4;
      let sum = load<f32>(tile + <usize>(i * NR + j) * 4);
      if (accumulates) sum = load<f32>(to) + sum;
      else if (bias != 0) sum = load<f32>(bias + j * 4) + sum;
      store<f32>(to, sum);
    }
  }
}

/**
 * Panel `panel` of B, [depth, columns] in segments of `segmentLength` rows, into blocks of KC rows (never across segments),
 * each block's panels one after the other. @param isTransposed B is read as the transpose of each segment's table
 */
export function packPanel(
  to: usize,
  b: usize,
  ldb: i32,
  isTransposed: bool,
  segments: i32,
  segmentLength: i32,
  segmentStep: i32,
  columns: i32,
  panel: i32,
): void {
  const panels = (columns + NR - 1) / NR;
  const first = panel * NR;
  const count = min(NR, columns - first);
  let done = 0;
  for (let segment = 0; segment < segments; segment += 1) {
    const from = b + (<usize>segment * segmentStep) * 4;
    for (let k = 0; k < segmentLength; k += KC) {
      const depth = min(KC, segmentLength - k);
      const at = to + (<usize>done * panels * NR + <usize>panel * depth * NR) * 4;
      if (isTransposed) packColumnsOfRows(at, from + (<usize>first * ldb + k) * 4, ldb, depth, count);
      else packRows(at, from + (<usize>k * ldb + first) * 4, ldb, depth, count);
      done += depth;
    }
  }
}

function packRows(to: usize, from: usize, ld: i32, depth: i32, count: i32): void {
  const step = <usize>ld * 4;
  if (count == NR) {
    for (let k = 0; k < depth; k += 1) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      to += NR * 4;
      from += step;
    }
    return;
  }
  for (let k = 0; k < depth; k += 1) {
    for (let j = 0; j < NR; j += 1) store<f32>(to + j * 4, j < count ? load<f32>(from + j * 4) : 0);
    to += NR * 4;
    from += step;
  }
}

function packColumnsOfRows(to: usize, from: usize, ld: i32, depth: i32, count: i32): void {
  if (count == NR) {
    interleave(to, NR * 4, from, ld, depth);
    interleave(to + 16, NR * 4, from + <usize>ld * 16, ld, depth);
    return;
  }
  for (let j = 0; j < NR; j += 1) {
    const row = from + <usize>j * ld * 4;
    for (let k = 0; k < depth; k += 1)
      store<f32>(to + (<usize>k * NR + j) * 4, j < count ? load<f32>(row + k * 4) : 0);
  }
}

/** Four rows of `depth` elements into groups of four, one of each row. @param step between groups, in bytes */
function interleave(to: usize, step: usize, from: usize, ld: i32, depth: i32): void {
  const r1 = from + <usize>ld * 4;
  const r2 = from + <usize>ld * 8;
  const r3 = from + <usize>ld * 12;
  let k: usize = 0;
  const whole = <usize>(depth & ~3) * 4;
  for (; k < whole; k += 16) {
    const a = v128.load(from + k);
    const b = v128.load(r1 + k);
    const c = v128.load(r2 + k);
    const d = v128.load(r3 + k);
    const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
    to += step;
    v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
    to += step;
    v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
    to += step;
    v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
    to += step;
  }
  for (; k < <usize>depth * 4; k += 4) {
    store<f32>(to, load<f32>(from + k));
    store<f32>(to, load<f32>(r1 + k), 4);
    store<f32>(to, load<f32>(r2 + k), 8);
    store<f32>(to, load<f32>(r3 + k), 12);
    to += step;
  }
}

/** Rows first … first + rows of the table, columns from `k`; rows outside are zeros. */
function packBlock(p: Product, first: i32, rows: i32, k: i32, depth: i32): void {
  for (let i = 0; i < rows; i += MR) {
    const to = p.scratch + <usize>i * depth * 4;
    const row = first + i;
    const from = p.a + (<isize>row * p.lda + k) * 4;
    if (i + MR <= rows && row >= 0 && row + MR <= p.aRows) {
      interleave(to, MR * 4, from, p.lda, depth);
      continue;
    }
    for (let r = 0; r < MR; r += 1) {
      const isThere = i + r < rows && row + r >= 0 && row + r < p.aRows;
      const source = from + <isize>r * p.lda * 4;
      for (let q = 0; q < depth; q += 1)
        store<f32>(to + (<usize>q * MR + r) * 4, isThere ? load<f32>(source + <usize>q * 4) : 0);
    }
  }
}

/** Columns first … first + rows of the table, which are rows of A; its rows from `k` on, zeros outside. */
function packBlockTransposed(p: Product, first: i32, rows: i32, k: i32, depth: i32): void {
  for (let i = 0; i < rows; i += MR) {
    let to = p.scratch + <usize>i * depth * 4;
    const count = min(MR, rows - i);
    for (let q = k; q < k + depth; q += 1) {
      const from = p.a + (<isize>q * p.lda + first + i) * 4;
      if (q < 0 || q >= p.aRows) v128.store(to, f32x4.splat(0));
      else if (count == MR) v128.store(to, v128.load(from));
      else for (let r = 0; r < MR; r += 1) store<f32>(to + r * 4, r < count ? load<f32>(from + r * 4) : 0);
      to += MR * 4;
    }
  }
}

/** The packed block of A times panels [from, to) of the packed block of B. */
function multiplyBlock(
  p: Product,
  row: i32,
  rows: i32,
  done: i32,
  depth: i32,
  from: i32,
  to: i32,
  isFirst: bool,
): void {
  const panels = (p.columns + NR - 1) / NR;
  const tile = p.scratch + <usize>((rows + MR - 1) & ~(MR - 1)) * KC * 4;
  const ldc = <usize>p.ldc * 4;
  const accumulates = p.accumulates || !isFirst;
  for (let panel = from; panel < to; panel += 1) {
    const b = p.packed + (<usize>done * panels * NR + <usize>panel * depth * NR) * 4;
    const column = panel * NR;
    const bias = p.bias == 0 ? <usize>0 : p.bias + <usize>column * 4;
    const count = min(NR, p.columns - column);
    for (let i = 0; i < rows; i += MR) {
      const a = p.scratch + <usize>i * depth * 4;
      const c = p.c + (<usize>(row + i) * p.ldc + column) * 4;
      if (count == NR && i + MR <= rows) microKernel(depth, a, b, c, ldc, bias, accumulates);
      else edgeKernel(depth, a, b, c, ldc, bias, accumulates, min(MR, rows - i), count, tile);
    }
  }
}

/** Rows `row` … of C and the columns of panels [from, to). Of a transposed product, all rows of one segment. */
export function multiply(p: Product, row: i32, rows: i32, from: i32, to: i32): void {
  let isFirst = true;
  let done = 0;
  if (p.isTransposed) {
    const segment = row / p.segmentLength;
    const shift = p.shift + segment * p.shiftStep;
    for (let k = 0; k < p.depth; k += KC) {
      const depth = min(KC, p.depth - k);
      if (k + depth <= shift && k + depth < p.depth) {
        done += depth;
        continue;
      }
      packBlockTransposed(p, row - segment * p.segmentLength, rows, k - shift, depth);
      multiplyBlock(p, row, rows, done, depth, from, to, isFirst);
      isFirst = false;
      done += depth;
    }
    return;
  }
  for (let segment = 0; segment < p.segments; segment += 1) {
    const first = row - (p.shift + segment * p.shiftStep);
    // Nothing but zeros; one segment always has more.
    if (p.segments > 1 && (first + rows <= 0 || first >= p.aRows)) {
      done += p.segmentLength;
      continue;
    }
    for (let k = 0; k < p.segmentLength; k += KC) {
      const depth = min(KC, p.segmentLength - k);
      packBlock(p, first, rows, k, depth);
      multiplyBlock(p, row, rows, done, depth, from, to, isFirst);
      isFirst = false;
      done += depth;
    }
  }
}
