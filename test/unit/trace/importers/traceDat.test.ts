import { describe, expect, it } from 'vitest';
import { bytesAccess } from '../../../../src/base/randomAccess.js';
import { isFailure, messageOf } from '../../../../src/base/errors.js';
import { unzstdInJavaScript } from '../../../../src/trace/zstdBlocks.js';
import { traceDat } from '../../../../src/trace/importers/traceDat/traceDat.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { compressed } from '../../../support/compressed.js';
import type { RawEvent } from '../../../support/ringBufferWriter.js';
import { schedWorkload, workloadComms } from '../../../support/schedWorkload.js';
import { rowTexts } from '../../../support/storeRows.js';
import {
  bufferOf,
  DEFAULT_DAT,
  textOption,
  writeTraceDat,
  type DatOptions,
  type WrittenBuffer,
} from '../../../support/traceDatWriter.js';

function read(bytes: Uint8Array): EventStore {
  const store = new EventStore();
  const steps = [...traceDat.read(bytesAccess('x.dat', bytes), store)];
  for (const done of steps) expect(done).toBeLessThanOrEqual(bytes.length);
  return store;
}

/** The model as far as it goes, and why it goes no further. */
function readOrFail(bytes: Uint8Array): { store: EventStore; failure?: string } {
  const store = new EventStore();
  try {
    [...traceDat.read(bytesAccess('x.dat', bytes), store)].length = 0;
    return { store };
  } catch (error) {
    if (!isFailure(error, 'bad-input')) throw error;
    return { store, failure: messageOf(error) };
  }
}

const EVENTS = schedWorkload({ seed: 5, cpus: 2, tasks: 9, events: 600, isVaried: true });
const WITH: DatOptions = { ...DEFAULT_DAT, comms: workloadComms(EVENTS) };

function recording(events: readonly (readonly RawEvent[])[], options: DatOptions): Uint8Array {
  return writeTraceDat([bufferOf(events, options)], options);
}

const waking = (time: bigint, pid: number, target_cpu = 0): RawEvent => ({
  time,
  name: 'sched_waking',
  fields: { common_pid: 1, comm: `t${pid}`, pid, prio: 120, target_cpu },
});
const wakeup = (time: bigint, pid: number): RawEvent => ({ ...waking(time, pid), name: 'sched_wakeup' });

describe('trace.dat', () => {
  it.each<Partial<DatOptions>>([
    { isLittleEndian: false },
    { longBytes: 4 },
    { isLittleEndian: false, longBytes: 4 },
    { pageBytes: 65536 },
    { eventsPerPage: 3 },
    { version: 7 },
    { version: 7, compression: 'zlib' },
    { version: 7, compression: 'zlib', isLittleEndian: false, longBytes: 4 },
  ])('the same events are read the same however they are stored: %j', (options) => {
    const usual = rowTexts(read(recording(EVENTS, WITH)));
    expect(usual.length).toBeGreaterThan(550);
    expect(rowTexts(read(recording(EVENTS, { ...WITH, ...options })))).toEqual(usual);
  });

  it('tells what the recording says of itself', () => {
    const stats = (cpu: number, overrun: number, dropped: number) =>
      textOption(
        2,
        `CPU: ${cpu}\nentries: 5\noverrun: ${overrun}\ncommit overrun: 1\ndropped events: ${dropped}\n`,
      );
    const options: DatOptions = {
      ...WITH,
      options: [
        textOption(5, 'Linux 6.18 x86_64'),
        textOption(9, '3.2'),
        textOption(4, '[mono] local'),
        stats(0, 5, 0),
        stats(1, 7, 3),
        textOption(2, '\nBuffer: other\n\n'),
        stats(0, 1000, 0),
      ],
    };
    const { metadata } = read(recording(EVENTS, options));
    expect(Object.fromEntries(metadata.properties)).toEqual({
      'trace.dat version': '6',
      compression: 'none',
      machine: '64-bit, little-endian',
      kernel: 'Linux 6.18 x86_64',
      'trace-cmd': '3.2',
      clock: 'mono',
      'dropped events': '5, for which the buffer had no room',
    });
    expect([metadata.overwrittenEvents, metadata.cpuCount]).toEqual([12, 2]);
    expect(metadata.capabilities.textLines).toBe(false);
  });

  it('warns of a clock that does not count nanoseconds', () => {
    const options: DatOptions = { ...WITH, options: [textOption(4, 'local [x86-tsc]')] };
    expect(read(recording(EVENTS, options)).diagnostics).toEqual([
      expect.objectContaining({
        severity: 'warning',
        message: expect.stringContaining('"x86-tsc"') as string,
      }),
    ]);
  });

  it('a time far from all others is left out, whichever CPU comes first', () => {
    const far = [waking(2n ** 62n, 3)];
    const near = [waking(1000n, 1), waking(2000n, 2)];
    const { length, diagnostics } = read(recording([far, near, near], DEFAULT_DAT));
    expect(length).toBe(4);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/1 events lie more than 104 days/),
    ]);
  });
});

