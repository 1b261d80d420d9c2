import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Failure, messageOf } from '../../base/errors.js';
import type { Digest } from './streamToFile.js';

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
