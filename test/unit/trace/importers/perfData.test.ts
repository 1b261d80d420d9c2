import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { bytesAccess } from '../../../../src/base/randomAccess.js';
import { perfData } from '../../../../src/trace/importers/perfData/perfData.js';
import { Chunk } from '../../../../src/trace/importers/perfData/chunk.js';
import { RecordQueue, type RecordSink } from '../../../../src/trace/importers/perfData/recordQueue.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';
import {
  ATTRS,
  ByteWriter,
  commAt,
  lostAt,
  perfFile,
  perfPipe,
  record,
  ROUND,
  sample,
  SECOND,
  switchAt,
  switchData,
  SWITCHES,
  tracingDataOf,
  USUAL_SAMPLE,
  wakingData,
  WAKINGS,
} from '../../../support/perfDataFile.js';
import { rowTexts } from '../../../support/storeRows.js';

async function read(bytes: Uint8Array): Promise<EventStore> {
  return importTrace(bytesSource('built', bytes));
}

/** In the order in which the rows come. */
function readAsItComes(bytes: Uint8Array): EventStore {
  const store = new EventStore();
  Array.from(perfData.read(bytesAccess('built', bytes), store));
  return store;
}

function times(store: EventStore): number[] {
  return Array.from(store.timeNs.subarray(0, store.length));
}

describe('fixtures', () => {
  it.each([
    ['file', 'file.data'],
    ['pipe', 'pipe.data'],
    ['zstd', 'zstd.data'],
    ['lost', 'lost.data.gz'],
  ])('%s: is what perf script prints', async (name, file) => {
    const store = await read(fixtureBytes(`perf-data/6.1/${file}`));
    const text = await importTrace(bytesSource('text', fixtureBytes(`perf-data/6.1/${name}.script.txt.gz`)));
    const printed = (each: EventStore) =>
      rowTexts(each).map((row) => {
        const columns = row.split(' | ');
        const isSwitch = columns[2] === 'sched_switch';
        const isExec = columns[2] === 'sched_process_exec';
        return columns
          .filter((_, i) => ![3, 7, 9].includes(i) || (i === 3 && isSwitch))
          .slice(0, isExec ? 3 : 9);
      });
    expect(printed(store)).toEqual(printed(text));
    expect(store.diagnostics).toEqual([]);
  });

  it('do not keep the name of the host', async () => {
    const store = await read(fixtureBytes('perf-data/6.1/file.data'));
    expect(JSON.stringify([...store.metadata.properties])).not.toContain('test-host');
    expect(store.metadata.properties.get('architecture')).toBe('x86_64');
    expect(store.metadata.cpuCount).toBe(2);
  });

  it('count what was lost', async () => {
    const store = await read(fixtureBytes('perf-data/6.1/lost.data.gz'));
    expect(store.lostEventCount()).toBe(490);
  });
});

describe.each([
  ['little-endian', true],
  ['big-endian', false],
])('%s', (_name, isLittle) => {
  const records = [
    switchAt(2 * SECOND, 1, 10, 20, isLittle),
    sample(8, 2 * SECOND + 5, 1, 20, wakingData(isLittle, 20, 30), isLittle),
    lostAt(2 * SECOND + 9, 1, 7, isLittle),
    switchAt(2 * SECOND + 9, 1, 20, 0, isLittle),
  ];
  const expected = [
    '2000000000 | cpu1 | sched_switch | task-10:10 | task-20:20 | prio 120/110 | state S | flags d..2. | arg 0 | line N',
    '2000000005 | cpu1 | sched_waking | task-20:20 | task-30:30 | prio -/110 | state  | flags d..2. | arg 3 | line N',
    '2000000009 | cpu1 | sched_switch | task-20:20 | swapper:0 | prio 120/110 | state S | flags d..2. | arg 0 | line N',
  ];

  it.each([
    ['file', perfFile({ isLittle, attrs: ATTRS, records })],
    ['pipe', perfPipe({ isLittle, attrs: ATTRS, records })],
    [
      'file with the oldest attributes',
      perfFile({ isLittle, attrs: ATTRS.map((attr) => ({ ...attr, sizeBytes: 64 })), records }),
    ],
  ])('reads a %s', async (_what, bytes) => {
    const store = await read(bytes);
    expect(rowTexts(store).map((row) => row.replace(/line \d+/, 'line N'))).toEqual(expected);
    expect(store.losses).toMatchObject([{ cpu: 1, count: 7, afterNs: 5, beforeNs: 9 }]);
    expect(store.diagnostics).toEqual([]);
    expect(store.metadata.capabilities.textLines).toBe(false);
  });

  it('reads features', async () => {
    const text = (value: string) => new ByteWriter(isLittle).u32(16).text(value, 16).done();
    const features = new Map([
      [3, text('private')],
      [4, text('6.1.0')],
      [7, new ByteWriter(isLittle).u32(8).u32(4).done()],
      [11, new ByteWriter(isLittle).u32(2).u32(8).text('perf', 8).u32(8).text('record', 8).done()],
    ]);
    const { metadata } = await read(perfFile({ isLittle, attrs: ATTRS, records, features }));
    expect(Object.fromEntries(metadata.properties)).toEqual({
      kernel: '6.1.0',
      'CPUs online': '4',
      'CPUs available': '8',
      command: 'perf record',
      clock: "perf's own (sched_clock)",
    });
    expect(metadata.cpuCount).toBe(4);
  });
});

