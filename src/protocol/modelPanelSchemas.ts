import * as v from 'valibot';
import { auditSchema } from './auditSchemas.js';
import { evaluationSchema } from './evaluationSchemas.js';
import type { ParamsOf } from './inspectionSchemas.js';
import type {
  Found,
  LayerView,
  ModelPanelMemory,
  ModelPanelRequests,
  ModelPanelState,
} from './modelPanelMessages.js';
import {
  factsSchema,
  historySchema,
  metricsSchema,
  trainingViewStateSchema,
} from './trainingPanelSchemas.js';

/** Parameters of requests of the model panel, checked when they arrive. */
export const MODEL_PANEL_PARAMS: ParamsOf<ModelPanelRequests> = { modelState: v.strictObject({}) };

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const taskSchema = v.picklist(['next-task', 'inter-arrival']);

const layersSchema: v.GenericSchema<unknown, readonly LayerView[]> = v.array(
  v.object({
    name: v.string(),
    operation: v.string(),
    inputs: v.array(v.string()),
    shape: v.nullable(v.array(count)),
    detail: v.nullable(v.string()),
    parameters: count,
    statistics: count,
    weights: v.array(v.object({ name: v.string(), rows: count, columns: count })),
  }),
);

const courseSchema = v.object({
  state: trainingViewStateSchema,
  task: taskSchema,
  epochs: v.number(),
  best: v.nullable(v.object({ epoch: v.number(), loss: v.number() })),
  history: historySchema,
  metrics: v.nullable(metricsSchema),
});

function foundSchema<T>(value: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, Found<T>> {
  return v.variant('kind', [
    v.object({ kind: v.literal('found'), value }),
    v.object({ kind: v.literal('missing') }),
    v.object({ kind: v.literal('problem'), message: v.string() }),
  ]);
}

const stateSchema: v.GenericSchema<unknown, ModelPanelState> = v.object({
  folder: v.string(),
  title: v.string(),
  task: taskSchema,
  facts: factsSchema,
  hasWeights: v.boolean(),
  layers: foundSchema(layersSchema),
  course: foundSchema(courseSchema),
  evaluation: foundSchema(evaluationSchema),
  isOutdated: v.nullable(v.boolean()),
  audit: foundSchema(auditSchema),
  isAuditOutdated: v.nullable(v.boolean()),
});

const memorySchema: v.GenericSchema<unknown, ModelPanelMemory> = v.object({
  tab: v.string(),
  part: v.string(),
  slice: v.string(),
  measure: v.string(),
});

/** `null` for what is none of ours. */
export function readModelState(value: unknown): ModelPanelState | null {
  const parsed = v.safeParse(stateSchema, value);
  return parsed.success ? parsed.output : null;
}

export function readModelMemory(value: unknown): ModelPanelMemory | null {
  const parsed = v.safeParse(memorySchema, value);
  return parsed.success ? parsed.output : null;
}
