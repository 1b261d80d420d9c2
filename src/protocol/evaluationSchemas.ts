import * as v from 'valibot';
import { EVALUATION_VERSION, SLICES, type Evaluation } from './evaluation.js';

// What `evaluation.json` may hold: checked when the file is read, and when a view gets it.

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const maybe = v.nullable(v.number());
const text = v.string();
const sha256 = v.pipe(text, v.regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hexadecimal digits'));

export const estimateSchema = v.object({ value: v.number(), low: maybe, high: maybe });
const scores = v.object({
  top1: estimateSchema,
  top3: estimateSchema,
  mrr: estimateSchema,
  logLoss: v.nullable(estimateSchema),
});
const group = {
  name: text,
  category: v.nullable(text),
  targets: count,
};

const common = {
  part: text,
  targets: count,
  recordings: v.array(v.object({ path: text, workload: text, category: text, targets: count })),
  /** A file beside this one and no path, whoever wrote it. */
  eventsFile: v.pipe(text, v.regex(/^[a-z-]+\.columns$/, 'is no name of a file of events')),
  eventsSha256: sha256,
  blockEvents: count,
};

const nextTask = v.object({
  task: v.literal('next-task'),
  ...common,
  unknownTargets: count,
  idleTargets: count,
  contestedTargets: v.nullable(count),
  slices: v.pipe(
    v.array(
      v.object({
        slice: v.picklist(SLICES),
        targets: count,
        model: scores,
        baselines: v.array(v.object({ name: text, scores, difference: scores })),
      }),
    ),
    v.check((slices) => slices[0]?.slice === 'all', 'does not begin with the slice of all events'),
  ),
  calibration: v.object({
    ece: v.number(),
    bins: v.array(
      v.object({
        from: v.number(),
        to: v.number(),
        events: count,
        confidence: v.number(),
        accuracy: v.number(),
      }),
    ),
  }),
  byWorkload: v.array(taskGroup()),
  byCpu: v.array(taskGroup()),
  byTask: v.array(
    v.object({
      task: text,
      index: count,
      support: count,
      predicted: count,
      precision: maybe,
      recall: maybe,
      f1: maybe,
    }),
  ),
  macro: v.object({ workloadTop1: v.number(), taskRecall: v.number(), taskF1: v.number() }),
});

function taskGroup() {
  return v.object({
    ...group,
    model: estimateSchema,
    withoutIdle: maybe,
    baselines: v.array(v.object({ name: text, top1: v.number(), difference: estimateSchema })),
  });
}

const timeScores = v.object({
  logMae: estimateSchema,
  mase: estimateSchema,
  pinball: estimateSchema,
  crps: estimateSchema,
  coverage50: v.nullable(estimateSchema),
  coverage90: v.nullable(estimateSchema),
});

const interArrival = v.object({
  task: v.literal('inter-arrival'),
  ...common,
  horizons: v.pipe(
    v.array(
      v.object({
        steps: count,
        targets: count,
        model: timeScores,
        baselines: v.array(v.object({ name: text, scores: timeScores, difference: timeScores })),
      }),
    ),
    v.check((horizons) => horizons[0]?.steps === 1, 'does not begin with the horizon of one event'),
  ),
  collapse: v.object({ spreadRatio: v.number(), freeRunRatio: maybe, isCollapsed: v.boolean() }),
  byWorkload: v.array(
    v.object({
      ...group,
      logMae: estimateSchema,
      baselines: v.array(v.object({ name: text, logMae: v.number(), difference: estimateSchema })),
    }),
  ),
});

const percentiles = { p50Ns: v.number(), p99Ns: v.number() };

export const costSchema = v.object({
  machine: text,
  engines: v.array(
    v.object({
      engine: text,
      threads: count,
      single: v.object(percentiles),
      batched: v.object({ windows: count, windowsPerSecond: v.number() }),
    }),
  ),
  streaming: v.nullable(v.object({ ...percentiles, events: count })),
});

export const evaluationSchema: v.GenericSchema<unknown, Evaluation> = v.object({
  format: v.literal('kernel-oracle-evaluation'),
  version: v.literal(EVALUATION_VERSION),
  kernelOracleVersion: text,
  evaluated: text,
  model: v.object({
    name: text,
    task: v.picklist(['next-task', 'inter-arrival']),
    parameters: count,
    epoch: count,
    engine: text,
  }),
  weightsSha256: sha256,
  dataset: v.object({ path: text, sha256: text }),
  bootstrap: v.object({ resamples: count, seed: count }),
  parts: v.array(v.variant('task', [nextTask, interArrival])),
  cost: v.nullable(costSchema),
  warnings: v.array(text),
});
