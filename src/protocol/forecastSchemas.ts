import * as v from 'valibot';
import type { EventSeries, Forecast } from './forecast.js';
import {
  FORECAST_PARTS,
  MOST_PANEL_SAMPLES,
  MOST_PANEL_STEPS,
  MOST_SEED,
  OBSERVED_CHOICES,
  TIME_SCALES,
  type ForecastMemory,
  type ForecastPanelRequests,
  type ForecastSettings,
  type ForecastState,
} from './forecastMessages.js';
import type { ParamsOf } from './inspectionSchemas.js';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const timeNs = v.pipe(v.string(), v.regex(/^-?\d{1,20}$/));
const cpu = whole(0, 65_535);
const part = v.picklist(FORECAST_PARTS);
const task = v.picklist(['next-task', 'inter-arrival']);

const start = v.variant('kind', [
  v.strictObject({ kind: v.literal('part'), part, row: v.nullable(count) }),
  v.strictObject({
    kind: v.literal('recording'),
    path,
    cpu: v.nullable(cpu),
    timeNs: v.nullable(timeNs),
    isRelative: v.boolean(),
  }),
]);

/** What a forecast is made by; also of the process that makes it. */
export const forecastSettingsSchema: v.GenericSchema<unknown, ForecastSettings> = v.strictObject({
  start,
  steps: whole(1, MOST_PANEL_STEPS),
  samples: whole(1, MOST_PANEL_SAMPLES),
  seed: whole(0, MOST_SEED),
  observed: v.picklist(OBSERVED_CHOICES),
});

const dataset = v.nullable(path);
const nothing = v.strictObject({});

/** Parameters of requests, checked when they arrive. */
export const FORECAST_PARAMS: ParamsOf<ForecastPanelRequests> = {
  forecastState: v.strictObject({ dataset }),
  findForecastData: nothing,
  makeForecast: v.strictObject({ dataset, settings: forecastSettingsSchema }),
  cancelForecast: nothing,
  openForecastOrigin: v.strictObject({ path, timeNs, cpu: v.nullable(cpu) }),
};

// Hundreds of thousands of numbers: a loop, not a schema for each.
const times = v.custom<readonly (number | null)[]>(
  (value) => Array.isArray(value) && value.every((ns) => ns === null || Number.isFinite(ns)),
);
const knownTimes = v.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.every((ns) => Number.isFinite(ns)),
);
const tasks = v.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && Number(each) >= 0),
);

const series: v.GenericSchema<unknown, EventSeries> = v.pipe(
  v.object({ deltaNs: times, task: tasks }),
  v.check(({ deltaNs, task: each }) => deltaNs.length === each.length, 'times and tasks differ in length'),
);

/** A forecast, as the process that made it and the host send it. */
export const forecastSchema: v.GenericSchema<unknown, Forecast> = v.pipe(
  v.object({
    origin: v.object({
      ...{ recording: v.string(), cpu: v.nullable(cpu), timeNs },
      place: v.nullable(v.object({ part: v.string(), row: count })),
      isChosen: v.boolean(),
    }),
    model: v.string(),
    task,
    steps: count,
    seed: v.number(),
    observed: series,
    actual: series,
    samples: v.pipe(v.array(series), v.minLength(1)),
    quantiles: v.nullable(v.array(v.object({ level: v.number(), deltaNs: knownTimes }))),
    companion: v.nullable(v.string()),
    taskNames: v.array(v.string()),
    warnings: v.array(v.string()),
  }),
  v.check(
    ({ steps, samples, quantiles }) =>
      samples.every((sample) => sample.task.length === steps) &&
      (quantiles ?? []).every(({ deltaNs }) => deltaNs.length === steps),
    'not as many events as were asked for',
  ),
);

/** A forecast as it was sent; `null` for what is none. */
export function readForecast(value: unknown): Forecast | null {
  const parsed = v.safeParse(forecastSchema, value);
  return parsed.success ? parsed.output : null;
}

const state: v.GenericSchema<unknown, ForecastState> = v.variant('kind', [
  v.object({
    kind: v.literal('ready'),
    folder: v.string(),
    title: v.string(),
    model: v.string(),
    task,
    parts: v.array(v.object({ part, rows: count })),
    recordings: v.array(
      v.object({
        path: v.string(),
        workload: v.string(),
        category: v.string(),
        startNs: timeNs,
        endNs: timeNs,
        cpus: count,
      }),
    ),
    perCpu: v.boolean(),
    logDelta: v.object({ mean: v.number(), deviation: v.number() }),
    aim: v.nullable(start),
  }),
  v.object({ kind: v.literal('missing'), title: v.string(), message: v.string() }),
]);

/** The state as the host sent it; `null` for what is none. */
export function readForecastState(value: unknown): ForecastState | null {
  const parsed = v.safeParse(state, value);
  return parsed.success ? parsed.output : null;
}

const found = v.nullable(v.object({ dataset }));

/** Where the data set is, as the host sent it; `null`: the user gave up, or it is no answer. */
export function readFoundData(value: unknown): { readonly dataset: string | null } | null {
  const parsed = v.safeParse(found, value);
  return parsed.success ? parsed.output : null;
}

/** How far a forecast has come; 0 for what does not tell. */
export function readForecastProgress(value: unknown): number {
  const parsed = v.safeParse(v.object({ share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }), value);
  return parsed.success ? parsed.output.share : 0;
}

const memory: v.GenericSchema<unknown, ForecastMemory> = v.object({
  dataset,
  settings: forecastSettingsSchema,
  scale: v.picklist(TIME_SCALES),
  showsSamples: v.boolean(),
  showsActual: v.boolean(),
});

/** What an earlier life of the view kept; `null` where there is none of this version. */
export function readForecastMemory(value: unknown): ForecastMemory | null {
  const parsed = v.safeParse(memory, value);
  return parsed.success ? parsed.output : null;
}
