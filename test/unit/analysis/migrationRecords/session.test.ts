import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MigrationSession } from '../../../../src/analysis/migrationRecords/migrationSession.js';
import { radixSorted } from '../../../../src/analysis/migrationRecords/recordOrder.js';
import type { RecordFilter, RecordSortKey } from '../../../../src/protocol/migrationMessages.js';
import { parseMigrationParams } from '../../../../src/protocol/migrationSchemas.js';
import { exportRecordLines } from '../../../../src/trace/migrations/exportRecordLines.js';
import { RECORD_COLUMN_NAMES } from '../../../../src/trace/migrations/recordColumns.js';
import { csvSource, recordsCsv, type RecordValues } from '../../../support/migrationRecords.js';

const none: RecordFilter = { text: '', outcome: 'any', type: null, srcCpu: null, dstCpu: null };

async function sessionOf(
  rows: readonly RecordValues[],
  columns?: readonly string[],
): Promise<MigrationSession> {
  const session = new MigrationSession('x.csv');
  await session.load(csvSource(recordsCsv(rows, columns)));
  return session;
}

function rowsOf(
  session: MigrationSession,
  filter: Partial<RecordFilter>,
  sort: RecordSortKey = 'row',
  descending = false,
) {
  const page = { offset: 0, limit: 1000 };
  return session
    .records({ filter: { ...none, ...filter }, sort, descending, ...page })
    .rows.map(({ row }) => row);
}

const withComm = [...RECORD_COLUMN_NAMES, 'comm'];

describe('rows of migration records', () => {
  it('are filtered by decision, type, CPUs, pid and name, all at once', async () => {
    const session = await sessionOf(
      [
        { pid: 10, comm: 'nginx', migration: 0, src_cpu: 1, dst_cpu: 2, migration_type: 2 },
        { pid: 11, comm: 'Nginx-old', migration: 1, forced: 1, src_cpu: 1, dst_cpu: 2 },
        { pid: 101, comm: 'ab', migration: 1, start_runtime: 0, src_cpu: 2, dst_cpu: 1 },
        { pid: 12, comm: '10 things', migration: 0, src_cpu: 1, dst_cpu: 3 },
      ],
      withComm,
    );
    expect(rowsOf(session, { outcome: 'migrated' })).toEqual([1, 2]);
    expect(rowsOf(session, { outcome: 'refused' })).toEqual([0, 3]);
    expect(rowsOf(session, { outcome: 'forced' })).toEqual([1]);
    expect(rowsOf(session, { outcome: 'neverRan' })).toEqual([2]);
    expect(rowsOf(session, { type: 2 })).toEqual([0]);
    expect(rowsOf(session, { srcCpu: 1, dstCpu: 2 })).toEqual([0, 1]);
    expect(rowsOf(session, { text: ' NGINX ' })).toEqual([0, 1]);
    // A pid is meant exactly, a name may contain it.
    expect(rowsOf(session, { text: '10' })).toEqual([0, 3]);
    expect(rowsOf(session, { text: 'nginx', outcome: 'refused', dstCpu: 2 })).toEqual([0]);
    expect(rowsOf(session, { text: 'nobody' })).toEqual([]);
  });

  it('are sorted; equal ones keep the order of the file in both directions', async () => {
    const session = await sessionOf(
      [
        { lat_ns: 300, comm: 'b', imbalance: -4 },
        { lat_ns: 100, comm: 'B', imbalance: 9 },
        { lat_ns: 300, comm: 'a', imbalance: '9223372036854775807' },
        { lat_ns: 200, comm: 'b', imbalance: 0 },
      ],
      withComm,
    );
    expect(rowsOf(session, {}, 'lat')).toEqual([1, 3, 0, 2]);
    expect(rowsOf(session, {}, 'lat', true)).toEqual([0, 2, 3, 1]);
    expect(rowsOf(session, {}, 'row', true)).toEqual([3, 2, 1, 0]);
    expect(rowsOf(session, {}, 'comm')).toEqual([2, 1, 0, 3]);
    expect(rowsOf(session, {}, 'imbalance')).toEqual([0, 3, 1, 2]);
  });

  it('of tasks that never ran stand together when sorted by delta, whatever the clock', async () => {
    const session = await sessionOf([
      { delta: 5 },
      { start_runtime: 0, delta: 962_275_427_859 },
      { delta: -3 },
      { start_runtime: 0, delta: 1 },
    ]);
    expect(rowsOf(session, {}, 'delta')).toEqual([1, 3, 2, 0]);
    expect(rowsOf(session, {}, 'delta', true)).toEqual([0, 2, 1, 3]);
  });

  it('come in pages', async () => {
    const session = await sessionOf(Array.from({ length: 250 }, (_, i) => ({ pid: i })));
    const page = session.records({ filter: none, sort: 'pid', descending: true, offset: 100, limit: 50 });
    expect(page.total).toBe(250);
    expect(page.rows.map(({ pid }) => pid)).toEqual(Array.from({ length: 50 }, (_, i) => 149 - i));
    expect(page.rows[0]).toMatchObject({ line: 151, comm: null, neverRan: false });
  });

  it('cannot be asked for before they are read', () => {
    const session = new MigrationSession('x.csv');
    expect(session.state).toMatchObject({ kind: 'reading' });
    expect(() =>
      session.records({ filter: none, sort: 'row', descending: false, offset: 0, limit: 1 }),
    ).toThrow('still being read');
  });

  it('are sorted like any comparison does', () => {
    const keys = Float64Array.from({ length: 5000 }, (_, i) =>
      i % 17 === 0 ? -Infinity : Math.round(1e6 * Math.sin(i * 12.9898)) * (i % 3 === 0 ? 1e9 : 1),
    );
    const expected = Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]! || a - b);
    expect([...radixSorted(Uint32Array.from(keys.keys()), keys.slice())]).toEqual(expected);
    expect([...radixSorted(new Uint32Array(0), new Float64Array(0))]).toEqual([]);
  });
});

