import * as v from 'valibot';
import {
  EVENT_SORT_KEYS,
  NORMALISATIONS,
  type ConfusionEvents,
  type ConfusionMemory,
  type ConfusionRequests,
  type ConfusionState,
} from './confusionMessages.js';
import { SLICES } from './evaluation.js';
import type { ParamsOf } from './inspectionSchemas.js';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(4096));
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(-1));
const slice = v.picklist(SLICES);

const query = v.strictObject({
  part: text,
  slice,
  baseline: v.nullable(text),
  classes: v.pipe(count, v.minValue(1)),
  order: v.picklist(['frequency', 'clustered']),
});
const cell = v.strictObject({ target: index, guess: index });

/** Parameters of requests, checked when they arrive. */
export const CONFUSION_PARAMS: ParamsOf<ConfusionRequests> = {
  confusionState: v.strictObject({ query: v.nullable(query) }),
  confusionEvents: v.strictObject({
    query,
    cell,
    sort: v.picklist(EVENT_SORT_KEYS),
    descending: v.boolean(),
    offset: count,
    limit: v.pipe(count, v.maxValue(1000)),
  }),
  openConfusionEvent: v.strictObject({ part: text, event: count }),
};

const numbers = v.instance(Uint32Array);

const matrix = v.pipe(
  v.object({
    query,
    classes: v.array(v.object({ index, name: v.string(), support: count, predicted: count })),
    allClasses: count,
    covered: v.number(),
    target: numbers,
    guess: numbers,
    count: numbers,
    events: count,
    right: count,
    unknown: count,
    rightOfOther: count,
  }),
  v.check(
    ({ classes, target, guess, count }) =>
      target.length === count.length &&
      guess.length === count.length &&
      target.every((place) => place < classes.length) &&
      guess.every((place) => place < classes.length),
    'the cells are not those of the classes',
  ),
);

const state: v.GenericSchema<unknown, ConfusionState> = v.variant('kind', [
  v.object({
    kind: v.literal('ready'),
    run: v.object({
      folder: v.string(),
      title: v.string(),
      model: v.string(),
      evaluated: v.string(),
      parts: v.array(
        v.object({
          part: v.string(),
          targets: count,
          slices: v.array(v.object({ slice, targets: count })),
        }),
      ),
      baselines: v.array(v.string()),
      warnings: v.array(v.string()),
      isOutdated: v.boolean(),
    }),
    matrix,
  }),
  v.object({ kind: v.literal('missing'), title: v.string(), message: v.string(), canEvaluate: v.boolean() }),
]);

const memory: v.GenericSchema<unknown, ConfusionMemory> = v.object({
  query: v.nullable(query),
  normalisation: v.picklist(NORMALISATIONS),
  cell: v.nullable(cell),
});

/** The state as the host sent it; `null` for what is none. */
export function readConfusionState(value: unknown): ConfusionState | null {
  const parsed = v.safeParse(state, value);
  return parsed.success ? parsed.output : null;
}

const rows: v.GenericSchema<unknown, ConfusionEvents> = v.object({
  total: count,
  rows: v.array(
    v.object({
      event: count,
      timeNs: v.pipe(v.string(), v.regex(/^-?\d{1,20}$/)),
      cpu: count,
      recording: v.string(),
      target: v.string(),
      guess: v.string(),
      isRight: v.boolean(),
      confidence: v.nullable(v.number()),
      rank: v.nullable(count),
    }),
  ),
});

/** Events of a cell as the host sent them; `null` for what is none. */
export function readConfusionEvents(value: unknown): ConfusionEvents | null {
  const parsed = v.safeParse(rows, value);
  return parsed.success ? parsed.output : null;
}

/** What an earlier life of the view kept; `null` where there is none of this version. */
export function readConfusionMemory(value: unknown): ConfusionMemory | null {
  const parsed = v.safeParse(memory, value);
  return parsed.success ? parsed.output : null;
}
