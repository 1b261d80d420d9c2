import * as v from 'valibot';
import { INSPECTION_PARAMS, type ParamsOf } from './inspectionSchemas.js';
import {
  BANDWIDTH_RULES,
  BENEATH,
  DENSITY_AXES,
  DENSITY_RANGES,
  LATENCY_UNITS,
  type LatencyMemory,
  type LatencyRequests,
  type LatencySettings,
  type LatencyState,
  type LatencyStudy,
} from './latencyMessages.js';

/** Files of latency densities, parameters of requests and what a view is told: checked where they arrive. */

export const LATENCY_STUDY_FORMAT = 'kernel-oracle latency densities';
export const MOST_LATENCY_SETS = 60;

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const words = v.pipe(v.string(), v.maxLength(200));
const label = v.pipe(words, v.minLength(1));
const unit = v.picklist(LATENCY_UNITS);
const place = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_LATENCY_SETS));

const settingsSchema: v.GenericSchema<unknown, LatencySettings> = v.strictObject({
  axis: v.picklist(DENSITY_AXES),
  rule: v.picklist(BANDWIDTH_RULES),
  factor: v.pipe(v.number(), v.minValue(0.1), v.maxValue(10)),
  beneath: v.picklist(BENEATH),
  range: v.picklist(DENSITY_RANGES),
});

const setSchema = v.object({
  path,
  item: v.optional(v.pipe(v.string(), v.maxLength(1000)), ''),
  label,
  benchmark: v.optional(words, ''),
  probe: v.optional(words, ''),
  unit: v.optional(unit, 'ns'),
});

const studyEntries = {
  baseline: v.optional(words, ''),
  sets: v.pipe(v.array(setSchema), v.maxLength(MOST_LATENCY_SETS)),
  settings: settingsSchema,
};

/** `NAME.latency.json`; README.md of src/analysis/latency shows one. */
export const latencyStudyFileSchema = v.object({
  format: v.literal(LATENCY_STUDY_FORMAT),
  version: v.literal(1),
  ...studyEntries,
});

const studySchema: v.GenericSchema<unknown, LatencyStudy> = v.object(studyEntries);
const nothing = v.strictObject({});
const change = v.optional(words);

export const LATENCY_PARAMS: ParamsOf<LatencyRequests> = {
  latencyState: nothing,
  addFiles: nothing,
  changeSet: v.strictObject({
    set: place,
    label: v.optional(label),
    benchmark: change,
    probe: change,
    unit: v.optional(unit),
    item: v.optional(v.pipe(v.string(), v.maxLength(1000))),
  }),
  removeSet: v.strictObject({ set: place }),
  setBaseline: v.strictObject({ label }),
  changeSettings: settingsSchema,
  openSource: v.strictObject({ set: place }),
  saveStudy: nothing,
  saveFile: INSPECTION_PARAMS.saveFile,
};

const amounts = v.array(v.number());
const interval = v.nullable(v.object({ low: v.number(), high: v.number() }));

const setViewSchema = v.object({
  set: setSchema,
  items: v.array(v.object({ key: v.string(), name: v.string(), count: v.number() })),
  machine: v.nullable(v.string()),
  figures: v.nullable(
    v.object({
      n: v.number(),
      meanNs: v.number(),
      minNs: v.number(),
      p50Ns: v.number(),
      p90Ns: v.number(),
      p99Ns: v.number(),
      maxNs: v.number(),
    }),
  ),
  failure: v.nullable(v.string()),
  ratios: v.nullable(
    v.object({
      against: v.number(),
      ofMedians: v.number(),
      ofMediansInterval: interval,
      ofMeans: v.number(),
      words: v.string(),
    }),
  ),
  curve: v.nullable(
    v.object({
      ns: amounts,
      density: amounts,
      bandwidth: v.number(),
      beyond: v.number(),
      histogram: amounts,
      rugNs: amounts,
    }),
  ),
});

const stateSchema: v.GenericSchema<unknown, LatencyState> = v.object({
  version: v.number(),
  study: studySchema,
  file: v.nullable(v.string()),
  isChanged: v.boolean(),
  densities: v.object({
    settings: settingsSchema,
    baseline: v.string(),
    sets: v.array(setViewSchema),
    facets: v.array(v.object({ benchmark: v.string(), sets: amounts })),
    axis: v.nullable(v.object({ lowNs: v.number(), highNs: v.number() })),
    overall: v.array(
      v.object({
        label: v.string(),
        benchmarks: v.array(v.string()),
        ratioOfMeans: v.number(),
        meanOfRatios: v.number(),
        words: v.string(),
      }),
    ),
    cautions: v.array(v.object({ severity: v.picklist(['warning', 'info']), text: v.string() })),
    confidence: v.number(),
    resamples: v.number(),
    seed: v.number(),
  }),
});

const memorySchema: v.GenericSchema<unknown, LatencyMemory> = v.object({
  study: studySchema,
  file: v.nullable(path),
});

/** The state as the host sent it, or null when it is not one. */
export function readLatencyState(value: unknown): LatencyState | null {
  const parsed = v.safeParse(stateSchema, value);
  return parsed.success ? parsed.output : null;
}

/** What `setState` of an earlier window kept; null for what is none of ours. */
export function readLatencyMemory(value: unknown): LatencyMemory | null {
  const parsed = v.safeParse(memorySchema, value);
  return parsed.success ? parsed.output : null;
}
