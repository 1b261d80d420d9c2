/** A study on disk: `NAME.neural-cfs.json`. */
import { readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { writeFileAtomically } from '../../../base/atomicFile.js';
import { Failure, messageOf } from '../../../base/errors.js';
import type { NeuralCfsStudy } from '../../../protocol/neuralCfsStudy.js';
import {
  neuralCfsStudySchema,
  STUDY_FORMAT,
  STUDY_VERSION,
} from '../../../protocol/neuralCfsStudySchemas.js';
import { STUDY_ENDING } from './studyName.js';

/** All three experiments on 58,000 calls of thirteen workloads in four ways come to a few. */
export const MAX_STUDY_BYTES = 64 * 1024 * 1024;

/**
 * Writes it whole or not at all, and never over what is no study. Failures: `write-failed` (also: something is there and may not
 * be replaced), `cancelled`.
 */
export async function writeStudy(
  path: string,
  study: NeuralCfsStudy,
  { replace, signal }: { readonly replace: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  await requireFree(path, replace);
  await writeFileAtomically(path, [`${JSON.stringify(study)}\n`], signal);
}

/** Failure `write-failed`: something of that name is there. Asked before the work, too: it takes a minute. */
export async function requireFree(path: string, replace: boolean): Promise<void> {
  if (!path.endsWith(STUDY_ENDING)) {
    throw new Failure('wrong-usage', `${path}: the name of a study ends in ${STUDY_ENDING}.`);
  }
  if (replace) return;
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) {
    throw new Failure(
      'write-failed',
      `${path} is there already. Choose another name, or replace it (--force).`,
    );
  }
}

/**
 * Failures: `file-not-found`, `read-failed`, `too-large`, and `bad-input` which names what is no JSON, the field that is not as it
 * should be, or the version where that is another one.
 */
export async function readStudy(path: string): Promise<NeuralCfsStudy> {
  return parseStudy(await textOf(path), path);
}

/** As `readStudy`, of a text; the path is for messages. Failure `bad-input`. */
export function parseStudy(text: string, path: string): NeuralCfsStudy {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(
      'bad-input',
      `${path} is no JSON, or only the beginning of one: ${messageOf(error)}. ${AGAIN}`,
      { cause: error },
    );
  }
  const parsed = v.safeParse(neuralCfsStudySchema, value);
  if (parsed.success) return parsed.output;
  throw new Failure('bad-input', `${path} ${whyNot(value, parsed.issues)} ${AGAIN}`);
}

const AGAIN =
  'Study the recordings again: "NeuralCFS: Study Migration Records…", or "kernel-oracle neural-cfs study".';

const someFormat = v.object({ format: v.string() });
const otherVersion = v.object({ format: v.literal(STUDY_FORMAT), version: v.number() });

function whyNot(value: unknown, [issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const { output: other, success: isStudy } = v.safeParse(otherVersion, value);
  if (isStudy && other.version !== STUDY_VERSION) {
    return `is of version ${other.version}, and this KernelOracle reads version ${STUDY_VERSION}.`;
  }
  const { output: named, success: hasFormat } = v.safeParse(someFormat, value);
  if (!isStudy) {
    const what = hasFormat ? `its format is "${named.format}"` : 'it does not say that it is one';
    return `is no study of migration records: ${what}.`;
  }
  return `is not as KernelOracle writes it: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}.`;
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_STUDY_BYTES) {
      throw new Failure(
        'too-large',
        `${path} has ${size} bytes, and at most ${MAX_STUDY_BYTES} are read: it is no study of migration records.`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Failure('file-not-found', `${path} is not there.`, { cause: error });
    }
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