describe('layouts of samples', () => {
  const raw = switchData(true, 10, 20);
  const usual = (writer: ByteWriter) => writer.u64(5).u64(0xffff).u32(10).u32(10).u64(SECOND).u32(2).u32(0);

  it.each([
    ['a counter', 0, 8],
    ['a counter with times and losses', 0b10011, 32],
    ['a counter with all', 0b10111, 40],
    ['a group', 0b01000, 8 + 3 * 8],
    ['a group with all', 0b11111, 24 + 3 * 24],
  ])('%s and a call chain before the raw data', async (_what, readFormat, bytes) => {
    const body = usual(new ByteWriter(true))
      .u64(3)
      .bytes(new Uint8Array(bytes - 8));
    body.u64(2).u64(0xaaaa).u64(0xbbbb).u32(raw.length).bytes(raw).u64(1234);
    const attr = { ...SWITCHES, sampleType: USUAL_SAMPLE | 0x30, readFormat };
    const store = await read(perfFile({ attrs: [attr], records: [record(true, 9, body.done())] }));
    expect(rowTexts(store)).toEqual([
      '1000000000 | cpu2 | sched_switch | task-10:10 | task-20:20 | prio 120/110 | state S | flags d..2. | arg 0 | line 1',
    ]);
  });

  it('ids behind other fields, addresses, and a period', async () => {
    // IP, TID, TIME, ADDR, ID, STREAM_ID, CPU, PERIOD, RAW
    const sampleType = 0x7cf;
    const attrs = ATTRS.map((attr) => ({ ...attr, sampleType: sampleType & ~0x10 }));
    const built = (id: number, data: Uint8Array) => {
      const body = new ByteWriter(true)
        .u64(1)
        .u64(0)
        .u64(SECOND + id)
        .u64(2)
        .u64(id)
        .u64(3)
        .u32(4)
        .u32(0)
        .u64(1);
      return record(true, 9, body.u32(data.length).bytes(data).done());
    };
    const records = [built(6, raw), built(8, wakingData(true, 20, 30))];
    const store = await read(
      perfFile({
        attrs: attrs.map(({ sampleType: type, ...rest }) => ({ ...rest, sampleType: type & ~0x20 })),
        records: records,
      }),
    );
    expect(store.eventCounts()).toEqual({ sched_switch: 1, sched_waking: 1 });
  });

  it('no ids at all: the raw data tell the event', async () => {
    const sampleType = USUAL_SAMPLE & ~0x10000;
    const built = (data: Uint8Array, ns: number) => {
      const body = new ByteWriter(true).u64(1).u64(0).u64(ns).u64(0);
      return record(true, 9, body.u32(data.length).bytes(data).done());
    };
    const attrs = ATTRS.map((attr) => ({ ...attr, sampleType, ids: [] }));
    const records = [built(raw, SECOND), built(wakingData(true, 1, 2), SECOND + 1)];
    expect((await read(perfFile({ attrs, records }))).eventCounts()).toEqual({
      sched_switch: 1,
      sched_waking: 1,
    });
  });

  it('ids far apart, and ids of no event', async () => {
    const attrs = [SWITCHES, { ...WAKINGS, ids: [2 ** 40] }];
    const records = [
      switchAt(SECOND, 0, 1, 2),
      sample(2 ** 40, SECOND + 1, 0, 2, wakingData(true, 2, 3)),
      sample(99, SECOND + 2, 0, 2, wakingData(true, 2, 3)),
    ];
    const store = await read(perfFile({ attrs, records }));
    expect(store.length).toBe(2);
    expect(store.diagnostics).toMatchObject([
      { message: '1 samples are of no event that the file describes.' },
    ]);
  });
});

