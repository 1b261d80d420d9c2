import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { windowsOf } from '../../../../src/dataset/windows.js';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { architectureOf } from '../../../../src/learning/export/architecture.js';
import { tfjsFiles } from '../../../../src/learning/export/tfjsModel.js';
import type { TrainedModel } from '../../../../src/learning/export/trainedModel.js';
import type { Model, ModelInputs } from '../../../../src/learning/models/model.js';
import { MODELS } from '../../../../src/learning/models/models.js';
import { openStreamingPredictor } from '../../../../src/learning/streaming/openStreamingPredictor.js';
import { rangeOf, TrainingData } from '../../../../src/learning/trainer/trainingData.js';
import { exportParts, greatestDifference } from '../../../support/exportedModels.js';
import { littleDataSet } from '../../../support/littleDataSet.js';
import { createModel } from '../../../support/modelBatches.js';
import { sequencesOf } from '../../../support/predictors.js';
import { runInfo } from '../../../support/runInfo.js';
import { littleConfig } from '../../../support/trainingRuns.js';

// Times 100 … 400 and one pause of 10,000,000 ns.
const PAUSE = 1e7;
const TRAIN = sequencesOf([{ task: [1, 2, 3, 1, 2, 3], deltaNs: [NaN, 100, PAUSE, 400, 200, 300] }]);
const STANDARDISATIONS = {
  cpu: { mean: 0, deviation: 0 },
  logDelta: { mean: 7, deviation: 3 },
  delta: { mean: 150_000, deviation: 900_000.7 },
};
const standard = (feature: 'delta' | 'logDelta', ns: number) =>
  ((feature === 'delta' ? ns : Math.log1p(ns)) - STANDARDISATIONS[feature].mean) /
  STANDARDISATIONS[feature].deviation;

describe('the range of a feature', () => {
  test.each(['delta', 'logDelta'] as const)('%s: from 0 to the second largest', (feature) => {
    const range = rangeOf(TRAIN, feature, STANDARDISATIONS[feature], true);
    expect(range.least).toBe(standard(feature, 0));
    expect(range.greatest).toBe(standard(feature, 400));
    expect(range.zeroed!.as).toBe(Math.fround(standard(feature, 0)));
    // As windows hold it, to the last bit.
    const options = {
      length: 1,
      stride: 1,
      seed: null,
      features: [feature],
      standardisations: STANDARDISATIONS,
    };
    const { features } = windowsOf(TRAIN, options).batch(2, 1);
    expect(range.zeroed!.from).toBe(features[0]);
  });

  test('is that of all unless told', () => {
    expect(rangeOf(TRAIN, 'delta', STANDARDISATIONS.delta)).toEqual({
      least: standard('delta', 100),
      greatest: standard('delta', PAUSE),
    });
  });

  test('of CPUs is not touched', () => {
    expect(rangeOf(TRAIN, 'cpu', STANDARDISATIONS.cpu, true)).toEqual({ least: 0, greatest: 0 });
  });

  test('of times that are all the same has no extent', () => {
    const same = sequencesOf([{ task: [1, 2, 3], deltaNs: [NaN, 50, 50] }]);
    const zero = standard('delta', 0);
    expect(rangeOf(same, 'delta', STANDARDISATIONS.delta, true)).toMatchObject({
      least: zero,
      greatest: zero,
    });
  });

  test('is made as the setting says', async () => {
    const dataSet = littleDataSet();
    const inputsOf = async (settings: Record<string, unknown>) => {
      const windows = { length: 8, stride: 8, features: ['cpu', 'delta'] };
      const config = littleConfig({ model: { name: 'kernel-oracle-2019', settings }, windows });
      return (await TrainingData.open(dataSet, config)).inputs.featureRanges!;
    };
    expect((await inputsOf({})).map(({ zeroed }) => zeroed)).toEqual([undefined, undefined]);
    const [cpu, delta] = await inputsOf({ largestTimeToZero: true });
    expect(cpu!.zeroed).toBeUndefined();
    expect(delta!.zeroed!.from).toBeGreaterThan(delta!.greatest);
  });
});

