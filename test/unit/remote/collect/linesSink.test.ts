import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfFile } from '../../../../src/remote/artifacts/digest.js';
import { LinesSink, type LineClasses } from '../../../../src/remote/collect/linesSink.js';

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-lines-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function write(
  text: string,
  chunkBytes: number,
  header = 'time,',
  classes?: LineClasses,
  total?: string,
) {
  count += 1;
  const path = join(folder, `file-${count}`);
  const isEvent = (line: Buffer) => /^\d/.test(line.toString('latin1'));
  const sink = await LinesSink.create(path, {
    header,
    isEvent,
    ...(classes === undefined ? {} : { classes }),
    ...(total === undefined ? {} : { total }),
  });
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += chunkBytes)
      await sink.write(bytes.subarray(at, at + chunkBytes));
    const digest = await sink.finish();
    expect(digest).toEqual(await digestOfFile(path));
    return { text: readFileSync(path, 'utf8'), sink };
  } finally {
    await sink.close();
  }
}

test.each([1, 3, 1000])(
  'the table without what stands before and between, in chunks of %i',
  async (chunkBytes) => {
    const printed =
      'Attaching 2 probes...\ntime,x\n1,a\nLost 12 events\n2,b\n\nLost 3 events\nnote\n3,c\ncut o';
    const { text, sink } = await write(printed, chunkBytes);
    expect(text).toBe('time,x\n1,a\n2,b\nnote\n3,c\n');
    expect(sink).toMatchObject({ events: 3, lostEvents: 15 });
  },
);

test('where the events are counted as well, what lacks is lost, told or not', async () => {
  const printed = 'time,x\n1,a\n\n@other: 9\nLost 2 events\n2,b\n\n@calls: 7\n\n';
  const { text, sink } = await write(printed, 5, 'time,', undefined, '@calls');
  expect(text).toBe('time,x\n1,a\n@other: 9\n2,b\n');
  expect(sink).toMatchObject({ events: 2, total: 7, lostEvents: 5 });
  expect((await write(printed, 5)).sink).toMatchObject({ total: null, lostEvents: 2 });
});

test('events are counted by what they say, as the header has it', async () => {
  const classes: LineClasses = {
    names: ['other', 'b'],
    nameOf: (line, header) => (header === 'time,x' && line.at(-1) === 0x62 ? 'b' : 'other'),
  };
  const { sink } = await write('note\ntime,x\n1,a\n2,b\nnote b\n3,b\n', 4, 'time,', classes);
  expect(sink.classes).toEqual([
    { name: 'other', events: 1 },
    { name: 'b', events: 2 },
  ]);
  expect((await write('time,x\n1,a\n', 4)).sink.classes).toBeNull();
});

test('without a header the recording begins at once', async () => {
  expect((await write('1\n2\n', 3, '')).text).toBe('1\n2\n');
});

test('what has no header, and lines without end, are refused', async () => {
  await expect(write('nothing of the kind\n', 100)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(write('x\n'.repeat(100_000), 4096)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(write(`time,x\n${'x'.repeat(200_000)}`, 4096)).rejects.toMatchObject({ code: 'bad-input' });
});
