import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { isFailure, messageOf } from '../../../../src/base/errors.js';
import { recogniseDocument } from '../../../../src/trace/documentKind.js';
import { importMigrationRecords } from '../../../../src/trace/migrations/importMigrationRecords.js';
import { RECORD_COLUMN_NAMES, REQUIRED_COLUMNS } from '../../../../src/trace/migrations/recordColumns.js';
import { looksLikeMigrationRecords } from '../../../../src/trace/migrations/recordHeader.js';
import type { MigrationRecordStore } from '../../../../src/trace/migrations/migrationRecordStore.js';
import { compressed } from '../../../support/compressed.js';
import { csvSource, readRecords, recordsCsv } from '../../../support/migrationRecords.js';

const fixture = readFileSync(new URL('../../../fixtures/migration-records/synthetic.csv', import.meta.url));

/** All values as text, to compare with the lines of the file. */
function textOf(store: MigrationRecordStore): string[] {
  return Array.from({ length: store.length }, (_, row) =>
    RECORD_COLUMN_NAMES.map((name) => store.column(name)?.exactAt(row).toString() ?? '').join(','),
  );
}

/** The lines of the file with their columns in the order of `RECORD_COLUMN_NAMES`. */
function expectedOf(text: string): string[] {
  const [header, ...lines] = text.trimEnd().split('\n');
  const fields = header!.split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return RECORD_COLUMN_NAMES.map((name) => values[fields.indexOf(name)] ?? '').join(',');
  });
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isFailure(error)) return `${error.code}: ${messageOf(error)}`;
    throw error;
  }
  throw new Error('It did not fail.');
}

describe('importing migration records', () => {
  it.each([undefined, 97, 1])('keeps every value of the file, in chunks of %s bytes', async (chunkBytes) => {
    const store = await importMigrationRecords(bytesSource('x.csv', new Uint8Array(fixture), chunkBytes));
    expect(textOf(store)).toEqual(expectedOf(fixture.toString()));
    expect(store.malformedCount).toBe(0);
    expect(store.diagnostics).toEqual([]);
    expect(store.lineOf(0)).toBe(2);
    expect(store.lineOf(299)).toBe(301);
  });

  it.each(['gzip', 'zstd', 'xz'] as const)('reads %s', async (kind) => {
    const packed = bytesSource('x.csv', compressed(kind, new Uint8Array(fixture)));
    const document = await recogniseDocument(packed);
    expect(document.kind).toBe('migrationRecords');
    expect((await importMigrationRecords(document.source)).length).toBe(300);
  });

  it('takes less than 100 bytes a row', async () => {
    const store = await importMigrationRecords(bytesSource('x.csv', new Uint8Array(fixture)));
    expect(store.bytesPerRow).toBeLessThan(100);
  });

  it('reads columns in any order, quoted, with CRLF and a byte order mark', async () => {
    const columns = [...RECORD_COLUMN_NAMES].reverse();
    const text = recordsCsv([{ pid: 7 }, { pid: '"8"' }, { pid: '9.0' }], columns).replaceAll('\n', '\r\n');
    const store = await readRecords(`\ufeff${text}`);
    expect([0, 1, 2].map((row) => store.required('pid').at(row))).toEqual([7, 8, 9]);
  });

  it('keeps 64 bits exactly, and reads what was printed unsigned as negative', async () => {
    const store = await readRecords(
      recordsCsv([
        { delta: '18446744073709550616', task_vruntime: '18446744073708503040', ts: '1799999999999999999' },
        { delta: '-1000', task_vruntime: '9007199254740993', imbalance: '-5' },
      ]),
    );
    expect(store.required('delta').exactAt(0)).toBe(-1000n);
    expect(store.required('delta').at(1)).toBe(-1000);
    expect(store.required('task_vruntime').exactAt(0)).toBe(-1_048_576n);
    expect(store.required('task_vruntime').exactAt(1)).toBe(9_007_199_254_740_993n);
    expect(store.required('ts').exactAt(0)).toBe(1_799_999_999_999_999_999n);
    expect(store.required('imbalance').at(1)).toBe(-5);
  });

  it('widens a column for a value that its bytes do not hold, and keeps those before', async () => {
    const values = [3, 255, 256, 65_536, 2 ** 32, Number.MAX_SAFE_INTEGER, -4];
    const store = await readRecords(recordsCsv(values.map((value) => ({ src_rq_nr_running: value }))));
    const column = store.required('src_rq_nr_running');
    expect(values.map((_, row) => column.at(row))).toEqual(values);
  });

  it('tolerates further columns, and says which', async () => {
    const columns = ['numa_node', ...RECORD_COLUMN_NAMES, 'comm', 'note'];
    const store = await readRecords(recordsCsv([{ comm: '"a, b"', note: 'x y' }], columns));
    expect(store.unknownColumns).toEqual(['numa_node', 'note']);
    expect(store.commAt(0)).toBe('a, b');
  });

  it('takes the 22 columns of the thesis for all that is needed', async () => {
    const store = await readRecords(recordsCsv([{ migration: 2 }], REQUIRED_COLUMNS));
    expect(store.length).toBe(1);
    expect(store.column('forced')).toBeUndefined();
    expect(store.commAt(0)).toBeUndefined();
  });

  it('skips what the collector prints before the header, counts what it lost, and repeated headers', async () => {
    const text = recordsCsv([{}, {}]);
    const [header] = text.split('\n');
    const store = await readRecords(
      `Attaching 2 probes...\n\n${text}${header!}\nLost 12 events\n${text.split('\n')[1]!}\n`,
    );
    expect(store.length).toBe(3);
    expect(store.lostRecords).toBe(12);
    expect(store.malformedCount).toBe(0);
    expect([0, 1, 2].map((row) => store.lineOf(row))).toEqual([4, 5, 8]);
    expect(store.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/header is repeated 1 times/),
    ]);
  });
});

