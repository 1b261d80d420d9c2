import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, isFailure } from '../../base/errors.js';

/** Written at a time: channels deliver some 32 KiB. */
const BATCH_BYTES = 1024 * 1024;
/** After so long what is there is passed on, so that a slow machine is seen to send. */
const MOST_HELD_BACK_MS = 100;

export interface Digest {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface StreamOptions {
  /** Names the content in messages: `The recording of root@host`. */
  readonly what: string;
  /** More than that is not read: the failure is `too-large`. */
  readonly maxBytes?: number;
  /**
   * Size and digest as the machine tells them; asked when the stream has ended. Without it, or for what is null there,
   * nothing is compared.
   */
  readonly expected?: () => Promise<{ readonly sizeBytes: number | null; readonly sha256: string | null }>;
  /** Called as bytes arrive, with their number in all. */
  readonly onBytes?: (sizeBytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Puts what a machine sends into a file that is there whole, verified and synced, or not at all: until then the bytes are
 * in a partial file beside it. What is read no further than the disk can take holds the machine back.
 * Failures: `bad-input` (size or digest differ from the machine's), `too-large`, `write-failed` (disk full, …),
 * `cancelled`, and what the stream fails with (`connection-lost`).
 */
export async function streamToFile(source: Readable, path: string, options: StreamOptions): Promise<Digest> {
  const { signal, what } = options;
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let digest: Digest | undefined;
  async function* verified(): AsyncGenerator<Uint8Array> {
    for await (const chunk of batches(source)) {
      sizeBytes += chunk.length;
      if (options.maxBytes !== undefined && sizeBytes > options.maxBytes) {
        throw new Failure(
          'too-large',
          `${what} is longer than ${options.maxBytes} bytes; the rest was not read.`,
        );
      }
      hash.update(chunk);
      options.onBytes?.(sizeBytes);
      yield chunk;
    }
    digest = { sizeBytes, sha256: hash.digest('hex') };
    if (options.expected !== undefined) requireSame(what, digest, await options.expected());
  }
  const interrupt = () => {
    source.destroy(new Failure('cancelled', `${what} was cancelled.`));
  };
  if (signal?.aborted === true) interrupt();
  else signal?.addEventListener('abort', interrupt, { once: true });
  try {
    await writeFileAtomically(path, verified(), signal);
  } catch (error) {
    if (!source.destroyed) source.destroy();
    throw explainFullDisk(error, path, sizeBytes);
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
  return digest!;
}

/** Failure `bad-input` when what arrived is not what the machine says it sent. */
export function requireSame(
  what: string,
  got: Digest,
  expected: { readonly sizeBytes: number | null; readonly sha256: string | null },
): void {
  if (expected.sizeBytes !== null && expected.sizeBytes !== got.sizeBytes) {
    throw new Failure(
      'bad-input',
      `${what} did not arrive whole: the machine sent ${expected.sizeBytes} bytes and ${got.sizeBytes} arrived. Try again.`,
    );
  }
  if (expected.sha256 !== null && expected.sha256 !== got.sha256) {
    throw new Failure(
      'bad-input',
      `${what} was damaged on its way: its SHA-256 is ${expected.sha256} on the machine and ${got.sha256} here. Try again.`,
    );
  }
}

/** A full disk in plain words; anything else as it is. */
export function explainFullDisk(error: unknown, path: string, writtenBytes: number): unknown {
  const cause = isFailure(error, 'write-failed') ? error.cause : error;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const limit = code === 'ENOSPC' ? 'The disk is full' : 'Your disk quota is used up';
  return new Failure(
    'write-failed',
    `${limit}: ${path} cannot be written after ${writtenBytes} bytes; what was written is removed. Make room, or choose another folder.`,
    { cause },
  );
}

/** The chunks of a stream, put together to some that are worth a call of the file system, but not held back for long. */
export async function* batches(source: Readable): AsyncGenerator<Uint8Array> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let passedAtMs = -Infinity;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < BATCH_BYTES && performance.now() - passedAtMs < MOST_HELD_BACK_MS) continue;
    yield Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
    passedAtMs = performance.now();
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}
