import { readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { Failure, messageOf } from '../../base/errors.js';
import type { EpochRecord } from '../../protocol/trainerMessages.js';
import { epochRecordSchema } from '../../protocol/trainerSchemas.js';
import type { RunMetrics } from '../trainer/evaluation.js';
import { runPaths } from '../trainer/runFolder.js';

const MAX_HISTORY_BYTES = 64 * 1024 * 1024;
const MAX_METRICS_BYTES = 16 * 1024 * 1024;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** `null` also where a number was not finite: JSON has no others. */
const maybe = v.nullable(v.number());

const common = { windows: count, loss: maybe, targets: count };
const partSchema = v.variant('task', [
  v.object({
    task: v.literal('next-task'),
    ...common,
    unknownTargets: count,
    accuracy: maybe,
    top5: maybe,
    accuracyWithoutIdle: maybe,
  }),
  v.object({ task: v.literal('inter-arrival'), ...common, maeLog: maybe, maeNs: maybe, pinballLog: maybe }),
]);
const metricsSchema: v.GenericSchema<unknown, RunMetrics> = v.record(
  v.string(),
  v.object({ model: partSchema, baselines: v.record(v.string(), v.looseObject({})) }),
);

/**
 * The epochs of a run so far, the first one first; none when there is no history yet. A last line that was cut off, as an
 * interruption or a full disk leaves it, is left out.
 * Failures: `read-failed`, `too-large`, and `bad-input` with the line that is no epoch.
 */
export async function readHistory(folder: string): Promise<EpochRecord[]> {
  const { history: path } = runPaths(folder);
  const text = await textOf(path, MAX_HISTORY_BYTES);
  if (text === null) return [];
  const lines = text.split('\n');
  // Behind the last line feed: nothing, or what was not written to its end.
  const rest = lines.pop();
  const records = lines.map((line, at) => {
    const record = recordOf(line);
    if ('record' in record) return record.record;
    throw new Failure(
      'bad-input',
      `${path}:${at + 1} is no epoch as KernelOracle writes it: ${record.problem}. Restore the file, or remove it: the run can be used without it.`,
    );
  });
  const last = rest === undefined ? null : recordOf(rest);
  return last !== null && 'record' in last ? [...records, last.record] : records;
}

/**
 * Metrics of a run's best weights beside those of the baselines; `null` before its end.
 * Failures: `read-failed`, `too-large`, `bad-input`.
 */
export async function readMetrics(folder: string): Promise<RunMetrics | null> {
  const { metrics: path } = runPaths(folder);
  const text = await textOf(path, MAX_METRICS_BYTES);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(
      'bad-input',
      `${path} is no JSON: ${messageOf(error)}. Restore it, or resume the run with more epochs: its end writes it anew.`,
      { cause: error },
    );
  }
  const parsed = v.safeParse(metricsSchema, value);
  if (parsed.success) return parsed.output;
  throw new Failure('bad-input', `${path} is not as KernelOracle writes it: ${whereOf(parsed.issues[0])}.`);
}

function recordOf(line: string): { readonly record: EpochRecord } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { problem: messageOf(error) };
  }
  const parsed = v.safeParse(epochRecordSchema, value);
  return parsed.success ? { record: parsed.output } : { problem: whereOf(parsed.issues[0]) };
}

function whereOf(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? ''} ${issue.message}`.trim();
}

/** `null`: there is no such file. */
async function textOf(path: string, maxBytes: number): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      throw new Failure('too-large', `${path} has ${size} bytes; at most ${maxBytes} are read.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
