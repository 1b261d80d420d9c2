import { open, type FileHandle } from 'node:fs/promises';
import { Failure, messageOf, type FailureCode } from './errors.js';
import { bytesAccess, fileAccess, type RandomAccess } from './randomAccess.js';

/** Bytes in order, pulled chunk by chunk; the whole is never held at once. */
export interface ByteSource {
  /** Shown in messages: a path or a name. */
  readonly name: string;
  /** Size in bytes where it is known beforehand. */
  readonly sizeBytes: number | undefined;
  /** Chunks in order. A chunk is valid until the next one is asked for. Errors are `Failure`s. */
  chunks(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** The same bytes at any place, where the source can do that: undefined for pipes. The caller closes it. */
  openRandom?(): RandomAccess | undefined;
  /** Path on this machine, for formats of several files; undefined for bytes in memory. */
  readonly path?: string;
}

export const DEFAULT_CHUNK_BYTES = 4 * 1024 * 1024;

/** Bytes that are in memory already: tests and small inputs. */
export function bytesSource(name: string, bytes: Uint8Array, chunkBytes = DEFAULT_CHUNK_BYTES): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    openRandom: () => bytesAccess(name, bytes),
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}

/**
 * A file, read ahead by one chunk so that the disk works while the reader computes.
 * A file that shrinks while it is read fails with `file-changed`; one that grows is read up to the size it had.
 */
export async function fileSource(path: string, chunkBytes = DEFAULT_CHUNK_BYTES): Promise<ByteSource> {
  const handle = await openForReading(path);
  let sizeBytes: number | undefined;
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw new Failure('file-is-directory', `${path} is a directory. Choose a trace file in it.`);
    }
    // Pipes and tracefs files report size 0 and are read to their end.
    sizeBytes = stat.isFile() && stat.size > 0 ? stat.size : undefined;
  } finally {
    await handle.close();
  }
  return {
    name: path,
    path,
    sizeBytes,
    chunks: (signal) => readFileChunks(path, sizeBytes, chunkBytes, signal),
    openRandom: () => (sizeBytes === undefined ? undefined : fileAccess(path)),
  };
}

async function* readFileChunks(
  path: string,
  sizeBytes: number | undefined,
  chunkBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const handle = await openForReading(path);
  let pending: Promise<Uint8Array> | undefined;
  try {
    const buffers = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)] as const;
    let turn = 0;
    let position = 0;
    const isRegular = sizeBytes !== undefined;
    const next = (): Promise<Uint8Array> => {
      const buffer = buffers[turn % 2]!;
      turn += 1;
      const wanted = isRegular ? Math.min(chunkBytes, sizeBytes - position) : chunkBytes;
      return readOnce(handle, buffer, wanted, isRegular ? position : null, path);
    };
    pending = next();
    for (;;) {
      const chunk: Uint8Array = await (pending ?? next());
      pending = undefined;
      position += chunk.length;
      if (signal?.aborted === true) throw new Failure('cancelled', 'Reading was cancelled.');
      if (chunk.length === 0) {
        if (isRegular && position < sizeBytes) {
          throw new Failure(
            'file-changed',
            `${path} became shorter while it was read: ${position} of ${sizeBytes} bytes are left. What was read up to there is shown; open it again when it is complete.`,
          );
        }
        return;
      }
      const atEnd = isRegular && position >= sizeBytes;
      if (!atEnd) pending = next();
      yield chunk;
      if (atEnd) return;
    }
  } finally {
    await pending?.catch(() => undefined);
    await handle.close();
  }
}

async function readOnce(
  handle: FileHandle,
  buffer: Uint8Array,
  length: number,
  position: number | null,
  path: string,
): Promise<Uint8Array> {
  try {
    const { bytesRead } = await handle.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw new Failure('read-failed', `Reading ${path} failed: ${messageOf(error)}`, { cause: error });
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw openFailure(path, error);
  }
}

function openFailure(path: string, error: unknown): Failure {
  const known: Partial<Record<string, [FailureCode, string]>> = {
    ENOENT: ['file-not-found', `${path} does not exist.`],
    EACCES: ['permission-denied', `${path} may not be read by this user. Change its permissions or copy it.`],
    EPERM: ['permission-denied', `${path} may not be read by this user. Change its permissions or copy it.`],
    EISDIR: ['file-is-directory', `${path} is a directory. Choose a trace file in it.`],
  };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [failureCode, message] = known[code] ?? [
    'read-failed',
    `${path} cannot be opened: ${messageOf(error)}`,
  ];
  return new Failure(failureCode, message, { cause: error });
}
