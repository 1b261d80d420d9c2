import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  metaPathOf,
  readRecordingMeta,
  writeRecordingMeta,
  type RecordingMeta,
} from '../../../../src/remote/artifacts/recordingMeta.js';

const README = new URL('../../../../src/remote/artifacts/README.md', import.meta.url);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-meta-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The example of the documentation. */
function example(): RecordingMeta {
  const text = /```json\n(.*?)```/s.exec(readFileSync(README, 'utf8'))![1]!;
  return JSON.parse(text) as RecordingMeta;
}

test('the example of the documentation is read and written as it is', async () => {
  const path = metaPathOf(join(folder, 'recording'));
  await writeRecordingMeta(path, example());
  expect(await readRecordingMeta(path)).toEqual(example());
});

test('what is none says which field', async () => {
  const path = join(folder, 'damaged.meta.json');
  await expect(readRecordingMeta(path)).rejects.toMatchObject({ code: 'file-not-found' });
  writeFileSync(path, '{');
  await expect(readRecordingMeta(path)).rejects.toMatchObject({ code: 'bad-input' });
  writeFileSync(path, JSON.stringify({ ...example(), events: { ...example().events, count: -1 } }));
  await expect(readRecordingMeta(path)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('events.count') as string,
  });
  writeFileSync(path, ' '.repeat(5_000_000));
  await expect(readRecordingMeta(path)).rejects.toMatchObject({ code: 'too-large' });
});
