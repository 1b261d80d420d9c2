import * as v from 'valibot';

// What the host and the process that evaluates a run say to each other; what arrives is checked.

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

const commandSchema = v.variant('kind', [
  /** Evaluates, and audits then. */
  v.object({
    kind: v.literal('evaluate'),
    folder: path,
    /** Where the run's data set is now; `null`: where it was. */
    dataset: v.nullable(path),
    /** `null`: the test parts of the data set. */
    recordings: v.nullable(v.pipe(v.array(path), v.minLength(1))),
  }),
  v.object({ kind: v.literal('audit'), folder: path, dataset: v.nullable(path) }),
  v.object({ kind: v.literal('cancel') }),
]);

export type EvaluatorCommand = v.InferOutput<typeof commandSchema>;
export type EvaluateCommand = Extract<EvaluatorCommand, { kind: 'evaluate' }>;
export type AuditCommand = Extract<EvaluatorCommand, { kind: 'audit' }>;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const auditSchema = v.object({ failed: count, passed: count, skipped: count });
/** How many checks came out how. */
export type AuditCounts = v.InferOutput<typeof auditSchema>;

const eventSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({
    kind: v.literal('progress'),
    phase: v.string(),
    /** Of the phase, 0…1. */
    share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
  /** The last message, or `failed` is. */
  v.object({
    kind: v.literal('done'),
    /** `null`: only the audit was asked for. */
    evaluation: v.nullable(v.object({ parts: count, targets: count, warnings: v.array(v.string()) })),
    /** `null`: it could not be made, and `auditProblem` says why. */
    audit: v.nullable(auditSchema),
    auditProblem: v.nullable(v.string()),
  }),
  v.object({ kind: v.literal('failed'), code: v.string(), message: v.string() }),
]);

export type EvaluatorEvent = v.InferOutput<typeof eventSchema>;
/** What the work came to. */
export type EvaluatorResult = Extract<EvaluatorEvent, { kind: 'done' }>;

/** `null` for what is no command. */
export function readEvaluatorCommand(value: unknown): EvaluatorCommand | null {
  const parsed = v.safeParse(commandSchema, value);
  return parsed.success ? parsed.output : null;
}

/** `null` for what is no event. */
export function readEvaluatorEvent(value: unknown): EvaluatorEvent | null {
  const parsed = v.safeParse(eventSchema, value);
  return parsed.success ? parsed.output : null;
}