describe('order of records', () => {
  it('brings the CPUs of a round into order', () => {
    const records = [
      ...[10, 40, 70].map((ns) => switchAt(SECOND + ns, 0, 1, 2)),
      ...[20, 50, 90].map((ns) => switchAt(SECOND + ns, 1, 3, 4)),
      ROUND,
      ...[80, 100].map((ns) => switchAt(SECOND + ns, 0, 1, 2)),
      ...[95, 110].map((ns) => switchAt(SECOND + ns, 1, 3, 4)),
      ROUND,
      switchAt(SECOND + 120, 0, 1, 2),
    ];
    const store = readAsItComes(perfFile({ attrs: ATTRS, records }));
    expect(times(store)).toEqual([0, 10, 30, 40, 60, 70, 80, 85, 90, 100, 110]);
    expect(store.isSorted).toBe(true);
  });

  it('keeps records of equal time as they come', () => {
    const records = [4, 3, 2, 1].map((cpu) => switchAt(SECOND, cpu, cpu, cpu + 1));
    const store = readAsItComes(perfFile({ attrs: ATTRS, records }));
    expect(Array.from(store.cpu.subarray(0, 4))).toEqual([4, 3, 2, 1]);
  });

  it('hands on early what would take too much memory', () => {
    const seen: number[] = [];
    const sink: RecordSink = {
      timeNs: NaN,
      deliver() {
        seen.push(this.timeNs);
      },
      deliverRows: (from) => from,
      flush: () => undefined,
    };
    const queue = new RecordQueue(sink, undefined, 1000);
    for (let i = 0; i < 20; i += 1) {
      const chunk = new Chunk(new Uint8Array(100), true);
      queue.push(2 * i, chunk, 0, 0, i);
      queue.push(2 * i - 7, chunk, 0, 0, i);
      queue.limit();
    }
    expect(seen.length).toBeGreaterThan(15);
    queue.finish();
    Array.from(queue.release(0));
    expect(seen).toHaveLength(40);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('names threads by their records, and renames them', async () => {
    const waking = sample(7, SECOND + 1, 0, 77, wakingData(true, 77, 10));
    const records = [commAt(0, 50, 'old'), commAt(SECOND, 50, 'new'), switchAt(SECOND, 0, 1, 2), waking];
    const other = sample(7, SECOND + 2, 0, 50, wakingData(true, 50, 10));
    const store = await read(perfFile({ attrs: ATTRS, records: [...records, other] }));
    const actors = Array.from(store.actor.subarray(0, store.length), (task) => store.tasks.comms[task]);
    // 77 is told by the tracer's list of names only.
    expect(actors).toEqual(['task-1', 'sam', 'new']);
  });
});

/** Parts of a zstd stream with the bytes as they are: a frame's header, then blocks of at most 100 bytes. */
function zstdParts(bytes: Uint8Array, partBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) {
    const block = bytes.subarray(at, at + partBytes);
    const header = block.length << 3;
    const begin = at === 0 ? [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58] : [];
    parts.push(Uint8Array.from([...begin, header & 0xff, (header >> 8) & 0xff, header >> 16, ...block]));
  }
  return parts;
}

describe('compressed records', () => {
  const plain = Uint8Array.from([3, 1, 2, 5].flatMap((ns) => [...switchAt(SECOND + ns, ns, ns, 9)]));

  it.each([1, 7, 100, 10_000])('goes on with records that are cut (parts of %i bytes)', (partBytes) => {
    const records = zstdParts(plain, partBytes).map((part) => record(true, 81, part));
    const store = readAsItComes(perfFile({ attrs: ATTRS, records: [...records, ROUND] }));
    expect(Array.from(store.cpu.subarray(0, store.length))).toEqual([1, 2, 3, 5]);
    expect(store.metadata.properties.get('compression')).toBe('zstd');
  });

  it('reads records with padding behind the data', () => {
    const records = zstdParts(plain, 50).map((part) =>
      record(true, 83, new ByteWriter(true).u64(part.length).bytes(part).bytes(new Uint8Array(5)).done()),
    );
    expect(readAsItComes(perfFile({ attrs: ATTRS, records })).length).toBe(4);
  });

  it.each([
    ['are no zstd data', record(true, 81, new Uint8Array(40).fill(7)), /cannot be expanded/],
    [
      'need too much memory',
      record(true, 81, Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0])),
      /MiB of memory/,
    ],
    [
      'hold compressed records',
      record(true, 81, zstdParts(record(true, 81, plain), 1000)[0]!),
      /lies in a compressed record/,
    ],
    [
      'expand without end',
      record(true, 81, Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, ...rleBlocks(2000)])),
      /expands? to more than/,
    ],
  ])('says so when they %s', async (_what, damaged, message) => {
    const store = await read(perfFile({ attrs: ATTRS, records: [switchAt(SECOND, 0, 1, 2), damaged] }));
    expect(store.length).toBe(1);
    expect(store.diagnostics[0]!.severity).toBe('error');
    expect(store.diagnostics[0]!.message).toMatch(message);
  });
});

