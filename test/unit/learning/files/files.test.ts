import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32c } from '../../../../src/learning/files/crc32c.js';
import { EventFile } from '../../../../src/learning/files/eventFile.js';
import { ProtobufWriter } from '../../../../src/learning/files/protobufWriter.js';
import {
  parseSafetensors,
  readSafetensors,
  safetensorsChunks,
  writeSafetensors,
  type TensorValues,
} from '../../../../src/learning/files/safetensors.js';
import { frameTfRecord, readTfRecords } from '../../../../src/learning/files/tfRecord.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TENSORS = new Map<string, TensorValues>([
  ['a.weight', { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, NaN, Infinity, 1e-40) }],
  ['state', { shape: [1, 2], values: Float64Array.of(Math.PI, -0) }],
  ['none', { shape: [0, 4], values: new Float32Array(0) }],
]);

describe('safetensors', () => {
  test('what is written is read again, bit for bit', async () => {
    const path = join(folder, 'x.safetensors');
    await writeSafetensors(path, TENSORS, { model: 'tcn' });
    const { tensors, metadata } = await readSafetensors(path);
    expect(metadata).toEqual({ model: 'tcn' });
    expect(tensors).toEqual(TENSORS);
    expect(readdirSync(folder)).toEqual(['x.safetensors']);
  });

  test('has the layout of the format', () => {
    const bytes = Buffer.concat([...safetensorsChunks(new Map([['w', TENSORS.get('state')!]]), {})]);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
      w: { dtype: 'F64', shape: [1, 2], data_offsets: [0, 16] },
    });
    expect(bytes.readDoubleLE(8 + length)).toBe(Math.PI);
  });

  test('each cut and each changed byte of the header ends with a failure or with sound tensors', () => {
    const bytes = Buffer.concat([...safetensorsChunks(TENSORS, { a: 'b' })]);
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => parseSafetensors(bytes.subarray(0, length), 'x')).toThrow(
        /^x is no sound safetensors file: /,
      );
    const header = 8 + Number(bytes.readBigUInt64LE(0));
    for (let at = 0; at < header; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ 0x15;
      try {
        for (const { shape, values } of parseSafetensors(changed, 'x').tensors.values())
          expect(shape.reduce((product, size) => product * size, 1)).toBe(values.length);
      } catch (error) {
        expect((error as Error).name).toBe('Failure');
      }
    }
  });

  test.each([
    ['{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', /begin at 4, not at 0/],
    [
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      /begin at 0, not at 4/,
    ],
    ['{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', /entry of a is wrong/],
    ['{"a":{"dtype":"F32","shape":[4503599627370496,4503599627370496],"data_offsets":[0,8]}}', /has 8 bytes/],
    ['{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', /4 bytes at its end belong to nothing/],
    ['[]', /no object|entry|bytes/],
    ['{"__metadata__":{"a":1}}', /belong to nothing|no texts/],
  ])('%s is refused', (header, message) => {
    const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(header), Buffer.alloc(8)]);
    bytes.writeBigUInt64LE(BigInt(header.length), 0);
    expect(() => parseSafetensors(bytes, 'x')).toThrow(message);
  });

  test('a missing file, one that is too large, values that do not fit', async () => {
    await expect(readSafetensors(join(folder, 'none'))).rejects.toMatchObject({ code: 'file-not-found' });
    writeFileSync(join(folder, 'big'), Buffer.alloc(100));
    await expect(readSafetensors(join(folder, 'big'), 99)).rejects.toMatchObject({ code: 'too-large' });
    const wrong = new Map([['a', { shape: [2, 2], values: new Float32Array(3) }]]);
    await expect(writeSafetensors(join(folder, 'w'), wrong)).rejects.toThrow(RangeError);
    expect(existsSync(join(folder, 'w'))).toBe(false);
  });
});

describe('TFRecord', () => {
  test('the checksum is CRC-32C', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  });

  test('what is framed is read; a torn end is left out, damage is told', () => {
    const records = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
    const bytes = Buffer.concat(records.map((each) => frameTfRecord(each)));
    expect([...readTfRecords(bytes, 'x')].map((each) => Buffer.from(each).toString())).toEqual([
      'one',
      '',
      'three',
    ]);
    expect([...readTfRecords(bytes.subarray(0, -1), 'x')]).toHaveLength(2);
    bytes[13] = bytes[13]! ^ 1;
    expect(() => [...readTfRecords(bytes, 'x')]).toThrow(
      /x is damaged: the checksum of the record at byte 0/,
    );
  });
});

test('protobuf fields are as the encoding page shows them', () => {
  expect([...new ProtobufWriter().varint(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
  expect([...new ProtobufWriter().string(2, 'testing').finish()]).toEqual([
    0x12,
    7,
    ...Buffer.from('testing'),
  ]);
  expect([...new ProtobufWriter().packedVarints(6, [3, 270, 86_942]).finish()]).toEqual([
    0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05,
  ]);
  // Beyond 32 bits.
  expect([...new ProtobufWriter().varint(1, 2 ** 40).finish()]).toEqual([
    0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20,
  ]);
  expect([...new ProtobufWriter().float(2, 1).finish()]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
  expect(() => new ProtobufWriter().varint(1, -1)).toThrow(RangeError);
});

test('an event file begins with its version and grows event by event', () => {
  const file = new EventFile({ folder, nowMs: () => 1_700_000_000_500, suffix: '7', restartStep: 12 });
  file.summaries(13, [{ tag: 'loss', scalar: 0.5 }]);
  file.dispose();
  file.dispose();
  expect(readdirSync(folder)).toEqual(['events.out.tfevents.1700000000.kernel-oracle.7']);
  const [version, restart, summary, ...more] = readTfRecords(readFileSync(file.path), 'x');
  expect(more).toEqual([]);
  expect(Buffer.from(version!).toString('latin1')).toContain('brain.Event:2');
  // Step 12, a session log (field 7) with status 1.
  expect([...restart!].slice(-6)).toEqual([0x10, 12, 0x3a, 2, 0x08, 1]);
  expect([...summary!].slice(9)).toEqual([
    0x10,
    13,
    0x2a,
    13,
    0x0a,
    11,
    0x0a,
    4,
    ...Buffer.from('loss'),
    0x15,
    0,
    0,
    0,
    0x3f,
  ]);
});
