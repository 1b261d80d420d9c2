/** The source of a kernel on disk: what it is, and changes to it that are made all together or not at all. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, messageOf } from '../../base/errors.js';

/** By path from the folder of the source; null: the file goes. */
export type FileChanges = ReadonlyMap<string, FileContent | null>;

export interface FileContent {
  readonly bytes: string | Uint8Array;
  readonly isProgram?: boolean;
}

/** `6.1.192`. Failures: `bad-input` (no source of a kernel), `read-failed`. */
export async function kernelVersion(source: string): Promise<string> {
  const text = await readSource(source, 'Makefile');
  const part = (name: string) => new RegExp(`^${name} = ?(.*)$`, 'm').exec(text ?? '')?.[1]?.trim();
  const [version, patchLevel, subLevel] = [part('VERSION'), part('PATCHLEVEL'), part('SUBLEVEL')];
  if (!/^\d+$/.test(version ?? '') || !/^\d+$/.test(patchLevel ?? '')) {
    throw new Failure(
      'bad-input',
      `${source} is no source of Linux: its Makefile ${text === null ? 'is not there' : 'has no VERSION and PATCHLEVEL'}. Name the folder that apt-get source, or unpacking linux-*.tar, made.`,
    );
  }
  return `${version}.${patchLevel}.${subLevel ?? '0'}${part('EXTRAVERSION') ?? ''}`;
}

/** Null: it is not there. */
export async function readSource(source: string, path: string): Promise<string | null> {
  try {
    return await readFile(join(source, path), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw new Failure('read-failed', `${join(source, path)} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Writes, replaces and removes files in their order: copies first, beside their places, then each takes its name. What stays as it is is not
 * touched, so that `make` compiles no more than it must. When something fails, all is put back.
 * Failures: `write-failed`, `cancelled`.
 */
export async function changeFiles(
  source: string,
  changes: FileChanges,
  signal?: AbortSignal,
): Promise<number> {
  const mark = `.${randomBytes(6).toString('hex')}.part`;
  const begun: Begun[] = [];
  const folders: string[] = [];
  try {
    for (const [path, content] of changes) {
      throwIfCancelled(signal);
      const place = join(source, path);
      const before = await bytesOf(place);
      if (content === null ? before === null : isSame(before, content)) continue;
      begun.push({ place, copy: `${place}${mark}`, before, isRemoval: content === null, isDone: false });
      if (content === null) continue;
      const made = await mkdir(dirname(place), { recursive: true });
      if (made !== undefined) folders.push(made);
      await writeCopy(`${place}${mark}`, content);
    }
    for (const each of begun) {
      if (each.isRemoval) await rm(each.place);
      else await rename(each.copy, each.place);
      each.isDone = true;
    }
    return begun.length;
  } catch (error) {
    await putBack(begun);
    // Made by us a moment ago, the outermost of each: nothing else is in them.
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    if (error instanceof Failure) throw error;
    throw new Failure(
      'write-failed',
      `${source} cannot be changed: ${messageOf(error)}. All is as it was before.`,
      { cause: error },
    );
  }
}

interface Begun {
  readonly place: string;
  readonly copy: string;
  readonly before: Buffer | null;
  readonly isRemoval: boolean;
  isDone: boolean;
}

async function writeCopy(copy: string, { bytes, isProgram = false }: FileContent): Promise<void> {
  await writeFile(copy, bytes, { flag: 'wx' });
  if (isProgram) await chmod(copy, 0o755);
}

async function putBack(begun: readonly Begun[]): Promise<void> {
  for (const { place, copy, before, isDone } of [...begun].reverse()) {
    if (!isDone) await rm(copy, { force: true });
    else if (before === null) await rm(place, { force: true });
    else await writeFile(place, before);
  }
}

async function bytesOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isSame(before: Buffer | null, { bytes }: FileContent): boolean {
  return before !== null && before.equals(Buffer.from(bytes as Uint8Array));
}