describe('exporting rows', () => {
  it('writes the lines as they stand in the source, with what means nothing here', async () => {
    const text = `Attaching 2 probes...\n${recordsCsv(
      [{ pid: 1 }, { pid: 2, forced: 1 }, { pid: 'x' }, { pid: 4, forced: 1, delta: '007.0' }],
      [...RECORD_COLUMN_NAMES, 'note'],
    )}`;
    const session = new MigrationSession('x.csv');
    await session.load(csvSource(text));
    const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-export-'));
    try {
      const path = join(folder, 'forced.csv');
      const lines = session.linesOf({ ...none, outcome: 'forced' });
      expect([...lines]).toEqual([4, 6]);
      const written = await exportRecordLines(csvSource(text, 13), lines, path);
      const all = text.split('\n');
      const expected = [all[1], all[3], all[5], ''].join('\n');
      expect(readFileSync(path, 'utf8')).toBe(expected);
      expect(written).toEqual({ rows: 2, bytes: expected.length });
      await expect(
        exportRecordLines(csvSource(all.slice(0, 4).join('\n')), lines, path),
      ).rejects.toMatchObject({
        code: 'file-changed',
      });
      expect(readFileSync(path, 'utf8')).toBe(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('requests about migration records', () => {
  const valid = { filter: none, sort: 'lat', descending: true, offset: 0, limit: 100 };

  it('are checked when they arrive', () => {
    expect(parseMigrationParams('records', valid)).toEqual(valid);
    for (const wrong of [
      { ...valid, sort: '__proto__' },
      { ...valid, offset: -1 },
      { ...valid, limit: 1e9 },
      { ...valid, filter: { ...none, outcome: 'x' } },
      { ...valid, filter: { ...none, text: 'x'.repeat(2000) } },
      null,
    ]) {
      expect(() => parseMigrationParams('records', wrong)).toThrow(/^The request "records" is malformed at /);
    }
  });
});
