/** Products of whole tables: packing B is one job, multiplying another. */
import { multiply, NR, packPanel, Product } from './gemm';
import { address, int, scratch } from './job';

/** Panels a task of packing. */
export const PANELS: i32 = 4;

/** 0 packed (out), 1 b, 2 ldb, 3 transposed?, 4 segments, 5 length of a segment, 6 step from segment to segment, 7 columns */
export function pack(task: i32): void {
  const panels = (int(7) + NR - 1) / NR;
  for (let panel = task * PANELS; panel < min(panels, (task + 1) * PANELS); panel += 1)
    packPanel(address(0), address(1), int(2), int(3) != 0, int(4), int(5), int(6), int(7), panel);
}

/**
 * 0 a, 1 lda, 2 rows of a, 3 transposed?, 4 segments, 5 length of a segment, 6 shift, 7 its step, 8 depth, 9 packed, 10 columns,
 * 11 c, 12 ldc, 13 bias or 0, 14 accumulates?, 15 rows of C (of each segment, when transposed), 16 rows a task, 17 panels a task
 */
export function multiplyTask(task: i32): void {
  const p = changetype<Product>(scratch);
  p.a = address(0);
  p.lda = int(1);
  p.aRows = int(2);
  p.isTransposed = int(3) != 0;
  p.segments = int(4);
  p.segmentLength = int(5);
  p.shift = int(6);
  p.shiftStep = int(7);
  p.depth = int(8);
  p.packed = address(9);
  p.columns = int(10);
  p.c = address(11);
  p.ldc = int(12);
  p.bias = address(13);
  p.accumulates = int(14) != 0;
  p.scratch = scratch + 256;
  const rowsInAll = int(15);
  const rowsEach = int(16);
  const rowBlocks = (rowsInAll + rowsEach - 1) / rowsEach;
  const panels = (p.columns + NR - 1) / NR;
  const segmentBlocks = p.isTransposed ? rowBlocks * p.segments : rowBlocks;
  const block = task % segmentBlocks;
  const segment = block / rowBlocks;
  const first = (block % rowBlocks) * rowsEach;
  const from = (task / segmentBlocks) * int(17);
  const rows = min(rowsEach, rowsInAll - first);
  multiply(p, segment * rowsInAll + first, rows, from, min(panels, from + int(17)));
}
