import * as v from 'valibot';
import type { EpochRecord, TrainerCommand, TrainerEvent } from './trainerMessages.js';

// What arrives from the other process is checked before anything is done with it.

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const maybe = v.nullable(v.number());

const commandSchema: v.GenericSchema<unknown, TrainerCommand> = v.variant('kind', [
  v.object({ kind: v.literal('start'), configPath: path, runFolder: path, resume: v.boolean() }),
  v.object({ kind: v.literal('pause') }),
  v.object({ kind: v.literal('resume') }),
  v.object({ kind: v.literal('cancel') }),
]);

/** Of progress, also for the view of a run. */
export const trainingProgressSchema = v.object({
  phase: v.picklist(['training', 'validating', 'evaluating', 'paused']),
  epoch: count,
  epochs: count,
  batch: count,
  batches: count,
  step: count,
  loss: maybe,
  learningRate: v.number(),
  examplesPerSecond: maybe,
  memoryBytes: count,
  bestLoss: maybe,
  remainingMs: maybe,
});

/** Of a line of `history.jsonl`, too. */
export const epochRecordSchema: v.GenericSchema<unknown, EpochRecord> = v.object({
  epoch: count,
  step: count,
  time: v.string(),
  trainLoss: v.number(),
  validationLoss: maybe,
  accuracy: maybe,
  top5: maybe,
  accuracyWithoutIdle: maybe,
  mae: maybe,
  learningRate: v.number(),
  examplesPerSecond: maybe,
  memoryBytes: count,
  isBest: v.boolean(),
});

const eventSchema: v.GenericSchema<unknown, TrainerEvent> = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('heartbeat'), residentBytes: count }),
  v.object({ kind: v.literal('progress'), progress: trainingProgressSchema }),
  v.object({ kind: v.literal('epoch'), record: epochRecordSchema }),
  v.object({
    kind: v.literal('ended'),
    state: v.picklist(['finished', 'cancelled']),
    message: v.nullable(v.string()),
  }),
  v.object({ kind: v.literal('failed'), code: v.string(), message: v.string() }),
]);

/** `null` for what is no command. */
export function readTrainerCommand(value: unknown): TrainerCommand | null {
  const parsed = v.safeParse(commandSchema, value);
  return parsed.success ? parsed.output : null;
}

/** `null` for what is no event. */
export function readTrainerEvent(value: unknown): TrainerEvent | null {
  const parsed = v.safeParse(eventSchema, value);
  return parsed.success ? parsed.output : null;
}
