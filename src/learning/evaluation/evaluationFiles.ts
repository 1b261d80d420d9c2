import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import { columnOf, readColumns, writeColumns, type ColumnArray } from '../../dataset/files/columnFile.js';
import type { ColumnType, WrittenColumn } from '../../dataset/files/columnFile.js';
import { EVALUATION_VERSION, type Evaluation, type PartEvaluation } from '../../protocol/evaluation.js';
import type { TensorValues } from '../files/safetensors.js';
import { parseWrittenJson } from '../files/writtenJson.js';
import type { EvaluatedEvents } from './evaluatedEvents.js';
import { evaluationSchema } from '../../protocol/evaluationSchemas.js';

const MAX_EVALUATION_BYTES = 64 * 1024 * 1024;

/** `published`: scored as the TCN follow-up did, which is kept apart from what may be believed. */
export type EvaluationKind = 'own' | 'published';

/** Paths of the evaluation of a run, whose folder this is. */
export function evaluationPaths(folder: string, kind: EvaluationKind = 'own') {
  const evaluations = join(folder, 'evaluation');
  const name = kind === 'own' ? 'evaluation.json' : 'as-published.json';
  return { folder: evaluations, json: join(evaluations, name) };
}

export function eventsFileName(part: string, kind: EvaluationKind): string {
  return kind === 'own' ? `${part}.columns` : `as-published-${part}.columns`;
}

