import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isFailure } from '../../../../../src/base/errors.js';
import { extractFromWheel } from '../../../../../src/learning/engines/native/wheelFile.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-wheel-'));
  path = join(folder, 'some.whl');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A ZIP file of these entries; those whose names end with `.stored` are not compressed. */
function zipOf(entries: Readonly<Record<string, Buffer>>): Buffer {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const method = name.endsWith('.stored') ? 0 : 8;
    const packed = method === 0 ? content : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    // An extra field in the local header alone: its length is not that of the directory's.
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      common,
      Buffer.from(name),
      Buffer.alloc(9),
    ]);
    local.writeUInt16LE(9, 28);
    files.push(local, packed);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, Buffer.from(name));
    offset += local.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, listed, end]);
}

const LARGE = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at) % 251));
const target = (name: string) => (name.includes('left-out') ? null : join(folder, 'out', name));

it('writes those files that are wanted', async () => {
  writeFileSync(
    path,
    zipOf({
      'a/large.bin': LARGE,
      'left-out': LARGE,
      'b.stored': Buffer.from('plain'),
      empty: Buffer.alloc(0),
    }),
  );
  expect(await extractFromWheel(path, target)).toEqual(['a/large.bin', 'b.stored', 'empty']);
  expect(readFileSync(join(folder, 'out/a/large.bin')).equals(LARGE)).toBe(true);
  expect(readFileSync(join(folder, 'out/b.stored'), 'utf8')).toBe('plain');
  expect(readFileSync(join(folder, 'out/empty')).length).toBe(0);
  expect(existsSync(join(folder, 'out/left-out'))).toBe(false);
});

it('is not misled by damage', async () => {
  const whole = zipOf({ 'a/large.bin': LARGE, 'b.stored': Buffer.from('plain') });
  const damaged: Buffer[] = [Buffer.alloc(0), Buffer.from('no wheel'), whole.subarray(0, whole.length - 30)];
  for (const at of [3, 600, whole.length - 22 + 17]) {
    const changed = Buffer.from(whole);
    changed[at] = changed[at]! ^ 0x5a;
    damaged.push(changed);
  }
  for (const [index, bytes] of damaged.entries()) {
    writeFileSync(path, bytes);
    const failure = await extractFromWheel(path, target).then(
      () => null,
      (error: unknown) => error,
    );
    expect(isFailure(failure, 'bad-input'), `${index}: ${String(failure)}`).toBe(true);
  }
});

it('says that there is no such file, and ends when cancelled', async () => {
  await expect(extractFromWheel(join(folder, 'none.whl'), target)).rejects.toThrow(
    /none\.whl cannot be opened/,
  );
  writeFileSync(path, zipOf({ 'a/large.bin': LARGE }));
  const failure = await extractFromWheel(path, target, AbortSignal.abort()).catch((error: unknown) => error);
  expect(isFailure(failure, 'cancelled')).toBe(true);
});
