import { describe, expect, test } from 'vitest';
import { MODELS } from '../../../../src/learning/models/models.js';
import { createModel, gradientErrors, LITTLE_INPUTS, randomBatch } from '../../../support/modelBatches.js';
import { ReferenceEngine } from '../../../support/referenceEngine.js';

/** Small settings of each model, with what its branches do. */
const SETTINGS: Record<string, Record<string, unknown>[]> = {
  tcn: [
    { taskEmbedding: 4, stateEmbedding: 2, projection: 5, blocks: 3 },
    { projection: 3, blocks: 1, dropout: 0, labelSmoothing: 0.1 },
  ],
  'lstm-next-task': [{ taskEmbedding: 4, stateEmbedding: 2, hidden: 5, layers: 3 }],
  lstm: [{ hidden: 5 }, { hidden: 3, layers: 1, dropout: 0 }],
  'inter-arrival-tcn': [
    { projection: 5, blocks: 2 },
    { projection: 4, blocks: 1, head: 'point' },
  ],
  'inter-arrival-lstm': [
    { hidden: 4, quantiles: [0.1, 0.5, 0.9] },
    { hidden: 4, head: 'point' },
  ],
  'kernel-oracle-2019': [{ hidden: 5 }, { hidden: 4, scramble: true }],
};

test('each model is looked at', () => {
  expect(Object.keys(SETTINGS).sort()).toEqual([...MODELS.keys()].sort());
});

describe.each([...MODELS.values()])('$name', (kind) => {
  test.each(SETTINGS[kind.name]!)('gradients with %j are those of finite differences', (settings) => {
    const engine = new ReferenceEngine();
    const model = createModel(kind, engine, settings);
    const batch = randomBatch(3, 6, 5);
    for (const positions of ['all', 'last'] as const) {
      const errors = gradientErrors(model, engine, batch, { isTraining: true, step: 3, positions });
      expect([...errors.keys()]).toEqual([...model.parameters.keys()]);
      for (const [name, error] of errors) expect(error, `${name}, ${positions}`).toBeLessThan(1e-6);
    }
  });

  test('without features', () => {
    const engine = new ReferenceEngine();
    const inputs = { ...LITTLE_INPUTS, featureCount: 0 };
    const model = createModel(kind, engine, SETTINGS[kind.name]![0]!, inputs);
    const batch = randomBatch(2, 5, 6, inputs);
    const errors = gradientErrors(model, engine, batch, { isTraining: true, step: 1, positions: 'all' }, 2);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(1e-6);
  });
});
