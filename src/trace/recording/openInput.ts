import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_CHUNK_BYTES, fileSource, type ByteSource } from '../../base/byteSource.js';
import { Failure } from '../../base/errors.js';
import type { TraceInput } from './recording.js';

/** Each file is read ahead by two chunks, and all files of a recording are open at once. */
const LEAST_CHUNK_BYTES = 128 * 1024;
const READ_AHEAD_BYTES = 64 * 1024 * 1024;

/** tracefs' folders of the CPUs. */
const CPU_FOLDER = /^cpu\d+$/;

/**
 * The input for what a user names: a file, a folder (a recording of several files, or tracefs' `per_cpu`), or several
 * files that are one recording. Failures: those of opening files, and `wrong-usage` for a folder among several. With
 * `skipMissing` one of several that cannot be opened fails only when it is read, which leaves the others to be shown.
 */
export async function openInput(paths: readonly string[], skipMissing = false): Promise<TraceInput> {
  const [only] = paths;
  if (paths.length !== 1 || only === undefined) return openAll(paths, skipMissing);
  if (!(await isFolder(only))) return fileSource(only);
  const ofCpus = await perCpuFiles(only);
  return ofCpus.length > 0 ? openAll(ofCpus, skipMissing) : { folder: only };
}

async function openAll(paths: readonly string[], skipMissing: boolean): Promise<ByteSource[]> {
  const share = Math.floor(READ_AHEAD_BYTES / 2 / Math.max(1, paths.length));
  const chunkBytes = Math.min(DEFAULT_CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, share));
  const sources: ByteSource[] = [];
  for (const path of paths) {
    if (await isFolder(path)) {
      throw new Failure(
        'wrong-usage',
        `${path} is a folder: it is a recording of its own. Open it alone, or name the files in it.`,
      );
    }
    sources.push(await (skipMissing ? fileOrFailure(path, chunkBytes) : fileSource(path, chunkBytes)));
  }
  return sources;
}

/** A file, or a source that fails as opening it did. */
async function fileOrFailure(path: string, chunkBytes: number): Promise<ByteSource> {
  try {
    return await fileSource(path, chunkBytes);
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- it has nothing to give
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      throw error;
    };
    return { name: path, path, sizeBytes: 0, chunks };
  }
}

/** The texts of the CPUs in a folder like tracefs' `per_cpu`, by number: a copy of it is a recording. */
async function perCpuFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const cpus = names.filter((name) => CPU_FOLDER.test(name));
  const files: string[] = [];
  for (const cpu of cpus.sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))) {
    const file = join(folder, cpu, 'trace');
    if (await isFile(file)) files.push(file);
  }
  return files;
}

/** What cannot be looked at is no folder: opening it as a file says what is wrong. */
async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
