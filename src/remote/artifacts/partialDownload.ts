/**
 * The file that a download grows in, and a note beside it that tells of which remote file it is the beginning:
 *
 *     .trace.dat.1f0c….part        what arrived so far
 *     .trace.dat.1f0c….part.json   { "source": "root@host:22 /var/tmp/trace.dat", "sizeBytes": …, … }
 */
import { createHash, randomBytes, type Hash } from 'node:crypto';
import {
  link,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { Failure, messageOf } from '../../base/errors.js';
import { explainFullDisk } from './fullDisk.js';

/** What tells one state of a remote file from another. */
export interface RemoteFileIdentity {
  /** Destination and path. */
  readonly source: string;
  readonly sizeBytes: number;
  readonly inode: string;
  /** As the machine prints it; it is only compared. */
  readonly modified: string;
}

const noteSchema = v.strictObject({
  source: v.string(),
  sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  inode: v.string(),
  modified: v.string(),
});

/** File names have 255 bytes; the additions must fit, too. */
const MAX_STEM_CHARACTERS = 50;
const MAX_NOTE_BYTES = 65_536;
const READ_BYTES = 4 * 1024 * 1024;

export class PartialDownload {
  #sizeBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #hash: Hash = createHash('sha256');

  private constructor(
    /** The file that is wanted in the end. */
    readonly target: string,
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** How much of the remote file is here. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Goes on with what an earlier download left of the same state of the same file, or begins. */
  static async open(target: string, identity: RemoteFileIdentity): Promise<PartialDownload> {
    const left = await findPart(target, identity);
    if (left !== undefined) {
      const resumed = await PartialDownload.#resume(target, left, identity);
      if (resumed !== undefined) return resumed;
    }
    const path = join(dirname(target), `${prefix(target)}${randomBytes(6).toString('hex')}.part`);
    try {
      await writeFile(notePath(path), JSON.stringify(identity), { flag: 'wx' });
      return new PartialDownload(target, path, await open(path, 'wx'));
    } catch (error) {
      await removePart(path);
      throw cannotWrite(target, error, 0);
    }
  }

  static async #resume(
    target: string,
    path: string,
    identity: RemoteFileIdentity,
  ): Promise<PartialDownload | undefined> {
    // Taken under a name of its own, so that two downloads of one file never write the same part.
    const own = join(dirname(target), `${prefix(target)}${randomBytes(6).toString('hex')}.part`);
    try {
      await rename(path, own);
      await rename(notePath(path), notePath(own));
    } catch {
      return undefined;
    }
    const handle = await open(own, 'r+');
    const part = new PartialDownload(target, own, handle);
    const { size } = await handle.stat();
    if (size <= identity.sizeBytes && (await part.#digestWhatIsThere())) return part;
    await part.discard();
    return undefined;
  }

  /**
   * Puts chunks behind what is there. Returns when they are taken: while they are written the next may be gathered, and
   * `flush` or the next call tells whether they could be.
   */
  async append(chunks: readonly Uint8Array[]): Promise<void> {
    await this.#writing;
    const position = this.#sizeBytes;
    this.#sizeBytes += chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#writing = this.#write(chunks, position);
    this.#writing.catch(() => undefined);
    // Beside the writing.
    for (const chunk of chunks) this.#hash.update(chunk);
  }

  /** Waits until everything was written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** SHA-256 of all that is here. Nothing can be appended afterwards. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  /** Gives it the final name. With `replace` what has that name goes; else the failure is `write-failed`. */
  async finish(replace: boolean): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
      if (replace) await rename(this.path, this.target);
      else await moveToNew(this.path, this.target);
    } catch (error) {
      throw cannotWrite(this.target, error, this.#sizeBytes);
    }
    await removePart(this.path);
  }

  /** Leaves it for a later download to go on with. */
  async keep(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.handle.close();
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.handle.close().catch(() => undefined);
    await removePart(this.path);
  }

  async #write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    try {
      const { bytesWritten } = await this.handle.writev([...chunks], position);
      // A disk that takes only a part has no more room, which the rest finds out.
      const isWhole = bytesWritten === chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const rest = isWhole ? Buffer.alloc(0) : Buffer.concat(chunks).subarray(bytesWritten);
      for (let at = 0; at < rest.length;) {
        at += (await this.handle.write(rest, at, rest.length - at, position + bytesWritten + at))
          .bytesWritten;
      }
    } catch (error) {
      throw cannotWrite(this.target, error, position);
    }
  }

  async #digestWhatIsThere(): Promise<boolean> {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const { bytesRead } = await this.handle.read(buffer, 0, READ_BYTES, this.#sizeBytes);
      if (bytesRead === 0) return true;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#sizeBytes += bytesRead;
    }
  }
}

/**
 * Gives a finished file its name, which nothing may have: unlike `rename`, a hard link never replaces a file, even when
 * one appears in this very moment. Where there are no hard links (vfat, some network folders) the name is only looked up.
 */
export async function moveToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await rm(from, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw existsAlready(to);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error;
    if (await exists(to)) throw existsAlready(to);
    await rename(from, to);
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

export function existsAlready(path: string): Failure {
  return new Failure('write-failed', `${path} exists already and is not overwritten. Choose another name.`);
}

/** The part in the folder whose note is of this state of the file. */
async function findPart(target: string, identity: RemoteFileIdentity): Promise<string | undefined> {
  const folder = dirname(target);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw cannotWrite(target, error, 0);
  }
  for (const name of names) {
    if (!name.startsWith(prefix(target)) || !/^[0-9a-f]{12}\.part$/.test(name.slice(prefix(target).length)))
      continue;
    const path = join(folder, name);
    const note = await readNote(notePath(path));
    if (note === undefined || note.source !== identity.source) continue;
    if (
      note.sizeBytes === identity.sizeBytes &&
      note.inode === identity.inode &&
      note.modified === identity.modified
    ) {
      return path;
    }
    // Of a state of this file that is gone: nothing can go on with it.
    await removePart(path);
  }
  return undefined;
}

async function readNote(path: string): Promise<RemoteFileIdentity | undefined> {
  try {
    if ((await stat(path)).size > MAX_NOTE_BYTES) return undefined;
    const parsed = v.safeParse(noteSchema, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

async function removePart(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(notePath(path), { force: true });
}

function prefix(target: string): string {
  return `.${Array.from(basename(target)).slice(0, MAX_STEM_CHARACTERS).join('')}.`;
}

function notePath(path: string): string {
  return `${path}.json`;
}

function cannotWrite(target: string, error: unknown, writtenBytes: number): unknown {
  if (error instanceof Failure) return error;
  const explained = explainFullDisk(error, target, writtenBytes);
  if (explained instanceof Failure) return explained;
  return new Failure('write-failed', `${target} cannot be written: ${messageOf(error)}`, { cause: error });
}
