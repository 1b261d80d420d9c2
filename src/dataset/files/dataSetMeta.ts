/** `dataset_meta.json`: what a data set is made of, how, and what its numbers mean. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { Failure, messageOf } from '../../base/errors.js';
import type { PartName } from '../sequences.js';

export const META_FILE = 'dataset_meta.json';
/** A hundred thousand tasks and recordings fit many times. */
const MAX_META_BYTES = 256 * 1024 * 1024;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const sha256 = v.pipe(text, v.regex(/^[0-9a-f]{64}$/, 'no SHA-256 in hexadecimal digits'));
/** Absolute time of a recording's clock in ns, as decimal text: beyond 2^53. */
const timeNs = v.pipe(text, v.regex(/^-?\d{1,20}$/, 'no whole number of nanoseconds'));
const perPart = <T extends v.GenericSchema>(schema: T) =>
  v.object({ train: schema, validation: schema, seen: schema, unseen: schema });

const fileSchema = v.object({ path: text, sizeBytes: count, sha256 });

const recordingSchema = v.object({
  /** Its files; several for a recording that lies in a folder. */
  files: v.array(fileSchema),
  /** Where a file holds several recordings: which one. */
  traceId: v.nullable(text),
  format: text,
  category: text,
  workload: text,
  run: v.nullable(count),
  /** What told the category. */
  categoryFrom: v.picklist(['option', 'meta.json', 'csv', 'folder', 'name']),
  /** Events of all kinds; `rows` are the switches that were kept. */
  events: count,
  rows: count,
  /** Switches that were left out: within lost events, or alone between two of them. */
  leftOut: count,
  cpus: count,
  startNs: timeNs,
  endNs: timeNs,
  lostEvents: count,
  lossPlaces: count,
  /** Null: not told by the format. */
  overwrittenEvents: v.nullable(count),
  /** Of the rows (times from the first, CPUs, pids): equal for a copy in another file or format. */
  rowsSha256: sha256,
  /** Warnings of the reader. */
  remarks: v.array(text),
  /** Rows of it in each part; the others lie in the gaps between parts. */
  parts: perPart(count),
});

const partSchema = v.object({
  file: v.pipe(text, v.regex(/^[a-z]+\.columns$/, 'no file name of a part')),
  sizeBytes: count,
  sha256,
  rows: count,
  sequences: count,
  /** Of 64 events, stride 4. */
  windows: count,
  /** Rows that have one before them in their sequence: what is to be predicted. */
  targets: count,
  unknownTargets: count,
  idleTargets: count,
  /** Targets that are the most frequent successor, in the training part, of the task before. */
  mostFrequentSuccessor: count,
  /** Targets of which it is told whether more than one task was runnable, and those of them where it was so. */
  contestedKnown: v.optional(count, 0),
  contestedTargets: v.optional(count, 0),
});

const standardisationSchema = v.object({ mean: v.number(), deviation: v.pipe(v.number(), v.minValue(0)) });

/** How a data set is made; also of requests to build one. */
export const optionsSchema = v.object({
  vocabulary: v.picklist(['comm', 'pid']),
  minCount: v.pipe(count, v.minValue(1)),
  perCpu: v.boolean(),
  split: v.picklist(['recording', 'run', 'walk-forward', '80-10-10']),
  seen: share,
  validation: share,
  gap: share,
  /** As asked for. */
  holdOut: text,
  seed: count,
  /** For all recordings; null: each as it says. */
  category: v.nullable(text),
});

export const dataSetMetaSchema = v.pipe(
  v.object({
    format: v.literal('kernel-oracle-dataset'),
    version: v.literal(1),
    kernelOracleVersion: text,
    /** ISO 8601, UTC. */
    created: text,
    options: optionsSchema,
    vocabulary: v.object({
      kind: v.picklist(['comm', 'pid']),
      /** By index; 0 is UNK. */
      tasks: v.pipe(v.array(text), v.minLength(1)),
      /** Rows of the training part, parallel to `tasks`. */
      taskCounts: v.array(count),
      states: v.pipe(v.array(text), v.minLength(1), v.maxLength(256)),
    }),
    /** Names as recorded, by what the column `comm` holds. */
    comms: v.array(text),
    features: v.object({
      cpu: standardisationSchema,
      logDelta: standardisationSchema,
      delta: standardisationSchema,
    }),
    /** Null: none was held out. */
    heldOut: v.nullable(text),
    recordings: v.array(recordingSchema),
    /** Files of the folders that were given which are no recordings, and why. */
    leftOut: v.array(v.object({ path: text, reason: text })),
    parts: perPart(partSchema),
    warnings: v.array(text),
  }),
  v.check(
    ({ vocabulary }) => vocabulary.taskCounts.length === vocabulary.tasks.length,
    'vocabulary.taskCounts is not as long as vocabulary.tasks',
  ),
);

export type DataSetMeta = v.InferOutput<typeof dataSetMetaSchema>;
export type RecordingEntry = DataSetMeta['recordings'][number];
export type PartEntry = DataSetMeta['parts'][PartName];
export type InputFile = RecordingEntry['files'][number];
export type DataSetOptions = DataSetMeta['options'];

/** Failures: `not-found`, `read-failed`, `too-large`, `bad-input` (which names the field). */
export async function readDataSetMeta(folder: string): Promise<DataSetMeta> {
  const path = join(folder, META_FILE);
  const parsed = v.safeParse(dataSetMetaSchema, parseJson(path, await readText(folder, path)));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue);
  throw new Failure(
    'bad-input',
    `${path} is not as KernelOracle writes it: ${field === null ? '' : `${field}: `}${issue.message}. Build the data set again.`,
  );
}

async function readText(folder: string, path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_META_BYTES) {
      throw new Failure('too-large', `${path} is ${size} bytes long: no description of a data set is.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new Failure(
        'not-found',
        `${folder} is no data set: there is no ${META_FILE} in it. Build one with "kernel-oracle dataset build".`,
        { cause: error },
      );
    }
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function parseJson(path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new Failure(
      'bad-input',
      `${path} is no JSON (${messageOf(error)}): it is damaged. Build the data set again.`,
      {
        cause: error,
      },
    );
  }
}
