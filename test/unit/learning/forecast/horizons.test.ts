import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import type { TrainedModel } from '../../../../src/learning/export/trainedModel.js';
import { horizonScores, type HorizonOptions } from '../../../../src/learning/forecast/horizons.js';
import { modelByChance } from '../../../support/exportedModels.js';
import { littleSequences, NO_SEQUENCES } from '../../../support/littleDataSet.js';
import { predictorOf, sequencesOf } from '../../../support/predictors.js';

const TRAIN = littleSequences(800, 1);
const PART = littleSequences(400, 2);
let engine: EmbeddedEngine;
let trained: TrainedModel;

beforeAll(async () => {
  engine = await EmbeddedEngine.create({ threads: 1 });
  trained = modelByChance(engine, {
    model: 'inter-arrival-tcn',
    settings: { projection: 6, blocks: 2 },
    features: ['logDelta'],
  }).trained;
});
afterAll(() => engine.dispose());

const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95];
/** Standardised quantiles of what `littleSequences` draws: ln ns uniform on 6 … 10, whatever came before. */
const right = (): number[] => LEVELS.map((level) => (6 + 4 * level - 8) / 1.5);
const options = (changes: Partial<HorizonOptions> = {}): HorizonOptions => ({
  trained,
  train: TRAIN,
  validation: NO_SEQUENCES,
  part: PART,
  seed: 1,
  open: () => Promise.resolve(predictorOf({ kind: 'quantiles', quantiles: LEVELS }, 5, right)),
  ...changes,
});

describe('ensembles', () => {
  test('of a model that knows the distribution are of it, at every horizon', async () => {
    const { horizons, freeRunRatio } = await horizonScores(
      options({ horizons: [1, 10, 150], origins: 30, samples: 40 }),
    );
    expect(horizons.map(({ steps }) => steps)).toEqual([1, 10, 150]);
    for (const { ensemble, actual, rows, steps } of horizons) {
      expect(ensemble).toHaveLength(40 * rows.length);
      const mean = ensemble.reduce((sum, value) => sum + value, 0) / ensemble.length;
      expect(Math.abs(mean - 8)).toBeLessThan(0.2);
      const inside = ensemble.filter((value) => value >= 6.2 && value <= 9.8).length / ensemble.length;
      expect(Math.abs(inside - 0.9)).toBeLessThan(0.03);
      for (const [at, row] of rows.entries()) expect(actual[at]).toBe(Math.log1p(PART.deltaNs[row + steps]!));
    }
    expect(Math.abs(freeRunRatio! - 1)).toBeLessThan(0.1);
  });

  test('begin behind a whole window, and end within the sequence', async () => {
    const { horizons } = await horizonScores(options({ horizons: [1, 100], origins: 1000, samples: 1 }));
    for (const { rows, steps } of horizons) {
      for (const row of rows) {
        expect(row % 200).toBeGreaterThanOrEqual(7);
        expect((row % 200) + steps).toBeLessThan(200);
      }
    }
    expect(horizons[0]!.rows).toHaveLength(2 * (200 - 7 - 1));
  });

  test('horizons that no sequence is long enough for are left out', async () => {
    const { horizons, freeRunRatio } = await horizonScores(options({ origins: 2, samples: 2 }));
    expect(horizons.map(({ steps }) => steps)).toEqual([1, 10, 100]);
    expect(freeRunRatio).toBeNull();
  });

  test('of a model that has collapsed hardly vary', async () => {
    const collapsed = () =>
      Promise.resolve(predictorOf({ kind: 'quantiles', quantiles: LEVELS }, 5, () => [0, 0, 0, 0, 0]));
    const found = await horizonScores(options({ horizons: [150], origins: 5, samples: 5, open: collapsed }));
    expect(found.freeRunRatio).toBeLessThan(0.01);
  });
});

describe('naive baselines', () => {
  test('repeat what they guess at the origin', async () => {
    const part = sequencesOf([
      {
        task: new Array<number>(30).fill(1),
        deltaNs: Array.from({ length: 30 }, (_, at) => (at === 0 ? NaN : 100 * at)),
      },
    ]);
    const { horizons } = await horizonScores(options({ part, horizons: [1, 10], origins: 1000, samples: 1 }));
    for (const { rows, baselines } of horizons) {
      expect([...baselines.keys()]).toEqual([
        'last value',
        'median of the last 15',
        'median of the task',
        'EWMA 0.2',
      ]);
      for (const [at, row] of rows.entries()) {
        expect(baselines.get('last value')![at]).toBe(Math.log1p(100 * row));
      }
    }
    const at20 = horizons[0]!.rows.indexOf(20);
    // Of 600 … 2000 the middle one.
    expect(horizons[0]!.baselines.get('median of the last 15')![at20]).toBeCloseTo(Math.log1p(1300), 12);
  });
});

describe('a point', () => {
  const points = () => Promise.resolve(predictorOf({ kind: 'point' }, 1, () => [0]));
  test('varies by its errors on the validation part', async () => {
    const ofPoint = { ...trained, outputs: { kind: 'point' as const } };
    const { horizons } = await horizonScores(
      options({
        trained: ofPoint,
        validation: littleSequences(400, 3),
        open: points,
        horizons: [1],
        origins: 50,
        samples: 40,
      }),
    );
    const { ensemble } = horizons[0]!;
    const mean = ensemble.reduce((sum, value) => sum + value, 0) / ensemble.length;
    const deviation = Math.sqrt(
      ensemble.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ensemble.length,
    );
    // Of a uniform distribution of width 4.
    expect(Math.abs(deviation - 4 / Math.sqrt(12))).toBeLessThan(0.1);
  });

  test('without a validation part does not vary', async () => {
    const ofPoint = { ...trained, outputs: { kind: 'point' as const } };
    const { horizons } = await horizonScores(
      options({ trained: ofPoint, open: points, horizons: [1], origins: 50, samples: 4 }),
    );
    expect(new Set(horizons[0]!.ensemble).size).toBe(1);
  });
});

test('a model of tasks has no horizons', async () => {
  const ofTasks = { ...trained, outputs: { kind: 'logits' as const } };
  await expect(horizonScores(options({ trained: ofTasks }))).rejects.toMatchObject({ code: 'wrong-usage' });
});

test('tells how far it has come, and ends when it is cancelled', async () => {
  const shares: number[] = [];
  await horizonScores(
    options({ horizons: [100], origins: 20, samples: 5, onProgress: (share) => shares.push(share) }),
  );
  expect(shares.length).toBeGreaterThan(10);
  expect(shares.every((share, at) => share >= (shares[at - 1] ?? 0) && share <= 1)).toBe(true);
  const aborted = AbortSignal.abort();
  await expect(horizonScores(options({ signal: aborted, horizons: [100] }))).rejects.toMatchObject({
    code: 'cancelled',
  });
});
