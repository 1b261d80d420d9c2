import * as v from 'valibot';
import type { BuildProgress } from '../dataset/buildDataSet.js';
import { optionsSchema } from '../dataset/files/dataSetMeta.js';

// What the host and the process that builds a data set say to each other; what arrives is checked.

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

const commandSchema = v.variant('kind', [
  v.object({
    kind: v.literal('build'),
    /** Files and folders, absolute. */
    paths: v.pipe(v.array(path), v.minLength(1)),
    /** Folder to write. */
    output: path,
    options: optionsSchema,
    /** Whether a data set of that name may go. */
    replace: v.boolean(),
  }),
  /** What it began to write is taken away. */
  v.object({ kind: v.literal('cancel') }),
]);

export type BuilderCommand = v.InferOutput<typeof commandSchema>;
export type BuildCommand = Extract<BuilderCommand, { kind: 'build' }>;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const summarySchema = v.object({
  recordings: count,
  categories: count,
  /** Of all parts. */
  rows: count,
  /** UNK included. */
  tasks: count,
  parts: v.object({ train: count, validation: count, seen: count, unseen: count }),
  heldOut: v.nullable(v.string()),
  warnings: v.array(v.string()),
  /** Files that are no recordings. */
  leftOut: count,
});

/** What a data set came to, in few figures. */
export type BuildSummary = v.InferOutput<typeof summarySchema>;

const eventSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({
    kind: v.literal('progress'),
    progress: v.object({
      step: v.picklist(['reading', 'writing']),
      name: v.string(),
      done: count,
      total: count,
    }),
  }),
  /** The last message, or `failed` is. */
  v.object({ kind: v.literal('built'), summary: summarySchema }),
  v.object({ kind: v.literal('failed'), code: v.string(), message: v.string() }),
]);

export type BuilderEvent = v.InferOutput<typeof eventSchema>;

/** `null` for what is no command. */
export function readBuilderCommand(value: unknown): BuilderCommand | null {
  const parsed = v.safeParse(commandSchema, value);
  return parsed.success ? parsed.output : null;
}

/** `null` for what is no event. */
export function readBuilderEvent(value: unknown): BuilderEvent | null {
  const parsed = v.safeParse(eventSchema, value);
  return parsed.success ? parsed.output : null;
}

/** `reading 3 of 12: io_mixed.ftrace`. */
export function stepText({ step, name, done, total }: BuildProgress): string {
  return `${step} ${Math.min(done + 1, total)} of ${total}: ${name}`;
}