describe('several buffers', () => {
  const buffer = (name: string, ...events: RawEvent[][]): WrittenBuffer =>
    bufferOf(events, DEFAULT_DAT, name);
  const wakings = [1n, 2n, 3n].map((time) => waking(1000n * time, 5));
  const wakeups = [1n, 2n].map((time) => wakeup(1000n * time + 1n, 5));
  const summary = (version: 6 | 7, ...buffers: WrittenBuffer[]) => {
    const { diagnostics, ...store } = { ...pick(read(writeTraceDat(buffers, { ...DEFAULT_DAT, version }))) };
    return {
      ...store,
      remarks: diagnostics.map(({ message }) => message.replace(/^.*They are read from /, '')),
    };
  };
  const pick = (store: EventStore) => ({ events: store.eventCounts(), diagnostics: store.diagnostics });

  it.each([6, 7] as const)('version %i: an instance is read when the top buffer is empty', (version) => {
    expect(summary(version, buffer('', [], []), buffer('a', wakings, []))).toEqual({
      events: { sched_waking: 3 },
      remarks: [],
    });
  });

  it.each([6, 7] as const)('version %i: different events complete each other', (version) => {
    expect(summary(version, buffer('', wakeups, []), buffer('a', wakings, []))).toEqual({
      events: { sched_waking: 3, sched_wakeup: 2 },
      remarks: [],
    });
  });

  it.each([6, 7] as const)('version %i: the same events on different CPUs, too', (version) => {
    expect(summary(version, buffer('', wakings, []), buffer('a', [], wakings))).toEqual({
      events: { sched_waking: 6 },
      remarks: [],
    });
  });

  it.each([6, 7] as const)('version %i: the same events twice are read once', (version) => {
    expect(summary(version, buffer('', wakings.slice(0, 2), []), buffer('a', wakings, wakeups))).toEqual({
      events: { sched_waking: 3, sched_wakeup: 2 },
      remarks: ['"a", which has most of them, and left out of the main buffer.'],
    });
  });
});

describe('damaged files', () => {
  const GOOD = recording(EVENTS, { ...WITH, version: 7, compression: 'zlib' });

  it('a file that ends early is read as far as it goes, and says so', () => {
    const bytes = recording(EVENTS, WITH);
    const { store } = readOrFail(bytes.subarray(0, bytes.length - 10_000));
    expect(store.length).toBeGreaterThan(100);
    expect(store.diagnostics[0]).toMatchObject({ severity: 'error' });
    expect(store.diagnostics[0]!.message).toMatch(
      /cut off: the events of CPU 1 cannot be read on at byte \d+ \(10000 of its/,
    );
  });

  it('without its last part a file of version 7 cannot be read', () => {
    const { failure } = readOrFail(GOOD.subarray(0, GOOD.length - 500));
    expect(failure).toMatch(/^x\.dat cannot be read on at byte \d+ of \d+, in the options: .* copy it again/);
  });

  it.each([
    ['an unknown version', 10, [0x39], /version "9"; versions 6 and 7 are read/],
    ['pages that cannot be', 14, [3, 0, 0, 0], /pages of 3 bytes cannot be/],
    ['an unknown compression', 18, [0x78], /its compression "xlib" is not known/],
    ['options beyond the end', 30, [0xff, 0xff, 0xff, 0xff], /in the options/],
  ])('%s', (_what, at, values, expected) => {
    const bytes = GOOD.slice();
    bytes.set(values, at);
    expect(readOrFail(bytes).failure).toMatch(expected);
  });

  it('a page with a size that cannot be costs its events only', () => {
    const options = { ...WITH, eventsPerPage: 50 };
    const bytes = recording(EVENTS, options);
    const pages = bytes.length - 4096;
    bytes.set([0xff, 0xff, 0x0f, 0], pages + 8);
    const { store } = readOrFail(bytes);
    expect(store.length).toBeGreaterThan(500);
    expect(store.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/A page of the ring buffer is damaged, the first of them page \d+ of CPU 1/),
    ]);
  });

  it('data of two CPUs in one place are read once', () => {
    const bytes = recording(EVENTS, WITH);
    const view = new DataView(bytes.buffer);
    const table = Buffer.from(bytes.buffer).indexOf('flyrecord\0') + 10;
    view.setBigUint64(table + 16, view.getBigUint64(table, true), true);
    const { store } = readOrFail(bytes);
    expect(store.cpuLimit).toBe(1);
    expect(store.diagnostics[0]!.message).toMatch(/the data of 1 of 2 lie where others do/);
  });

  it('a chunk that expands to more than it says is not read', () => {
    const frame = compressed('zstd', new Uint8Array(100_000));
    expect(unzstdInJavaScript(frame, 100_000)).toEqual(new Uint8Array(100_000));
    expect(() => unzstdInJavaScript(frame, 99_999)).toThrow(/expands to \d+ bytes instead of the 99999/);
    expect(() => unzstdInJavaScript(frame, 100_001)).toThrow(/expands to 100000 bytes instead/);
    expect(() => unzstdInJavaScript(frame.subarray(0, 10), 100_000)).toThrow();
  });
});
