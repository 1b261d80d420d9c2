/**
 * NumPy's files. `.npy` (numpy/lib/format.py, version 1.0): "\x93NUMPY", 1, 0, two bytes of length, a Python dictionary as
 * text filled with spaces to a multiple of 64, then the values. `.npz` is a zip of these (PKWARE APPNOTE 6.3), here stored
 * without compression, as `numpy.savez` does, with 64-bit sizes throughout; checksums follow the data they are of.
 */
import { crc32 } from 'node:zlib';

/** An array whose values come in pieces. */
export interface NpyArray {
  readonly name: string;
  /** `<i4`, `<i8`, `<f4`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly pieces: () => Iterable<Int32Array | BigInt64Array | Float32Array>;
}

/** The bytes of a `.npz` of these arrays. */
export function* npzPieces(arrays: readonly NpyArray[]): Generator<Uint8Array> {
  const entries: Entry[] = [];
  let offset = 0;
  for (const array of arrays) {
    const entry: Entry = { name: `${array.name}.npy`, offset, crc: 0, sizeBytes: 0 };
    const local = localHeader(entry.name);
    yield local;
    for (const piece of npyPieces(array)) {
      entry.crc = crc32(piece, entry.crc);
      entry.sizeBytes += piece.length;
      yield piece;
    }
    const descriptor = dataDescriptor(entry);
    yield descriptor;
    offset += local.length + entry.sizeBytes + descriptor.length;
    entries.push(entry);
  }
  const directory = Buffer.concat(entries.map(directoryEntry));
  yield directory;
  yield endOfDirectory(entries.length, directory.length, offset);
}

function* npyPieces({ name, dtype, shape, pieces }: NpyArray): Generator<Uint8Array> {
  const tuple = shape.length === 1 ? `(${shape[0]!},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = Buffer.alloc(length, ' ');
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(length - 10, 8);
  header.write(dictionary, 10, 'latin1');
  header.write('\n', length - 1);
  yield header;
  let values = 0;
  for (const piece of pieces()) {
    values += piece.length;
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
  const wanted = shape.reduce((product, each) => product * each, 1);
  if (values !== wanted) throw new Error(`${name} was to have ${wanted} values and has ${values}`);
}

interface Entry {
  readonly name: string;
  readonly offset: number;
  crc: number;
  sizeBytes: number;
}

/** Version 4.5 is the first with 64-bit sizes. */
const VERSION = 45;
/** Bit 3: checksum and sizes stand behind the data. */
const FLAGS = 8;
/** Stands where the 64-bit field tells the value. */
const ELSEWHERE = 0xffff_ffff;
/** 1 January 1980, the beginning of zip's calendar: the same data make the same file. */
const DATE = 0x21;

function localHeader(name: string): Buffer {
  const bytes = Buffer.alloc(30 + name.length + 20);
  bytes.writeUInt32LE(0x04034b50, 0);
  bytes.writeUInt16LE(VERSION, 4);
  bytes.writeUInt16LE(FLAGS, 6);
  bytes.writeUInt16LE(DATE, 12);
  bytes.writeUInt32LE(ELSEWHERE, 18);
  bytes.writeUInt32LE(ELSEWHERE, 22);
  bytes.writeUInt16LE(name.length, 26);
  bytes.writeUInt16LE(20, 28);
  bytes.write(name, 30, 'latin1');
  // The field of 64-bit sizes, empty: they stand behind the data.
  bytes.writeUInt16LE(1, 30 + name.length);
  bytes.writeUInt16LE(16, 32 + name.length);
  return bytes;
}

function dataDescriptor({ crc, sizeBytes }: Entry): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(crc, 4);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), 8);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), 16);
  return bytes;
}

function directoryEntry({ name, offset, crc, sizeBytes }: Entry): Buffer {
  const bytes = Buffer.alloc(46 + name.length + 28);
  bytes.writeUInt32LE(0x02014b50, 0);
  bytes.writeUInt16LE(VERSION, 4);
  bytes.writeUInt16LE(VERSION, 6);
  bytes.writeUInt16LE(FLAGS, 8);
  bytes.writeUInt16LE(DATE, 14);
  bytes.writeUInt32LE(crc, 16);
  bytes.writeUInt32LE(ELSEWHERE, 20);
  bytes.writeUInt32LE(ELSEWHERE, 24);
  bytes.writeUInt16LE(name.length, 28);
  bytes.writeUInt16LE(28, 30);
  bytes.writeUInt32LE(ELSEWHERE, 42);
  bytes.write(name, 46, 'latin1');
  const extra = 46 + name.length;
  bytes.writeUInt16LE(1, extra);
  bytes.writeUInt16LE(24, extra + 2);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), extra + 4);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), extra + 12);
  bytes.writeBigUInt64LE(BigInt(offset), extra + 20);
  return bytes;
}

/** The 64-bit end, where it is, and the old one that points to it. */
function endOfDirectory(entries: number, directoryBytes: number, offset: number): Buffer {
  const bytes = Buffer.alloc(56 + 20 + 22);
  bytes.writeUInt32LE(0x06064b50, 0);
  bytes.writeBigUInt64LE(44n, 4);
  bytes.writeUInt16LE(VERSION, 12);
  bytes.writeUInt16LE(VERSION, 14);
  bytes.writeBigUInt64LE(BigInt(entries), 24);
  bytes.writeBigUInt64LE(BigInt(entries), 32);
  bytes.writeBigUInt64LE(BigInt(directoryBytes), 40);
  bytes.writeBigUInt64LE(BigInt(offset), 48);
  bytes.writeUInt32LE(0x07064b50, 56);
  bytes.writeBigUInt64LE(BigInt(offset + directoryBytes), 64);
  bytes.writeUInt32LE(1, 72);
  bytes.writeUInt32LE(0x06054b50, 76);
  bytes.writeUInt16LE(entries, 84);
  bytes.writeUInt16LE(entries, 86);
  bytes.writeUInt32LE(ELSEWHERE, 88);
  bytes.writeUInt32LE(ELSEWHERE, 92);
  return bytes;
}
