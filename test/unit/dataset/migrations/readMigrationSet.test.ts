import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { columnOf } from '../../../../src/dataset/migrations/setColumns.js';
import {
  readMigrationSet,
  type MigrationSetProgress,
} from '../../../../src/dataset/migrations/readMigrationSet.js';
import { factsOfMigrationFile } from '../../../../src/dataset/migrations/recordingName.js';
import { RECORD_COLUMN_NAMES } from '../../../../src/trace/migrations/recordColumns.js';
import { recordsCsv } from '../../../support/migrationRecords.js';
import { folderWith, rowsOf, setOf } from './setBuilder.js';

const three = recordsCsv(rowsOf(3, (row) => ({ pid: 10 + row, migration: row % 2 })));
const two = recordsCsv(rowsOf(2, (row) => ({ pid: 20 + row, forced: row })));
const withoutForced = RECORD_COLUMN_NAMES.filter((name) => name !== 'forced');

describe('the name of a file of migration records', () => {
  it.each([
    ['smp4_hackbench_pipe.csv.gz', 'hackbench_pipe', 'smp4', 500_000],
    ['smp8numa2_mc10ms_nginx_ab.csv', 'nginx_ab', 'smp8numa2', 10_000_000],
    ['smp8numa2_mc500us_stress_mix_run3.csv.zst', 'stress_mix', 'smp8numa2', 500_000],
    ['hackbench.csv', 'hackbench', null, null],
    ['run2.csv', undefined, null, null],
  ])('%s', (name, workload, machine, migrationCostNs) => {
    expect(factsOfMigrationFile(name)).toEqual({ workload, machine, migrationCostNs });
  });
});

describe('migration records of files and folders', () => {
  it('stand one recording behind the other, with what is known of each', async () => {
    const folder = await folderWith({ 'smp4_mc10ms_a.csv': three, 'sub/b_run1.csv': two, 'notes.txt': 'hm' });
    await writeFile(join(folder, 'smp4_mc10ms_a.csv.gz'), gzipSync(three));
    const progress: MigrationSetProgress[] = [];
    const set = await readMigrationSet([folder], { onProgress: (each) => void progress.push(each) });
    expect(set.rows).toBe(5);
    expect([...set.recording]).toEqual([0, 0, 0, 1, 1]);
    expect([...columnOf(set, 'pid')]).toEqual([10, 11, 12, 20, 21]);
    expect([...columnOf(set, 'forced')]).toEqual([0, 0, 0, 0, 1]);
    expect(set.recordings[0]).toEqual({
      path: join(folder, 'smp4_mc10ms_a.csv'),
      name: 'smp4_mc10ms_a',
      workload: 'a',
      machine: 'smp4',
      migrationCostNs: 10_000_000,
      sha256: createHash('sha256').update(three).digest('hex'),
      firstRow: 0,
      rows: 3,
      malformed: 0,
      lost: 0,
      lacks: [],
      remarks: [],
    });
    expect(set.recordings[1]).toMatchObject({ name: 'b_run1', workload: 'b', machine: null, firstRow: 3 });
    expect(set.leftOut).toEqual([
      {
        path: join(folder, 'notes.txt'),
        reason: expect.stringMatching(/no table of migration records/) as string,
      },
      {
        path: join(folder, 'smp4_mc10ms_a.csv.gz'),
        reason: `It holds the same records as ${join(folder, 'smp4_mc10ms_a.csv')}.`,
      },
    ]);
    expect(progress.at(-1)).toMatchObject({ done: 3, total: 4, rows: 5 });
  });

  it('are described by the .meta.json beside them before their name', async () => {
    const meta = {
      format: 'kernel-oracle-recording',
      recording: { sha256: 'f'.repeat(64) },
      category: 'c',
      run: 4,
      workload: { name: 'cassandra' },
      machine: { name: 'test@vm' },
      collector: { collector: 'bpftrace', migrationCostNs: 2_000_000 },
    };
    const folder = await folderWith({
      'smp4_a.csv': three,
      'smp4_a.csv.meta.json': JSON.stringify(meta),
      'smp4_b.csv': two,
      'smp4_b.csv.meta.json': '{"format":"another"}',
    });
    const { recordings } = await readMigrationSet([folder]);
    expect(recordings).toMatchObject([
      { workload: 'cassandra', machine: 'test@vm', migrationCostNs: 2_000_000 },
      { workload: 'b', machine: 'smp4', migrationCostNs: 500_000 },
    ]);
    expect(recordings[0]!.remarks).toEqual([expect.stringMatching(/describes another content/)]);
    expect(recordings[1]!.remarks).toEqual([expect.stringMatching(/meta\.json was not used/)]);
  });

  it('tell malformed lines and lost records', async () => {
    const lines = three.trimEnd().split('\n');
    const folder = await folderWith({ 'a.csv': [...lines, 'Lost 7 events', 'x,y', ''].join('\n') });
    const { recordings } = await readMigrationSet([join(folder, 'a.csv')]);
    expect(recordings).toMatchObject([{ rows: 3, malformed: 1, lost: 7 }]);
  });

  it('of a patched kernel are forced where the decision is 2', async () => {
    const folder = await folderWith({
      'a.csv': recordsCsv(
        rowsOf(3, (migration) => ({ migration })),
        withoutForced,
      ),
    });
    const set = await readMigrationSet([folder]);
    expect([...columnOf(set, 'forced')]).toEqual([0, 0, 1]);
    expect([...columnOf(set, 'migration')]).toEqual([0, 1, 2]);
  });

  it('that contradict themselves are not forced', async () => {
    const set = await setOf({
      a: [
        { migration: 0, forced: 1 },
        { migration: 1, forced: 1 },
      ],
    });
    expect([...columnOf(set, 'forced')]).toEqual([0, 1]);
  });

  it('have the columns that all of them have; the failure names who lacks one', async () => {
    const folder = await folderWith({ 'a.csv': three, 'b.csv': recordsCsv([{ pid: 9 }], withoutForced) });
    const set = await readMigrationSet([folder]);
    expect(set.columns.has('forced')).toBe(false);
    expect(set.recordings.map(({ lacks }) => lacks)).toEqual([[], ['forced']]);
    expect(() => columnOf(set, 'forced')).toThrow(/not told by \S+b\.csv: /);
    expect(() => columnOf(set, 'comm')).toThrow(/no column "comm"/);
  });
});

describe('what cannot be read', () => {
  it('fails where it was named, and where there is nothing else', async () => {
    const folder = await folderWith({ 'notes.txt': 'hm', 'empty.csv': recordsCsv([]) });
    const named = readMigrationSet([join(folder, 'notes.txt')]);
    await expect(named).rejects.toMatchObject({ code: 'bad-input', message: /notes\.txt is no table/ });
    const none = readMigrationSet([folder]);
    await expect(none).rejects.toMatchObject({
      code: 'bad-input',
      message: /were found[^]*empty\.csv holds/,
    });
    const missing = readMigrationSet([join(folder, 'nowhere')]);
    await expect(missing).rejects.toMatchObject({ code: 'file-not-found' });
  });

  it('can be cancelled', async () => {
    const folder = await folderWith({ 'a.csv': three, 'b.csv': two });
    const cancelling = new AbortController();
    const read = readMigrationSet([folder], {
      signal: cancelling.signal,
      onProgress: ({ done }) => {
        if (done === 1) cancelling.abort();
      },
    });
    await expect(read).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readFile(join(folder, 'a.csv'), 'utf8')).toBe(three);
  });
});
