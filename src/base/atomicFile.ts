import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, basename, join } from 'node:path';
import { Failure, messageOf } from './errors.js';

/**
 * Writes a file so that it is there whole or not at all: the chunks go to a temporary file beside it, which
 * takes the name only after everything was written and synced. On an error or cancellation nothing is left.
 */
export async function writeFileAtomically(
  path: string,
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  signal?: AbortSignal,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  try {
    const handle = await open(temporary, 'wx');
    try {
      for await (const chunk of chunks) {
        if (signal?.aborted === true) throw new Failure('cancelled', `Writing ${path} was cancelled.`);
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Failure) throw error;
    throw new Failure('write-failed', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
