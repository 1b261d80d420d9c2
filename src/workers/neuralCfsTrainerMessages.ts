import * as v from 'valibot';
import { experimentSchema } from '../protocol/neuralCfsSchemas.js';
import { carriedModelSchema } from '../protocol/neuralCfsRunSchemas.js';
import { EMIT_TARGETS } from '../libml/emit/carriedModel.js';

// What the host and the process that trains models of calls, and carries them over, say to each other; what arrives is checked.

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** How a run is trained: the choices of "kernel-oracle neural-cfs train". */
export const runSettingsSchema = v.object({
  paths: v.pipe(v.array(path), v.minLength(1), v.maxLength(10_000)),
  experiment: experimentSchema,
  model: name,
  split: v.picklist(['group', 'recording', 'workload']),
  /** `null`: those of the thesis. */
  columns: v.nullable(v.pipe(v.array(name), v.minLength(1), v.maxLength(100))),
  threshold: v.picklist(['half', 'trained']),
  seed: v.pipe(count, v.maxValue(4_294_967_295)),
});

export type RunSettings = v.InferOutput<typeof runSettingsSchema>;

const commandSchema = v.variant('kind', [
  /** Makes a run; what is there of that name stays, and the command fails. */
  v.object({ kind: v.literal('train'), settings: runSettingsSchema, output: path }),
  /** What the model of a run takes in each form. */
  v.object({ kind: v.literal('carry'), run: path }),
  /** Writes its sources; what was emitted to that folder before is replaced: the user was asked. */
  v.object({
    kind: v.literal('emit'),
    run: path,
    target: v.picklist(EMIT_TARGETS),
    bits: v.nullable(v.picklist([8, 16, 32])),
    output: path,
    library: path,
  }),
  v.object({ kind: v.literal('cancel') }),
]);

export type RunTrainerCommand = v.InferOutput<typeof commandSchema>;
export type RunTrainerWork = Exclude<RunTrainerCommand, { kind: 'cancel' }>;

const decisions = v.object({ rows: count, agreeing: count });

const eventSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('progress'), text: v.string() }),
  // One of these, or `failed`, is the last message.
  v.object({
    kind: v.literal('trained'),
    title: v.string(),
    inputs: v.array(v.string()),
    training: count,
    test: count,
    trainingSeconds: v.number(),
    warnings: v.array(v.string()),
  }),
  v.object({ kind: v.literal('carried'), carried: carriedModelSchema }),
  v.object({
    kind: v.literal('emitted'),
    modelBytes: count,
    stateBytes: count,
    withFloat: v.nullable(decisions),
    asTrained: decisions,
    files: v.array(v.string()),
  }),
  v.object({ kind: v.literal('failed'), code: v.string(), message: v.string() }),
]);

export type RunTrainerEvent = v.InferOutput<typeof eventSchema>;
export type TrainedSummary = Extract<RunTrainerEvent, { kind: 'trained' }>;
export type EmittedSummary = Extract<RunTrainerEvent, { kind: 'emitted' }>;

/** `null` for what is no command. */
export function readRunTrainerCommand(value: unknown): RunTrainerCommand | null {
  const parsed = v.safeParse(commandSchema, value);
  return parsed.success ? parsed.output : null;
}

/** `null` for what is no event. */
export function readRunTrainerEvent(value: unknown): RunTrainerEvent | null {
  const parsed = v.safeParse(eventSchema, value);
  return parsed.success ? parsed.output : null;
}
