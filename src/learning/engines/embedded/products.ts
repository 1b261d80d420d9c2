/** Products of tables on the kernels: layers that are dense, and convolutions as products with rows moved. */
import type { ConvolutionShape } from '../engine.js';
import { COLUMNS_EACH, MOST_ROWS, PACKED_PANELS, PANEL_COLUMNS } from './kernelModule.js';
import type { Table, Workshop } from './workshop.js';

/** Products below it are not worth waking a thread. */
const SMALL_PRODUCT = 100_000;

/** The right side, [segments * length, columns]: from a table, or from the transpose of each segment's stretch of one. */
export interface RightSide {
  readonly address: number;
  /** Columns of the table. */
  readonly stride: number;
  readonly isTransposed: boolean;
  readonly segments: number;
  readonly length: number;
  /** Elements from one segment to the next. */
  readonly step: number;
  readonly columns: number;
}

/** The left side: a table, its rows moved down by `shift + segment * shiftStep` in each segment (kernels/gemm.ts). */
export interface LeftSide {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly isTransposed: boolean;
  readonly segments: number;
  readonly shift: number;
  readonly shiftStep: number;
}

export interface Target {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly bias?: number;
}

export function plainRight(table: Table, first = 0, rows = table.rows): RightSide {
  const address = table.address + first * table.columns * 4;
  const { columns } = table;
  return { address, stride: columns, isTransposed: false, segments: 1, length: rows, step: 0, columns };
}

/** The transpose of rows of a table. */
export function transposedRight(table: Table, first = 0, rows = table.rows): RightSide {
  const address = table.address + first * table.columns * 4;
  const { columns } = table;
  return {
    address,
    stride: columns,
    isTransposed: true,
    segments: 1,
    length: columns,
    step: 0,
    columns: rows,
  };
}

export function plainLeft(table: Table, isTransposed = false): LeftSide {
  const { address, rows, columns } = table;
  return { address, rows, columns, isTransposed, segments: 1, shift: 0, shiftStep: 0 };
}

/** Packs a right side for the length of `work`. */
export function withPacked<T>(shop: Workshop, right: RightSide, work: (packed: number) => T): T {
  const panels = Math.ceil(right.columns / PANEL_COLUMNS);
  const depth = right.segments * right.length;
  return shop.borrow(panels * PANEL_COLUMNS * depth * 4, (packed) => {
    const { address, stride, isTransposed, segments, length, step, columns } = right;
    shop.run(
      'pack',
      Math.ceil(panels / PACKED_PANELS),
      [packed, address, stride, isTransposed, segments, length, step, columns],
      depth * columns < SMALL_PRODUCT,
    );
    return work(packed);
  });
}

/** target = left · packed (+ bias) */
export function multiply(shop: Workshop, left: LeftSide, packed: number, target: Target): void {
  const panels = Math.ceil(target.columns / PANEL_COLUMNS);
  // A transposed product's rows are those of each segment: blocks never cross.
  const rows = left.isTransposed ? left.columns : target.rows;
  const depth = left.isTransposed ? left.rows : left.segments * left.columns;
  const rowsEach = rows >= 512 ? MOST_ROWS : rows >= 128 ? 32 : 16;
  const rowBlocks = Math.ceil(rows / rowsEach) * (left.isTransposed ? left.segments : 1);
  const columnBlocks = Math.min(panels, Math.max(1, Math.ceil((4 * shop.threads) / rowBlocks)));
  const panelsEach = Math.ceil(panels / columnBlocks);
  const { address, bias = 0, columns } = target;
  const { segments, shift, shiftStep } = left;
  const a = [
    left.address,
    left.columns,
    left.rows,
    left.isTransposed,
    segments,
    left.columns,
    shift,
    shiftStep,
  ];
  shop.run(
    'multiply',
    rowBlocks * Math.ceil(panels / panelsEach),
    [...a, depth, packed, columns, address, columns, bias, false, rows, rowsEach, panelsEach],
    rows * depth * columns < SMALL_PRODUCT,
  );
}

export function product(shop: Workshop, left: LeftSide, right: RightSide, target: Target): void {
  withPacked(shop, right, (packed) => multiply(shop, left, packed, target));
}

export function columnSums(shop: Workshop, x: Table): Table {
  const out = shop.table(1, x.columns);
  shop.borrow((x.columns + COLUMNS_EACH) * 8, (sums) =>
    shop.run(
      'columnSums',
      Math.ceil(x.columns / COLUMNS_EACH),
      [x.address, x.rows, x.columns, out.address, sums],
      x.length < SMALL_PRODUCT,
    ),
  );
  return out;
}

export interface Gradients {
  readonly dX: Table | null;
  readonly dW: Table;
  readonly dB: Table;
}

export function dense(shop: Workshop, x: Table, w: Table, b: Table | null): Table {
  const out = shop.table(x.rows, w.columns);
  product(shop, plainLeft(x), plainRight(w), { ...place(out), bias: b?.address ?? 0 });
  return out;
}

export function denseGradient(
  shop: Workshop,
  x: Table,
  w: Table,
  dOutput: Table,
  wantsInput: boolean,
): Gradients {
  const dX = wantsInput ? shop.table(x.rows, x.columns) : null;
  if (dX !== null) product(shop, plainLeft(dOutput), transposedRight(w), place(dX));
  const dW = shop.table(w.rows, w.columns);
  product(shop, plainLeft(x, true), plainRight(dOutput), place(dW));
  return { dX, dW, dB: columnSums(shop, dOutput) };
}

export function convolution(shop: Workshop, x: Table, w: Table, b: Table, shape: ConvolutionShape): Table {
  const out = shop.table(x.rows, w.columns);
  const right = { ...plainRight(w), segments: shape.taps, length: x.columns, step: x.columns * w.columns };
  product(shop, tapsOf(x, shape), right, { ...place(out), bias: b.address });
  return out;
}

export function convolutionGradient(
  shop: Workshop,
  x: Table,
  w: Table,
  dOutput: Table,
  shape: ConvolutionShape,
  wantsInput: boolean,
): Gradients {
  const dX = wantsInput ? shop.table(x.rows, x.columns) : null;
  if (dX !== null) {
    const taps = { segments: shape.taps, step: x.columns * w.columns };
    const right = { ...transposedRight(w, 0, x.columns), ...taps };
    // What a tap read from above gets its gradient from below.
    const { shift, shiftStep, ...left } = tapsOf(dOutput, shape);
    product(shop, { ...left, shift: -shift, shiftStep: -shiftStep }, right, place(dX));
  }
  const dW = shop.table(w.rows, w.columns);
  product(shop, { ...tapsOf(x, shape), isTransposed: true }, plainRight(dOutput), place(dW));
  return { dX, dW, dB: columnSums(shop, dOutput) };
}

function tapsOf(x: Table, { taps, dilation, batch }: ConvolutionShape): LeftSide {
  const step = dilation * batch;
  return { ...plainLeft(x), segments: taps, shift: (taps - 1) * step, shiftStep: -step };
}

export function place({ address, rows, columns }: Table): Target {
  return { address, rows, columns };
}
