/**
 * The shapes that operations of an `Engine` take, the same checks for all engines. A wrong shape is a defect of the caller:
 * RangeError with the name of the operation.
 */
import type { BatchNormState, ConvolutionShape, LstmState, Tensor } from './engine.js';

function fail(operation: string, what: string): never {
  throw new RangeError(`${operation}: ${what}`);
}

const shapeOf = ({ rows, columns }: Tensor): string => `[${rows}, ${columns}]`;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;

/** @param what the name of the tensor in the operation */
export function requireShape(
  operation: string,
  what: string,
  tensor: Tensor,
  rows: number,
  columns: number,
): void {
  if (tensor.rows === rows && tensor.columns === columns) return;
  fail(operation, `${what} is ${shapeOf(tensor)}, not [${rows}, ${columns}]`);
}

export function requireSame(operation: string, a: Tensor, b: Tensor): void {
  if (a.rows === b.rows && a.columns === b.columns) return;
  fail(operation, `${shapeOf(a)} and ${shapeOf(b)} differ`);
}

export function requireTable(operation: string, rows: number, columns: number, length?: number): void {
  if (!isCount(rows) || !isCount(columns)) fail(operation, `a table of ${rows} rows, ${columns} columns`);
  if (length !== undefined && length !== rows * columns)
    fail(operation, `${length} values for ${rows} rows of ${columns} columns`);
}

export function requireRows(operation: string, rowCount: number, first: number, count: number): void {
  if (Number.isSafeInteger(first) && first >= 0 && isCount(count) && first + count <= rowCount) return;
  fail(operation, `rows ${first} … ${first + count - 1} of ${rowCount}`);
}

/** @returns the sum of the columns */
export function requireSameRows(operation: string, parts: readonly Tensor[]): number {
  const first = parts[0] ?? fail(operation, 'nothing to join');
  if (parts.some(({ rows }) => rows !== first.rows))
    fail(operation, `different numbers of rows: ${parts.map(shapeOf).join(', ')}`);
  return parts.reduce((sum, { columns }) => sum + columns, 0);
}

export function requireWidths(operation: string, columns: number, widths: readonly number[]): void {
  const sum = widths.reduce((a, b) => a + b, 0);
  if (sum !== columns || !widths.every(isCount))
    fail(operation, `widths ${widths.join(' + ')} for ${columns} columns`);
}

export function requireIds(operation: string, ids: Int32Array, count: number): void {
  if (ids.length === 0) fail(operation, 'no indices');
  const wrong = ids.find((id) => id < 0 || id >= count);
  if (wrong !== undefined) fail(operation, `index ${wrong} of ${count}`);
}

export function requireRate(operation: string, rate: number): void {
  if (!(rate >= 0 && rate < 1)) fail(operation, `rate ${rate} is not in [0, 1)`);
}

export function requireDense(operation: string, x: Tensor, w: Tensor, b: Tensor | null): void {
  if (x.columns !== w.rows) fail(operation, `x is ${shapeOf(x)}, w is ${shapeOf(w)}`);
  if (b !== null) requireShape(operation, 'b', b, 1, w.columns);
}

export function requireBatchNorm(operation: string, x: Tensor, state: BatchNormState): void {
  requireShape(operation, 'gamma', state.gamma, 1, x.columns);
  requireShape(operation, 'beta', state.beta, 1, x.columns);
  requireShape(operation, 'runningMean', state.runningMean, 1, x.columns);
  requireShape(operation, 'runningVariance', state.runningVariance, 1, x.columns);
}

export function requireConvolution(operation: string, x: Tensor, w: Tensor, shape: ConvolutionShape): void {
  const { batch, taps, dilation } = shape;
  if (!isCount(batch) || !isCount(taps) || !isCount(dilation))
    fail(operation, `batch ${batch}, taps ${taps}, dilation ${dilation}`);
  if (x.rows % batch !== 0) fail(operation, `${x.rows} rows are no multiple of the batch, ${batch}`);
  if (w.rows !== taps * x.columns)
    fail(operation, `w is ${shapeOf(w)} for ${taps} taps of ${x.columns} columns`);
}

/** @returns hidden units */
export function requireLstm(
  operation: string,
  x: Tensor,
  w: Tensor,
  b: Tensor,
  batch: number,
  initial?: LstmState,
): number {
  if (!isCount(batch) || x.rows % batch !== 0)
    fail(operation, `${x.rows} rows are no multiple of the batch, ${batch}`);
  const hidden = w.columns / 4;
  if (!isCount(hidden) || w.rows !== x.columns + hidden)
    fail(operation, `w is ${shapeOf(w)} for ${x.columns} inputs: wanted [inputs + h, 4h]`);
  requireShape(operation, 'b', b, 1, w.columns);
  if (initial !== undefined) {
    requireShape(operation, 'initial.hidden', initial.hidden, batch, hidden);
    requireShape(operation, 'initial.cell', initial.cell, batch, hidden);
  }
  return hidden;
}

export function requireTargets(
  operation: string,
  rows: number,
  targetCount: number,
  wanted: number,
  weights: Float32Array | null,
): void {
  if (targetCount !== wanted) fail(operation, `${targetCount} targets, not ${wanted}`);
  if (weights !== null && weights.length !== rows) fail(operation, `${weights.length} weights, not ${rows}`);
  if (weights?.some((weight) => !(weight >= 0))) fail(operation, 'a weight below 0');
}
