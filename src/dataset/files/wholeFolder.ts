import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, messageOf } from '../../base/errors.js';

export interface FolderPlan {
  /** Folder to make. */
  readonly path: string;
  /** Whether a folder of that name may go; asked before anything is done. */
  readonly mayReplace: (path: string) => Promise<boolean>;
  /** What to do when it may not, as the end of a sentence. */
  readonly advice: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a folder that is there whole or not at all: it is filled under another name beside its place, and takes its name
 * when it is complete. An empty folder of that name is taken; another one only when `mayReplace` says so, and it is gone
 * only when the new one is in its place. Failures: `write-failed`, `cancelled`, and what `fill` throws.
 */
export async function writeFolder<T>(plan: FolderPlan, fill: (folder: string) => Promise<T>): Promise<T> {
  const target = resolve(plan.path);
  await requireFree(plan);
  const random = randomBytes(6).toString('hex');
  const temporary = join(dirname(target), `.${basename(target)}.${random}.part`);
  try {
    await mkdir(temporary);
    const result = await fill(temporary);
    throwIfCancelled(plan.signal);
    await takeName(temporary, target, join(dirname(target), `.${basename(target)}.${random}.old`));
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof Failure) throw error;
    if (!isSystemError(error)) throw error;
    throw new Failure('write-failed', `${plan.path} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Failure `write-failed` when the name is taken: before hours of work, not after. */
export async function requireFree({ path, mayReplace, advice }: FolderPlan): Promise<void> {
  const names = await namesIn(path);
  if (names === undefined || (names !== 'file' && names.length === 0)) return;
  if (names !== 'file' && (await mayReplace(path))) return;
  throw new Failure('write-failed', `${path} exists${names === 'file' ? ' and is a file' : ''}: ${advice}`);
}

async function takeName(temporary: string, target: string, aside: string): Promise<void> {
  const names = await namesIn(target);
  if (names === undefined) {
    await rename(temporary, target);
    return;
  }
  if (names.length === 0) await rmdir(target);
  else await rename(target, aside);
  try {
    await rename(temporary, target);
  } catch (error) {
    if (names.length > 0) await rename(aside, target);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

/** Undefined: nothing is there. */
async function namesIn(path: string): Promise<string[] | 'file' | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') return 'file';
    throw new Failure('write-failed', `${path} cannot be looked at: ${messageOf(error)}`, { cause: error });
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
