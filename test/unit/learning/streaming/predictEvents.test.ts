import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { windowsOf } from '../../../../src/dataset/windows.js';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import type { TrainedModel } from '../../../../src/learning/export/trainedModel.js';
import { measureStreaming } from '../../../../src/learning/streaming/measureStreaming.js';
import { openStreamingPredictor } from '../../../../src/learning/streaming/openStreamingPredictor.js';
import { predictEvents, type Prediction } from '../../../../src/learning/streaming/predictEvents.js';
import { StreamedEvents } from '../../../../src/learning/streaming/streamedEvents.js';
import { modelByChance, type ExportCase } from '../../../support/exportedModels.js';
import { littleSequences, NO_SEQUENCES } from '../../../support/littleDataSet.js';

const TCN: ExportCase = {
  model: 'tcn',
  settings: { projection: 6, blocks: 2 },
  features: ['cpu', 'logDelta'],
};
const TIMES: ExportCase = {
  model: 'inter-arrival-lstm',
  settings: { hidden: 6 },
  features: ['cpu', 'logDelta', 'delta'],
};
const OF_2019: ExportCase = {
  model: 'kernel-oracle-2019',
  settings: { hidden: 6 },
  features: ['cpu', 'delta'],
};

let engine: EmbeddedEngine;

beforeAll(async () => {
  engine = await EmbeddedEngine.create({ threads: 1 });
});
afterAll(() => engine.dispose());

const sequences = littleSequences(200, 3);
const usual = { cpu: null, limit: 1e6, guesses: 3 };

function trainedOf(each: ExportCase): TrainedModel {
  const { model, trained } = modelByChance(engine, each);
  model.dispose();
  return trained;
}

async function listed(trained: TrainedModel, options: Partial<typeof usual> | { cpu: number }) {
  const predictions: Prediction[] = [];
  const found = await predictEvents(trained, sequences, {
    ...usual,
    ...options,
    onPrediction: (prediction) => {
      predictions.push(prediction);
      return Promise.resolve();
    },
  });
  return { predictions, ...found };
}

test.each([TCN, TIMES, OF_2019])('events of $model are told as windows tell them', (each) => {
  const trained = trainedOf(each);
  const { features } = trained.config.windows;
  const { standardisations } = trained;
  const windows = windowsOf(sequences, { length: 5, stride: 1, seed: null, features, standardisations });
  const events = new StreamedEvents(sequences, trained);
  for (const place of [0, 1, 50]) {
    const { task, state, features: values } = windows.batch(place, 1);
    const first = windows.firstRowOf(place);
    for (let at = 0; at < 5; at += 1) {
      const event = events.at(first + at);
      expect(event).toMatchObject({ task: task[at], state: state[at] });
      expect(Array.from(event.features)).toEqual(
        Array.from(values.subarray(at * features.length, (at + 1) * features.length)),
      );
    }
  }
});

describe('what is predicted of each event', () => {
  test('of all but the first of each sequence, the likeliest first', async () => {
    const { predictions, scores, latency } = await listed(trainedOf(TCN), {});
    expect(predictions.map(({ row }) => row)).toEqual(
      [...Array(200).keys()].filter((row) => row !== 0 && row !== 100),
    );
    expect(latency.events).toBe(198);
    expect(latency.p50Ns).toBeGreaterThan(0);
    expect(latency.maxNs).toBeGreaterThanOrEqual(latency.p99Ns);
    const right = predictions.filter(({ row, guesses }) => guesses[0]!.task === sequences.task[row]);
    expect(scores).toMatchObject({ task: 'next-task', targets: 198, accuracy: right.length / 198 });
    for (const { guesses } of predictions) {
      const [a, b, c] = guesses.map(({ probability }) => probability) as [number, number, number];
      expect(a >= b && b >= c && c >= 0 && a + b + c <= 1 + 1e-9).toBe(true);
      expect(guesses.every(({ task }) => task !== 0)).toBe(true);
    }
  });

  test('times with what 90 % lie between', async () => {
    const { predictions, scores } = await listed(trainedOf(TIMES), { limit: 20 });
    expect(scores).toMatchObject({ task: 'inter-arrival', targets: 20 });
    for (const { deltaNs, guesses } of predictions) {
      expect(guesses).toEqual([]);
      expect(deltaNs!.low!).toBeLessThanOrEqual(deltaNs!.median);
      expect(deltaNs!.high!).toBeGreaterThanOrEqual(deltaNs!.median);
    }
  });

  test('of one CPU alone, and of none that is not there', async () => {
    const trained = trainedOf(OF_2019);
    const { predictions, scores } = await listed(trained, { cpu: 1 });
    expect(predictions.map(({ row }) => row)).toEqual([...Array(99).keys()].map((at) => at + 101));
    expect(scores.targets).toBe(99);
    await expect(listed(trained, { cpu: 7 })).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringMatching(/there are CPUs 0, 1/) as string,
    });
  });

  test('ends when it is cancelled, and says when there is nothing', async () => {
    const trained = trainedOf(TCN);
    const long = littleSequences(2000, 4);
    await expect(
      predictEvents(trained, long, { ...usual, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    await expect(predictEvents(trained, NO_SEQUENCES, usual)).rejects.toMatchObject({ code: 'bad-input' });
  });
});

test('the cost of an event is of as many as were asked for', async () => {
  const figures = await measureStreaming(trainedOf(TCN), sequences, { events: 300 });
  expect(figures.events).toBe(300);
  expect(figures.p99Ns).toBeGreaterThanOrEqual(figures.p50Ns);
  expect(figures.p50Ns).toBeGreaterThan(100);
  await expect(measureStreaming(trainedOf(TCN), NO_SEQUENCES, { events: 1 })).rejects.toMatchObject({
    code: 'bad-input',
  });
});

describe('is refused', () => {
  test('a scrambled model, with the reason', async () => {
    const settings = { hidden: 6, scramble: true };
    await expect(openStreamingPredictor(trainedOf({ ...OF_2019, settings }))).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringMatching(/scramble .* mixed of all events of a window/) as string,
    });
  });

  test('what is no event of the model, and what comes behind the end', async () => {
    const predictor = await openStreamingPredictor(trainedOf(TCN));
    const event = { task: 1, state: 1, features: [0, 0] };
    expect(() => predictor.next({ ...event, task: 7 })).toThrow(/no task 7/);
    expect(() => predictor.next({ ...event, state: -1 })).toThrow(/no state -1/);
    expect(() => predictor.next({ ...event, features: [0] })).toThrow(/1 features, not 2/);
    expect(() => predictor.restore(new Float32Array(3))).toThrow(/snapshot of 3 values/);
    predictor.dispose();
    expect(() => predictor.next(event)).toThrow(/disposed/);
  });
});
