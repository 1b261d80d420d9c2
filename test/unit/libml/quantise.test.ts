import { describe, expect, it } from 'vitest';
import type { DeployableModel } from '../../../src/learning/migrations/deployableModel.js';
import { fixedAnswers } from '../../../src/libml/fixedInterpreter.js';
import { floatAnswers, packFloat } from '../../../src/libml/floatReference.js';
import { agreementOf, quantise } from '../../../src/libml/quantise.js';
import { unpackFixed } from '../../../src/libml/fixedModel.js';
import { randomNetwork } from '../../support/randomLibmlModels.js';
import { randomNumbers } from '../../support/randomNumbers.js';

/** Rows around the means of a model's features, one value in a hundred far away. */
function rowsFor({ features }: DeployableModel, rows: number, seed: number) {
  const random = randomNumbers(seed);
  const next = () => random(2 ** 24) / 2 ** 23 - 1;
  const values = Float64Array.from({ length: rows * features.length }, (_, at) => {
    const { mean, deviation } = features[at % features.length]!;
    return Math.round(mean + 2 * deviation * next() * (random(100) === 0 ? 100 : 1));
  });
  return { rows, values };
}

const model = { ...randomNetwork(randomNumbers(2), 7, [9, 1]), threshold: 0.25 };

describe('a network in whole numbers', () => {
  it.for([
    { bits: 16, least: 0.998 },
    { bits: 8, least: 0.985 },
  ] as const)('decides as the float one with weights of $bits bits', ({ bits, least }) => {
    const { model: fixed, words, agreement } = quantise(model, rowsFor(model, 500, 1), { bits });
    expect(agreement.share).toBeGreaterThan(least);
    expect(unpackFixed(words)).toEqual(fixed);
    const others = rowsFor(model, 2000, 9);
    const [float, whole] = [floatAnswers(packFloat(model), others), fixedAnswers(fixed, others)];
    expect(agreementOf(float, whole).share).toBeGreaterThan(least - 0.005);
    // The scale that it tells is that of log-odds.
    const errors = float.logits
      .map((logit, row) => Math.abs(logit - whole.logits[row]! * fixed.logitScale))
      .sort();
    expect(errors[1000]).toBeLessThan(bits === 16 ? 0.01 : 0.1);
  });

  it('is the same again from the same rows', () => {
    const rows = rowsFor(model, 100, 4);
    expect(quantise(model, rows, { bits: 8 })).toEqual(quantise(model, rows, { bits: 8 }));
  });

  it('can be a linear model, with constant columns, and one whose weights are all 0', () => {
    const features = [
      { name: 'delta', mean: 500.5, deviation: 20, least: 0, most: 1 },
      { name: 'constant', mean: 3, deviation: 1, least: 3, most: 3 },
    ];
    const rows = { rows: 4, values: Float64Array.of(480, 3, 500, 3, 501, 3, 540, 3) };
    const linear = (weights: number[], bias: number): DeployableModel => ({
      ...{ features, threshold: 0 },
      body: { kind: 'linear', weights, bias },
    });
    const decided = (of: DeployableModel) => [
      ...fixedAnswers(quantise(of, rows, { bits: 8 }).model, rows).decisions,
    ];
    expect(decided(linear([1, 7], 0))).toEqual([0, 0, 1, 1]);
    expect(decided(linear([0, 0], 0))).toEqual([0, 0, 0, 0]);
    expect(decided(linear([0, 0], 0.5))).toEqual([1, 1, 1, 1]);
  });

  it('cannot be had without rows, of a tree, or of more units than there is room for', () => {
    expect(() => quantise(model, { rows: 0, values: new Float64Array(0) }, { bits: 8 })).toThrow(/no rows/);
    const tree = { ...model, body: { kind: 'tree', nodes: [{ logit: 1 }] } } as const;
    expect(() => quantise(tree, rowsFor(model, 5, 1), { bits: 8 })).toThrow(/is a tree/);
    const large = randomNetwork(randomNumbers(2), 30, [64, 1]);
    expect(() => quantise(large, rowsFor(large, 5, 1), { bits: 16 })).toThrow(/at most/);
  });
});

it('agreement names the rows that differ', () => {
  const answers = (...decisions: number[]) => ({
    decisions: Uint8Array.from(decisions),
    logits: new Float64Array(decisions.length),
  });
  expect(agreementOf(answers(0, 1, 1, 0), answers(0, 0, 1, 1))).toEqual({
    ...{ rows: 4, agreeing: 2, share: 0.5 },
    differing: Uint32Array.of(1, 3),
  });
});
