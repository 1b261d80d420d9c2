import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { EventFeatures } from '../../../../src/learning/forecast/eventFeatures.js';
import { FreeRuns, type Run } from '../../../../src/learning/forecast/freeRun.js';
import { nextEventsOf, type Choice } from '../../../../src/learning/forecast/nextEvents.js';
import { originAt } from '../../../../src/learning/forecast/places.js';
import { trainedReach } from '../../../../src/learning/forecast/trainedReach.js';
import { openStreamingPredictor } from '../../../../src/learning/streaming/openStreamingPredictor.js';
import type { StreamingPredictor } from '../../../../src/learning/streaming/streamingPredictor.js';
import { caseName, EXPORT_CASES, modelByChance } from '../../../support/exportedModels.js';
import { littleSequences } from '../../../support/littleDataSet.js';
import { predictorOf, sequencesOf, wholeWindowPredictor } from '../../../support/predictors.js';
import type { TrainedModel } from '../../../../src/learning/export/trainedModel.js';

let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await EmbeddedEngine.create({ threads: 1 });
});
afterAll(() => engine.dispose());

const TRAIN = littleSequences(600, 1);
const PART = littleSequences(200, 2);

function runsOf(trained: TrainedModel, predictor: StreamingPredictor, choice: Choice, signal?: AbortSignal) {
  const nextEvents = nextEventsOf(
    { trained, train: TRAIN, choice, errors: Float64Array.of(-1, 0, 1) },
    predictor,
  );
  const features = new EventFeatures(trained.config.windows.features, trained.standardisations);
  return new FreeRuns({ predictor, nextEvents, features, signal });
}

const shared = EXPORT_CASES.filter(({ model }) => model !== 'kernel-oracle-2019');

describe('a free run is what asking about the whole window each time gives', () => {
  test.each(shared.map((each) => [caseName(each), each] as const))('%s', async (_, each) => {
    const { model, trained } = modelByChance(engine, each);
    const origin = originAt(PART, 40, 12);
    const streamed = runsOf(trained, await openStreamingPredictor(trained), 'sample');
    const whole = runsOf(trained, wholeWindowPredictor(model, trained), 'sample');
    const [a, b] = [await streamed.from(origin, 25, 2, 7), await whole.from(origin, 25, 2, 7)];
    for (const [at, run] of a.entries()) {
      expect([...run.task]).toEqual([...b[at]!.task]);
      for (const [step, ns] of run.deltaNs.entries())
        expect(Math.abs(ns - b[at]!.deltaNs[step]!)).toBeLessThanOrEqual(1 + 1e-3 * ns);
    }
    model.dispose();
  });

  test('the model of 2019 feeds its own features back', async () => {
    const { trained } = modelByChance(engine, {
      model: 'kernel-oracle-2019',
      settings: { hidden: 6 },
      features: ['delta'],
    });
    const predictor = await openStreamingPredictor(trained);
    const [run] = await runsOf(trained, predictor, 'sample').from(originAt(PART, 40, 12), 6, 1, 1);
    // By hand: the events before, then each prediction as it is.
    const features = new EventFeatures(['delta'], trained.standardisations);
    predictor.reset();
    const told = Float32Array.of(0);
    let logits = new Float32Array(0);
    for (let row = 29; row <= 40; row += 1) {
      features.write(PART.cpu[row]!, PART.deltaNs[row]!, told);
      logits = predictor.next({ task: PART.task[row]!, state: 0, features: told }).slice();
    }
    for (let step = 0; step < 6; step += 1) {
      const task = logits.indexOf(Math.max(...logits.subarray(1)), 1);
      const next = Float32Array.from(predictor.nextFeatures!);
      expect(run!.task[step]).toBe(task);
      expect(run!.deltaNs[step]).toBe(Math.max(0, Math.round(next[0]! * 6000 + 5000)));
      logits = predictor.next({ task, state: 0, features: next }).slice();
    }
  });
});