describe('malformed rows', () => {
  it.each([
    [{ delta: '' }, 'delta is empty'],
    [{ delta: '1.8e+19' }, 'delta is in exponent notation (1.8e+19), which loses digits'],
    [{ ts: '12x' }, 'ts is no whole number: 12x'],
    [{ ts: '99999999999999999999' }, 'ts is out of range: 99999999999999999999'],
    [{ task_load_avg: '99999999999999999' }, 'task_load_avg is out of range: 99999999999999999'],
    [{ migration: 3 }, 'migration is not from 0 to 2: 3'],
    [{ forced: 2 }, 'forced is not from 0 to 1: 2'],
    [{ src_cpu: -1 }, 'src_cpu is not from 0 to 65535: -1'],
    [{ pid: '5\u001b[31m' }, 'pid is no whole number: 5·[31m'],
    [{ pid: '1,2' }, '32 fields instead of 31'],
    [{ pid: '"1' }, 'a quoted field does not end'],
  ])('%o: %s', async (values, reason) => {
    const store = await readRecords(recordsCsv([{ pid: 1 }, values, { pid: 3 }]));
    expect(store.malformedLines).toMatchObject([{ line: 3, reason }]);
    expect(store.malformedCount).toBe(1);
    expect([0, 1].map((row) => store.required('pid').at(row))).toEqual([1, 3]);
    expect([0, 1].map((row) => store.lineOf(row))).toEqual([2, 4]);
  });

  it('are all counted, and named up to a limit', async () => {
    const rows = Array.from({ length: 500 }, (_, row) => (row % 2 === 0 ? {} : { pid: 'x' }));
    const store = await readRecords(recordsCsv(rows));
    expect(store.length).toBe(250);
    expect(store.malformedCount).toBe(250);
    expect(store.malformedLines).toHaveLength(100);
  });

  it('a last line without line end is one of them', async () => {
    const store = await readRecords(recordsCsv([{}, {}]).slice(0, -1));
    expect(store.length).toBe(1);
    expect(store.malformedCount).toBe(1);
    expect(store.diagnostics).toMatchObject([{ line: 3 }]);
  });
});

