import * as v from 'valibot';
import { studySettingsSchema } from '../protocol/neuralCfsStudySchemas.js';

// What the host and the process that studies migration records say to each other; what arrives is checked.

const commandSchema = v.variant('kind', [
  v.object({
    kind: v.literal('study'),
    settings: studySettingsSchema,
    /** The file to write; it may be replaced: the user was asked. */
    output: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  }),
  v.object({ kind: v.literal('cancel') }),
]);

export type StudentCommand = v.InferOutput<typeof commandSchema>;
export type StudyCommand = Extract<StudentCommand, { kind: 'study' }>;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const eventSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('progress'), text: v.string(), done: count, total: v.nullable(count) }),
  /** The last message, or `failed` is. */
  v.object({
    kind: v.literal('studied'),
    rows: count,
    recordings: count,
    leftOut: count,
    warnings: v.array(v.string()),
    elapsedSeconds: v.number(),
  }),
  v.object({ kind: v.literal('failed'), code: v.string(), message: v.string() }),
]);

export type StudentEvent = v.InferOutput<typeof eventSchema>;
/** What is in the file that was written. */
export type StudiedSummary = Extract<StudentEvent, { kind: 'studied' }>;

/** `null` for what is no command. */
export function readStudentCommand(value: unknown): StudentCommand | null {
  const parsed = v.safeParse(commandSchema, value);
  return parsed.success ? parsed.output : null;
}

/** `null` for what is no event. */
export function readStudentEvent(value: unknown): StudentEvent | null {
  const parsed = v.safeParse(eventSchema, value);
  return parsed.success ? parsed.output : null;
}