describe('free runs', () => {
  test('from the same seed are the same, and of another one others', async () => {
    const { model, trained } = modelByChance(engine, shared[0]!);
    const from = async (seed: number) =>
      runsOf(trained, await openStreamingPredictor(trained), 'sample').from(
        originAt(PART, 60, 12),
        40,
        3,
        seed,
      );
    const text = (runs: readonly Run[]) =>
      JSON.stringify(runs.map(({ task, deltaNs }) => [[...task], [...deltaNs]]));
    const [first, again, other] = [await from(1), await from(1), await from(2)];
    expect(text(again)).toBe(text(first));
    expect(text(other)).not.toBe(text(first));
    expect(text([first[0]!])).not.toBe(text([first[1]!]));
    // More of them do not change those that there were.
    const more = await runsOf(trained, await openStreamingPredictor(trained), 'sample').from(
      originAt(PART, 60, 12),
      40,
      5,
      1,
    );
    expect(text(more.slice(0, 3))).toBe(text(first));
    model.dispose();
  });

  test('are told the events up to the origin of its sequence, then their own', async () => {
    const part = sequencesOf([
      { task: [1, 2, 3] },
      { cpu: 1, task: [4, 5, 1, 2], deltaNs: [NaN, 10, 20, 30] },
    ]);
    const trained = {
      config: { windows: { features: ['delta'] } },
      inputs: { taskCount: 6 },
      outputs: { kind: 'logits' },
      standardisations: { delta: { mean: 0, deviation: 1 } },
    } as unknown as TrainedModel;
    // Always the task behind the last one.
    const predictor = predictorOf({ kind: 'logits' }, 6, (events) =>
      [0, 1, 2, 3, 4, 5].map((task) => (task === 1 + (events.at(-1)!.task % 5) ? 50 : 0)),
    );
    const [run] = await runsOf(trained, predictor, 'sample').from(originAt(part, 5, 100), 3, 1, 1);
    expect([...run!.task]).toEqual([2, 3, 4]);
    expect(predictor.events.map(({ task }) => task)).toEqual([4, 5, 1, 2, 3]);
    expect(predictor.events.slice(0, 3).map(({ features }) => features[0])).toEqual([0, 10, 20]);
    expect(predictor.events[3]!.features[0]).toBe(Math.fround(run!.deltaNs[0]!));
  });

  test('end when they are cancelled', async () => {
    const { model, trained } = modelByChance(engine, shared[0]!);
    const cancel = new AbortController();
    const runs = runsOf(trained, await openStreamingPredictor(trained), 'sample', cancel.signal);
    setTimeout(() => cancel.abort(), 5);
    await expect(runs.from(originAt(PART, 60, 12), 1_000_000, 10, 1)).rejects.toMatchObject({
      code: 'cancelled',
    });
    model.dispose();
  });
});

describe('taps of convolutions that reach beyond a window', () => {
  test('are left out, which changes nothing within it', async () => {
    const each = {
      model: 'tcn',
      settings: { projection: 6, blocks: 4 },
      features: ['cpu', 'logDelta'] as const,
    };
    const { model, trained } = modelByChance(engine, each);
    // Windows of 8: 3 taps of dilation 4 reach 8 events back, of dilation 8 even 16.
    const { trained: cut, events, untrainedTaps } = trainedReach(trained);
    expect({ events, untrainedTaps }).toEqual({
      events: 1 + 2 * (2 + 4 + 4 + 0),
      untrainedTaps: 2 * (1 + 2),
    });
    const [whole, without] = [await openStreamingPredictor(trained), await openStreamingPredictor(cut)];
    const difference = (row: number) => {
      const told = { task: PART.task[row]!, state: PART.state[row]!, features: [row % 2, 0.3] };
      const [a, b] = [whole.next(told), without.next(told)];
      return Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
    };
    const differences = Array.from({ length: 20 }, (_, row) => difference(row));
    expect(Math.max(...differences.slice(0, 8))).toBe(0);
    expect(Math.max(...differences.slice(8))).toBeGreaterThan(1e-3);
    model.dispose();
  });

  test('are none of a model without convolutions, which is told a window', () => {
    const { model, trained } = modelByChance(
      engine,
      EXPORT_CASES.find((each) => each.model === 'lstm')!,
    );
    expect(trainedReach(trained)).toMatchObject({ events: 8, untrainedTaps: 0 });
    model.dispose();
  });
});
