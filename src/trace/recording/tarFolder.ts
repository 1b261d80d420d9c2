import { Failure } from '../../base/errors.js';
import type { OpenFolder } from './directoryFolder.js';

const MAGIC_OFFSET = 257;
const MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72];

/** Whether these first bytes begin a tar archive (POSIX or GNU). */
export function isTar(head: Uint8Array): boolean {
  return MAGIC.every((byte, at) => head[MAGIC_OFFSET + at] === byte);
}

/** The files of a tar archive. */
export function tarFolder(_chunks: AsyncIterable<Uint8Array>, name: string): Promise<OpenFolder> {
  return Promise.reject(new Failure('unknown-format', `${name} is a tar archive.`));
}
