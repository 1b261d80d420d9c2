import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSource } from '../../base/byteSource.js';
import { Failure } from '../../base/errors.js';
import { decompress } from '../../trace/compression.js';
import { DETECTION_BYTES } from '../../trace/detect.js';
import { directoryFolder } from '../../trace/recording/directoryFolder.js';
import type { InputFile } from '../files/dataSetMeta.js';
import type { Input } from './findInputs.js';

/** A file with what tells whether it changed since. */
interface SeenFile extends InputFile {
  readonly changedMs: number;
}

/** The files of an input with their digests. Failures: those of reading, `cancelled`. */
export async function filesOf(input: Input, signal?: AbortSignal): Promise<SeenFile[]> {
  const files: SeenFile[] = [];
  for (const path of pathsOf(input)) {
    const { mtimeMs, size } = await stat(path);
    const hash = createHash('sha256');
    for await (const chunk of (await fileSource(path)).chunks(signal)) hash.update(chunk);
    files.push({ path, sizeBytes: size, sha256: hash.digest('hex'), changedMs: mtimeMs });
  }
  return files;
}

function pathsOf(input: Input): string[] {
  if (input.kind === 'file') return [input.path];
  const folder = directoryFolder(input.path);
  folder.close();
  return folder.paths.map((path) => join(input.path, path));
}

/** Digests were computed before the files were read: what changed in between is not what they are of. */
export async function requireUnchanged(files: readonly SeenFile[]): Promise<void> {
  for (const { path, sizeBytes, changedMs } of files) {
    const now = await stat(path);
    if (now.size === sizeBytes && now.mtimeMs === changedMs) continue;
    throw new Failure(
      'file-changed',
      `${path} changed while it was read. Build the data set again when it is complete.`,
    );
  }
}

/** The first bytes of a file, decompressed. Failures: those of reading; damage only ends them early. */
export async function headOf(path: string): Promise<Uint8Array> {
  const source = await fileSource(path, DETECTION_BYTES);
  const head = new Uint8Array(DETECTION_BYTES);
  let length = 0;
  const chunks = decompress(source.chunks(), path);
  try {
    while (length < DETECTION_BYTES) {
      const next = await chunks.next();
      if (next.done === true) break;
      const part = next.value.subarray(0, DETECTION_BYTES - length);
      head.set(part, length);
      length += part.length;
    }
  } catch (error) {
    if (length === 0) throw error;
  } finally {
    await chunks.return(undefined);
  }
  return head.subarray(0, length);
}
