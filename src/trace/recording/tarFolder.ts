import { once } from 'node:events';
import { extract, type Extract, type Header } from 'tar-stream';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import { partAccess, Spool } from '../../base/randomAccess.js';
import { MAX_FILES, type OpenFolder } from './directoryFolder.js';

const MAGIC_OFFSET = 257;
const MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72];
/** A recording of several files of this size is none that anybody could analyse; a hostile archive can be. */
const MAX_BYTES = 64 * 1024 ** 3;

/** Whether these first bytes begin a tar archive (POSIX or GNU). */
export function isTar(head: Uint8Array): boolean {
  return MAGIC.every((byte, at) => head[MAGIC_OFFSET + at] === byte);
}

/**
 * The files of a tar archive, unpacked one behind the other into one spool. Failures: `bad-input` when the archive is
 * damaged or cut off, `too-large`, those of the chunks.
 */
export async function tarFolder(chunks: AsyncIterable<Uint8Array>, name: string): Promise<OpenFolder> {
  const spool = new Spool(name);
  const members = new Map<string, Member>();
  const archive = extract();
  const feeding = feed(archive, chunks);
  try {
    for await (const entry of archive) {
      // Its type does not say what it yields.
      const pieces = entry as unknown as AsyncIterable<Uint8Array>;
      await unpack(entry.header, pieces, members, spool, name);
    }
    await feeding;
  } catch (error) {
    archive.destroy();
    await feeding.catch(() => undefined);
    spool.discard();
    if (isFailure(error)) throw error;
    throw new Failure(
      'bad-input',
      `${name} is damaged or was cut off: the archive cannot be unpacked behind its file ${members.size} (${messageOf(error)}). Copy it again.`,
      { cause: error },
    );
  }
  return folderOf(members, spool, name);
}

interface Member {
  readonly offset: number;
  readonly sizeBytes: number;
}

async function feed(archive: Extract, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const closing = new AbortController();
  archive.once('close', () => {
    closing.abort();
  });
  try {
    for await (const chunk of chunks) {
      if (archive.destroyed) return;
      // Copied: the archive keeps what it has not unpacked yet, and sources reuse their buffers.
      if (archive.write(chunk.slice())) continue;
      // When it is closed instead, the next round ends this.
      await once(archive, 'drain', { signal: closing.signal }).catch(() => undefined);
    }
    archive.end(null);
  } catch (error) {
    archive.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  }
}

async function unpack(
  header: Header,
  pieces: AsyncIterable<Uint8Array>,
  members: Map<string, Member>,
  spool: Spool,
  name: string,
): Promise<void> {
  const offset = spool.sizeBytes;
  for await (const { buffer, byteOffset, byteLength } of pieces) {
    spool.push(new Uint8Array(buffer, byteOffset, byteLength));
    if (spool.sizeBytes > MAX_BYTES) {
      throw new Failure('too-large', `${name} unpacks to more than ${MAX_BYTES / 1024 ** 3} GiB.`);
    }
  }
  if (header.type !== 'file' && header.type !== 'contiguous-file') return;
  members.set(pathOf(header.name), { offset, sizeBytes: spool.sizeBytes - offset });
  if (members.size > MAX_FILES) {
    throw new Failure(
      'too-large',
      `${name} holds more than ${MAX_FILES} files: open an archive of one recording.`,
    );
  }
}

/** As in `TraceFolder`: archives made with `tar c .` begin every path with `./`. */
function pathOf(member: string): string {
  return member
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function folderOf(members: ReadonlyMap<string, Member>, spool: Spool, name: string): OpenFolder {
  const whole = spool.finish();
  return {
    name,
    paths: [...members.keys()].sort(),
    open: (path) => {
      const member = members.get(path);
      if (member === undefined) throw new Failure('not-found', `${name} has no file ${path}.`);
      return partAccess(whole, path, member.offset, member.sizeBytes);
    },
    close: () => {
      whole.close();
    },
  };
}