describe('what is no table of records', () => {
  it('a header without a required column is recognised and refused with its name', async () => {
    const columns = RECORD_COLUMN_NAMES.filter((name) => name !== 'delta' && name !== 'imbalance');
    const text = recordsCsv([{}], columns);
    expect(looksLikeMigrationRecords(new TextEncoder().encode(text))).toBe(true);
    expect(await failureOf(readRecords(text))).toMatch(
      /^bad-input: records\.csv: Line 1: this is a table of migration records, but its header lacks the columns imbalance, delta\./,
    );
  });

  it('a column that stands twice', async () => {
    expect(await failureOf(readRecords(recordsCsv([{}], [...RECORD_COLUMN_NAMES, 'pid'])))).toMatch(
      /names the column pid twice/,
    );
  });

  it.each([
    ['only a header', recordsCsv([]), /^empty-input: .*only the header is there/],
    [
      'only damage',
      recordsCsv([{ pid: 'x' }]),
      /^bad-input: .*all 1 lines are malformed, the first one \(line 2\)/,
    ],
    ['nothing', '', /^bad-input: records\.csv: There is no header row/],
    ['prose', 'a\n'.repeat(40), /^bad-input: .*The first 20 lines hold no header/],
  ])('%s', async (_what, text, message) => {
    expect(await failureOf(readRecords(text))).toMatch(message);
  });

  it.each([
    [
      'KernelOracle CSV',
      'timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id\n',
    ],
    ['another table', 'pid,ts,cpu,delta,migration,imbalance\n1,2,3,4,5,6\n'],
    ['nothing', ''],
    ['a quote that never ends', '"'.repeat(65_535)],
    ['commas', ','.repeat(65_536)],
  ])('%s is left to the trace formats', async (_what, text) => {
    expect((await recogniseDocument(csvSource(text))).kind).toBe('trace');
  });
});

describe('damage', () => {
  it('a truncated compressed file keeps its rows, with the reason', async () => {
    const text = recordsCsv(Array.from({ length: 20_000 }, (_, row) => ({ pid: (row * 7919) % 4000 })));
    const packed = compressed('gzip', new TextEncoder().encode(text));
    const store = await importMigrationRecords(
      bytesSource('x.csv.gz', packed.subarray(0, packed.length >> 1), 512),
    );
    expect(store.length).toBeGreaterThan(100);
    expect(store.diagnostics[0]).toMatchObject({ severity: 'error' });
  });

  it('shuffled bytes give rows, remarks or a failure, never anything else', async () => {
    let state = 5;
    const random = (limit: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state % limit;
    };
    for (let round = 0; round < 60; round += 1) {
      const bytes = new Uint8Array(fixture);
      for (let i = 0; i < 40; i += 1) bytes[random(round < 10 ? 400 : bytes.length)] = random(256);
      try {
        const store = await importMigrationRecords(bytesSource('x.csv', bytes, 1 + random(5000)));
        expect(store.length + store.malformedCount).toBeGreaterThan(0);
      } catch (error) {
        expect(isFailure(error), messageOf(error)).toBe(true);
      }
    }
  });

  it('a pipe is looked at and read, though it gives its bytes once', async () => {
    let opened = 0;
    const source = csvSource(recordsCsv([{ pid: 1 }, { pid: 2 }]), 10);
    const pipe = {
      name: 'pipe',
      sizeBytes: undefined,
      chunks: () => {
        opened += 1;
        return source.chunks();
      },
    };
    const document = await recogniseDocument(pipe);
    expect(document.kind).toBe('migrationRecords');
    expect((await importMigrationRecords(document.source)).length).toBe(2);
    expect(opened).toBe(1);
  });
});
