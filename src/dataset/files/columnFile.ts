/**
 * A file of columns, little-endian:
 *
 *     0   8  "KODATA\r\n", which a transfer as text would change
 *     8   4  version, 1
 *     12  4  number of columns
 *     16  …  a row of 40 bytes for each column: name (16, ASCII, filled with 0), type (4), 0 (4), offset in the file (8),
 *            number of values (8)
 *     …      the columns, each at a multiple of 8, gaps filled with 0
 *     …   32 SHA-256 of everything before it
 *
 * Types: 1 u8 · 2 u16 · 3 u32 · 4 i32 · 5 f64 · 6 i64. The digest stands at the end so that a file of any size is written
 * in one go.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, messageOf } from '../../base/errors.js';

const MAGIC = Buffer.from('KODATA\r\n', 'latin1');
const VERSION = 1;
const HEADER_BYTES = 16;
const ENTRY_BYTES = 40;
const NAME_BYTES = 16;
const DIGEST_BYTES = 32;
const MAX_COLUMNS = 256;
const READ_BYTES = 16 * 1024 * 1024;
/** More than a typed array of any column can hold on common machines. */
const MAX_FILE_BYTES = 64 * 1024 ** 3;

/** By the number that stands in the file. */
const COLUMN_TYPES = {
  u8: { number: 1, bytes: 1 },
  u16: { number: 2, bytes: 2 },
  u32: { number: 3, bytes: 4 },
  i32: { number: 4, bytes: 4 },
  f64: { number: 5, bytes: 8 },
  i64: { number: 6, bytes: 8 },
} as const;

export type ColumnType = keyof typeof COLUMN_TYPES;
export type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array | BigInt64Array;

/** A column to be written: its values come in pieces, `count` of them in all. */
export interface WrittenColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly count: number;
  readonly pieces: () => Iterable<ColumnArray>;
}

/** The values of a column as one array. */
export function gathered({ name, type, count, pieces }: WrittenColumn): ColumnArray {
  const all = new Uint8Array(count * COLUMN_TYPES[type].bytes);
  let at = 0;
  for (const bytes of columnPieces({ name, type, count, pieces })) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return arrayOf(all.buffer, { name, type, offset: 0, count });
}

export interface WrittenFile {
  readonly sizeBytes: number;
  /** Of the whole file. */
  readonly sha256: string;
}

/** Writes a file of columns, whole or not at all. Failures: `write-failed`, `cancelled`. */
export async function writeColumns(
  path: string,
  columns: readonly WrittenColumn[],
  signal?: AbortSignal,
): Promise<WrittenFile> {
  requireLittleEndian();
  let written: WrittenFile | undefined;
  await writeFileAtomically(
    path,
    filePieces(columns, signal, (file) => (written = file)),
    signal,
  );
  return written!;
}

// eslint-disable-next-line @typescript-eslint/require-await -- the writer takes either kind
async function* filePieces(
  columns: readonly WrittenColumn[],
  signal: AbortSignal | undefined,
  onEnd: (file: WrittenFile) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const counted = (bytes: Uint8Array) => {
    hash.update(bytes);
    sizeBytes += bytes.length;
    return bytes;
  };
  yield counted(headerOf(columns));
  for (const column of columns) {
    for (const piece of columnPieces(column)) {
      throwIfCancelled(signal);
      yield counted(piece);
    }
    if (sizeBytes % 8 > 0) yield counted(new Uint8Array(8 - (sizeBytes % 8)));
  }
  const digest = hash.copy().digest();
  yield counted(digest);
  onEnd({ sizeBytes, sha256: hash.digest('hex') });
}

