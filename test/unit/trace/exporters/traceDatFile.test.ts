import { expect, test } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { traceDatPieces, type TraceDatContent } from '../../../../src/trace/exporters/traceDatFile.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { HEADER_EVENT_TEXT, headerPageText, type PageOptions } from '../../../support/ringBufferWriter.js';
import { schedFormats } from '../../../support/schedFormats.js';
import { schedWorkload, workloadComms } from '../../../support/schedWorkload.js';
import { rowTexts } from '../../../support/storeRows.js';
import { bufferOf, DEFAULT_DAT, textOption, writeTraceDat } from '../../../support/traceDatWriter.js';

const UNAME = 'Linux 6.18.0 x86_64';
const CLOCK = 'local [mono] boot\n';
const STATS = 'entries: 5\noverrun: 3\ncommit overrun: 0\nbytes: 9\ndropped events: 2\nread events: 7\n';

const MACHINES: readonly Partial<PageOptions>[] = [
  {},
  { longBytes: 4 },
  { isLittleEndian: false },
  { pageBytes: 65536 },
  { pageBytes: 1024 },
];

async function written(content: TraceDatContent): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of traceDatPieces(content)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function contentOf(options: PageOptions, pages: readonly Uint8Array[], comms: string): TraceDatContent {
  const encoder = new TextEncoder();
  return {
    ...options,
    headerPage: encoder.encode(headerPageText(options)),
    headerEvent: encoder.encode(HEADER_EVENT_TEXT),
    formats: new Map([
      ['sched', [...schedFormats(options.longBytes).values()].map(({ text }) => encoder.encode(text))],
    ]),
    comms: encoder.encode(comms),
    uname: UNAME,
    traceClock: CLOCK,
    stats: new Map(pages.map((_, cpu) => [cpu, STATS])),
    cpus: pages.map((bytes) => ({
      sizeBytes: bytes.length,
      // In two pieces.
      pieces: () => [bytes.subarray(0, options.pageBytes), bytes.subarray(options.pageBytes)],
    })),
  };
}

test.each(MACHINES)('pages of %j are read as from a file of the same by trace-cmd', async (machine) => {
  const options = { ...DEFAULT_DAT, ...machine };
  const events = schedWorkload({ seed: 5, cpus: 3, tasks: 20, events: 3000, isVaried: true });
  const buffer = bufferOf(events, options);
  const comms = workloadComms(events);
  const lines = comms.map(([pid, comm]) => `${pid} ${comm}\n`).join('');
  const store = await importTrace(
    bytesSource('a.dat', await written(contentOf(options, buffer.cpus, lines))),
  );
  const expected = await importTrace(
    bytesSource('b.dat', writeTraceDat([buffer], { ...options, comms, options: [textOption(5, UNAME)] })),
  );
  expect(rowTexts(store)).toEqual(rowTexts(expected));
  expect(store.losses).toEqual(expected.losses);
  expect(store.losses.length).toBeGreaterThan(0);
  expect(store.diagnostics).toEqual([]);
  expect(Object.fromEntries(store.metadata.properties)).toMatchObject({
    kernel: UNAME,
    clock: 'mono',
    'dropped events': '6, for which the buffer had no room',
  });
  expect(store.metadata).toMatchObject({ overwrittenEvents: 9, cpuCount: 3 });
});

test('a CPU without events, and one with fewer bytes than it said', async () => {
  const events = schedWorkload({ seed: 5, cpus: 2, tasks: 5, events: 100 });
  const buffer = bufferOf(events, DEFAULT_DAT);
  const content = contentOf(DEFAULT_DAT, [buffer.cpus[0]!, new Uint8Array(0), buffer.cpus[1]!], '');
  const store = await importTrace(bytesSource('a.dat', await written(content)));
  expect(new Set(store.cpu.subarray(0, store.length))).toEqual(new Set([0, 2]));
  const lying = {
    sizeBytes: 2 * DEFAULT_DAT.pageBytes,
    pieces: () => [new Uint8Array(DEFAULT_DAT.pageBytes)],
  };
  await expect(written({ ...content, cpus: [lying] })).rejects.toThrow(RangeError);
});
