import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Failure, messageOf } from '../../base/errors.js';

export interface Digest {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
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

/** Size and SHA-256 of a file here. Failures: `read-failed`. */
export async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of createReadStream(path, {
      highWaterMark: 1024 * 1024,
    }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    throw new Failure('read-failed', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}
