import { describe, expect, test } from 'vitest';
import type { Forecast } from '../../../../src/protocol/forecast.js';
import { FIRST_SETTINGS, type ForecastChoices } from '../../../../src/protocol/forecastMessages.js';
import { readForecast, readForecastMemory } from '../../../../src/protocol/forecastSchemas.js';
import { scaleOf } from '../../../../webview/forecast/charts/timeScale.js';
import {
  boundsOf,
  clamped,
  inSight,
  panned,
  tickStep,
  zoomed,
} from '../../../../webview/forecast/model/eventRange.js';
import {
  commonestTasks,
  isRight,
  mostObserved,
  taskShares,
  timesAt,
  timeShares,
  toldSteps,
} from '../../../../webview/forecast/model/figures.js';
import { forecastTable } from '../../../../webview/forecast/model/forecastTable.js';
import { formOf, randomPlace, readForm } from '../../../../webview/forecast/model/settingsForm.js';
import { momentText, parseMoment } from '../../../../webview/forecast/model/timeText.js';
import { nextWrong, rightAt, stripRows, stripTasks } from '../../../../webview/forecast/strip/stripRows.js';

/** Four steps of three samples; the last one is not recorded, and the second one that came is UNK. */
const FORECAST: Forecast = {
  origin: {
    ...{ recording: '/a/trace.dat', cpu: 1, timeNs: '5000000000' },
    ...{ place: { part: 'seen', row: 1234 }, isChosen: true },
  },
  model: 'tcn',
  task: 'next-task',
  steps: 4,
  seed: 7,
  observed: { deltaNs: [null, 20, 10], task: [2, 1, 2] },
  actual: { deltaNs: [10, 30, 7], task: [1, 0, 2] },
  samples: [
    { deltaNs: [10, 20, 30, 40], task: [1, 0, 1, 1] },
    { deltaNs: [12, 22, 32, 42], task: [1, 2, 2, 1] },
    { deltaNs: [14, 24, 34, 44], task: [2, 2, 1, 2] },
  ],
  quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((level, at) => ({
    level,
    deltaNs: [10, 20, 30, 40].map((ns) => ns + at),
  })),
  companion: null,
  taskNames: ['UNK', 'swapper', 'a,"b"'],
  warnings: [],
};

const CHOICES: ForecastChoices = {
  kind: 'ready',
  folder: '/runs/x',
  title: 'x',
  model: 'tcn',
  task: 'next-task',
  parts: [{ part: 'seen', rows: 500 }],
  recordings: [
    {
      path: '/a/trace.dat',
      workload: 'w',
      category: 'c',
      startNs: '1000000000',
      endNs: '3000000000',
      cpus: 2,
    },
  ],
  perCpu: true,
  logDelta: { mean: 8, deviation: 2 },
  aim: null,
};

describe('what is right', () => {
  test('UNK never is, and nobody knows where nothing is recorded', () => {
    expect([isRight(1, 1), isRight(0, 0), isRight(2, 1), isRight(1, undefined)]).toEqual([
      true,
      false,
      false,
      null,
    ]);
  });

  test('the commonest task of a step is counted, beside the samples and the constant answer', () => {
    expect(commonestTasks(FORECAST).map(({ task }) => task)).toEqual([1, 2, 1, 1]);
    expect(commonestTasks(FORECAST)[0]!.share).toBeCloseTo(2 / 3);
    expect(mostObserved(FORECAST.observed)).toBe(2);
    const [all, ...more] = taskShares(FORECAST);
    expect(more).toEqual([]);
    expect(all!.events).toBe(3);
    expect(all!.commonest).toBeCloseTo(1 / 3);
    // 1, 2 and 0 of 3.
    expect(all!.samples).toBeCloseTo(3 / 9);
    expect(all!.constant).toBeCloseTo(1 / 3);
  });

  test('a row tells where it was wrong, and the next such place', () => {
    const rows = stripRows(FORECAST, true);
    expect(rows.map(({ label }) => label)).toEqual(['came', 'commonest', 'sample 1', 'sample 2', 'sample 3']);
    expect([1, 2, 3, 4].map((event) => rightAt(FORECAST, rows[1]!, event))).toEqual([
      true,
      false,
      false,
      null,
    ]);
    expect(rightAt(FORECAST, rows[0]!, 1)).toBeNull();
    expect(nextWrong(FORECAST, rows[1]!, 0, 1)).toBe(2);
    expect(nextWrong(FORECAST, rows[1]!, 2, 1)).toBe(3);
    expect(nextWrong(FORECAST, rows[1]!, 3, 1)).toBeNull();
    expect(nextWrong(FORECAST, rows[1]!, 3, -1)).toBe(2);
    expect(rows[0]!.task(0)).toBe(2);
    expect(rows[0]!.task(-2)).toBe(2);
    expect(rows[0]!.task(4)).toBeUndefined();
    expect(
      stripRows({ ...FORECAST, samples: FORECAST.samples.slice(0, 1) }, true).map(({ label }) => label),
    ).toEqual(['came', 'forecast']);
    expect(stripTasks(FORECAST)[0]).toEqual({ task: 1, count: 8 });
  });
});

