import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { schedWorkload, workloadComms } from '../support/schedWorkload.js';
import { hasTraceCmd, toldByReport, toldByStore, traceCmdReport } from '../support/traceCmdOracle.js';
import {
  bufferOf,
  DEFAULT_DAT,
  textOption,
  writeTraceDat,
  type DatOptions,
} from '../support/traceDatWriter.js';

const SHARED = fileURLToPath(new URL('../../../shared/traces/trace-dat/', import.meta.url));
const CAN_REPORT = hasTraceCmd();
if (!CAN_REPORT) {
  console.warn(
    'SKIPPED: trace-cmd is not installed, so that its reports cannot be compared with our reading.',
  );
}
if (!existsSync(SHARED)) {
  console.warn(`SKIPPED: there are no sample recordings in ${SHARED}, so that reading them is not tested.`);
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trace-dat-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function read(path: string): Promise<EventStore> {
  return importTrace(await fileSource(path));
}

async function expectAsReported(path: string): Promise<EventStore> {
  const store = await read(path);
  const reported = toldByReport(traceCmdReport(path, '-N'));
  const own = toldByStore(store);
  expect(own.events.length).toBe(reported.events.length);
  expect(own.events).toEqual(reported.events);
  expect(own.losses.toSorted(byCpuAndTime)).toEqual(reported.losses.toSorted(byCpuAndTime));
  return store;
}

type Loss = ReturnType<typeof toldByReport>['losses'][number];

function byCpuAndTime([cpuA, , a = '~']: Loss, [cpuB, , b = '~']: Loss): number {
  return cpuA - cpuB || a.localeCompare(b, 'en', { numeric: true });
}

/** A report without `prev_state`, which `-R` prints as a number, and without what only one of the two has. */
function withoutStates(events: readonly string[]): string[] {
  return events.map((event) => event.replace(/ prev_state=\S+/, '').replace(' ==>', ''));
}

describe.runIf(existsSync(SHARED))('sample recordings', () => {
  const FILES = ['lisa_sched_load', 'lisa_sched_load_converted_v7_zstd', 'trace_v7_zstd_instance'];

  it.runIf(CAN_REPORT).each(FILES)('%s is read event for event as trace-cmd prints it', async (name) => {
    const store = await expectAsReported(join(SHARED, `${name}.dat`));
    expect(store.length).toBeGreaterThan(400);
    expect(store.diagnostics).toEqual([]);
  });

  it('the recording of an instance is what trace-cmd printed of it', async () => {
    const store = await read(join(SHARED, 'trace_v7_zstd_instance.dat'));
    const report = gunzipSync(readFileSync(join(SHARED, 'trace_v7_zstd_instance.report_R_t.txt.gz')));
    const reported = toldByReport(report.toString());
    expect(withoutStates(toldByStore(store).events)).toEqual(
      withoutStates(reported.events).map((event) =>
        event.replace(/(target_cpu=)(\d+)/, (_, key: string, cpu: string) => key + cpu.padStart(3, '0')),
      ),
    );
  });
});

const MACHINES: readonly Partial<DatOptions>[] = [
  {},
  { longBytes: 4 },
  { isLittleEndian: false },
  { isLittleEndian: false, longBytes: 4 },
  { pageBytes: 65536 },
  { version: 7 },
  { version: 7, compression: 'zstd' },
  { version: 7, compression: 'zstd', isLittleEndian: false, longBytes: 4 },
];

/** Little-endian numbers, each before its size. */
function words(...numbersAndSizes: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < numbersAndSizes.length; i += 2) {
    const value = BigInt.asUintN(64, BigInt(numbersAndSizes[i]!));
    for (let byte = 0; byte < numbersAndSizes[i + 1]!; byte += 1) {
      bytes.push(Number((value >> BigInt(8 * byte)) & 0xffn));
    }
  }
  return Uint8Array.from(bytes);
}

/** For two CPUs: times in no order, one of them twice, and a scaling of 3/4. */
function timeShiftOption(): Uint8Array {
  const start = 1_000_000_000_000;
  const times = [start + 200_000, start, start + 100_000, start];
  const offsets = [-5000, 1000, 44, 1000];
  const scalings = [3, 3, 3, 3];
  const cpu = [4, 4, ...[...times, ...offsets, ...scalings].flatMap((value) => [value, 8])];
  const fractions = [2, 8, 2, 8, 2, 8, 2, 8];
  return words(1, 8, 1, 4, 2, 4, ...cpu, ...cpu, ...fractions, ...fractions);
}

const FIXTURES = fileURLToPath(new URL('../fixtures/trace-cmd/3.1.6/', import.meta.url));

it.runIf(CAN_REPORT).each(['recorded-v6', 'recorded-v7-zstd-instance', 'made-up-v6-big-endian-32'])(
  'the fixture %s is read as trace-cmd prints it',
  async (name) => {
    await expectAsReported(join(FIXTURES, `${name}.dat`));
  },
);

describe.runIf(CAN_REPORT)('made-up recordings', () => {
  it.each(MACHINES)('%j', async (machine) => {
    const options: DatOptions = { ...DEFAULT_DAT, ...machine };
    const events = schedWorkload({ seed: 7, cpus: 3, tasks: 20, events: 3000, isVaried: true });
    const bytes = writeTraceDat([bufferOf(events, options)], { ...options, comms: workloadComms(events) });
    const path = join(folder, 'made-up.dat');
    writeFileSync(path, bytes);
    const store = await expectAsReported(path);
    expect(store.losses.length).toBeGreaterThan(5);
    expect(store.diagnostics).toEqual([]);
  });

  it.each<[string, Partial<DatOptions>]>([
    ['an offset', { options: [textOption(7, '-0x3b9aca01')] }],
    ['a date, in microseconds', { options: [textOption(1, '0x5f5e100')] }],
    ['cycles of the processor', { options: [[14, words(1_396_985_215, 4, 31, 4, 123_456, 8)]] }],
    ['samples of the host clock', { options: [[12, timeShiftOption()]] }],
    ['one sample of the host clock', { options: [[12, words(1, 8, 0, 4, 1, 4, 1, 4, 5, 8, 700, 8, 1, 8)]] }],
  ])('times are shifted by %s', async (_, more) => {
    const options: DatOptions = { ...DEFAULT_DAT, ...more };
    const events = schedWorkload({ seed: 3, cpus: 2, tasks: 5, events: 200 });
    const path = join(folder, 'shifted.dat');
    writeFileSync(
      path,
      writeTraceDat([bufferOf(events, options)], { ...options, comms: workloadComms(events) }),
    );
    await expectAsReported(path);
  });
});
