import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { architectureOf } from '../../../../src/learning/export/architecture.js';
import type { TrainedModel } from '../../../../src/learning/export/trainedModel.js';
import type { TensorValues } from '../../../../src/learning/files/safetensors.js';
import { caseName, EXPORT_CASES, exportParts, modelByChance } from '../../../support/exportedModels.js';

let engine: EmbeddedEngine;

beforeAll(async () => {
  engine = await EmbeddedEngine.create({ threads: 1 });
});

afterAll(() => engine.dispose());

function trainedModel(at: number): TrainedModel {
  const { model, trained } = modelByChance(engine, EXPORT_CASES[at]!);
  model.dispose();
  return trained;
}

const withWeights = (trained: TrainedModel, changes: Readonly<Record<string, TensorValues | null>>) => {
  const weights = new Map(trained.weights);
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor === null) weights.delete(name);
    else weights.set(name, tensor);
  }
  return { ...trained, weights };
};

describe('layers of a trained model', () => {
  test('of a TCN', () => {
    const { body, taskTable, stateTable, head } = architectureOf(trainedModel(0));
    expect(body.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'dense projection',
      'block tcn.block0',
      'block tcn.block1',
      'block tcn.block2',
    ]);
    expect(
      body.flatMap((layer) =>
        layer.kind === 'block' ? layer.convolutions.map((each) => each.dilation) : [],
      ),
    ).toEqual([1, 1, 2, 2, 4, 4]);
    expect([taskTable.rows, stateTable?.rows, head.weight.columns]).toEqual([7, 3, 7]);
  });

  test('of an LSTM', () => {
    const { body, head } = architectureOf(trainedModel(2));
    expect(body.map(({ kind }) => kind)).toEqual(['lstm', 'lstm', 'lstm']);
    expect([head.weight.rows, head.weight.columns]).toEqual([6, 7]);
  });

  test('the model of 2019 looks up rows of its input weights, and reads no states', () => {
    const trained = trainedModel(9);
    const { taskTable, stateTable, body } = architectureOf(trained);
    const weight = trained.weights.get('lstm.layer0.weight')!;
    expect(stateTable).toBeNull();
    expect([taskTable.rows, taskTable.columns]).toEqual([7, 24]);
    expect([...taskTable.values]).toEqual([...weight.values.slice(0, 7 * 24)]);
    expect(body).toHaveLength(2);
  });
});

describe('weights that are none of the model', () => {
  test('one is missing', () => {
    const damaged = withWeights(trainedModel(0), { 'tcn.block1.conv2.gamma': null });
    expect(() => architectureOf(damaged)).toThrow(
      /not those of the model tcn: tcn\.block1\.conv2\.gamma is missing/,
    );
  });

  test('one is too much', () => {
    const tensor = { shape: [1, 1], values: Float32Array.of(1) };
    const damaged = withWeights(trainedModel(2), { 'lstm.layer7.bias': tensor });
    expect(() => architectureOf(damaged)).toThrow(/lstm\.layer7\.bias belong to no layer/);
  });

  test('one has another shape', () => {
    const tensor = { shape: [3, 7], values: new Float32Array(21) };
    expect(() => architectureOf(withWeights(trainedModel(2), { 'head.weight': tensor }))).toThrow(
      /head\.weight has the shape 3 × 7, not 6 × 7/,
    );
  });

  test('the layers end with a gap', () => {
    const damaged = withWeights(trainedModel(2), { 'lstm.layer0.weight': null });
    expect(() => architectureOf(damaged)).toThrow(/not those of the model lstm-next-task/);
  });
});

test('a scrambled model is not exported: its guesses mean nothing', () => {
  const { model, trained } = modelByChance(engine, {
    model: 'kernel-oracle-2019',
    settings: { hidden: 4, scramble: true },
    features: ['delta'],
  });
  model.dispose();
  expect(() => architectureOf(trained)).toThrow(/scramble/);
});

test('what is told with a model', () => {
  const { description } = exportParts(trainedModel(5), 'int32');
  expect(caseName(EXPORT_CASES[5]!)).toContain('inter-arrival-lstm');
  expect(description).toMatchObject({
    task: 'inter-arrival',
    inputs: [
      { name: 'task', type: 'int32', shape: ['batch', 'events'] },
      { name: 'state', type: 'int32', shape: ['batch', 'events'] },
      { name: 'features', type: 'float32', shape: ['batch', 'events', 3] },
    ],
    output: {
      name: 'forecast',
      kind: 'quantiles',
      quantiles: [0.05, 0.25, 0.5, 0.75, 0.95],
      standardisation: { mean: 8, deviation: 1.5 },
    },
    training: { epoch: 9, seed: 42 },
  });
});