describe('the model', () => {
  let engine: EmbeddedEngine;
  let model: Model;
  let plain: Model;
  let trained: TrainedModel;
  const inputs: ModelInputs = {
    taskCount: 7,
    stateCount: 3,
    featureCount: 1,
    featureRanges: [rangeOf(TRAIN, 'delta', STANDARDISATIONS.delta, true)],
  };

  beforeAll(async () => {
    engine = await EmbeddedEngine.create({ threads: 1 });
    const kind = MODELS.get('kernel-oracle-2019')!;
    model = createModel(kind, engine, { hidden: 6, largestTimeToZero: true }, inputs);
    plain = createModel(kind, engine, { hidden: 6 }, { ...inputs, featureRanges: [withoutZeroed(inputs)] });
    trained = {
      run: runInfo({ model: 'kernel-oracle-2019' }),
      config: littleConfig({
        model: { name: 'kernel-oracle-2019', settings: { hidden: 6, largestTimeToZero: true } },
        windows: { length: 8, stride: 8, features: ['delta'] },
      }),
      weights: new Map(
        [...model.parameters].map(([name, variable]) => [
          name,
          { shape: [variable.rows, variable.columns], values: engine.read(variable) },
        ]),
      ),
      inputs,
      outputs: model.outputs,
      vocabulary: {
        kind: 'comm',
        tasks: ['UNK', 'swapper', 'a', 'b', 'c', 'd', 'e'],
        taskCounts: [0, 1, 1, 1, 1, 1, 1],
        states: ['UNK', 'S', 'R'],
      },
      standardisations: STANDARDISATIONS,
    };
  });
  afterAll(() => engine.dispose());

  const batchOf = (deltas: readonly number[]) => ({
    size: 1,
    length: deltas.length,
    task: Int32Array.from(deltas, (_, at) => 1 + (at % 6)),
    state: new Int32Array(deltas.length),
    features: Float32Array.from(
      deltas,
      (ns) => (ns - STANDARDISATIONS.delta.mean) * (1 / STANDARDISATIONS.delta.deviation),
    ),
    nextTask: new Int32Array(deltas.length),
    nextLogDelta: new Float32Array(deltas.length),
  });

  test('reads the largest time, and larger ones, as 0 ns', () => {
    const usual = [100, 0, 300, 0];
    expect(model.predict(batchOf([100, PAUSE, 300, 3 * PAUSE]))).toEqual(model.predict(batchOf(usual)));
    expect(model.predict(batchOf(usual))).toEqual(plain.predict(batchOf(usual)));
    expect(plain.predict(batchOf([100, PAUSE, 300, 0]))).not.toEqual(plain.predict(batchOf(usual)));
  });

  test('learns from targets that are read the same way', () => {
    const context = { isTraining: false, step: 0, positions: 'all' as const };
    const lossOf = (deltas: readonly number[]) =>
      engine.scope(() => model.gradients(batchOf(deltas), context).loss);
    expect(lossOf([100, 200, PAUSE])).toBe(lossOf([100, 200, 0]));
    expect(lossOf([100, 200, 400])).not.toBe(lossOf([100, 200, 0]));
  });

  test('event by event gives the same', async () => {
    const predictor = await openStreamingPredictor(trained);
    const deltas = [100, PAUSE, 300, 3 * PAUSE, 250];
    const { task, features } = batchOf(deltas);
    for (let at = 0; at < deltas.length; at += 1) {
      const streamed = predictor.next({ task: task[at]!, state: 0, features: [features[at]!] });
      expect(greatestDifference(streamed, model.predict(batchOf(deltas.slice(0, at + 1))))).toBeLessThan(
        1e-6,
      );
    }
  });

  test('tells exports, of which TensorFlow.js cannot', () => {
    expect(architectureOf(trained).zeroedTimes).toEqual([inputs.featureRanges![0]!.zeroed]);
    const { architecture, description } = exportParts(trained, 'int32');
    expect(description.features[0]!.range).toEqual(inputs.featureRanges![0]);
    expect(() => tfjsFiles(architecture, description)).toThrow(
      /largestTimeToZero cannot be exported as tfjs/,
    );
  });
});

function withoutZeroed({ featureRanges }: ModelInputs) {
  const { least, greatest } = featureRanges![0]!;
  return { least, greatest };
}
