import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesSource, fileSource } from '../../../../src/base/byteSource.js';
import { messageOf } from '../../../../src/base/errors.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import type { TraceInput } from '../../../../src/trace/recording/recording.js';
import type { EventStore } from '../../../../src/trace/model/eventStore.js';
import { tarFolder } from '../../../../src/trace/recording/tarFolder.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';
import { headerPageText, ringBufferPages, type PageOptions } from '../../../support/ringBufferWriter.js';
import { schedFormats } from '../../../support/schedFormats.js';
import { schedWorkload } from '../../../support/schedWorkload.js';
import { rowTexts } from '../../../support/storeRows.js';
import { tarOf, type ArchiveMember } from '../../../support/tarArchive.js';
import { bufferOf, DEFAULT_DAT, writeTraceDat } from '../../../support/traceDatWriter.js';

const EVENTS = schedWorkload({ seed: 21, cpus: 3, tasks: 10, events: 900, isVaried: true });
const LITTLE: PageOptions = { isLittleEndian: true, longBytes: 8, pageBytes: 4096 };

function collection(options: PageOptions = LITTLE, root = ''): ArchiveMember[] {
  const formats = schedFormats(options.longBytes);
  const text = (path: string, content: string) => ({
    path: root + path,
    bytes: new TextEncoder().encode(content),
  });
  return [
    text('metadata.textproto', 'trace_type: FTRACE\n'),
    text('formats/header_page', headerPageText(options)),
    ...[...formats.values()].map((each) => text(`formats/${each.system}/${each.name}/format`, each.text)),
    ...[0, 1, 2].map((cpu) => text(`topology/node${cpu % 2}/cpu${cpu}/topology/core_id`, `${cpu}\n`)),
    ...EVENTS.map((events, cpu) => ({
      path: `${root}traces/cpu${cpu}`,
      bytes: ringBufferPages(events, formats, options),
    })),
  ];
}

function read(members: readonly ArchiveMember[]): Promise<EventStore> {
  return importTrace(bytesSource('x.tar', tarOf(members)));
}

async function failureOf(input: TraceInput): Promise<string> {
  return importTrace(input).then(() => 'none', messageOf);
}

/** What both formats tell: trace.dat also knows comms. */
function withoutActors(store: EventStore): string[] {
  return rowTexts(store).map((row) => row.replace(/^((?:[^|]*\|){3})[^|]*\|/, '$1'));
}

describe('SchedViz collections', () => {
  it('the recording is the same as in trace.dat', async () => {
    const collected = await importTrace(bytesSource('x', fixtureBytes('schedviz/1/recorded.tar.gz')));
    const dat = await importTrace(bytesSource('x', fixtureBytes('trace-cmd/3.1.6/recorded-v6.dat')));
    expect(collected.length).toBeGreaterThan(300);
    expect(withoutActors(collected)).toEqual(withoutActors(dat));
  });

  it.each<[string, PageOptions]>([
    ['64-bit', LITTLE],
    ['32-bit', { ...LITTLE, longBytes: 4 }],
    ['big-endian', { ...LITTLE, isLittleEndian: false }],
    ['big-endian 32-bit', { ...LITTLE, isLittleEndian: false, longBytes: 4 }],
    ['with large pages', { ...LITTLE, pageBytes: 65536 }],
  ])('of a machine %s', async (_what, options) => {
    const dat = writeTraceDat([bufferOf(EVENTS, DEFAULT_DAT)], DEFAULT_DAT);
    const expected = await importTrace(bytesSource('x', dat));
    const store = await read(collection(options));
    expect(rowTexts(store)).toEqual(rowTexts(expected));
    expect(store.losses.map(({ cpu, count }) => [cpu, count])).toEqual(
      expected.losses.map(({ cpu, count }) => [cpu, count]),
    );
    expect([store.metadata.cpuCount, store.metadata.properties.get('memory nodes')]).toEqual([3, '2']);
  });

  it('may lie in a folder of the archive, or unpacked on the disk', async () => {
    const expected = rowTexts(await read(collection()));
    expect(rowTexts(await read(collection(LITTLE, './my trace/')))).toEqual(expected);
    const folder = mkdtempSync(join(tmpdir(), 'schedviz-'));
    try {
      for (const { path, bytes } of collection()) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), bytes);
      }
      expect(rowTexts(await importTrace({ folder }))).toEqual(expected);
      const metadata = await fileSource(join(folder, 'metadata.textproto'));
      expect(rowTexts(await importTrace(metadata))).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, (members: ArchiveMember[]) => ArchiveMember[], RegExp]>([
    ['without ring buffers', (all) => all.filter(({ path }) => !path.startsWith('traces/')), /traces\/cpu0/],
    [
      'without formats',
      (all) => all.filter(({ path }) => !path.includes('sched/')),
      /describes none of the events/,
    ],
    [
      'with a page that is none',
      (all) =>
        all.map((each) => (each.path.endsWith('header_page') ? { ...each, bytes: new Uint8Array(9) } : each)),
      /header_page is damaged/,
    ],
    ['made with eBPF', () => [{ path: 'ebpf_trace', bytes: new Uint8Array(1) }], /made with eBPF/],
  ])('%s says what is wrong', async (_what, change, expected) => {
    expect(await failureOf(bytesSource('x.tar', tarOf(change(collection()))))).toMatch(expected);
  });
});

describe('tar archives', () => {
  const chunks = (bytes: Uint8Array, size = 1000) => bytesSource('x', bytes, size).chunks();

  it('give their files by path', async () => {
    const members = [
      { path: './b/c.txt', bytes: Uint8Array.of(1, 2, 3) },
      { path: 'a', bytes: new Uint8Array(5000).fill(7) },
      { path: 'empty', bytes: new Uint8Array(0) },
    ];
    const folder = await tarFolder(chunks(tarOf(members), 100), 'x.tar');
    expect(folder.paths).toEqual(['a', 'b/c.txt', 'empty']);
    expect([...folder.open('b/c.txt').read(0, 100)]).toEqual([1, 2, 3]);
    expect(folder.open('a').read(4990, 100)).toEqual(new Uint8Array(10).fill(7));
    expect(folder.open('empty').sizeBytes).toBe(0);
    expect(() => folder.open('d')).toThrow(/x\.tar has no file d/);
    folder.close();
  });

  it('that are cut off or damaged are refused', async () => {
    const whole = tarOf([{ path: 'a', bytes: new Uint8Array(5000) }]);
    await expect(tarFolder(chunks(whole.subarray(0, 3000)), 'x.tar')).rejects.toThrow(
      /damaged or was cut off/,
    );
    const damaged = whole.slice();
    damaged[150] = 0x39;
    await expect(tarFolder(chunks(damaged), 'x.tar')).rejects.toThrow(/damaged or was cut off/);
  });

  it('that hold too many files are refused', async () => {
    const members = Array.from({ length: 20_001 }, (_, i) => ({ path: `f${i}`, bytes: new Uint8Array(0) }));
    await expect(tarFolder(chunks(tarOf(members), 1_000_000), 'x.tar')).rejects.toThrow(
      /more than 20000 files/,
    );
  });

  it('pass on what goes wrong with their bytes', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield tarOf([{ path: 'a', bytes: new Uint8Array(5000) }]).subarray(0, 1000);
      throw new Error('no more disk');
    }
    await expect(tarFolder(broken(), 'x.tar')).rejects.toThrow(/no more disk/);
  });
});
