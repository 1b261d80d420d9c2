import { describe, expect, test } from 'vitest';
import { Libml } from '../../../../../src/learning/migrations/models/libml/libmlModule.js';
import {
  LibmlScorer,
  LibmlTrainer,
  newNetwork,
} from '../../../../../src/learning/migrations/models/libml/libmlNetwork.js';

const COUNT = 40_000;

/** The error of a float32 in units of its last place. */
function unitsOff(found: number, wanted: number): number {
  return Math.abs(found - wanted) / 2 ** (Math.floor(Math.log2(wanted)) - 23);
}

describe('functions that a libc would have', () => {
  test.each([
    ['libml_exp_of', Math.exp, 1.05],
    ['libml_sigmoid_of', (x: number) => 1 / (1 + Math.exp(-x)), 2.5],
  ] as const)('%s is as right as it says', (name, exact, most) => {
    const library = new Libml(8 * COUNT);
    const [values, results] = [library.floats(COUNT), library.floats(COUNT)];
    for (let at = 0; at < COUNT; at += 1) values[at] = -87 + (at * 175) / (COUNT - 1);
    library.functions[name](values.byteOffset, COUNT, results.byteOffset);
    let worst = 0;
    for (let at = 0; at < COUNT; at += 1) worst = Math.max(worst, unitsOff(results[at]!, exact(values[at]!)));
    expect(worst).toBeLessThan(most);
    expect(worst).toBeGreaterThan(0.4);
  });

  test('exp stays finite and no number stays in bounds', () => {
    const library = new Libml(64);
    const [values, results] = [library.floats(4), library.floats(4)];
    values.set([1e30, -1e30, Infinity, NaN]);
    library.functions.libml_exp_of(values.byteOffset, 4, results.byteOffset);
    expect([...results].every((value) => value > 0 && value < Infinity)).toBe(true);
  });
});

describe('a network', () => {
  test('begins between the bounds of its layers, as its seed says', () => {
    const network = newNetwork([16, 4, 1], 1);
    const weights = new Float32Array(network.buffer).subarray(10);
    expect(Buffer.from(network.buffer, 0, 4).toString()).toBe('LML1');
    expect([...network.subarray(1, 5)]).toEqual([1, 10 + 17 * 4 + 5, 2, 16]);
    expect(Math.max(...weights.subarray(0, 68).map(Math.abs))).toBeLessThanOrEqual(0.25);
    expect(Math.max(...weights.subarray(0, 68).map(Math.abs))).toBeGreaterThan(0.2);
    expect(network).toEqual(newNetwork([16, 4, 1], 1));
    expect(network).not.toEqual(newNetwork([16, 4, 1], 2));
  });

  test('takes the step that the chain rule gives', () => {
    const network = newNetwork([2, 3, 1], 9);
    const inputs = [0.7, -1.1];
    const before = stepped(Float64Array.from(new Float32Array(network.buffer).subarray(10)), inputs, 1);
    const trainer = new LibmlTrainer(network, Float32Array.from(inputs), Uint8Array.of(1), 1);
    trainer.train(Uint32Array.of(0), 0.5);
    const after = new Float32Array(trainer.network().buffer).subarray(10);
    expect(before.score).toBeCloseTo(new LibmlScorer(network).scores(Float32Array.from(inputs))[0]!, 6);
    for (const [at, weight] of before.weights.entries()) expect(after[at]).toBeCloseTo(weight, 6);
  });

  test.each([
    ['another magic', 0, 1, 'no model'],
    ['another version', 1, 2, 'no model'],
    ['more words than there are', 2, 99, 'sizes'],
    ['too many layers', 3, 9, 'sizes'],
    ['no inputs', 4, 0, 'sizes'],
    ['more units', 6, 4, 'sizes'],
    ['no such activation', 7, 3, 'activation'],
    ['a weight that is infinite', 12, 0x7f800000, 'no number'],
  ])('with %s is refused', (_, word, value, message) => {
    const network = newNetwork([2, 3, 1], 9);
    network[word] = value;
    expect(() => new LibmlScorer(network)).toThrow(message);
  });

  test('of too many units is refused', () => {
    expect(() => newNetwork([2, 300, 1], 9)).toThrow('sizes');
    expect(() => newNetwork([2, 3, 3, 3, 3, 1], 9)).toThrow('sizes');
  });
});

/** One step of a network 2-3-1 in float64. */
function stepped(weights: Float64Array, [x, y]: readonly number[], label: number) {
  const hidden = [0, 1, 2].map((unit) =>
    Math.max(0, weights[2 * unit]! * x! + weights[2 * unit + 1]! * y! + weights[6 + unit]!),
  );
  const logit = hidden.reduce((sum, value, unit) => sum + value * weights[9 + unit]!, weights[12]!);
  const score = 1 / (1 + Math.exp(-logit));
  const step = 0.5 * (score - label);
  const after = weights.slice();
  after[12]! -= step;
  hidden.forEach((value, unit) => {
    after[9 + unit]! -= step * value;
    const below = value > 0 ? step * weights[9 + unit]! : 0;
    after[2 * unit]! -= below * x!;
    after[2 * unit + 1]! -= below * y!;
    after[6 + unit]! -= below;
  });
  return { score, weights: after };
}
