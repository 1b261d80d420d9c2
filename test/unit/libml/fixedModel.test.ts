import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../src/base/errors.js';
import {
  fixedWords,
  packFixed,
  unpackFixed,
  type FixedModel,
  type WeightBits,
} from '../../../src/libml/fixedModel.js';
import { wasmFixedAnswers } from '../../../src/libml/libmlRunner.js';
import { randomFixedModel } from '../../support/randomLibmlModels.js';
import { randomNumbers } from '../../support/randomNumbers.js';

const model = randomFixedModel(randomNumbers(3), 7, [9, 1], 16);

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return isFailure(error) ? error.code : 'defect';
  }
}

describe('words of a model in whole numbers', () => {
  it.for<{ bits: WeightBits; inputs: number; units: number[] }>([
    { bits: 8, inputs: 1, units: [1] },
    { bits: 8, inputs: 10, units: [61, 1] },
    { bits: 16, inputs: 7, units: [43, 1] },
    { bits: 16, inputs: 9, units: [5, 4, 3, 1] },
  ])('give the model back: $inputs inputs, units $units, $bits bits', ({ bits, inputs, units }) => {
    const one = randomFixedModel(randomNumbers(inputs), inputs, units, bits);
    const words = packFixed(one);
    expect(words).toHaveLength(fixedWords(inputs, units, bits));
    expect(unpackFixed(words)).toEqual(one);
  });

  it('take at most 4 KB with their state for the networks of the thesis', () => {
    const bytes = [
      [7, 9],
      [10, 9],
      [7, 43],
      [10, 61],
    ].map(([inputs, hidden]) =>
      ([8, 16] as const).map((bits) => 4 * fixedWords(inputs!, [hidden!, 1], bits)),
    );
    expect(bytes).toEqual([
      [328, 408],
      [412, 492],
      [904, 1292],
      [1504, 2052],
    ]);
  });

  const bias = (value: number): Partial<FixedModel> => ({
    layers: [{ ...model.layers[0]!, biases: model.layers[0]!.biases.with(0, value) }, model.layers[1]!],
  });
  it.for<{ what: string; change: Partial<FixedModel>; code: string }>([
    { what: 'a bias beyond 2^51', change: bias(2 ** 51 + 1), code: 'bad-input' },
    { what: 'half a bias', change: bias(0.5), code: 'bad-input' },
    { what: 'a weight of 16 bits in 8', change: { bits: 8 }, code: 'bad-input' },
    { what: 'a threshold beyond 2^51', change: { threshold: 2 ** 52 }, code: 'bad-input' },
    { what: 'no layers', change: { layers: [] }, code: 'bad-input' },
    {
      what: 'a multiplier of 0',
      change: { inputs: model.inputs.map((each) => ({ ...each, multiplier: 0 })) },
      code: 'bad-input',
    },
    {
      what: 'two outputs',
      change: {
        layers: [{ units: 2, shift: 0, weights: new Int16Array(14), biases: new Float64Array(2) }],
      },
      code: 'bad-input',
    },
    {
      what: 'too many words',
      change: {
        layers: [64, 64, 1].map((units, layer) => ({
          units,
          shift: 0,
          weights: new Int16Array(units * (layer === 0 ? 7 : 64)),
          biases: new Float64Array(units),
        })),
      },
      code: 'too-large',
    },
  ])('cannot be had with $what', ({ change, code }) => {
    expect(codeOf(() => packFixed({ ...model, ...change }))).toBe(code);
  });

  it('are refused here where the library refuses them', () => {
    const words = packFixed(model);
    const row = { rows: 1, values: new Float64Array(7) };
    const random = randomNumbers(5);
    let refused = 0;
    for (let round = 0; round < 120; round += 1) {
      const changed = words.slice(0, random(8) === 0 ? random(words.length) : words.length);
      const place = random(2) === 0 ? random(45) : random(words.length);
      if (place < changed.length) changed[place] = random(2) === 0 ? random(70) : random(2 ** 32);
      const code = codeOf(() => wasmFixedAnswers(changed, row));
      expect(
        codeOf(() => unpackFixed(changed)),
        `word ${place}: ${changed[place]}`,
      ).toBe(code);
      refused += Number(code === 'bad-input');
    }
    expect(refused).toBeGreaterThan(20);
    expect(refused).toBeLessThan(120);
  });
});