/** Blocks of 128 KiB of the byte 8: records of 2056 bytes of no known type. */
function rleBlocks(count: number): number[] {
  return Array.from({ length: count }, () => [0x02, 0x00, 0x10, 8]).flat();
}

describe('damage', () => {
  const good = [switchAt(SECOND, 0, 1, 2), switchAt(SECOND + 1, 0, 2, 3)];

  it('ends at a record without a size, with the offset', async () => {
    const bytes = perfFile({ attrs: ATTRS, records: [...good, new Uint8Array(64)] });
    const store = await read(bytes);
    expect(store.length).toBe(2);
    expect(store.diagnostics[0]).toMatchObject({ severity: 'error' });
    expect(store.diagnostics[0]!.message).toMatch(/damaged at byte \d+: a record says that it has 0 bytes/);
  });

  it('says where a pipe breaks off', async () => {
    const bytes = perfPipe({ attrs: ATTRS, records: good });
    const store = await read(bytes.subarray(0, -10));
    expect(store.length).toBe(1);
    expect(store.diagnostics[0]!.message).toMatch(/breaks off in the middle of record \d+, at byte \d+/);
  });

  it.each([
    [
      'was not completed',
      perfFile({ attrs: ATTRS, records: good, dataSize: 0 }),
      /ended before it could complete/,
    ],
    [
      'is cut off in its records',
      perfFile({ attrs: ATTRS, records: good }).subarray(0, 500),
      /the file is cut off/,
    ],
    [
      'is cut off in its descriptions',
      perfFile({ attrs: ATTRS, records: good, tracingData: tracingDataOf(true).subarray(0, 1000) }),
      /descriptions of its events, from byte \d+ on, break off/,
    ],
    [
      'is cut off in its header',
      perfFile({ attrs: ATTRS, records: good }).subarray(0, 90),
      /cut off or damaged at byte 8/,
    ],
    [
      'has no descriptions',
      perfFile({ attrs: ATTRS, records: good, tracingData: undefined }),
      /does not hold the descr/,
    ],
    [
      'has no tracepoints',
      perfFile({ attrs: [{ sampleType: USUAL_SAMPLE }], records: good }),
      /holds no tracepoints/,
    ],
    [
      'has no times',
      perfFile({ attrs: [{ ...SWITCHES, sampleType: USUAL_SAMPLE & ~4 }], records: good }),
      /no time\. Record with "perf record -T"/,
    ],
    ['has no events', perfFile({ attrs: ATTRS, records: [] }), /cut off|ended before/],
  ])('refuses a file that %s', async (_what, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  it('leaves out samples that are too short, are of impossible CPUs, or have no time', async () => {
    const records = [
      ...good,
      sample(5, SECOND + 2, 0, 3, switchData(true, 3, 4).subarray(0, 30)),
      sample(5, SECOND + 3, 70_000, 3, switchData(true, 3, 4)),
      switchAt(0, 0, 3, 4),
      record(true, 9, new ByteWriter(true).u64(5).done()),
    ];
    const store = await read(perfFile({ attrs: ATTRS, records }));
    expect(store.length).toBe(2);
    expect(store.diagnostics[0]!.message).toMatch(
      /^4 samples of scheduler events cannot be read.*record 3\./,
    );
  });

  it('passes over trace data of processors', async () => {
    const auxtrace = record(true, 71, new ByteWriter(true).u64(100).bytes(new Uint8Array(32)).done());
    const store = await read(
      perfFile({ attrs: ATTRS, records: [good[0]!, auxtrace, new Uint8Array(100), good[1]!] }),
    );
    expect(store.length).toBe(2);
  });
});
