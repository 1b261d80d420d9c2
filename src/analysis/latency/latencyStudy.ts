import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';
import type { LatencySettings, LatencyStudy, LatencyStudySet } from '../../protocol/latencyMessages.js';
import { LATENCY_STUDY_FORMAT, latencyStudyFileSchema } from '../../protocol/latencySchemas.js';
import type { LatencyFile } from './latencyFile.js';

/** The ending by which a study file is known. */
export const LATENCY_STUDY_ENDING = '.latency.json';
/** A longer one is none of ours. */
const MAX_FILE_BYTES = 1024 * 1024;

export const USUAL_SETTINGS: LatencySettings = {
  axis: 'log',
  rule: 'silverman',
  factor: 1,
  beneath: 'rug',
  range: 'all',
};

/** Labels that are of the side without a model, mostly. */
const BASELINE_LABEL = /(^|\W)(mode ?0|off|stock|original|baseline|before|vanilla|unpatched)(\W|$)/i;

/** The sets as which a file is added to a study. */
export function setsOf(file: LatencyFile): LatencyStudySet[] {
  const parts = file.addsAllParts ? file.parts : file.parts.slice(0, 1);
  return parts.map(({ key, name, told }) => ({
    path: file.path,
    item: key,
    label: (told?.label ?? file.told.label ?? name).slice(0, 200),
    benchmark: (told?.benchmark ?? file.told.benchmark ?? '').slice(0, 200),
    probe: (told?.probe ?? file.told.probe ?? '').slice(0, 200),
    unit: told?.unit ?? file.told.unit ?? 'ns',
  }));
}

/** The label with which the others are compared, where the user has not said so. */
export function usualBaseline(sets: readonly LatencyStudySet[]): string {
  return (sets.find(({ label }) => BASELINE_LABEL.test(label)) ?? sets[0])?.label ?? '';
}

/** Reads a study file; paths become absolute. Failures: `file-not-found`, `read-failed`, `too-large`, `bad-input`. */
export async function readLatencyStudy(path: string): Promise<LatencyStudy> {
  const parsed = v.safeParse(latencyStudyFileSchema, await documentOf(path));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Failure(
      'bad-input',
      `${path} is no file of latency densities: ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
    );
  }
  const { baseline, sets, settings } = parsed.output;
  const folder = dirname(path);
  return { baseline, settings, sets: sets.map((set) => ({ ...set, path: resolve(folder, set.path) })) };
}

/** Writes a study file whole or not at all; what lies beside it or below is named relative to it. Failures: `write-failed`. */
export async function writeLatencyStudy(path: string, study: LatencyStudy): Promise<void> {
  const folder = dirname(path);
  const document = {
    format: LATENCY_STUDY_FORMAT,
    version: 1,
    baseline: study.baseline,
    settings: study.settings,
    sets: study.sets.map((set) => ({ ...set, path: beside(folder, set.path) })),
  };
  await writeFileAtomically(path, [`${JSON.stringify(document, null, 2)}\n`]);
}

/** With `/` on every system, so that a study can be passed on. */
function beside(folder: string, path: string): string {
  const short = relative(folder, path);
  return short === '' || isAbsolute(short) ? path : short.split(sep).join('/');
}

async function documentOf(path: string): Promise<unknown> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw new Failure('too-large', `${path} is too large for a study file.`);
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof SyntaxError) {
      throw new Failure('bad-input', `${path} is no JSON: ${messageOf(error)}`, { cause: error });
    }
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Failure(
      isMissing ? 'file-not-found' : 'read-failed',
      isMissing ? `There is no file ${path}.` : `${path} cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
