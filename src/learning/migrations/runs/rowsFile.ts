/**
 * Rows of a run as CSV, a header of names first: columns as recorded, then what is known of the rows.
 *
 *     cpu_idle,delta,label
 *     1,417696315123,0
 */
import { Failure } from '../../../base/errors.js';

export interface NumberTable {
  readonly names: readonly string[];
  readonly rows: number;
  /** [rows, names] */
  readonly values: Float64Array;
}

export function* csvLines({ names, rows, values }: NumberTable): Generator<string> {
  yield `${names.join(',')}\n`;
  const width = names.length;
  for (let row = 0; row < rows; row += 1) {
    yield `${values.subarray(row * width, (row + 1) * width).join(',')}\n`;
  }
}

/** @param names that it must have, in their order. Failure `bad-input`: others, a line of another length, no number. */
export function readCsv(text: string, names: readonly string[], path: string): NumberTable {
  const [header, ...lines] = text.split('\n');
  if (header !== names.join(','))
    throw new Failure('bad-input', `${path} does not begin with ${names.join(',')}.`);
  if (lines.pop() !== '') throw new Failure('bad-input', `${path} is cut off.`);
  const values = new Float64Array(lines.length * names.length);
  for (const [row, line] of lines.entries()) {
    const fields = line.split(',').map((field) => (field === '' ? NaN : Number(field)));
    if (fields.length !== names.length || !fields.every(Number.isFinite)) {
      throw new Failure('bad-input', `${path}, line ${row + 2}: ${names.length} numbers are expected.`);
    }
    values.set(fields, row * names.length);
  }
  return { names, rows: lines.length, values };
}
