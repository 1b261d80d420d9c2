import * as v from 'valibot';
import type {
  ComparisonEvents,
  ComparisonState,
  ComparisonViewState,
} from '../../../src/protocol/comparisonMessages.js';

const orNull = <T extends v.GenericSchema>(schema: T) => v.nullable(schema);
const amount = orNull(v.number());
const interval = orNull(v.object({ low: v.number(), high: v.number() }));
const better = v.picklist(['lower', 'higher', 'neither']);

const figures = v.object({
  n: v.number(),
  failed: v.number(),
  mean: amount,
  median: amount,
  standardDeviation: amount,
  smallest: amount,
  largest: amount,
  meanInterval: interval,
  values: v.array(v.number()),
});

const test = v.object({
  kind: v.picklist(['exact', 'sampled']),
  p: v.number(),
  adjustedP: v.number(),
  familySize: v.number(),
  arrangements: v.number(),
  tried: v.number(),
  smallestP: v.number(),
});

const pair = v.object({
  set: v.number(),
  ratioOfMeans: amount,
  ratioOfMeansInterval: interval,
  ratioOfMedians: amount,
  ratioOfMediansInterval: interval,
  test: orNull(test),
  verdict: v.picklist(['faster', 'slower', 'higher', 'lower', 'no difference', 'no statement']),
  detectable: amount,
  words: v.string(),
});

const metric = v.object({
  benchmark: v.string(),
  metric: v.string(),
  title: v.string(),
  unit: v.string(),
  better,
  isPrimary: v.boolean(),
  sets: v.array(orNull(figures)),
  against: v.array(pair),
  densities: v.array(
    v.object({
      set: v.number(),
      count: v.number(),
      mean: v.number(),
      at: v.array(v.number()),
      density: v.array(v.number()),
    }),
  ),
});

const overall = v.object({
  metric: v.string(),
  title: v.string(),
  unit: v.string(),
  better,
  set: v.number(),
  benchmarks: v.array(v.string()),
  ratioOfMeans: amount,
  meanOfRatios: v.number(),
  geometricMeanOfRatios: v.number(),
  geometricMeanInterval: interval,
});

const comparison = v.object({
  confidence: v.number(),
  resamples: v.number(),
  seed: v.number(),
  sets: v.pipe(
    v.array(
      v.object({
        label: v.string(),
        machine: v.string(),
        kernel: v.string(),
        variant: orNull(v.string()),
        path: v.string(),
      }),
    ),
    v.minLength(2),
  ),
  metrics: v.array(metric),
  overall: v.array(overall),
  remarks: v.array(v.object({ severity: v.picklist(['warning', 'info']), text: v.string() })),
});

const stateSchema = v.variant('kind', [
  v.object({ kind: v.literal('reading'), names: v.array(v.string()) }),
  v.object({ kind: v.literal('ready'), comparison }),
]);

const viewStateSchema = v.object({ showsAllMetrics: v.boolean(), chosen: orNull(v.string()) });

/** The state as the host sent it, or null when it is not one. */
export function readComparisonState(value: unknown): ComparisonState | null {
  return v.is(stateSchema, value) ? value : null;
}

export function readFailure(value: unknown): ComparisonEvents['failed'] {
  return v.is(v.object({ message: v.string() }), value)
    ? value
    : { message: 'The results cannot be compared; the reason did not arrive.' };
}

/** The state of an earlier life of this view; null when there is none or it is of another version. */
export function readViewState(value: unknown): ComparisonViewState | null {
  return v.is(viewStateSchema, value) ? value : null;
}
