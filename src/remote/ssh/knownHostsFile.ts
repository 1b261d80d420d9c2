import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure, messageOf } from '../../base/errors.js';
import { keyTypeOf } from './knownHosts.js';

/** Files that keep nothing: a host key that was accepted is asked about the next time. */
export function keepsNothing(path: string | undefined): path is undefined | '/dev/null' {
  return path === undefined || path === '/dev/null';
}

/**
 * Adds a host key by one write at the end of the file, so that what other programs add at the same time stays whole; the
 * folder and the file are made for the user alone when they are missing.
 * @param name as `knownHostName` makes it
 * @param salt 20 bytes when the name is to be hashed
 * Failures: `write-failed`.
 */
export async function addKnownHost(
  path: string,
  name: string,
  key: Buffer,
  salt: Buffer | undefined,
): Promise<void> {
  const hosts = salt === undefined ? name : hashedName(name, salt);
  const entry = `${hosts} ${keyTypeOf(key) ?? 'unknown'} ${key.toString('base64')}\n`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const { O_RDWR, O_APPEND, O_CREAT } = constants;
    const handle = await open(path, O_RDWR | O_APPEND | O_CREAT, 0o600);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      const isWholeLine = size === 0 || last[0] === 0x0a;
      await handle.write(Buffer.from(isWholeLine ? entry : `\n${entry}`));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new Failure('write-failed', `The host key cannot be stored in ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

export function newSalt(): Buffer {
  return randomBytes(20);
}

function hashedName(name: string, salt: Buffer): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}