describe('times', () => {
  test('of a step, with what lay within the bands', () => {
    expect(timesAt(FORECAST, 2)).toEqual({
      middle: 22,
      low50: 21,
      high50: 23,
      low90: 20,
      high90: 24,
      came: 30,
    });
    const [all] = timeShares(FORECAST);
    expect(all).toMatchObject({ events: 3, within50: 0 });
    expect(all!.within90).toBeCloseTo(1 / 3);
    const logs = [
      [12, 10],
      [22, 30],
      [32, 7],
    ].map(([middle, came]) => Math.abs(Math.log((1 + middle!) / (1 + came!))));
    expect(all!.error).toBeCloseTo(logs.reduce((sum, each) => sum + each) / 3);
    // The median of 20 and 10 is 15.
    const constant = [10, 30, 7].map((came) => Math.abs(Math.log(16 / (1 + came))));
    expect(all!.constantError).toBeCloseTo(constant.reduce((sum, each) => sum + each) / 3);
  });

  test('of one path there are no bands', () => {
    const single = { ...FORECAST, samples: FORECAST.samples.slice(0, 1), quantiles: null };
    expect(timesAt(single, 1)).toMatchObject({ middle: 10, low50: null });
    expect(timeShares(single)[0]).toMatchObject({ within50: null, within90: null });
  });

  test('have a place on each scale', () => {
    const { logDelta } = CHOICES;
    expect(scaleOf('log', logDelta).place(999)).toBeCloseTo(3);
    expect(scaleOf('log', logDelta).tick(3)).toBe('1 µs');
    expect(scaleOf('log', logDelta).tick(3.5)).toBeNull();
    expect(scaleOf('raw', logDelta).place(999)).toBe(999);
    expect(scaleOf('normalised', logDelta).place(Math.expm1(10))).toBeCloseTo(1);
  });

  test('steps that are told end with the last one', () => {
    expect(toldSteps({ steps: 1000 })).toEqual([1, 10, 100, 1000]);
    expect(toldSteps({ steps: 120 })).toEqual([1, 10, 100, 120]);
    expect(toldSteps({ steps: 1 })).toEqual([1]);
  });
});

test('the table has every value of every series', () => {
  const { columns, rows } = forecastTable(FORECAST);
  expect(columns).toEqual(['series', 'step', 'task', 'delta_ns']);
  expect(rows).toHaveLength(3 + 3 + 3 * 4 + 5 * 4);
  expect(rows[0]).toEqual(['observed', -2, 'a,"b"', null]);
  expect(rows[2]).toEqual(['observed', 0, 'a,"b"', 10]);
  expect(rows[3]).toEqual(['actual', 1, 'swapper', 10]);
  expect(rows.at(-1)).toEqual(['quantile 0.95', 4, null, 44]);
});

