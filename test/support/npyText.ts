import { crc32 } from 'node:zlib';

export interface ParsedNpy {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** The arrays of a `.npz` by its central directory, read here by hand; throws where a checksum is wrong. */
export function parseNpz(bytes: Buffer): Map<string, ParsedNpy> {
  const locator = bytes.length - 22 - 20;
  if (bytes.readUInt32LE(bytes.length - 22) !== 0x06054b50) throw new Error('no end of a zip');
  if (bytes.readUInt32LE(locator) !== 0x07064b50) throw new Error('no locator of the 64-bit end');
  const end = Number(bytes.readBigUInt64LE(locator + 8));
  const count = Number(bytes.readBigUInt64LE(end + 32));
  let at = Number(bytes.readBigUInt64LE(end + 48));
  const arrays = new Map<string, ParsedNpy>();
  for (let entry = 0; entry < count; entry += 1) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const extra = at + 46 + nameLength;
    const name = bytes.toString('latin1', at + 46, extra);
    const sizeBytes = Number(bytes.readBigUInt64LE(extra + 4));
    const local = Number(bytes.readBigUInt64LE(extra + 20));
    if (bytes.readUInt32LE(local) !== 0x04034b50) throw new Error(`${name} does not begin where it should`);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + sizeBytes);
    if (crc32(data) !== bytes.readUInt32LE(at + 16)) throw new Error(`${name} is damaged`);
    arrays.set(name.replace(/\.npy$/, ''), parseNpy(data));
    at = extra + bytes.readUInt16LE(at + 30);
  }
  return arrays;
}

function parseNpy(bytes: Buffer): ParsedNpy {
  if (bytes.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00') throw new Error('no .npy of version 1.0');
  const length = bytes.readUInt16LE(8);
  if ((10 + length) % 64 !== 0) throw new Error('the values are not aligned');
  const header = bytes.toString('latin1', 10, 10 + length);
  const match = /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$/.exec(header);
  if (match === null) throw new Error(`not a header: ${header}`);
  const shape = match[2]!
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number);
  const data = bytes.subarray(10 + length);
  const width = match[1] === '<f4' ? 4 : 8;
  const values = Array.from({ length: data.length / width }, (_, at) =>
    width === 4 ? data.readFloatLE(4 * at) : Number(data.readBigInt64LE(8 * at)),
  );
  if (values.length !== shape.reduce((product, each) => product * each, 1)) throw new Error('wrong shape');
  return { dtype: match[1]!, shape, values };
}
