/**
 * Some files out of a Python wheel, which is a ZIP file (PKWARE APPNOTE.TXT 6.3). Read here because neither `unzip` nor
 * Python need be there, and no library is worth having for it: its directory is at its end, its entries are deflated or stored,
 * and Node inflates. Written as they come: the largest is 800 MB.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { Failure, isFailure, messageOf } from '../../../base/errors.js';
import { throwIfCancelled } from '../../../base/cancellation.js';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MOST_COMMENT_BYTES = 0xffff;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
/** In place of what only a ZIP64 record can say. */
const IN_ZIP64 = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;

export interface WheelEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/**
 * Extracts the entries that `targetOf` gives a path for. @returns the names of those
 * Failures: `bad-input` for what is no wheel, or a damaged one; `file-not-found`, `write-failed`, `cancelled`.
 */
export async function extractFromWheel(
  path: string,
  targetOf: (name: string) => string | null,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new Failure('file-not-found', `The wheel ${path} cannot be opened: ${messageOf(cause)}`, { cause });
  });
  try {
    const names: string[] = [];
    for (const entry of await entriesOf(file, path)) {
      const target = entry.name.endsWith('/') ? null : targetOf(entry.name);
      if (target === null) continue;
      throwIfCancelled(signal);
      await extract(file, path, entry, target, signal);
      names.push(entry.name);
    }
    return names;
  } finally {
    await file.close();
  }
}

async function entriesOf(file: FileHandle, path: string): Promise<readonly WheelEntry[]> {
  const { size } = await file.stat();
  const tail = await bytesAt(file, Math.max(0, size - END_BYTES - MOST_COMMENT_BYTES), size);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0)
    throw damaged(path, 'it has no directory of a ZIP file, so it is no wheel, or the end is missing');
  const [length, first] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (first === IN_ZIP64) throw damaged(path, 'it is larger than 4 GB, which no wheel of TensorFlow is');
  if (first + length > size) throw damaged(path, 'its directory lies behind its end');
  const directory = await bytesAt(file, first, first + length);
  const entries: WheelEntry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= directory.length;) {
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw damaged(path, 'its directory is damaged');
    const nameBytes = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += ENTRY_BYTES + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function extract(
  file: FileHandle,
  path: string,
  entry: WheelEntry,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name, method, offset, compressedBytes, bytes } = entry;
  const header = await bytesAt(file, offset, offset + LOCAL_BYTES);
  const isEntry = header.length === LOCAL_BYTES && header.readUInt32LE(0) === LOCAL_SIGNATURE;
  if (!isEntry || (method !== STORED && method !== DEFLATED)) throw damaged(path, `${name} in it is damaged`);
  const start = offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  await mkdir(dirname(target), { recursive: true });
  let [written, crc] = [0, 0];
  const counted = new Transform({
    transform(piece: Buffer, _encoding, done) {
      written += piece.length;
      crc = crc32(piece, crc);
      done(null, piece);
    },
  });
  if (compressedBytes === 0) {
    await writeFile(target, '');
    return;
  }
  const source = createReadStream(path, { start, end: start + compressedBytes - 1 });
  const output = createWriteStream(target);
  const options = signal === undefined ? {} : { signal };
  try {
    if (method === STORED) await pipeline(source, counted, output, options);
    else await pipeline(source, createInflateRaw(), counted, output, options);
  } catch (error) {
    throwIfCancelled(signal);
    if (isFailure(error)) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_')) throw damaged(path, `${name} in it is damaged (${messageOf(error)})`);
    throw new Failure('write-failed', `${target} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  if (written !== bytes || crc !== entry.crc)
    throw damaged(path, `${name} in it is not what its directory says`);
}

async function bytesAt(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

function damaged(path: string, what: string): Failure {
  return new Failure('bad-input', `${path} cannot be used: ${what}. Download the wheel again.`);
}