describe('the range of events', () => {
  const bounds = boundsOf({
    observed: { deltaNs: new Array<number>(200).fill(1), task: new Array<number>(200).fill(1) },
    steps: 1000,
  });

  test('never leaves what there is', () => {
    expect(bounds).toEqual({ from: -199.5, to: 1000.5 });
    expect(clamped({ from: -500, to: 5000 }, bounds)).toEqual(bounds);
    expect(panned({ from: 900, to: 1000 }, 50, bounds)).toEqual({ from: 900.5, to: 1000.5 });
    const closest = zoomed(bounds, 1e9, 10, bounds);
    expect(closest.to - closest.from).toBeCloseTo(8);
  });

  test('zooms about a place, which stays where it is', () => {
    const range = zoomed({ from: 0, to: 100 }, 2, 25, bounds);
    expect(range).toEqual({ from: 12.5, to: 62.5 });
    expect(inSight(range, 63, bounds)).toEqual({ from: 13.5, to: 63.5 });
    expect(inSight(range, 12, bounds)).toEqual({ from: 11.5, to: 61.5 });
    expect(inSight(range, 30, bounds)).toBe(range);
  });

  test('has ticks at round numbers', () => {
    expect(tickStep(1200, 10)).toBe(200);
    expect(tickStep(8, 10)).toBe(1);
    expect(tickStep(101, 10)).toBe(20);
  });
});

describe('the settings as text', () => {
  const form = formOf(FIRST_SETTINGS, CHOICES);

  test('come back as they were', () => {
    expect(readForm(form, CHOICES)).toEqual({ settings: FIRST_SETTINGS, faults: null });
    const settings = {
      ...FIRST_SETTINGS,
      start: { kind: 'recording', path: '/b', cpu: 3, timeNs: '5677371112001', isRelative: false },
      observed: 500,
    } as const;
    expect(readForm(formOf(settings, CHOICES), CHOICES)).toEqual({ settings, faults: null });
  });

  test.each([
    ['row', '500', 'The row has to be a whole number from 0 to 499.'],
    ['row', '-1', 'The row has to be'],
    ['steps', '1001', 'Steps has to be a whole number from 1 to 1,000.'],
    ['samples', '0', 'Samples has to be'],
    ['seed', '1.5', 'The seed has to be'],
  ])('%s of %s is refused with a reason', (field, text, reason) => {
    const { faults } = readForm({ ...form, [field]: text }, CHOICES);
    expect(Object.values(faults ?? {}).join()).toContain(reason);
  });

  test('a time that is none is refused; of merged CPUs none is asked for', () => {
    const recording = { ...form, kind: 'recording' as const, time: 'soon', cpu: '1' };
    expect(readForm(recording, CHOICES).faults?.time).toContain('+0.5s');
    const read = readForm({ ...recording, time: '' }, { ...CHOICES, perCpu: false });
    expect(read).toMatchObject({ settings: { start: { cpu: null, timeNs: null } } });
  });

  test('a random place is within what there is', () => {
    expect(randomPlace(form, CHOICES, 0.999).row).toBe('499');
    expect(randomPlace({ ...form, kind: 'recording' }, CHOICES, 0.5).time).toBe('2.000000000');
  });

  test('moments are exact to the nanosecond', () => {
    expect(parseMoment('5677.371112001')).toEqual({ timeNs: '5677371112001', isRelative: false });
    expect(parseMoment('+500ms')).toEqual({ timeNs: '500000000', isRelative: true });
    expect(parseMoment('+0.5')).toEqual({ timeNs: '500000000', isRelative: true });
    expect(parseMoment('5 o’clock')).toBeNull();
    expect(momentText({ timeNs: '500000000', isRelative: true })).toBe('+0.500000000s');
  });
});

describe('what arrives', () => {
  test('is a forecast only as a whole', () => {
    expect(readForecast(JSON.parse(JSON.stringify(FORECAST)))).toEqual(FORECAST);
    expect(readForecast({ ...FORECAST, steps: 5 })).toBeNull();
    expect(readForecast({ ...FORECAST, samples: [] })).toBeNull();
    expect(readForecast({ ...FORECAST, actual: { deltaNs: [1], task: [] } })).toBeNull();
    expect(readForecast({ ...FORECAST, actual: { deltaNs: ['1'], task: [1] } })).toBeNull();
  });

  test('of an earlier window is taken only when it fits', () => {
    const memory = {
      dataset: null,
      settings: FIRST_SETTINGS,
      scale: 'raw',
      showsSamples: true,
      showsActual: false,
    };
    expect(readForecastMemory({ ...memory, folders: ['/x'] })).toEqual(memory);
    expect(readForecastMemory({ ...memory, settings: { ...FIRST_SETTINGS, steps: 1e9 } })).toBeNull();
    expect(readForecastMemory(undefined)).toBeNull();
  });
});
