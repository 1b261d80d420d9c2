/** The folder of a trained model: `neural-cfs-run.json` and the files that it names by their SHA-256. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type * as v from 'valibot';
import { writeFileAtomically } from '../../../base/atomicFile.js';
import { Failure, messageOf } from '../../../base/errors.js';
import { requireFree, writeFolder, type FolderPlan } from '../../../dataset/files/wholeFolder.js';
import { parseWrittenJson } from '../../files/writtenJson.js';
import { modelFileSchema, modelFileText } from './modelFile.js';
import {
  neuralCfsRunSchema,
  RUN_FORMAT,
  RUN_VERSION,
  type LabelledRows,
  type NeuralCfsRun,
  type SampleRows,
  type TrainedRun,
} from './neuralCfsRun.js';
import { csvLines, readCsv, type NumberTable } from './rowsFile.js';
import type { NewRun } from './trainRun.js';

export const RUN_FILE_NAME = 'neural-cfs-run.json';
const FILES = {
  model: 'model.json',
  calibration: 'calibration.csv',
  test: 'test.csv',
  samples: 'samples.csv',
} as const;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const AGAIN = 'Train it again with "kernel-oracle neural-cfs train".';

export interface RunOutput {
  /** Folder to write; appears whole or not at all. */
  readonly path: string;
  /** Replace a run of that name. */
  readonly replace: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Failure `write-failed` when the folder may not be written: to be asked before training. */
export async function requireRunFree(output: RunOutput): Promise<void> {
  await requireFree(planOf(output));
}

/** Writes a run. Failures: `write-failed`, also when there is something else of that name; `cancelled`. */
export async function writeNeuralCfsRun(run: NewRun, output: RunOutput): Promise<NeuralCfsRun> {
  const names = run.info.scaling.map(({ name }) => name);
  const texts = {
    model: modelFileText(run.model),
    calibration: csvText(names, run.calibration, { label: run.calibration.labels }),
    test: csvText(names, run.test, { label: run.test.labels }),
    samples: csvText(names, run.samples, told(run.samples)),
  };
  const info: NeuralCfsRun = {
    ...run.info,
    files: {
      model: digest(texts.model),
      calibration: digest(texts.calibration),
      test: digest(texts.test),
      samples: digest(texts.samples),
    },
  };
  return writeFolder(planOf(output), async (folder) => {
    for (const kind of FILE_KINDS) await writeFileAtomically(join(folder, FILES[kind]), [texts[kind]]);
    await writeFileAtomically(join(folder, RUN_FILE_NAME), [`${JSON.stringify(info, null, 2)}\n`]);
    return info;
  });
}

const FILE_KINDS = ['model', 'calibration', 'test', 'samples'] as const;

/**
 * Reads a run whole. Failures: `not-found` (the folder holds none), `read-failed`, `too-large`, `bad-input` (a file that is
 * damaged, of another version or of another run).
 */
export async function readNeuralCfsRun(folder: string): Promise<TrainedRun> {
  const path = join(folder, RUN_FILE_NAME);
  const text = await textOf(path);
  if (text === null) {
    throw new Failure('not-found', `${folder} holds no trained model: there is no ${RUN_FILE_NAME} in it.`);
  }
  const info = parsed(path, text, neuralCfsRunSchema);
  const texts = { model: '', calibration: '', test: '', samples: '' };
  for (const kind of FILE_KINDS) texts[kind] = await namedText(join(folder, FILES[kind]), info.files[kind]);
  const model = parsed(join(folder, FILES.model), texts.model, modelFileSchema);
  const names = info.scaling.map(({ name }) => name);
  if (model.features.map(({ name }) => name).join() !== names.join()) {
    throw new Failure('bad-input', `${join(folder, FILES.model)} has other inputs than ${path}. ${AGAIN}`);
  }
  return {
    info,
    model,
    calibration: labelledOf(join(folder, FILES.calibration), texts.calibration, names),
    test: labelledOf(join(folder, FILES.test), texts.test, names),
    samples: samplesOf(join(folder, FILES.samples), texts.samples, names),
  };
}

function planOf({ path, replace, signal }: RunOutput): FolderPlan {
  return {
    path,
    mayReplace: async (folder) => replace && (await isRun(folder)),
    advice: replace
      ? 'it is no trained model. Name another folder.'
      : 'name another folder, or let it be replaced (on the command line: --force).',
    signal,
  };
}

async function isRun(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  const own = [RUN_FILE_NAME, ...Object.values(FILES)];
  return names.includes(RUN_FILE_NAME) && names.every((name) => own.includes(name));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `null`: there is no such file. */
async function textOf(path: string): Promise<string | null> {
  try {
    if ((await stat(path)).size > MAX_FILE_BYTES) {
      throw new Failure('too-large', `${path} is larger than KernelOracle writes it.`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function namedText(path: string, sha256: string): Promise<string> {
  const text = await textOf(path);
  if (text === null) throw new Failure('bad-input', `${path} is missing. ${AGAIN}`);
  if (digest(text) === sha256) return text;
  throw new Failure('bad-input', `${path} is not the one that ${RUN_FILE_NAME} names. ${AGAIN}`);
}

function parsed<T>(path: string, text: string, schema: v.GenericSchema<unknown, T>): T {
  return parseWrittenJson(path, text, { schema, format: RUN_FORMAT, version: RUN_VERSION, again: AGAIN });
}

function told({ labels, scores, decisions }: SampleRows) {
  return { label: labels, score: scores, decision: decisions };
}

/** Columns as recorded and, behind them, what is told of the rows. */
function csvText(
  names: readonly string[],
  { rows, values }: LabelledRows,
  besides: Readonly<Record<string, ArrayLike<number>>>,
): string {
  const more = Object.values(besides);
  const width = names.length + more.length;
  const all = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    all.set(values.subarray(row * names.length, (row + 1) * names.length), row * width);
    for (const [at, column] of more.entries()) all[row * width + names.length + at] = column[row]!;
  }
  return [...csvLines({ names: [...names, ...Object.keys(besides)], rows, values: all })].join('');
}

function labelledOf(path: string, text: string, names: readonly string[]): LabelledRows {
  const table = readCsv(text, [...names, 'label'], path);
  return { ...rawOf(table, names.length), labels: Uint8Array.from(columnAt(table, names.length)) };
}

function samplesOf(path: string, text: string, names: readonly string[]): SampleRows {
  const table = readCsv(text, [...names, 'label', 'score', 'decision'], path);
  return {
    ...rawOf(table, names.length),
    labels: Uint8Array.from(columnAt(table, names.length)),
    scores: Float32Array.from(columnAt(table, names.length + 1)),
    decisions: Uint8Array.from(columnAt(table, names.length + 2)),
  };
}

function rawOf({ names, rows, values }: NumberTable, width: number) {
  const raw = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    raw.set(values.subarray(row * names.length, row * names.length + width), row * width);
  }
  return { rows, values: raw };
}

function columnAt({ names, rows, values }: NumberTable, column: number): number[] {
  return Array.from({ length: rows }, (_, row) => values[row * names.length + column]!);
}
