import { describe, expect, test } from 'vitest';
import type { CarriedModel } from '../../../../src/libml/emit/carriedModel.js';
import { swapFile } from '../../../../src/libml/emit/swapFile.js';
import type { ExactRows } from '../../../../src/libml/wholeRows.js';

/** Says of a row its first value, and 1 when that is above 0. */
function carried(form: 'fixed' | 'float', words: readonly number[][]): CarriedModel {
  return {
    ...{ form, bits: form === 'float' ? 32 : 16, bytes: 0, stateBytes: 0, logitScale: 1 },
    arrays: words.map((each) => ({ name: 'model' as const, words: Uint32Array.from(each) })),
    answers: ({ rows, values }) => {
      const width = values.length / rows;
      const logits = Float64Array.from({ length: rows }, (_, row) => Number(values[width * row]));
      return { logits, decisions: Uint8Array.from(logits, (logit) => Number(logit > 0)) };
    },
  };
}

const rowsOf = (rows: number, ...values: bigint[]): ExactRows => ({
  rows,
  values: BigInt64Array.from(values),
});

describe('model.swap', () => {
  test('has header, words, rows, logits and decisions, little-endian', () => {
    const file = swapFile(
      carried('fixed', [[0xfedcba98, 7]]),
      3,
      rowsOf(2, -2n, 2n, 3n, 5n, 6n, -(2n ** 63n)),
    );
    const view = new DataView(file.buffer);
    expect(file.length).toBe(32 + 8 + 48 + 16 + 2);
    expect(Buffer.from(file.subarray(0, 4)).toString('latin1')).toBe('KOS1');
    const words = Array.from({ length: 10 }, (_, at) => view.getUint32(4 * at, true));
    expect(words.slice(1)).toEqual([1, 2, 3, 2, 0, 0, 0, 0xfedcba98, 7]);
    const longs = Array.from({ length: 8 }, (_, at) => view.getBigInt64(40 + 8 * at, true));
    expect(longs).toEqual([-2n, 2n, 3n, 5n, 6n, -(2n ** 63n), -2n, 5n]);
    expect([...file.subarray(104)]).toEqual([0, 1]);
  });

  test('of floats has one array behind the other, and the bits of logits', () => {
    const file = swapFile(carried('float', [[1, 2], [3]]), 1, rowsOf(2, -2n, 1n));
    const view = new DataView(file.buffer);
    expect(view.getUint32(8, true)).toBe(3);
    expect([32, 36, 40].map((at) => view.getUint32(at, true))).toEqual([1, 2, 3]);
    expect([60, 68].map((at) => view.getBigInt64(at, true))).toEqual([0xc0000000n, 0x3f800000n]);
  });

  test('is refused when it is more than a kernel takes', () => {
    const rows = { rows: 2000, values: new BigInt64Array(2000 * 4) };
    expect(() => swapFile(carried('fixed', [[1]]), 4, rows)).toThrow(/would take 82036 bytes/);
    const [words, longs] = [16_384 - 8 - 3 * 2, 2];
    const just = { rows: 2, values: new BigInt64Array(2 * 1) };
    expect(
      swapFile(carried('fixed', [Array<number>(words - longs - 1).fill(0)]), 1, just).length,
    ).toBeLessThan(65_537);
  });
});
