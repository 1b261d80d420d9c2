import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { MODELS } from '../../../../src/learning/models/models.js';
import { scrambled } from '../../../../src/learning/models/kernelOracle2019.js';
import { targetCount } from '../../../../src/learning/models/objective.js';
import { createModel, LITTLE_INPUTS, randomBatch } from '../../../support/modelBatches.js';
import { ReferenceEngine } from '../../../support/referenceEngine.js';

const LITTLE: Record<string, Record<string, unknown>> = {
  tcn: { projection: 6, blocks: 2 },
  'lstm-next-task': { hidden: 6, layers: 2 },
  lstm: { hidden: 6 },
  'inter-arrival-tcn': { projection: 6, blocks: 2 },
  'inter-arrival-lstm': { hidden: 6 },
  'kernel-oracle-2019': { hidden: 6 },
};

describe.each([...MODELS.values()])('$name', (kind) => {
  test('all settings have defaults, and unknown ones are refused', () => {
    const settings = v.parse(kind.settings, {});
    expect(Object.values(settings as object).length).toBeGreaterThan(2);
    expect(v.safeParse(kind.settings, { unheardOf: 1 }).success).toBe(false);
  });

  test('the same seed gives the same weights, another one others', () => {
    const engine = new ReferenceEngine();
    const weights = (seed: number) => {
      const model = createModel(kind, engine, LITTLE[kind.name]!, LITTLE_INPUTS, seed);
      const values = [...model.parameters.values()].map((each) => engine.exact(each));
      model.dispose();
      return values;
    };
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
  });

  test('the graph names what comes before it', () => {
    const { graph } = createModel(kind, new ReferenceEngine(), {});
    const seen = new Set<string>();
    for (const { name, inputs } of graph) {
      for (const input of inputs) expect(seen.has(input), `${name} reads ${input}`).toBe(true);
      expect(seen.has(name)).toBe(false);
      seen.add(name);
    }
  });

  test('predicts for the last event of each window what its outputs say', () => {
    const engine = new ReferenceEngine();
    const model = createModel(kind, engine, LITTLE[kind.name]!);
    const { outputs } = model;
    const columns =
      outputs.kind === 'logits'
        ? LITTLE_INPUTS.taskCount
        : outputs.kind === 'point'
          ? 1
          : outputs.quantiles.length;
    const predicted = model.predict(randomBatch(4, 6, 1));
    expect(predicted).toHaveLength(4 * columns);
    expect(predicted.every(Number.isFinite)).toBe(true);
  });

  test('some steps of plain descent make the loss smaller', () => {
    const engine = new ReferenceEngine();
    const model = createModel(kind, engine, LITTLE[kind.name]!);
    const batch = randomBatch(4, 8, 3);
    const before = model.assess(batch, 'all').loss;
    for (let step = 1; step <= 15; step += 1) {
      engine.scope(() => {
        const { gradients } = model.gradients(batch, { isTraining: true, step, positions: 'all' });
        for (const [name, gradient] of gradients) {
          const variable = model.parameters.get(name)!;
          const values = engine.exact(variable);
          const slope = engine.exact(gradient);
          engine.write(
            variable,
            values.map((value, at) => value - 0.1 * slope[at]!),
          );
        }
      });
    }
    expect(model.assess(batch, 'all').loss).toBeLessThan(before);
  });
});

test('unknown targets count nothing', () => {
  const batch = randomBatch(3, 4, 9);
  const none = { ...batch, nextTask: new Int32Array(12) };
  expect(targetCount(none, 'all', 'next-task')).toBe(0);
  expect(targetCount(none, 'last', 'inter-arrival')).toBe(3);
  const known = [...batch.nextTask.subarray(9)].filter((task) => task !== 0).length;
  expect(targetCount(batch, 'last', 'next-task')).toBe(known);
  const model = createModel(MODELS.get('tcn')!, new ReferenceEngine(), { projection: 4, blocks: 1 });
  expect(model.assess(none, 'all').loss).toBe(0);
});

test('no output sees what comes after it', () => {
  for (const name of ['tcn', 'lstm-next-task']) {
    const model = createModel(MODELS.get(name)!, new ReferenceEngine(), LITTLE[name]!);
    const batch = randomBatch(1, 6, 2);
    const longer = randomBatch(1, 7, 2);
    // The first six events of both are the same ones.
    expect([...longer.task.subarray(0, 6)]).toEqual([...batch.task]);
    const cut = {
      ...longer,
      length: 6,
      task: longer.task.subarray(0, 6),
      state: longer.state.subarray(0, 6),
    };
    const features = longer.features.subarray(0, 12);
    const nextTask = longer.nextTask.subarray(0, 6);
    expect(model.predict({ ...cut, features, nextTask })).toEqual(model.predict(batch));
  }
});

test('the scrambled layout is a reshape to features × time, transposed', () => {
  // One window of 2 events with 3 columns: [[1, 2, 3], [4, 5, 6]] read as [[1, 2], [3, 4], [5, 6]], transposed.
  expect([...scrambled(Float32Array.of(1, 2, 3, 4, 5, 6), 1, 2, 3)]).toEqual([1, 3, 5, 2, 4, 6]);
  // Two windows side by side are scrambled each for itself.
  const both = Float32Array.of(1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60);
  expect([...scrambled(both, 2, 2, 3)]).toEqual([1, 3, 5, 10, 30, 50, 2, 4, 6, 20, 40, 60]);
});
