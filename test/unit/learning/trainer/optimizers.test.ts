import { describe, expect, test } from 'vitest';
import type { TensorValues } from '../../../../src/learning/files/safetensors.js';
import { ADAM, ADAMW, LBFGS } from '../../../../src/learning/models/trainingDefaults.js';
import { afterEpoch, type PlateauState } from '../../../../src/learning/trainer/plateau.js';
import { Adam } from '../../../../src/learning/trainer/optimizers/adam.js';
import { Lbfgs } from '../../../../src/learning/trainer/optimizers/lbfgs.js';
import { ReferenceEngine } from '../../../support/referenceEngine.js';

/** (x − 1)² + 100 (y − 2)², badly scaled. */
function valley(weights: Float64Array) {
  const [x, y] = weights as unknown as [number, number];
  const loss = (x - 1) ** 2 + 100 * (y - 2) ** 2;
  return Promise.resolve({ loss, gradient: Float64Array.of(2 * (x - 1), 200 * (y - 2)) });
}

describe('L-BFGS', () => {
  test('finds the bottom of a valley', async () => {
    const lbfgs = new Lbfgs({ ...LBFGS, learningRate: 1 }, Float64Array.of(-3, 5));
    for (let step = 0; step < 4; step += 1) await lbfgs.step(valley, 1);
    expect(lbfgs.weights[0]).toBeCloseTo(1, 5);
    expect(lbfgs.weights[1]).toBeCloseTo(2, 5);
  });

  test('the first direction is the gradient, as long as the rate over its size', async () => {
    const lbfgs = new Lbfgs({ ...LBFGS, iterations: 1 }, Float64Array.of(0, 0));
    const loss = await lbfgs.step(valley, 0.8);
    expect(loss).toBe(401);
    // Gradient (−2, −400): its absolute values sum to 402.
    expect(lbfgs.weights[0]).toBeCloseTo((2 * 0.8) / 402, 12);
    expect(lbfgs.weights[1]).toBeCloseTo((400 * 0.8) / 402, 12);
  });

  test('goes on from its state as if it had not been interrupted', async () => {
    const settings = { ...LBFGS, iterations: 3, history: 4 };
    const whole = new Lbfgs(settings, Float64Array.of(-3, 5));
    const cut = new Lbfgs(settings, Float64Array.of(-3, 5));
    for (let step = 0; step < 2; step += 1) {
      await whole.step(valley, 0.8);
      await cut.step(valley, 0.8);
    }
    const resumed = new Lbfgs(settings, Float64Array.of(9, 9));
    resumed.restore(cut.state());
    for (let step = 0; step < 2; step += 1) {
      await whole.step(valley, 0.8);
      await resumed.step(valley, 0.8);
    }
    expect(resumed.weights).toEqual(whole.weights);
    const other: ReadonlyMap<string, TensorValues> = new Map([
      ['weights', { shape: [1, 3], values: new Float64Array(3) }],
    ]);
    expect(() => resumed.restore(other)).toThrow(/no weights of this model/);
  });

  test('ends a short step when torch does: two directions are one, three are two', async () => {
    const after = async (iterations: number, steps: number) => {
      const lbfgs = new Lbfgs({ ...LBFGS, iterations }, Float64Array.of(-3, 5));
      for (let step = 0; step < steps; step += 1) await lbfgs.step(valley, 0.8);
      return [...lbfgs.weights];
    };
    expect(await after(2, 1)).toEqual(await after(1, 1));
    expect(await after(3, 1)).toEqual(await after(1, 2));
    expect(await after(4, 1)).toEqual(await after(1, 4));
  });

  test('stops where the loss is not finite', async () => {
    const lbfgs = new Lbfgs(LBFGS, Float64Array.of(1, 1));
    const loss = await lbfgs.step(() => Promise.resolve({ loss: NaN, gradient: Float64Array.of(NaN, 0) }), 1);
    expect(loss).toBeNaN();
  });
});

describe('Adam', () => {
  test('clips the gradient by its norm over all parameters', () => {
    const engine = new ReferenceEngine();
    const parameters = new Map([
      ['a', engine.variable(1, 1)],
      ['b', engine.variable(1, 1)],
    ]);
    const adam = new Adam(engine, parameters, { ...ADAMW, clipNorm: 1, weightDecay: 0 });
    const gradients = new Map([
      ['a', engine.tensor(1, 1, [3])],
      ['b', engine.tensor(1, 1, [4])],
    ]);
    expect(adam.apply(gradients, 1, 0.1)).toBeCloseTo(5);
    const { values } = adam.state().get('mean.a')!;
    // A tenth of 3 / 5.
    expect(values[0]).toBeCloseTo(0.06, 6);
    // The first step of Adam is as long as the rate, whatever the gradient.
    expect(engine.read(parameters.get('a')!)[0]).toBeCloseTo(-0.1, 5);
  });

  test('changes nothing for a gradient that is not finite', () => {
    const engine = new ReferenceEngine();
    const parameters = new Map([['a', engine.variable(1, 1, [2])]]);
    const adam = new Adam(engine, parameters, { ...ADAM, clipNorm: 1 });
    expect(adam.apply(new Map([['a', engine.tensor(1, 1, [NaN])]]), 1, 0.1)).toBeNaN();
    expect(engine.read(parameters.get('a')!)[0]).toBe(2);
    expect(() => adam.restore(new Map())).toThrow(/no mean\.a of this model/);
  });
});

describe('the schedule', () => {
  const settings = { name: 'plateau', factor: 0.5, patience: 3, leastRate: 0.1 } as const;
  const rates = (losses: readonly number[], changes = {}) => {
    let state: PlateauState = { learningRate: 1, bestLoss: null, badEpochs: 0 };
    return losses.map((loss) => (state = afterEpoch(state, loss, { ...settings, ...changes })).learningRate);
  };

  test('halves the rate behind the fourth epoch without improvement, and not below the least', () => {
    expect(rates([5, 5, 5, 5, 5, 5, 5, 5, 5])).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]);
    expect(rates([5, 5, 5, 4, 5, 5, 5, 5])).toEqual([1, 1, 1, 1, 1, 1, 1, 0.5]);
    expect(rates([1, 1, 1, 1], { patience: 0 })).toEqual([1, 0.5, 0.25, 0.125]);
    expect(rates([1, 1, 1, 1, 1, 1], { patience: 0 }).at(-1)).toBe(0.1);
  });

  test('takes less than a ten-thousandth for no improvement; stays where it is told to', () => {
    expect(rates([5, 4.9999, 4.9998, 4.9997, 4.9996])).toEqual([1, 1, 1, 1, 0.5]);
    expect(rates([5, 5, 5, 5, 5, 5], { name: 'constant' }).at(-1)).toBe(1);
  });
});
