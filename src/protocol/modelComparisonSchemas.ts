import * as v from 'valibot';
import { SLICES } from './evaluation.js';
import { costSchema, estimateSchema } from './evaluationSchemas.js';
import type { ParamsOf } from './inspectionSchemas.js';
import type {
  ModelComparisonMemory,
  ModelComparisonRequests,
  ModelComparisonState,
} from './modelComparisonMessages.js';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();
const path = v.pipe(text, v.maxLength(4096));
const metricId = v.picklist(['top1', 'top3', 'mrr', 'logLoss', 'logMae']);
const slice = v.picklist(SLICES);

/** Parameters of requests, checked when they arrive. */
export const MODEL_COMPARISON_PARAMS: ParamsOf<ModelComparisonRequests> = {
  modelComparisonState: v.strictObject({ against: v.nullable(path) }),
};

const difference = v.object({
  run: count,
  difference: estimateSchema,
  test: v.object({ kind: v.picklist(['exact', 'sampled']), p: v.number(), blocks: count, tried: count }),
  mcnemar: v.nullable(v.object({ onlyFirst: count, onlyThis: count, midP: v.number() })),
});

const metric = v.object({
  metric: metricId,
  better: v.picklist(['higher', 'lower']),
  values: v.array(estimateSchema),
  differences: v.array(difference),
});

const part = v.object({
  part: text,
  events: count,
  ofEvents: v.array(count),
  blockEvents: count,
  blocks: count,
  slices: v.pipe(v.array(v.object({ slice, events: count, metrics: v.array(metric) })), v.minLength(1)),
  byWorkload: v.array(v.object({ workload: text, category: v.nullable(text), events: count, metric })),
});

const comparison = v.object({
  task: v.picklist(['next-task', 'inter-arrival']),
  runs: v.pipe(
    v.array(
      v.object({
        folder: text,
        title: text,
        model: text,
        parameters: count,
        epoch: count,
        engine: text,
        evaluated: text,
        cost: v.nullable(costSchema),
      }),
    ),
    v.minLength(2),
  ),
  dataset: v.object({ path: text, sha256: text }),
  parts: v.pipe(v.array(part), v.minLength(1)),
  settings: v.array(v.object({ path: text, values: v.array(v.nullable(text)) })),
  bootstrap: v.object({ resamples: count, seed: count }),
  warnings: v.array(text),
});

const state: v.GenericSchema<unknown, ModelComparisonState> = v.variant('kind', [
  v.object({ kind: v.literal('ready'), comparison }),
  v.object({
    kind: v.literal('missing'),
    message: text,
    unevaluated: v.array(v.object({ run: count, title: text })),
  }),
]);

const memory: v.GenericSchema<unknown, ModelComparisonMemory> = v.object({
  part: v.nullable(text),
  slice,
  metric: v.nullable(metricId),
  against: v.nullable(path),
});

/** The state as the host sent it; `null` for what is none. */
export function readModelComparisonState(value: unknown): ModelComparisonState | null {
  const parsed = v.safeParse(state, value);
  return parsed.success ? parsed.output : null;
}

/** What an earlier life of the view kept; `null` where there is none of this version. */
export function readModelComparisonMemory(value: unknown): ModelComparisonMemory | null {
  const parsed = v.safeParse(memory, value);
  return parsed.success ? parsed.output : null;
}
