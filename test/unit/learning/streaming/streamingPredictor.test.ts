import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Batch } from '../../../../src/dataset/sequences.js';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import type { ModelInputs } from '../../../../src/learning/models/model.js';
import { MODELS } from '../../../../src/learning/models/models.js';
import { openStreamingPredictor } from '../../../../src/learning/streaming/openStreamingPredictor.js';
import type {
  StreamEvent,
  StreamingPredictor,
} from '../../../../src/learning/streaming/streamingPredictor.js';
import {
  caseName,
  EXPORT_CASES,
  greatestDifference,
  modelByChance,
  type ExportCase,
} from '../../../support/exportedModels.js';
import { randomBatch } from '../../../support/modelBatches.js';

/** Of the largest output. */
const TOLERANCE = 1e-5;

/** Beside those of exports: widths of several panels, of a half one and of none; tables that are too large to be folded. */
const CASES: readonly ExportCase[] = [
  ...EXPORT_CASES,
  { model: 'tcn', settings: { projection: 48, blocks: 2, taskEmbedding: 5 }, features: ['cpu'] },
  { model: 'inter-arrival-tcn', settings: { projection: 33, blocks: 6 }, features: ['cpu', 'logDelta'] },
  { model: 'lstm-next-task', settings: { hidden: 51, layers: 2 }, features: ['logDelta'] },
];

let engine: EmbeddedEngine;

beforeAll(async () => {
  engine = await EmbeddedEngine.create({ threads: 1 });
});
afterAll(() => engine.dispose());

/** The first events of a batch of one window. */
function prefix(batch: Batch, length: number): Batch {
  const width = batch.features.length / batch.length;
  return {
    size: 1,
    length,
    task: batch.task.slice(0, length),
    state: batch.state.slice(0, length),
    features: batch.features.slice(0, length * width),
    nextTask: batch.nextTask.slice(0, length),
    nextLogDelta: batch.nextLogDelta.slice(0, length),
  };
}

function* eventsOf(batch: Batch, { featureCount }: ModelInputs): Generator<StreamEvent> {
  for (let at = 0; at < batch.length; at += 1) {
    yield {
      task: batch.task[at]!,
      state: batch.state[at]!,
      features: batch.features.subarray(at * featureCount, (at + 1) * featureCount),
    };
  }
}

/** Equal to 1e-5 of the largest output of all: one of them alone may be as small as it likes. */
class Comparison {
  #largest = 0;
  readonly #differences = new Map<string, number>();

  add(what: string, streamed: Float32Array, whole: Float32Array): void {
    for (const value of whole) this.#largest = Math.max(this.#largest, Math.abs(value));
    this.#differences.set(what, greatestDifference(streamed, whole));
  }

  expectSame(): void {
    expect(this.#largest).toBeGreaterThan(0);
    for (const [what, difference] of this.#differences)
      expect(difference, what).toBeLessThanOrEqual(TOLERANCE * this.#largest);
  }
}

function expectSame(streamed: Float32Array, whole: Float32Array): void {
  const comparison = new Comparison();
  comparison.add('outputs', streamed, whole);
  comparison.expectSame();
}

const copied = (predictor: StreamingPredictor, events: Iterable<StreamEvent>) =>
  Array.from(events, (event) => Float32Array.from(predictor.next(event)));

describe.each(CASES.map((each) => [caseName(each), each] as const))('%s', (_, each) => {
  test('after every prefix, and far beyond the window, what the whole window gives', async () => {
    const { model, trained, inputs } = modelByChance(engine, each);
    const predictor = await openStreamingPredictor(trained);
    expect(predictor.outputs).toEqual(model.outputs);
    const batch = randomBatch(1, 300, 5, inputs);
    const events = [...eventsOf(batch, inputs)];
    const comparison = new Comparison();
    for (const [at, event] of events.entries()) {
      const streamed = predictor.next(event);
      expect(streamed).toHaveLength(predictor.width);
      if (at < 40 || at % 37 === 0)
        comparison.add(`after event ${at + 1}`, streamed, model.predict(prefix(batch, at + 1)));
    }
    predictor.reset();
    comparison.add('after reset', predictor.next(events[0]!), model.predict(prefix(batch, 1)));
    comparison.expectSame();
    predictor.dispose();
    model.dispose();
  });

  test('goes on from a snapshot with the same bits, in another predictor, too', async () => {
    const { model, trained, inputs } = modelByChance(engine, each);
    const [first, second] = [await openStreamingPredictor(trained), await openStreamingPredictor(trained)];
    const batch = randomBatch(1, 120, 6, inputs);
    const events = [...eventsOf(batch, inputs)];
    copied(first, events.slice(0, 70));
    const snapshot = first.snapshot();
    const after = copied(first, events.slice(70));
    first.restore(snapshot);
    copied(second, events.slice(0, 3));
    second.restore(snapshot);
    expect(copied(first, events.slice(70))).toEqual(after);
    expect(copied(second, events.slice(70))).toEqual(after);
    expectSame(after.at(-1)!, model.predict(batch));
    model.dispose();
  });

  test('what is only observed counts as much as what is asked', async () => {
    const { model, trained, inputs } = modelByChance(engine, each);
    const predictor = await openStreamingPredictor(trained);
    const batch = randomBatch(1, 30, 7, inputs);
    const events = [...eventsOf(batch, inputs)];
    for (const event of events.slice(0, -1)) predictor.observe(event);
    expectSame(predictor.next(events.at(-1)!), model.predict(batch));
    model.dispose();
  });
});

test('every model is among the cases', () => {
  expect(new Set(CASES.map(({ model }) => model))).toEqual(new Set(MODELS.keys()));
});

test('the model of 2019 tells the features of the next event, standardised', async () => {
  const each = EXPORT_CASES.find(({ features }) => features.join() === 'cpu,delta')!;
  const { model, trained, inputs } = modelByChance(engine, each);
  const batch = randomBatch(1, 12, 8, inputs);
  const predictor = await openStreamingPredictor(trained);
  const streamed = copied(predictor, eventsOf(batch, inputs)).at(-1)!;
  expect(predictor.nextFeatures).toHaveLength(2);
  for (const [feature, { least, greatest }] of inputs.featureRanges!.entries()) {
    // The same weights with the feature's column in the place of a task's, which `predict` tells.
    const moved = new Map(trained.weights);
    for (const name of ['linear.weight', 'linear.bias']) {
      const { shape, values } = moved.get(name)!;
      const [rows, columns] = shape as [number, number];
      const changed = Float32Array.from(values as Float32Array);
      for (let row = 0; row < rows; row += 1)
        changed[row * columns + 2] = changed[row * columns + inputs.taskCount + feature]!;
      moved.set(name, { shape, values: changed });
    }
    const other = await openStreamingPredictor({ ...trained, weights: moved });
    const scaled = copied(other, eventsOf(batch, inputs)).at(-1)![2]!;
    const expected = greatest === least ? scaled : scaled * (greatest - least) + least;
    expect(predictor.nextFeatures![feature]).toBeCloseTo(expected, 5);
  }
  expectSame(streamed, model.predict(batch));
  model.dispose();
});
