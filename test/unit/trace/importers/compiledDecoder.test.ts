import { afterEach, describe, expect, it, vi } from 'vitest';
import { messageOf } from '../../../../src/base/errors.js';
import { bytesAccess } from '../../../../src/base/randomAccess.js';
import { CompiledDecoder } from '../../../../src/trace/compiled/compiledDecoder.js';
import { perfData } from '../../../../src/trace/importers/perfData/perfData.js';
import type { FileImporter } from '../../../../src/trace/importers/importer.js';
import { traceDat } from '../../../../src/trace/importers/traceDat/traceDat.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';
import {
  commAt,
  lostAt,
  perfFile,
  record,
  ROUND,
  sample,
  SECOND,
  tracingDataOf,
  USUAL_SAMPLE,
} from '../../../support/perfDataFile.js';
import { oneOf, randomNumbers } from '../../../support/randomNumbers.js';
import { recordFormats, valuesOf } from '../../../support/randomRecords.js';
import { ringBufferPages, type RawEvent } from '../../../support/ringBufferWriter.js';
import { recordOf } from '../../../support/schedFormats.js';
import { rowTexts } from '../../../support/storeRows.js';
import { DEFAULT_DAT, writeTraceDat } from '../../../support/traceDatWriter.js';

const PERF_FIXTURES = ['file.data', 'pipe.data', 'zstd.data', 'lost.data.gz'];
const TRACE_DAT_FIXTURES = ['recorded-v6.dat', 'recorded-v7-zstd-instance.dat', 'made-up-v7-zlib.dat'];
const RECORDS = 1000;

afterEach(() => {
  vi.restoreAllMocks();
});

/** All that is known of a recording that was read, and how many of its rows the compiled decoder made. */
function outcome(format: FileImporter, bytes: Uint8Array) {
  const appended = vi.spyOn(EventStore.prototype, 'appendRows');
  const store = new EventStore();
  let failure = '';
  try {
    Array.from(format.read(bytesAccess('recording', bytes), store));
  } catch (error) {
    failure = messageOf(error);
  }
  const compiledRows = appended.mock.calls.reduce((sum, [block]) => sum + block.length, 0);
  appended.mockRestore();
  const { tasks, length } = store;
  const seen = {
    failure,
    rows: rowTexts(store),
    vruntimes: Array.from(store.vruntimeNs?.subarray(0, length) ?? []).filter((ns) => ns !== 0n),
    comms: tasks.comms,
    names: tasks.threadTasks,
    tgids: tasks.threadTgids,
    losses: store.losses,
    diagnostics: store.diagnostics,
    execFiles: [...store.execFiles],
    counts: store.eventCounts(),
    facts: [store.isSorted, store.startNs, store.endNs, store.cpuLimit],
  };
  return { seen, compiledRows };
}

/** Reads with and without the compiled decoder; returns the share of rows that it made. */
function expectSame(format: FileImporter, bytes: Uint8Array): number {
  const { seen, compiledRows } = outcome(format, bytes);
  const without = vi.spyOn(CompiledDecoder, 'begin').mockReturnValue(undefined);
  const general = outcome(format, bytes);
  without.mockRestore();
  expect(general.compiledRows).toBe(0);
  expect(seen).toEqual(general.seen);
  return compiledRows / Math.max(1, seen.rows.length);
}

/** … and the same when parts of it are damaged, or its end is missing. */
function expectSameDamaged(format: FileImporter, bytes: Uint8Array): void {
  for (let seed = 1; seed <= 3; seed += 1) expectSame(format, damaged(bytes, seed));
}

