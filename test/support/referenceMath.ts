/** What `ReferenceEngine` computes with: tables in float64, plain loops, one formula a function. */

export interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function table(rows: number, columns: number, values?: ArrayLike<number>): Table {
  return {
    rows,
    columns,
    values: values === undefined ? new Float64Array(rows * columns) : Float64Array.from(values),
  };
}

/** Each element from its row and column. */
export function tableOf(
  rows: number,
  columns: number,
  valueAt: (row: number, column: number) => number,
): Table {
  const out = table(rows, columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      out.values[row * columns + column] = valueAt(row, column);
    }
  }
  return out;
}

export const at = (x: Table, row: number, column: number): number => x.values[row * x.columns + column]!;

export function map(x: Table, valueOf: (value: number, index: number) => number): Table {
  return { ...x, values: x.values.map(valueOf) };
}

/** A view. */
export function rowsOf(x: Table, first: number, count: number): Table {
  return {
    rows: count,
    columns: x.columns,
    values: x.values.subarray(first * x.columns, (first + count) * x.columns),
  };
}

export function product(a: Table, b: Table): Table {
  return tableOf(a.rows, b.columns, (row, column) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k += 1) sum += at(a, row, k) * at(b, k, column);
    return sum;
  });
}

export function transposed(x: Table): Table {
  return tableOf(x.columns, x.rows, (row, column) => at(x, column, row));
}

export function columnSums(x: Table): Table {
  return tableOf(1, x.columns, (_, column) => {
    let sum = 0;
    for (let row = 0; row < x.rows; row += 1) sum += at(x, row, column);
    return sum;
  });
}

export function sum(a: Table, b: Table): Table {
  return map(a, (value, index) => value + b.values[index]!);
}

/** `part` lies at `firstRow`, zeros elsewhere; what would lie outside is left out. */
export function placed(rows: number, part: Table, firstRow: number): Table {
  return tableOf(rows, part.columns, (row, column) => {
    const from = row - firstRow;
    return from >= 0 && from < part.rows ? at(part, from, column) : 0;
  });
}

export function sideBySide(parts: readonly Table[]): Table {
  const columns = parts.reduce((width, part) => width + part.columns, 0);
  const out = table(parts[0]!.rows, columns);
  let first = 0;
  for (const part of parts) {
    for (let row = 0; row < part.rows; row += 1) {
      out.values.set(rowsOf(part, row, 1).values, row * columns + first);
    }
    first += part.columns;
  }
  return out;
}

export function columnsOf(x: Table, first: number, count: number): Table {
  return tableOf(x.rows, count, (row, column) => at(x, row, first + column));
}

/** One below the other. */
export function stacked(parts: readonly Table[]): Table {
  const columns = parts[0]!.columns;
  const rows = parts.reduce((height, part) => height + part.rows, 0);
  const out = table(rows, columns);
  let first = 0;
  for (const part of parts) {
    out.values.set(part.values, first * columns);
    first += part.rows;
  }
  return out;
}

/** Moves `running` towards `towards` by a share. */
export function move(running: Float64Array, towards: Float64Array, momentum: number): void {
  running.forEach((value, index) => (running[index] = (1 - momentum) * value + momentum * towards[index]!));
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export interface LstmTrace {
  readonly x: Table;
  readonly batch: number;
  /** [T*B, 4h] after sigmoid and tanh, in the order i, f, c, o. */
  readonly gates: Table;
  /** [(T+1)*B, h], the initial state first. */
  readonly hidden: Table;
  readonly cells: Table;
}

export function lstmForward(x: Table, w: Table, b: Table, hidden0: Table, cell0: Table): LstmTrace {
  const batch = hidden0.rows;
  const h = hidden0.columns;
  const gates: Table[] = [];
  const hidden = [hidden0];
  const cells = [cell0];
  for (let t = 0; t < x.rows / batch; t += 1) {
    const before = product(sideBySide([rowsOf(x, t * batch, batch), hidden.at(-1)!]), w);
    const gate = tableOf(batch, 4 * h, (row, column) => {
      const value = at(before, row, column) + b.values[column]!;
      return Math.floor(column / h) === 2 ? Math.tanh(value) : sigmoid(value);
    });
    const last = cells.at(-1)!;
    const cell = tableOf(
      batch,
      h,
      (row, unit) =>
        at(gate, row, h + unit) * at(last, row, unit) + at(gate, row, unit) * at(gate, row, 2 * h + unit),
    );
    gates.push(gate);
    cells.push(cell);
    hidden.push(
      tableOf(batch, h, (row, unit) => at(gate, row, 3 * h + unit) * Math.tanh(at(cell, row, unit))),
    );
  }
  return { x, batch, gates: stacked(gates), hidden: stacked(hidden), cells: stacked(cells) };
}

/** Backward through time; no gradient goes to the initial state. */
export function lstmBackward(
  trace: LstmTrace,
  w: Table,
  dHidden: Table,
): { dX: Table; dW: Table; dB: Table } {
  const { x, batch, gates, hidden, cells } = trace;
  const h = dHidden.columns;
  const wT = transposed(w);
  let dX = table(x.rows, x.columns);
  let dW = table(w.rows, w.columns);
  let dB = table(1, w.columns);
  let fromHidden = table(batch, h);
  let fromCell = table(batch, h);
  for (let t = x.rows / batch - 1; t >= 0; t -= 1) {
    const gate = rowsOf(gates, t * batch, batch);
    const before = rowsOf(cells, t * batch, batch);
    const after = rowsOf(cells, (t + 1) * batch, batch);
    const dH = sum(rowsOf(dHidden, t * batch, batch), fromHidden);
    const dC = tableOf(batch, h, (row, unit) => {
      const tanh = Math.tanh(at(after, row, unit));
      return at(fromCell, row, unit) + at(dH, row, unit) * at(gate, row, 3 * h + unit) * (1 - tanh * tanh);
    });
    const dGates = tableOf(batch, 4 * h, (row, column) => {
      const unit = column % h;
      const value = at(gate, row, column);
      const slope = Math.floor(column / h) === 2 ? 1 - value * value : value * (1 - value);
      const others = [
        at(dC, row, unit) * at(gate, row, 2 * h + unit),
        at(dC, row, unit) * at(before, row, unit),
        at(dC, row, unit) * at(gate, row, unit),
        at(dH, row, unit) * Math.tanh(at(after, row, unit)),
      ];
      return others[Math.floor(column / h)]! * slope;
    });
    const input = sideBySide([rowsOf(x, t * batch, batch), rowsOf(hidden, t * batch, batch)]);
    const dInput = product(dGates, wT);
    dW = sum(dW, product(transposed(input), dGates));
    dB = sum(dB, columnSums(dGates));
    dX = sum(dX, placed(x.rows, columnsOf(dInput, 0, x.columns), t * batch));
    fromHidden = columnsOf(dInput, x.columns, h);
    fromCell = tableOf(batch, h, (row, unit) => at(dC, row, unit) * at(gate, row, h + unit));
  }
  return { dX, dW, dB };
}
