import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  columnOf,
  readColumns,
  writeColumns,
  type WrittenColumn,
} from '../../../src/dataset/files/columnFile.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-columns-'))));
afterAll(() => rm(folder, { recursive: true }));

const COLUMNS: readonly WrittenColumn[] = [
  { name: 'small', type: 'u8', count: 5, pieces: () => [Uint8Array.of(1, 2), Uint8Array.of(3, 4, 255)] },
  { name: 'empty', type: 'u16', count: 0, pieces: () => [] },
  { name: 'signed', type: 'i32', count: 3, pieces: () => [Int32Array.of(-1, 0, 2 ** 31 - 1)] },
  { name: 'numbers', type: 'f64', count: 2, pieces: () => [Float64Array.of(NaN, 1e300)] },
  { name: 'times', type: 'i64', count: 1, pieces: () => [BigInt64Array.of(-(2n ** 63n))] },
];

async function written(): Promise<{ path: string; bytes: Buffer; sha256: string }> {
  const path = join(folder, 'train.columns');
  const { sha256 } = await writeColumns(path, COLUMNS);
  return { path, bytes: await readFile(path), sha256 };
}

/** With a checksum that is right, so that only the table is wrong. */
function sealed(bytes: Buffer): Buffer {
  const content = bytes.subarray(0, bytes.length - 32);
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

describe('a file of columns', () => {
  it('is read as it was written, and its digest is that of the file', async () => {
    const { path, bytes, sha256 } = await written();
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    const file = await readColumns(path);
    expect(file.sha256).toBe(sha256);
    expect([...columnOf(file, 'small', Uint8Array)]).toEqual([1, 2, 3, 4, 255]);
    expect([...columnOf(file, 'empty', Uint16Array)]).toEqual([]);
    expect([...columnOf(file, 'signed', Int32Array)]).toEqual([-1, 0, 2 ** 31 - 1]);
    expect([...columnOf(file, 'numbers', Float64Array)]).toEqual([NaN, 1e300]);
    expect([...columnOf(file, 'times', BigInt64Array)]).toEqual([-(2n ** 63n)]);
    expect(() => columnOf(file, 'small', Uint16Array)).toThrow(/no column "small" of the type/);
  });

  it('is laid out as its description says', async () => {
    const { bytes } = await written();
    expect(bytes.toString('latin1', 0, 8)).toBe('KODATA\r\n');
    expect([bytes.readUInt32LE(8), bytes.readUInt32LE(12)]).toEqual([1, 5]);
    const entry = 16 + 2 * 40;
    expect(bytes.toString('latin1', entry, entry + 16).replace(/\0+$/, '')).toBe('signed');
    const offset = Number(bytes.readBigUInt64LE(entry + 24));
    expect(offset % 8).toBe(0);
    expect([bytes.readUInt32LE(entry + 16), bytes.readInt32LE(offset)]).toEqual([4, -1]);
  });

  it('is refused when it is cut off anywhere, or any bit of it changed', { timeout: 120_000 }, async () => {
    const { path, bytes } = await written();
    for (let length = 0; length < bytes.length; length += 1) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(readColumns(path)).rejects.toThrow(/is no sound part of a data set|is of version/);
    }
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      await writeFile(path, damaged);
      await expect(readColumns(path)).rejects.toThrow(/train\.columns is (no sound part|of version)/);
    }
  });

  it.each([
    ['more columns than fit', (bytes: Buffer) => bytes.writeUInt32LE(2 ** 31, 12)],
    ['a column behind the end', (bytes: Buffer) => bytes.writeBigUInt64LE(2n ** 40n, 16 + 32)],
    ['more values than a number holds', (bytes: Buffer) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 16 + 32)],
    ['columns over each other', (bytes: Buffer) => bytes.writeBigUInt64LE(0n, 16 + 80 + 24)],
    ['a column twice', (bytes: Buffer) => bytes.copy(bytes, 16 + 40, 16, 32)],
    ['an unknown type', (bytes: Buffer) => bytes.writeUInt32LE(99, 16 + 16)],
    ['bytes that belong to nothing', (bytes: Buffer) => bytes.writeBigUInt64LE(0n, 16 + 4 * 40 + 32)],
  ])('is refused with %s, though its checksum is right', async (_, change) => {
    const { path, bytes } = await written();
    change(bytes);
    await writeFile(path, sealed(bytes));
    await expect(readColumns(path)).rejects.toThrow(/is no sound part of a data set: .*\. Copy it again/);
  });

  it('is refused when it is of a later version, or not there', async () => {
    const { path, bytes } = await written();
    bytes.writeUInt32LE(2, 8);
    await writeFile(path, sealed(bytes));
    await expect(readColumns(path)).rejects.toThrow(/is of version 2, and this KernelOracle reads version 1/);
    await expect(readColumns(join(folder, 'none.columns'))).rejects.toThrow(/none\.columns is missing/);
  });

  it('leaves nothing when it cannot be written to its end', async () => {
    const path = join(folder, 'half.columns');
    const half = { name: 'a', type: 'u8', count: 2, pieces: () => [Uint8Array.of(1)] } as const;
    await expect(writeColumns(path, [half])).rejects.toThrow();
    const cancel = new AbortController();
    cancel.abort();
    await expect(writeColumns(path, COLUMNS, cancel.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect((await readdir(folder)).filter((name) => name.includes('half'))).toEqual([]);
  });
});
