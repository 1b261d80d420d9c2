import * as v from 'valibot';
import { trainingProgressSchema } from './trainerSchemas.js';
import type {
  HistoryView,
  MetricsView,
  TrainingPanelMemory,
  TrainingPanelRequests,
  TrainingPanelState,
  TrainingView,
} from './trainingPanelMessages.js';

const nothing = v.strictObject({});

/** Parameters of requests of the view of a run, checked when they arrive. */
export const TRAINING_PARAMS: {
  readonly [K in keyof TrainingPanelRequests]: v.GenericSchema<unknown, TrainingPanelRequests[K]['params']>;
} = {
  trainingState: nothing,
  pauseTraining: nothing,
  continueTraining: nothing,
  cancelTraining: nothing,
  resumeTraining: nothing,
  openTrainingLog: nothing,
  openTrainingConfig: nothing,
};

const maybe = v.nullable(v.number());
const numbers = v.array(v.number());
const maybeNumbers = v.array(maybe);

export const trainingViewStateSchema = v.picklist([
  'queued',
  'starting',
  'running',
  'paused',
  'stopping',
  'finished',
  'cancelled',
  'failed',
  'interrupted',
  'unreadable',
]);
export const factsSchema = v.array(v.object({ label: v.string(), value: v.string() }));

const viewSchema: v.GenericSchema<unknown, TrainingView> = v.object({
  folder: v.string(),
  title: v.string(),
  state: trainingViewStateSchema,
  message: v.nullable(v.string()),
  facts: factsSchema,
  task: v.nullable(v.picklist(['next-task', 'inter-arrival'])),
  epoch: v.number(),
  epochs: v.number(),
  best: v.nullable(v.object({ epoch: v.number(), loss: v.number() })),
  progress: v.nullable(trainingProgressSchema),
  actions: v.object({
    pause: v.boolean(),
    continue: v.boolean(),
    cancel: v.boolean(),
    resume: v.boolean(),
  }),
  foreignProcess: maybe,
});

export const historySchema: v.GenericSchema<unknown, HistoryView> = v.pipe(
  v.object({
    epochs: v.number(),
    epoch: numbers,
    trainLoss: numbers,
    validationLoss: maybeNumbers,
    accuracy: maybeNumbers,
    accuracyWithoutIdle: maybeNumbers,
    error: maybeNumbers,
    learningRate: numbers,
    examplesPerSecond: maybeNumbers,
    memoryBytes: numbers,
  }),
  v.check(
    ({ epochs, epoch, ...columns }) =>
      epochs >= epoch.length && Object.values(columns).every((column) => column.length === epoch.length),
    'columns of different lengths',
  ),
);

export const metricsSchema: v.GenericSchema<unknown, MetricsView> = v.object({
  parts: v.array(
    v.object({
      part: v.picklist(['validation', 'seen', 'unseen']),
      rows: v.array(
        v.object({
          name: v.string(),
          isModel: v.boolean(),
          targets: v.number(),
          unknownTargets: maybe,
          loss: maybe,
          accuracy: maybe,
          top5: maybe,
          accuracyWithoutIdle: maybe,
          maeLog: maybe,
          maeNs: maybe,
          pinballLog: maybe,
        }),
      ),
    }),
  ),
});

const resultsSchema = v.object({ history: historySchema, metrics: v.nullable(metricsSchema) });
const stateSchema: v.GenericSchema<unknown, TrainingPanelState> = v.object({
  view: viewSchema,
  ...resultsSchema.entries,
});
const memorySchema = v.object({ runFolder: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)) });

/** `null` for what is none of ours; the same of the other readers. */
export function readTrainingState(value: unknown): TrainingPanelState | null {
  return outputOf(stateSchema, value);
}

export function readTrainingView(value: unknown): TrainingView | null {
  return outputOf(viewSchema, value);
}

export function readTrainingResults(value: unknown): Pick<TrainingPanelState, 'history' | 'metrics'> | null {
  return outputOf(resultsSchema, value);
}

/** What `setState` of an earlier window kept. */
export function readTrainingMemory(value: unknown): TrainingPanelMemory | null {
  return outputOf(memorySchema, value);
}

function outputOf<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T | null {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : null;
}
