import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, messageOf } from '../../base/errors.js';
import type { Audit } from '../../protocol/audit.js';
import { auditSchema } from '../../protocol/auditSchemas.js';

const MAX_BYTES = 4 * 1024 * 1024;
const AGAIN = 'Audit the run again with "kernel-oracle audit".';

/** Where the audit of a run lies. */
export function auditPath(folder: string): string {
  return join(folder, 'audit.json');
}

/** Replaces the audit of a run, whole or not at all. Failures: `write-failed`, `cancelled`. */
export async function writeAudit(folder: string, audit: Audit, signal?: AbortSignal): Promise<void> {
  await writeFileAtomically(auditPath(folder), [`${JSON.stringify(audit, null, 1)}\n`], signal);
}

/** The audit of a run; `null` where there is none. Failures: `read-failed`, `too-large`, `bad-input`. */
export async function readAudit(folder: string): Promise<Audit | null> {
  const path = auditPath(folder);
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Failure('too-large', `${path} has ${size} bytes: no audit has.`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), auditSchema), text);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Failure(
    'bad-input',
    `${path} is not as KernelOracle writes it: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}. ${AGAIN}`,
  );
}
