import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, basename, join } from 'node:path';
import { Failure, messageOf } from './errors.js';

/**
 * Writes a file so that it is there whole or not at all: the chunks go to a temporary file beside it, which
 * takes the name only after everything was written and synced. On an error or cancellation nothing is left.
 * A symbolic link is followed. Failures: `write-failed`, `cancelled`, and what the chunks throw.
 */
export async function writeFileAtomically(
  path: string,
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  signal?: AbortSignal,
): Promise<void> {
  const target = await replaceableFile(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const handle = await open(temporary, 'wx');
    try {
      for await (const chunk of chunks) {
        throwIfCancelled(path, signal);
        await handle.writeFile(chunk);
      }
      await handle.sync();
      throwIfCancelled(path, signal);
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Failure) throw error;
    throw new Failure('write-failed', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

function throwIfCancelled(path: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Failure('cancelled', `Writing ${path} was cancelled.`);
}

/**
 * The file itself behind symbolic links. What is there and is no file is refused: taking the name of a directory
 * fails late, and taking that of a device (`/dev/stdout`) would remove it from the system.
 */
async function replaceableFile(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isFile()) {
      throw new Failure('write-failed', `${path} cannot be written: it exists and is not a file.`);
    }
    return await realpath(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return path;
  }
}
