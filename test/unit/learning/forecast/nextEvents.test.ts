import { describe, expect, test } from 'vitest';
import { Chance } from '../../../../src/learning/forecast/chance.js';
import { drawnTask, likeliest, nextEventsOf } from '../../../../src/learning/forecast/nextEvents.js';
import type { TrainedModel } from '../../../../src/learning/export/trainedModel.js';
import { predictorOf, sequencesOf } from '../../../support/predictors.js';
import { littleConfig } from '../../../support/trainingRuns.js';

const STANDARDISATIONS = {
  cpu: { mean: 0, deviation: 1 },
  logDelta: { mean: 7, deviation: 2 },
  delta: { mean: 100, deviation: 50 },
};
const TRAIN = sequencesOf([
  { cpu: 2, task: [1, 2, 3, 1, 2, 3, 1], deltaNs: [NaN, 100, 200, 300, 110, 210, 310] },
]);

function trainedOf(outputs: TrainedModel['outputs'], features: string[] = ['logDelta']): TrainedModel {
  return {
    config: littleConfig({ windows: { length: 8, stride: 8, features } }),
    inputs: { taskCount: 4, stateCount: 2, featureCount: features.length },
    outputs,
    standardisations: STANDARDISATIONS,
  } as unknown as TrainedModel;
}

describe('a task of logits', () => {
  test('is drawn as often as the softmax says, never UNK', () => {
    const logits = Float32Array.of(9, 0, Math.log(3), -40);
    const chance = new Chance(5, 'softmax');
    const counts = [0, 0, 0, 0];
    for (let at = 0; at < 40_000; at += 1) counts[drawnTask(logits, chance, new Float64Array(4))]! += 1;
    expect(counts[0]).toBe(0);
    expect(Math.abs(counts[1]! / 40_000 - 0.25)).toBeLessThan(0.01);
    expect(Math.abs(counts[2]! / 40_000 - 0.75)).toBeLessThan(0.01);
    expect(counts[3]).toBe(0);
  });

  test('is the largest one, never UNK', () => expect(likeliest(Float32Array.of(9, 0, 2, 1))).toBe(2));
});

describe('the next event', () => {
  test('of a next-task model has a time, state and CPU of the training part', () => {
    const trained = trainedOf({ kind: 'logits' });
    const predictor = predictorOf(trained.outputs, 4, () => []);
    const options = { trained, train: TRAIN, choice: 'likeliest' as const, errors: new Float64Array(0) };
    const next = nextEventsOf(options, predictor);
    const event = next.next(Float32Array.of(0, 0, 0, 1), null, { tasks: [2], cpu: null }, new Chance(1, 'a'));
    expect(event).toMatchObject({ task: 3, state: 1, cpu: 2, features: null });
    expect([200, 210]).toContain(event.deltaNs);
    const ofCpu = next.next(Float32Array.of(0, 0, 0, 1), null, { tasks: [2], cpu: 7 }, new Chance(1, 'a'));
    expect(ofCpu.cpu).toBe(7);
  });

  test('of a model with quantiles is drawn of all of them', () => {
    const quantiles = [0.1, 0.5, 0.9];
    const trained = trainedOf({ kind: 'quantiles', quantiles });
    const predictor = predictorOf(trained.outputs, 3, () => []);
    const wide = sequencesOf([{ task: [1, 2, 3, 1], deltaNs: [NaN, 1, 1e9, 5] }]);
    const options = { trained, train: wide, errors: new Float64Array(0) };
    const sample = nextEventsOf({ ...options, choice: 'sample' }, predictor);
    const chance = new Chance(3, 'b');
    // ln(1 + ns) = 7 + 2 x
    const answer = Float32Array.of(-1, 0, 1);
    const logs = Array.from({ length: 20_000 }, () =>
      Math.log1p(sample.next(answer, null, { tasks: [3], cpu: null }, chance).deltaNs),
    );
    const below = (log: number) => logs.filter((each) => each <= log).length / logs.length;
    expect(Math.abs(below(5) - 0.1)).toBeLessThan(0.012);
    expect(Math.abs(below(7) - 0.5)).toBeLessThan(0.012);
    expect(Math.abs(below(9) - 0.9)).toBeLessThan(0.012);
    const median = nextEventsOf({ ...options, choice: 'likeliest' }, predictor);
    const event = median.next(answer, null, { tasks: [3], cpu: null }, chance);
    expect(event).toMatchObject({ task: 1, deltaNs: Math.round(Math.expm1(7)) });
  });

  test('of a model that tells a point is off as it was on the validation part', () => {
    const trained = trainedOf({ kind: 'point' });
    const predictor = predictorOf(trained.outputs, 1, () => []);
    const wide = sequencesOf([{ task: [1, 2, 3], deltaNs: [NaN, 1, 1e9] }]);
    const next = nextEventsOf(
      { trained, train: wide, choice: 'sample', errors: Float64Array.of(-0.5, 0.5) },
      predictor,
    );
    const chance = new Chance(3, 'c');
    const found = new Set(
      Array.from(
        { length: 50 },
        () => next.next(Float32Array.of(0), null, { tasks: [], cpu: 0 }, chance).deltaNs,
      ),
    );
    expect([...found].sort((a, b) => a - b)).toEqual([6, 8].map((log) => Math.round(Math.expm1(log))));
  });

  test('is never longer or shorter than any of the training part', () => {
    const trained = trainedOf({ kind: 'point' });
    const predictor = predictorOf(trained.outputs, 1, () => []);
    const next = nextEventsOf(
      { trained, train: TRAIN, choice: 'sample', errors: new Float64Array(0) },
      predictor,
    );
    const at = (x: number) =>
      next.next(Float32Array.of(x), null, { tasks: [], cpu: 0 }, new Chance(1, 'd')).deltaNs;
    expect([at(-50), at(50)]).toEqual([100, 310]);
  });

  test('of the model of 2019 is all its own, and fed back as predicted', () => {
    const trained = trainedOf({ kind: 'logits' }, ['delta', 'cpu']);
    const predictor = predictorOf(
      trained.outputs,
      4,
      () => [],
      () => [1, 2],
    );
    const next = nextEventsOf(
      { trained, train: TRAIN, choice: 'sample', errors: new Float64Array(0) },
      predictor,
    );
    expect(next).toMatchObject({ companion: null, isCertain: true });
    const told = Float32Array.of(2, 1.6);
    const event = next.next(
      Float32Array.of(0, 0, 0.1, 0),
      told,
      { tasks: [], cpu: null },
      new Chance(1, 'e'),
    );
    expect(event).toMatchObject({ task: 2, deltaNs: 200, cpu: 2 });
    expect([...event.features!]).toEqual([...told]);
    const below = next.next(
      Float32Array.of(0, 1, 0, 0),
      Float32Array.of(-9, -9),
      { tasks: [], cpu: null },
      new Chance(1, 'e'),
    );
    expect(below).toMatchObject({ deltaNs: 0, cpu: 0 });
  });

  test('of the model of 2019 without times takes them of the training part', () => {
    const trained = trainedOf({ kind: 'logits' }, ['cpu']);
    const predictor = predictorOf(
      trained.outputs,
      4,
      () => [],
      () => [0],
    );
    const next = nextEventsOf(
      { trained, train: TRAIN, choice: 'sample', errors: new Float64Array(0) },
      predictor,
    );
    expect(next.isCertain).toBe(false);
    expect(next.companion).toMatch(/by task and next task/);
  });
});
