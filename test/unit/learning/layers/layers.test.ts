import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../../../src/learning/engines/engine.js';
import { dropoutSeed, normal, streamOf, uniform } from '../../../../src/learning/layers/chance.js';
import { Dense } from '../../../../src/learning/layers/dense.js';
import {
  doubleUniformByFan,
  standardNormal,
  uniformByFan,
} from '../../../../src/learning/layers/initialisers.js';
import { Parameters, type Layer, type Pass } from '../../../../src/learning/layers/layer.js';
import { LstmStack } from '../../../../src/learning/layers/lstmStack.js';
import { TemporalBlock } from '../../../../src/learning/layers/temporalBlock.js';
import { ReferenceEngine } from '../../../support/referenceEngine.js';

const PASS: Pass = { batch: 2, isTraining: true, seed: 3, step: 4 };

/** Layers of 3 columns in, with their branches. */
const LAYERS: Record<string, (parameters: Parameters) => Layer> = {
  dense: (parameters) => new Dense(parameters, 'x', 3, 4),
  'three LSTM layers with dropout': (parameters) => new LstmStack(parameters, 'x', 3, 4, 3, 0.4),
  'a temporal block that changes its width': (parameters) =>
    new TemporalBlock(parameters, 'x', { inputs: 3, width: 4, taps: 3, dilation: 2, dropout: 0.3 }),
  'a temporal block that keeps its width': (parameters) =>
    new TemporalBlock(parameters, 'x', { inputs: 3, width: 3, taps: 2, dilation: 1, dropout: 0 }),
};

describe.each(Object.entries(LAYERS))('%s', (_name, make) => {
  const rows = 10;
  const values = Float64Array.from({ length: rows * 3 }, (_, at) => 2 * uniform(5, at) - 1);

  test('the gradient of the input is that of finite differences', () => {
    const engine = new ReferenceEngine();
    const layer = make(new Parameters(engine, 1));
    const factors = Float64Array.from({ length: rows * layer.width }, (_, at) => uniform(6, at) - 0.5);
    /** A weighted sum of the outputs. */
    const sumAt = (x: Float64Array) =>
      engine.scope(() => {
        const { output } = layer.apply(engine.tensor(rows, 3, x), PASS);
        return engine.exact(output).reduce((sum, value, at) => sum + value * factors[at]!, 0);
      });
    const gradient = engine.scope(() => {
      const applied = layer.apply(engine.tensor(rows, 3, values), PASS);
      const dOutput = engine.tensor(rows, layer.width, factors);
      return engine.exact(applied.backward(dOutput, new Map(), true)!);
    });
    for (let at = 0; at < values.length; at += 3) {
      const moved = (by: number) => sumAt(values.map((value, index) => (index === at ? value + by : value)));
      expect((moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(gradient[at]!, 6);
    }
  });

  test('gives a gradient for each parameter of its shape, and none for an input that nobody asks about', () => {
    const engine = new ReferenceEngine();
    const parameters = new Parameters(engine, 1);
    const layer = make(parameters);
    engine.scope(() => {
      const applied = layer.apply(engine.tensor(rows, 3, values), PASS);
      expect([applied.output.rows, applied.output.columns]).toEqual([rows, layer.width]);
      const gradients = new Map<string, Tensor>();
      expect(applied.backward(applied.output, gradients, false)).toBeNull();
      const shapes = (of: ReadonlyMap<string, Tensor>) =>
        [...of].map(([name, tensor]) => `${name} ${tensor.rows} ${tensor.columns}`).sort();
      expect(shapes(gradients)).toEqual(shapes(parameters.learnt));
    });
    parameters.dispose();
    expect(parameters.learnt.size).toBe(0);
  });
});

describe('chance', () => {
  const many = Float32Array.from({ length: 20_000 }, (_, at) => at);
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  const deviation = (values: ArrayLike<number>) => {
    const middle = mean(values);
    return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
  };

  test('initial values have the means, deviations and bounds that are told', () => {
    const gaussian = standardNormal(200, 100, 1);
    expect(mean(gaussian)).toBeCloseTo(0, 1);
    expect(deviation(gaussian)).toBeCloseTo(1, 1);
    const flat = uniformByFan(16)(200, 100, 2);
    expect(Math.max(...flat.map(Math.abs))).toBeLessThanOrEqual(0.25);
    expect(deviation(flat)).toBeCloseTo(0.25 / Math.sqrt(3), 2);
    expect(deviation(doubleUniformByFan(16)(200, 100, 3))).toBeCloseTo((0.25 * Math.SQRT2) / Math.sqrt(3), 2);
    expect(many.every((_, at) => Number.isFinite(normal(9, at)))).toBe(true);
  });

  test('names, seeds, steps and layers have streams of their own', () => {
    const streams = ['a', 'b', 'ab', 'ba', ''].flatMap((name) => [1, 2].map((seed) => streamOf(seed, name)));
    expect(new Set(streams).size).toBe(10);
    const seeds = [1, 2].flatMap((seed) =>
      [1, 2, 3].flatMap((step) => [1, 2, 3].map((layer) => dropoutSeed(seed, step, layer))),
    );
    expect(new Set(seeds).size).toBe(18);
  });
});
