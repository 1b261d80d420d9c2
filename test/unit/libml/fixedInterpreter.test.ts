import { describe, expect, it } from 'vitest';
import { fixedAnswers, fixedInputs } from '../../../src/libml/fixedInterpreter.js';
import type { FixedInput, FixedModel } from '../../../src/libml/fixedModel.js';
import { LONG_MAX, LONG_MIN } from '../../../src/libml/wholeRows.js';

function modelOf(input: Partial<FixedInput>, layers?: FixedModel['layers']): FixedModel {
  return {
    ...{ bits: 16, threshold: 0, logitScale: 1 },
    inputs: [{ offset: 0n, multiplier: 1, before: 0, after: 0, ...input }],
    layers: layers ?? [{ units: 1, shift: 0, weights: Int16Array.of(1), biases: Float64Array.of(0) }],
  };
}

function scaled(input: Partial<FixedInput>, ...values: bigint[]): number[] {
  const rows = { rows: values.length, values: BigInt64Array.from(values) };
  const found = [...fixedInputs(modelOf(input), rows)];
  const numbers = values.map(Number);
  if (numbers.every((value, at) => BigInt(value) === values[at])) {
    const same = { rows: values.length, values: Float64Array.from(numbers) };
    expect([...fixedInputs(modelOf(input), same)]).toEqual(found);
  }
  return found;
}

describe('what inputs become', () => {
  it('rounds halves up, below 0, too', () => {
    expect(scaled({ after: 1 }, -3n, -2n, -1n, 0n, 1n, 2n, 3n)).toEqual([-1, -1, 0, 0, 1, 1, 2]);
    expect(scaled({ before: 2 }, -6n, -2n, 1n, 2n, 6n)).toEqual([-1, 0, 0, 1, 2]);
  });

  it('saturates at 16 bits, and where 64 bits are not enough', () => {
    expect(scaled({}, 32_767n, 32_768n, -32_768n, -32_769n)).toEqual([32_767, 32_767, -32_768, -32_768]);
    expect(scaled({ offset: 1000n, before: 48 }, LONG_MIN, LONG_MAX)).toEqual([-32_768, 32_767]);
    expect(scaled({ offset: LONG_MAX, before: 50 }, LONG_MIN, 0n)).toEqual([-8192, -8192]);
  });

  it('holds 32 bits between the shifts', () => {
    // 2^31 − 1 by 2^21 is nearly 2^52, and shifted by 37 no more than 16 bits.
    expect(scaled({ multiplier: 2 ** 21, after: 50 }, 2n ** 40n, -(2n ** 40n))).toEqual([4, -4]);
  });
});

describe('what a network says', () => {
  it('is worked out by hand for two layers', () => {
    const model: FixedModel = {
      ...{ bits: 8, threshold: 4, logitScale: 0.5 },
      inputs: [
        { offset: 10n, multiplier: 1, before: 0, after: 0 },
        { offset: 0n, multiplier: 3, before: 0, after: 1 },
      ],
      layers: [
        { units: 2, shift: 1, weights: Int16Array.of(2, 1, -4, 0), biases: Float64Array.of(1, 0) },
        { units: 1, shift: 0, weights: Int16Array.of(3, -5), biases: Float64Array.of(-4) },
      ],
    };
    // Inputs 2 and 5 (4.5 rounded up): units (4 + 5 + 1) / 2 = 5 and −8 / 2, held at 0; 3 · 5 − 4 = 11.
    // Inputs −1 and 0: units (−2 + 1) / 2 = 0 (a half rounded up) and 2; −10 − 4 = −14.
    const rows = { rows: 2, values: Float64Array.of(12, 3, 9, 0) };
    expect(fixedAnswers(model, rows)).toEqual({
      logits: Float64Array.of(11, -14),
      decisions: Uint8Array.of(1, 0),
    });
  });

  it('decides 1 only above the threshold', () => {
    const rows = { rows: 3, values: Float64Array.of(4, 5, 6) };
    expect([...fixedAnswers({ ...modelOf({}), threshold: 5 }, rows).decisions]).toEqual([0, 0, 1]);
  });
});
