/**
 * A model as a kernel is given it that has another one of the same shape: its words, and rows by which the kernel finds out whether
 * it says what it should. `src/remote/deploy/README.md` has the layout; all numbers are little-endian.
 */
import { Failure } from '../../base/errors.js';
import { exactRows, type WholeRows } from '../wholeRows.js';
import type { CarriedModel } from './carriedModel.js';

export const SWAP_FILE = 'model.swap';

/** `KOS1` */
const MAGIC = 0x31534f4b;
const VERSION = 1;
const HEADER_WORDS = 8;
const MAX_BYTES = 65_536;

/**
 * @param rows of as many raw values as the model has inputs
 * Failure: `too-large`, when it is more than a kernel takes.
 */
export function swapFile(carried: CarriedModel, inputs: number, rows: WholeRows): Uint8Array {
  const words = carried.arrays.reduce((sum, array) => sum + array.words.length, 0);
  const count = rows.rows;
  const size = 4 * (HEADER_WORDS + words) + 8 * count * (inputs + 1) + count;
  if (size > MAX_BYTES) {
    throw new Failure(
      'too-large',
      `The model with ${count} rows to test it by would take ${size} bytes, and a kernel takes ${MAX_BYTES}. Train a smaller one.`,
    );
  }
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  const word = (value: number) => (view.setUint32(at, value, true), (at += 4));
  const long = (value: bigint) => (view.setBigInt64(at, value, true), (at += 8));
  [MAGIC, VERSION, words, inputs, count, 0, 0, 0].forEach(word);
  for (const array of carried.arrays) array.words.forEach(word);
  exactRows(rows).values.forEach(long);
  const { logits, decisions } = carried.answers(rows);
  logits.forEach((logit) => long(carried.form === 'float' ? floatBits(logit) : BigInt(logit)));
  new Uint8Array(view.buffer).set(decisions, at);
  return new Uint8Array(view.buffer);
}

function floatBits(value: number): bigint {
  return BigInt(new Uint32Array(Float32Array.of(value).buffer)[0]!);
}
