/** What is known of the records that wait (`recordQueue.ts`): a row for each, as the compiled decoder sees them, too. */
export interface QueueColumns {
  readonly timeNs: Float64Array;
  /** Which chunk it lies in, where there, of which event it is, and its number among the file's records. */
  readonly slot: Uint32Array;
  readonly at: Uint32Array;
  readonly attr: Uint32Array;
  readonly line: Uint32Array;
}

/** Bytes of a row. */
export const ROW_BYTES = 24;

export function plainColumns(capacity: number): QueueColumns {
  return columnsIn(new ArrayBuffer(capacity * ROW_BYTES), 0, capacity);
}

/** In memory of others, `ROW_BYTES` a row; `at` is a multiple of 8. */
export function columnsIn(buffer: ArrayBuffer, at: number, capacity: number): QueueColumns {
  const words = (column: number) => new Uint32Array(buffer, at + capacity * (8 + 4 * column), capacity);
  return {
    timeNs: new Float64Array(buffer, at, capacity),
    slot: words(0),
    at: words(1),
    attr: words(2),
    line: words(3),
  };
}

/** A copy, twice as large. */
export function enlarged(columns: QueueColumns): QueueColumns {
  const larger = plainColumns(2 * columns.timeNs.length);
  larger.timeNs.set(columns.timeNs);
  larger.slot.set(columns.slot);
  larger.at.set(columns.at);
  larger.attr.set(columns.attr);
  larger.line.set(columns.line);
  return larger;
}

/** Moves the rows `[from, end)` forward, to `to`. */
export function moveRows(columns: QueueColumns, from: number, end: number, to: number): void {
  columns.timeNs.copyWithin(to, from, end);
  columns.slot.copyWithin(to, from, end);
  columns.at.copyWithin(to, from, end);
  columns.attr.copyWithin(to, from, end);
  columns.line.copyWithin(to, from, end);
}