function* columnPieces({ name, type, count, pieces }: WrittenColumn): Generator<Uint8Array> {
  let values = 0;
  for (const piece of pieces()) {
    values += piece.length;
    if (piece.BYTES_PER_ELEMENT !== COLUMN_TYPES[type].bytes) throw new Error(`${name} is no ${type}`);
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
  if (values !== count) throw new Error(`${name} was to have ${count} values and has ${values}`);
}

function headerOf(columns: readonly WrittenColumn[]): Uint8Array {
  const header = Buffer.alloc(aligned(HEADER_BYTES + columns.length * ENTRY_BYTES));
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(columns.length, 12);
  let offset = header.length;
  columns.forEach(({ name, type, count }, at) => {
    const entry = HEADER_BYTES + at * ENTRY_BYTES;
    header.write(name, entry, NAME_BYTES, 'latin1');
    header.writeUInt32LE(COLUMN_TYPES[type].number, entry + 16);
    header.writeBigUInt64LE(BigInt(offset), entry + 24);
    header.writeBigUInt64LE(BigInt(count), entry + 32);
    offset = aligned(offset + count * COLUMN_TYPES[type].bytes);
  });
  return header;
}

export interface ReadFile {
  readonly path: string;
  readonly sha256: string;
  readonly columns: ReadonlyMap<string, ColumnArray>;
}

/**
 * Reads a file of columns and checks its digest. The columns share one block of memory. Failures: `file-not-found`,
 * `read-failed`, `too-large`, `bad-input` (no such file, cut off, damaged), `cancelled`.
 */
export async function readColumns(path: string, signal?: AbortSignal): Promise<ReadFile> {
  requireLittleEndian();
  const { bytes, sha256 } = await wholeFile(path, signal);
  return { path, sha256, columns: tableOf(path, bytes) };
}

async function wholeFile(path: string, signal: AbortSignal | undefined) {
  const handle = await opened(path);
  try {
    const { size } = await handle.stat();
    if (size < HEADER_BYTES + DIGEST_BYTES) {
      throw broken(path, `it has only ${size} bytes and is cut off`);
    }
    const bytes = allocated(path, size);
    const hash = createHash('sha256');
    const contentBytes = size - DIGEST_BYTES;
    for (let at = 0; at < contentBytes;) {
      throwIfCancelled(signal);
      const end = Math.min(contentBytes, at + READ_BYTES);
      await readInto(handle, path, bytes.subarray(at, end), at);
      // What is none of ours is refused before gigabytes of it are read.
      if (at === 0) requireHead(path, bytes, size);
      hash.update(bytes.subarray(at, end));
      at = end;
    }
    const digest = bytes.subarray(contentBytes);
    await readInto(handle, path, digest, contentBytes);
    if (!hash.copy().digest().equals(digest)) {
      throw broken(path, 'its content does not agree with its checksum');
    }
    return { bytes, sha256: hash.update(digest).digest('hex') };
  } finally {
    await handle.close();
  }
}

/** Refuses what is no file of columns of this version, and one that is not as long as its table says. */
function requireHead(path: string, bytes: Uint8Array, sizeBytes: number): void {
  const view = Buffer.from(bytes.buffer);
  if (!view.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw broken(path, 'it does not begin as a file of columns does');
  }
  const version = view.readUInt32LE(8);
  if (version !== VERSION) {
    throw new Failure(
      'bad-input',
      `${path} is of version ${version}, and this KernelOracle reads version ${VERSION}. Build the data set again, or use the KernelOracle that built it.`,
    );
  }
  const columns = view.readUInt32LE(12);
  const tableBytes = HEADER_BYTES + columns * ENTRY_BYTES;
  if (columns > MAX_COLUMNS || tableBytes + DIGEST_BYTES > sizeBytes) {
    throw broken(path, `its table of ${columns} columns does not fit into it`);
  }
}

interface Entry {
  readonly name: string;
  readonly type: ColumnType;
  readonly offset: number;
  readonly count: number;
}

function tableOf(path: string, bytes: Uint8Array<ArrayBuffer>): Map<string, ColumnArray> {
  const view = Buffer.from(bytes.buffer);
  const columns = new Map<string, ColumnArray>();
  let expected = aligned(HEADER_BYTES + view.readUInt32LE(12) * ENTRY_BYTES);
  for (let at = 0; at < view.readUInt32LE(12); at += 1) {
    const entry = entryOf(path, view, HEADER_BYTES + at * ENTRY_BYTES);
    const { name, type, offset, count } = entry;
    const endOffset = offset + count * COLUMN_TYPES[type].bytes;
    if (offset !== expected || !(endOffset <= bytes.length - DIGEST_BYTES) || columns.has(name)) {
      throw broken(path, `its column ${JSON.stringify(name)} does not lie where it should`);
    }
    expected = aligned(endOffset);
    columns.set(name, arrayOf(bytes.buffer, entry));
  }
  if (expected !== bytes.length - DIGEST_BYTES) {
    throw broken(path, `it is ${bytes.length} bytes long, and its columns end at ${expected + DIGEST_BYTES}`);
  }
  return columns;
}

function entryOf(path: string, view: Buffer, at: number): Entry {
  const number = view.readUInt32LE(at + 16);
  const type = (Object.keys(COLUMN_TYPES) as ColumnType[]).find(
    (each) => COLUMN_TYPES[each].number === number,
  );
  if (type === undefined) throw broken(path, `one of its columns is of an unknown type, ${number}`);
  return {
    name: view.toString('latin1', at, at + NAME_BYTES).replace(/\0+$/, ''),
    type,
    offset: Number(view.readBigUInt64LE(at + 24)),
    count: Number(view.readBigUInt64LE(at + 32)),
  };
}

function arrayOf(buffer: ArrayBuffer, { type, offset, count }: Entry): ColumnArray {
  switch (type) {
    case 'u8':
      return new Uint8Array(buffer, offset, count);
    case 'u16':
      return new Uint16Array(buffer, offset, count);
    case 'u32':
      return new Uint32Array(buffer, offset, count);
    case 'i32':
      return new Int32Array(buffer, offset, count);
    case 'f64':
      return new Float64Array(buffer, offset, count);
    case 'i64':
      return new BigInt64Array(buffer, offset, count);
  }
}

/** A column of a type that the caller relies on. Failure `bad-input`. */
export function columnOf<A extends ColumnArray>(
  file: Pick<ReadFile, 'path' | 'columns'>,
  name: string,
  kind: abstract new (...values: never[]) => A,
): A {
  const column = file.columns.get(name);
  if (column instanceof kind) return column;
  throw broken(file.path, `it has no column "${name}" of the type that belongs there`);
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

function broken(path: string, why: string): Failure {
  return new Failure(
    'bad-input',
    `${path} is no sound part of a data set: ${why}. Copy it again from where it was built, or build the data set again.`,
  );
}

function allocated(path: string, sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    if (sizeBytes <= MAX_FILE_BYTES) return new Uint8Array(sizeBytes);
  } catch {
    // It does not fit; said below.
  }
  throw new Failure(
    'too-large',
    `${path} has ${sizeBytes} bytes, which do not fit into memory. Build smaller data sets, of fewer recordings each.`,
  );
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure(
      isMissing ? 'file-not-found' : 'read-failed',
      isMissing
        ? `${path} is missing. Copy the data set again, with all its files, or build it again.`
        : `${path} cannot be opened: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function readInto(handle: FileHandle, path: string, to: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < to.length;) {
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(to, done, to.length - done, position + done));
    } catch (error) {
      throw new Failure('read-failed', `Reading ${path} failed: ${messageOf(error)}`, { cause: error });
    }
    if (bytesRead === 0) throw broken(path, 'it became shorter while it was read');
    done += bytesRead;
  }
}

/** Typed arrays are written as they lie in memory. */
function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new Failure('wrong-usage', 'Data sets are little-endian files; this machine is big-endian.');
}