/** Samples of all events in rounds of several CPUs, and between them what else a recording holds. */
function madeUpPerfData(seed: number, hasCommsElsewhere: boolean): Uint8Array {
  const random = randomNumbers(seed);
  const formats = recordFormats(hasCommsElsewhere);
  const attrs = formats.map(({ id }) => ({ tracepoint: id, sampleType: USUAL_SAMPLE, ids: [1000 + id] }));
  const tracingData = tracingDataOf(
    true,
    formats.map(({ text }) => text),
  );
  const records: Uint8Array[] = [];
  const times = [0, 0, 0];
  for (let i = 0; i < RECORDS; i += 1) {
    const format = oneOf(random, formats);
    const cpu = oneOf(random, [0, 0, 0, 1, 1, 2]);
    times[cpu]! += random(5);
    const values = valuesOf(random);
    const tid = oneOf(random, [7, 11, 12, 0, Number(values['common_pid']), Number(values['prev_pid'])]);
    const shownCpu = random(300) === 0 ? oneOf(random, [300, 9000, 70_000]) : cpu;
    records.push(
      sample(1000 + format.id, SECOND + times[cpu]!, shownCpu, tid, recordOf(format, values, true)),
    );
    if (random(200) === 0) records.push(commAt(SECOND + times[cpu]!, 7, oneOf(random, ['new', 'bash'])));
    if (random(300) === 0) records.push(lostAt(SECOND + times[cpu]!, cpu, 3));
    if (random(400) === 0) records.push(record(true, 9, new Uint8Array(4)));
    if (random(100) === 0) records.push(ROUND);
  }
  return perfFile({ attrs, records, tracingData });
}

/** Pages of several CPUs, with losses, long gaps and padding. */
function madeUpTraceDat(seed: number, hasCommsElsewhere: boolean): Uint8Array {
  const random = randomNumbers(seed);
  const formats = recordFormats(hasCommsElsewhere);
  const cpus = [0, 1, 2].map(() => {
    let time = 10_000_000_000n;
    return Array.from({ length: RECORDS / 2 }, (): RawEvent => {
      time += BigInt(random(40) === 0 ? random(2 ** 30) : random(300));
      const rare = random(60);
      return {
        time,
        name: oneOf(random, formats).name,
        fields: valuesOf(random),
        hasLengthWord: rare === 1,
        isAbsolute: rare === 2,
        ...(rare === 3 ? { paddingBefore: 12 } : {}),
        ...(random(400) === 0 ? { lost: 5 } : {}),
      };
    });
  });
  const byName = new Map(formats.map((format) => [format.name, format]));
  const options = { ...DEFAULT_DAT, formats };
  const pages = cpus.map((events) => ringBufferPages(events, byName, options));
  return writeTraceDat([{ name: '', cpus: pages }], options);
}

function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomNumbers(seed);
  const copy = bytes.slice(0, random(3) === 0 ? random(bytes.length) : bytes.length);
  // In the head of the file damage mostly ends it.
  for (let i = 0; i < 40; i += 1) copy[1000 + random(copy.length)] = random(256);
  return copy;
}

describe('perf.data is read the same with and without the compiled decoder', () => {
  it.each(PERF_FIXTURES)('%s, also damaged', (name) => {
    const bytes = fixtureBytes(`perf-data/6.1/${name}`);
    expectSame(perfData, bytes);
    expectSameDamaged(perfData, bytes);
  });

  it.each([false, true])('made-up records, comms elsewhere: %s, also damaged', (hasCommsElsewhere) => {
    const bytes = madeUpPerfData(1, hasCommsElsewhere);
    expect(expectSame(perfData, bytes)).toBeGreaterThan(0.02);
    expectSameDamaged(perfData, bytes);
  });
});

describe('trace.dat is read the same with and without the compiled decoder', () => {
  it.each(TRACE_DAT_FIXTURES)('%s, also damaged', (name) => {
    const bytes = fixtureBytes(`trace-cmd/3.1.6/${name}`);
    expect(expectSame(traceDat, bytes)).toBeGreaterThan(0.5);
    expectSameDamaged(traceDat, bytes);
  });

  it.each([false, true])('made-up records, comms elsewhere: %s, also damaged', (hasCommsElsewhere) => {
    const bytes = madeUpTraceDat(1, hasCommsElsewhere);
    expect(expectSame(traceDat, bytes)).toBeGreaterThan(0.02);
    expectSameDamaged(traceDat, bytes);
  });
});

it('without WebAssembly there is no compiled decoder', () => {
  expect(CompiledDecoder.begin(0)).toBeDefined();
  expect(CompiledDecoder.begin(2 ** 40)).toBeUndefined();
});
