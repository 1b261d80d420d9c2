import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../../../src/base/errors.js';
import { startAtCursor } from '../../../../src/host/inspection/forecast/startAtCursor.js';
import { fittingRuns, knownShare } from '../../../../src/host/inspection/forecast/fittingRuns.js';
import type { ForecastOptions } from '../../../../src/host/inspection/forecast/forecastProcess.js';
import { ForecastSource } from '../../../../src/host/inspection/forecast/forecastSource.js';
import { findRuns } from '../../../../src/learning/runs/findRuns.js';
import type { Forecast } from '../../../../src/protocol/forecast.js';
import { FIRST_SETTINGS } from '../../../../src/protocol/forecastMessages.js';
import { readForecastState } from '../../../../src/protocol/forecastSchemas.js';
import { dataSetFolder } from '../../../support/dataSetInputs.js';
import { littleRuns, type LittleRuns } from '../../../support/littleRuns.js';

let root: string;
let runs: LittleRuns;
let folder: string;

beforeAll(async () => {
  root = await dataSetFolder();
  runs = await littleRuns(root);
  folder = await runs.train('one', { epochs: 1 });
}, 60_000);

afterAll(() => {
  runs.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** Forecasts that end when the test says so. */
class Made {
  readonly asked: (ForecastOptions & { readonly end: (forecast: Forecast) => void })[] = [];

  readonly make = (options: ForecastOptions) =>
    new Promise<Forecast>((resolve, reject) => {
      this.asked.push({ ...options, end: resolve });
      options.signal.addEventListener('abort', () => reject(new Failure('cancelled', 'It was cancelled.')));
    });
}

const FORECAST = { model: 'tcn' } as Forecast;
let made: Made;
let shares: number[];
let source: ForecastSource;

beforeEach(() => {
  made = new Made();
  shares = [];
  source = new ForecastSource(folder, made.make, (share) => shares.push(share));
});

/** Once the weights were looked at. */
const untilAsked = async (count: number) => {
  await expect.poll(() => made.asked.length).toBe(count);
  return made.asked[count - 1]!;
};

describe('what can be forecast from', () => {
  test('are the parts with rows and the recordings of the data set', async () => {
    const state = await source.state(null);
    expect(readForecastState(JSON.parse(JSON.stringify(state)))).toEqual(state);
    if (state.kind !== 'ready') throw new Error(state.message);
    expect(state).toMatchObject({ title: 'one', task: 'next-task', perCpu: false, aim: null });
    expect(state.parts.map(({ part }) => part)).toContain('seen');
    expect(state.parts.every(({ rows }) => rows > 0)).toBe(true);
    expect(state.recordings.map(({ path }) => path).sort()).toEqual([...runs.recordings].sort());
  });

  test('where the trace editor wants it to begin is told once, and of merged CPUs without one', async () => {
    const start = { kind: 'recording', path: '/x', cpu: 3, timeNs: '5', isRelative: false } as const;
    source.aim(start);
    expect(await source.state(null)).toMatchObject({ aim: { ...start, cpu: null } });
    expect(await source.state(null)).toMatchObject({ aim: null });
  });

  test('a data set that is not there is said, another place can be named', async () => {
    const empty = join(root, 'empty');
    mkdirSync(empty, { recursive: true });
    const missing = await source.state(empty);
    expect(missing).toMatchObject({ kind: 'missing' });
    expect(await source.state(runs.dataset)).toMatchObject({ kind: 'ready' });
  });
});

describe('forecasts', () => {
  test('the same request again is the same forecast', async () => {
    const first = source.forecast(null, FIRST_SETTINGS);
    const asked = await untilAsked(1);
    asked.onProgress(0.5);
    asked.end(FORECAST);
    expect(await first).toBe(FORECAST);
    expect(await source.forecast(null, FIRST_SETTINGS)).toBe(FORECAST);
    expect(made.asked).toHaveLength(1);
    expect(shares).toEqual([0.5]);
  });

  test('another request ends the one that is being made', async () => {
    const first = source.forecast(null, FIRST_SETTINGS);
    await untilAsked(1);
    const second = source.forecast(null, { ...FIRST_SETTINGS, seed: 2 });
    await expect(first).rejects.toThrow('cancelled');
    (await untilAsked(2)).end(FORECAST);
    expect(await second).toBe(FORECAST);
  });

  test('one that was cancelled is made anew', async () => {
    const first = source.forecast(null, FIRST_SETTINGS);
    await untilAsked(1);
    source.cancel();
    await expect(first).rejects.toThrow('cancelled');
    const again = source.forecast(null, FIRST_SETTINGS);
    (await untilAsked(2)).end(FORECAST);
    expect(await again).toBe(FORECAST);
  });
});

describe('runs that fit a trace', () => {
  test('know half of its switches, or have it in their data set', async () => {
    const found = await findRuns(root);
    const state = await source.state(null);
    if (state.kind !== 'ready') throw new Error(state.message);
    const strange = [{ comm: 'never-seen', pid: 5, switches: 10 }];
    expect(await fittingRuns(found, { path: '/elsewhere', tasks: strange })).toEqual([]);
    const [own] = await fittingRuns(found, { path: runs.recordings[0]!, tasks: strange });
    expect(own).toMatchObject({ knownShare: 0, isOfDataSet: true, run: { folder } });
    const idle = [...strange, { comm: 'swapper/0', pid: 0, switches: 30 }];
    const [known] = await fittingRuns(found, { path: '/elsewhere', tasks: idle });
    expect(known).toMatchObject({ knownShare: 0.75, isOfDataSet: false });
  });

  test('names count as the vocabulary has them', () => {
    const tasks = [
      { comm: 'kworker/0:1-events', pid: 7, switches: 3 },
      { comm: 'sh', pid: 8, switches: 1 },
    ];
    expect(knownShare({ kind: 'comm', tasks: ['UNK', 'swapper', 'kworker'] }, tasks)).toBe(0.75);
    expect(knownShare({ kind: 'pid', tasks: ['UNK', '0', '8'] }, tasks)).toBe(0.25);
    expect(knownShare({ kind: 'comm', tasks: ['UNK'] }, [])).toBe(0);
  });

  test('a forecast begins at the cursor by the clock of the recording', () => {
    expect(startAtCursor('/x', { cpu: 1, atNs: 1500.7 }, { baseNs: '9007199254740993000' })).toEqual({
      kind: 'recording',
      path: '/x',
      cpu: 1,
      timeNs: '9007199254740994500',
      isRelative: false,
    });
  });
});
