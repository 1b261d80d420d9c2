import * as v from 'valibot';
import { forecastSchema, forecastSettingsSchema } from '../protocol/forecastSchemas.js';

// What the host and the process that makes a forecast say to each other; what arrives is checked.

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

const commandSchema = v.variant('kind', [
  v.object({
    kind: v.literal('forecast'),
    folder: path,
    /** Where the run's data set is now; `null`: where it was. */
    dataset: v.nullable(path),
    settings: forecastSettingsSchema,
  }),
  v.object({ kind: v.literal('cancel') }),
]);

export type ForecasterCommand = v.InferOutput<typeof commandSchema>;
export type ForecastCommand = Extract<ForecasterCommand, { kind: 'forecast' }>;

const eventSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({
    kind: v.literal('progress'),
    /** 0…1. */
    share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
  /** The last message, or `failed` is. */
  v.object({ kind: v.literal('done'), forecast: forecastSchema }),
  v.object({ kind: v.literal('failed'), code: v.string(), message: v.string() }),
]);

export type ForecasterEvent = v.InferOutput<typeof eventSchema>;

/** `null` for what is no command. */
export function readForecasterCommand(value: unknown): ForecasterCommand | null {
  const parsed = v.safeParse(commandSchema, value);
  return parsed.success ? parsed.output : null;
}

/** `null` for what is no event. */
export function readForecasterEvent(value: unknown): ForecasterEvent | null {
  const parsed = v.safeParse(eventSchema, value);
  return parsed.success ? parsed.output : null;
}
