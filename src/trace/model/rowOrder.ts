/** Bringing rows into order of time. */

export type Column =
  Float64Array | BigInt64Array | Int32Array | Uint32Array | Uint16Array | Int16Array | Uint8Array;

/** A new order of the rows `[start, start + rows.length)`; the others stay where they are. */
export interface RowOrder {
  readonly start: number;
  /** Row that comes to `start + i`. */
  readonly rows: Uint32Array;
}

/**
 * Row numbers in order of time, stable. Recordings are made of few ascending runs (one a CPU) or are nearly
 * sorted, so natural merge sort is the right one: O(n log runs). Only the stretch that is out of order takes part:
 * often a few rows at which two CPUs meet.
 */
export function sortedOrder(timeNs: Float64Array, length: number): RowOrder {
  const { start, end } = unsortedStretch(timeNs, length);
  const count = end - start;
  let from: Uint32Array = new Uint32Array(count);
  const starts: number[] = [];
  for (let i = 0; i < count; i += 1) {
    from[i] = start + i;
    if (i === 0 || timeNs[start + i]! < timeNs[start + i - 1]!) starts.push(i);
  }
  let to: Uint32Array = new Uint32Array(starts.length > 1 ? count : 0);
  let runs = starts;
  while (runs.length > 1) {
    const next: number[] = [];
    for (let r = 0; r < runs.length; r += 2) {
      const runStart = runs[r]!;
      mergeRuns(timeNs, from, to, runStart, runs[r + 1] ?? count, runs[r + 2] ?? count);
      next.push(runStart);
    }
    [from, to] = [to, from];
    runs = next;
  }
  return { start, rows: from };
}

/** The rows outside are in their final place: all before are earlier than all within, all after later. */
function unsortedStretch(timeNs: Float64Array, length: number): { start: number; end: number } {
  let end = 0;
  let earliestLateNs = Infinity;
  let latestNs = -Infinity;
  for (let row = 0; row < length; row += 1) {
    const ns = timeNs[row]!;
    if (ns < latestNs) {
      end = row + 1;
      if (ns < earliestLateNs) earliestLateNs = ns;
    } else latestNs = ns;
  }
  let start = 0;
  while (start < end && timeNs[start]! <= earliestLateNs) start += 1;
  return { start, end };
}

/** Merges the ascending runs `[start, middle)` and `[middle, end)` of `from` into `to`; of equal times the left one first. */
function mergeRuns(
  timeNs: Float64Array,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at += 1) {
    const takeLeft = left < middle && (right >= end || timeNs[from[left]!]! <= timeNs[from[right]!]!);
    if (takeLeft) to[at] = from[left++]!;
    else to[at] = from[right++]!;
  }
}

/** Puts the rows of a column into a new order, in place. */
export function reorder(column: Column, order: RowOrder): void {
  const from = column.slice(order.start, order.start + order.rows.length);
  // One copying loop for each size of elements: a loop that sees arrays of many kinds is ten times slower.
  if (column instanceof BigInt64Array) reorderBigInts(column, from as BigInt64Array, order);
  else if (column instanceof Float64Array) reorderDoubles(column, from as Float64Array, order);
  else if (column.BYTES_PER_ELEMENT === 4)
    reorderWords(view(column, Uint32Array), view(from, Uint32Array), order);
  else if (column.BYTES_PER_ELEMENT === 2)
    reorderHalves(view(column, Uint16Array), view(from, Uint16Array), order);
  else reorderBytes(view(column, Uint8Array), view(from, Uint8Array), order);
}

function view<T>(
  column: Column,
  kind: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
): T {
  return new kind(column.buffer, column.byteOffset, column.length);
}

function reorderDoubles(to: Float64Array, from: Float64Array, { start, rows }: RowOrder): void {
  for (let i = 0; i < rows.length; i += 1) to[start + i] = from[rows[i]! - start]!;
}

function reorderBigInts(to: BigInt64Array, from: BigInt64Array, { start, rows }: RowOrder): void {
  for (let i = 0; i < rows.length; i += 1) to[start + i] = from[rows[i]! - start]!;
}

function reorderWords(to: Uint32Array, from: Uint32Array, { start, rows }: RowOrder): void {
  for (let i = 0; i < rows.length; i += 1) to[start + i] = from[rows[i]! - start]!;
}

function reorderHalves(to: Uint16Array, from: Uint16Array, { start, rows }: RowOrder): void {
  for (let i = 0; i < rows.length; i += 1) to[start + i] = from[rows[i]! - start]!;
}

function reorderBytes(to: Uint8Array, from: Uint8Array, { start, rows }: RowOrder): void {
  for (let i = 0; i < rows.length; i += 1) to[start + i] = from[rows[i]! - start]!;
}
