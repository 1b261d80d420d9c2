import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PerfFileWriter } from '../../../../src/remote/collect/perfFileWriter.js';
import { ByteWriter } from '../../../support/perfDataFile.js';

/** 2 TID, 4 TIME, 0x80 CPU, 0x400 RAW, 0x10000 IDENTIFIER. */
const SAMPLE_TYPE = 0x10486;

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-perf-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface PipeOptions {
  readonly isLittle?: boolean;
  readonly records?: readonly Uint8Array[];
}

function record(isLittle: boolean, type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(isLittle)
    .u32(type)
    .u16(0)
    .u16(8 + body.length)
    .bytes(body)
    .done();
}

/** An attribute with two ids, a feature, tracing data, then the records. */
function pipe({ isLittle = true, records = [] }: PipeOptions = {}): Buffer {
  const attr = new ByteWriter(isLittle).u32(2).u32(64).u64(100).u64(1).u64(SAMPLE_TYPE).u64(0);
  attr
    .u64(1 << 18)
    .u64(0)
    .u64(0)
    .u64(7)
    .u64(8);
  const feature = new ByteWriter(isLittle).u64(4).u32(8).text('6.1.0', 8);
  const last = new ByteWriter(isLittle).u64(32);
  const tracing = new ByteWriter(isLittle).u32(16).u32(0);
  const out = new ByteWriter(isLittle).text(isLittle ? 'PERFILE2' : '2ELIFREP').u64(16);
  out.bytes(record(isLittle, 64, attr.done())).bytes(record(isLittle, 80, feature.done()));
  out
    .bytes(record(isLittle, 80, last.done()))
    .bytes(record(isLittle, 66, tracing.done()))
    .text('x'.repeat(16));
  for (const each of records) out.bytes(each);
  return Buffer.from(out.done());
}

function sample(isLittle = true): Uint8Array {
  return record(
    isLittle,
    9,
    new ByteWriter(isLittle).u64(7).u32(1).u32(1).u64(5).u32(1).u32(0).u32(0).u32(0).done(),
  );
}

/** On CPU 3, with its trailer: TID, TIME, CPU, IDENTIFIER. */
function loss(lost: number, isLittle = true): Uint8Array {
  const body = new ByteWriter(isLittle).u64(7).u64(lost).u32(1).u32(1).u64(9).u32(3).u32(0).u64(7);
  return record(isLittle, 2, body.done());
}

async function write(bytes: Buffer, chunkBytes = bytes.length) {
  count += 1;
  const path = join(folder, `file-${count}`);
  const writer = await PerfFileWriter.create(path);
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      await writer.write(bytes.subarray(at, at + chunkBytes));
    }
    const digest = await writer.finish();
    return { writer, digest, file: readFileSync(path) };
  } finally {
    await writer.close();
  }
}

describe('perf.data of a pipe as a file', () => {
  test('the same file however the bytes arrive', async () => {
    const bytes = pipe({ records: [sample(), loss(5), sample(), sample()] });
    const whole = await write(bytes);
    expect(whole.writer).toMatchObject({ events: 3, lostEvents: 5, cutBytes: 0 });
    expect([...whole.writer.lostByCpu]).toEqual([[3, 5]]);
    for (const chunkBytes of [1, 7, 97]) {
      const { file, writer, digest } = await write(bytes, chunkBytes);
      expect(file.equals(whole.file)).toBe(true);
      expect(digest).toEqual(whole.digest);
      expect(writer.events).toBe(3);
    }
  });

  test.each([true, false])(
    'header, data, features, ids and attributes stand where they should (little endian: %s)',
    async (isLittle) => {
      const records = [sample(isLittle), loss(2, isLittle)];
      const { file } = await write(pipe({ isLittle, records }));
      const u64 = (at: number) => Number(isLittle ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
      expect([u64(8), u64(16), u64(32)]).toEqual([104, 80, 80]);
      const data = Buffer.concat(records);
      expect([u64(40), u64(48)]).toEqual([104, data.length]);
      expect(file.subarray(104, 104 + data.length).equals(data)).toBe(true);
      // Bits 1 and 4.
      expect(u64(72)).toBe((1 << 1) | (1 << 4));
      const table = 104 + data.length;
      expect(file.toString('latin1', u64(table), u64(table) + u64(table + 8))).toBe('x'.repeat(16));
      expect(file.toString('latin1', u64(table + 16) + 4, u64(table + 16) + 9)).toBe('6.1.0');
      const attr = u64(24);
      expect(file.length).toBe(attr + 80);
      expect([u64(u64(attr + 64)), u64(u64(attr + 64) + 8), u64(attr + 72)]).toEqual([7, 8, 16]);
    },
  );

  test('a last record that is cut is left out', async () => {
    const bytes = pipe({ records: [sample(), sample()] });
    const { writer, file } = await write(bytes.subarray(0, bytes.length - 5));
    expect(writer).toMatchObject({ events: 1, cutBytes: sample().length - 5 });
    expect(Number(file.readBigUInt64LE(48))).toBe(sample().length);
  });

  test('what is no perf.data, or damaged, is refused', async () => {
    await expect(write(Buffer.from('bash: perf: command not found\n'))).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(write(Buffer.alloc(0))).rejects.toMatchObject({ code: 'bad-input' });
    await expect(write(pipe({ records: [new Uint8Array(64)] }))).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('a record of 0 bytes') as string,
    });
    const huge = record(true, 66, new ByteWriter(true).u32(0xffff_ffff).u32(0).done());
    await expect(write(pipe({ records: [huge] }))).rejects.toMatchObject({ code: 'bad-input' });
    const crooked = record(true, 64, new ByteWriter(true).u32(2).u32(9999).bytes(new Uint8Array(80)).done());
    await expect(write(pipe({ records: [crooked] }))).rejects.toMatchObject({ code: 'bad-input' });
  });
});

const hasPerf = spawnSync('perf', ['--version']).status === 0 && process.getuid?.() === 0;
if (!hasPerf) console.warn('perf cannot record here: what it makes of our files is not tested.');

test.skipIf(!hasPerf)('perf prints the same from the file as from the pipe', async () => {
  const path = join(folder, 'pipe.data');
  const { status } = spawnSync('sh', [
    '-c',
    'perf record -a -R -c 1 -o - -e sched:sched_switch,sched:sched_waking sleep 0.5 >"$1" 2>/dev/null',
    'sh',
    path,
  ]);
  expect(status).toBe(0);
  const { writer } = await write(readFileSync(path), 65_536);
  const print = (file: string) =>
    spawnSync('perf', ['script', '-f', '-i', file], { encoding: 'utf8', maxBuffer: 1e9 }).stdout;
  const ours = print(join(folder, `file-${count}`));
  expect(ours).toBe(print(path));
  expect(ours.split('\n').length - 1).toBe(writer.events);
});