/** Of names, shapes and values of all weights, whatever file they lie in. */
export function weightsDigest(weights: ReadonlyMap<string, TensorValues>): string {
  const hash = createHash('sha256');
  for (const [name, { shape, values }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** Writes what was predicted of a part. @returns SHA-256 of the file, which the evaluation names. Failure `write-failed`. */
export async function writeEvents(folder: string, name: string, events: EvaluatedEvents): Promise<string> {
  const { folder: evaluations } = evaluationPaths(folder);
  await makeFolder(evaluations);
  return (await writeColumns(join(evaluations, name), columnsOf(events))).sha256;
}

/** Replaces the evaluation, whole or not at all; the events that it names are written before. Failure `write-failed`. */
export async function writeEvaluation(
  folder: string,
  evaluation: Evaluation,
  kind: EvaluationKind,
): Promise<void> {
  const paths = evaluationPaths(folder, kind);
  await makeFolder(paths.folder);
  await writeFileAtomically(paths.json, [`${JSON.stringify(evaluation, null, 1)}\n`]);
}

/**
 * The evaluation of a run; `null` where there is none. Failures: `read-failed`, `too-large`, and `bad-input` which names the
 * field that is not as it should be, or the version where that is another one.
 */
export async function readEvaluation(
  folder: string,
  kind: EvaluationKind = 'own',
): Promise<Evaluation | null> {
  const { json: path } = evaluationPaths(folder, kind);
  const text = await textOf(path);
  if (text === null) return null;
  return parseWrittenJson(path, text, EVALUATION_JSON);
}

const AGAIN = 'Evaluate the run again with "kernel-oracle evaluate".';

const EVALUATION_JSON = {
  schema: evaluationSchema,
  format: 'kernel-oracle-evaluation',
  version: EVALUATION_VERSION,
  again: AGAIN,
};

/**
 * What was predicted of each event of a part. Failures: `not-found` when that was not evaluated; those of `readEvaluation`;
 * `file-not-found`, `read-failed`, `bad-input` for a file of events that is missing, damaged, or of another evaluation.
 */
export async function readEvents(
  folder: string,
  part: string,
  kind: EvaluationKind = 'own',
): Promise<EvaluatedEvents> {
  const evaluation = await readEvaluation(folder, kind);
  const found = evaluation?.parts.find((each) => each.part === part);
  if (found === undefined) {
    throw new Failure('not-found', `The part "${part}" of ${folder} was not evaluated. ${AGAIN}`);
  }
  const path = join(evaluationPaths(folder, kind).folder, found.eventsFile);
  const file = await readColumns(path).catch((error: unknown) => {
    if (isFailure(error, 'file-not-found')) throw new Failure(error.code, `${path} is missing. ${AGAIN}`);
    if (isFailure(error, 'bad-input')) throw new Failure(error.code, `${path} is damaged. ${AGAIN}`);
    throw error;
  });
  // A process that was ended between the two files leaves such, and so does who copies one of them.
  if (file.sha256 !== found.eventsSha256) throw ofAnother(path);
  return eventsOf(file, found);
}

function ofAnother(path: string): Failure {
  return new Failure('bad-input', `${path} is not of the evaluation beside it. ${AGAIN}`);
}

function eventsOf(
  file: { readonly path: string; readonly columns: ReadonlyMap<string, ColumnArray> },
  part: PartEvaluation,
): EvaluatedEvents {
  const common = {
    count: part.targets,
    row: columnOf(file, 'row', Uint32Array),
    recording: columnOf(file, 'recording', Uint32Array),
    cpu: columnOf(file, 'cpu', Uint16Array),
    timeNs: columnOf(file, 'time_ns', BigInt64Array),
    contested: columnOf(file, 'contested', Uint8Array),
    target: columnOf(file, 'target', Int32Array),
  };
  const isOther =
    [...file.columns.values()].some(({ length }) => length !== part.targets) ||
    common.recording.some((each) => each >= part.recordings.length);
  if (isOther) throw ofAnother(file.path);
  const names = baselineNames(part);
  if (part.task === 'next-task') {
    return {
      task: 'next-task',
      ...common,
      guess: columnOf(file, 'guess', Int32Array),
      rank: columnOf(file, 'rank', Uint32Array),
      confidence: columnOf(file, 'confidence', Float64Array),
      probability: columnOf(file, 'probability', Float64Array),
      baselines: new Map(names.map((name, at) => [name, columnOf(file, `baseline${at}`, Int32Array)])),
    };
  }
  return {
    task: 'inter-arrival',
    ...common,
    targetLog: columnOf(file, 'target_log', Float64Array),
    guessLog: columnOf(file, 'guess_log', Float64Array),
    baselines: new Map(names.map((name, at) => [name, columnOf(file, `baseline${at}`, Float64Array)])),
  };
}

/** In the order of the columns of their guesses. */
function baselineNames(part: PartEvaluation): string[] {
  const first = part.task === 'next-task' ? part.slices[0]! : part.horizons[0]!;
  return first.baselines.map(({ name }) => name);
}

function columnsOf(events: EvaluatedEvents): WrittenColumn[] {
  const baselines = [...events.baselines.values()];
  const common = [
    column('row', 'u32', events.row),
    column('recording', 'u32', events.recording),
    column('cpu', 'u16', events.cpu),
    column('time_ns', 'i64', events.timeNs),
    column('contested', 'u8', events.contested),
    column('target', 'i32', events.target),
  ];
  if (events.task === 'next-task') {
    return [
      ...common,
      column('guess', 'i32', events.guess),
      column('rank', 'u32', events.rank),
      column('confidence', 'f64', events.confidence),
      column('probability', 'f64', events.probability),
      ...baselines.map((each, at) => column(`baseline${at}`, 'i32', each)),
    ];
  }
  return [
    ...common,
    column('target_log', 'f64', events.targetLog),
    column('guess_log', 'f64', events.guessLog),
    ...baselines.map((each, at) => column(`baseline${at}`, 'f64', each)),
  ];
}

function column(name: string, type: ColumnType, values: ColumnArray): WrittenColumn {
  return { name, type, count: values.length, pieces: () => [values] };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new Failure('write-failed', `${path} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

/** `null`: there is no such file. */
async function textOf(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > MAX_EVALUATION_BYTES) {
      throw new Failure('too-large', `${path} has ${size} bytes; at most ${MAX_EVALUATION_BYTES} are read.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
