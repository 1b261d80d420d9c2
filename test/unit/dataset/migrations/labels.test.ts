import { describe, expect, it } from 'vitest';
import { labelled } from '../../../../src/dataset/migrations/labels.js';
import { migrationCounts } from '../../../../src/dataset/migrations/migrationCounts.js';
import { readMigrationSet } from '../../../../src/dataset/migrations/readMigrationSet.js';
import { RECORD_COLUMN_NAMES } from '../../../../src/trace/migrations/recordColumns.js';
import { recordsCsv } from '../../../support/migrationRecords.js';
import { folderWith, setOf } from './setBuilder.js';

const history = { pid: 7, src_cpu: 0, dst_cpu: 1, task_nr_migrations: 4, migration: 0 };
const forced = { ...history, migration: 1, forced: 1 };

describe('labels', () => {
  it('of experiments 1 and 3 are of the call itself', async () => {
    const set = await setOf({ a: [history, { ...history, migration: 1 }, forced] });
    expect(labelled(set, 1)).toMatchObject({ positives: 2, labels: Uint8Array.of(0, 1, 1) });
    expect(labelled(set, 3)).toMatchObject({ positives: 1, labels: Uint8Array.of(0, 0, 1) });
  });

  it('of experiment 2 are of a history up to its last forced migration', async () => {
    const others = [
      { ...history, pid: 8 },
      { ...history, src_cpu: 2 },
      { ...history, dst_cpu: 2 },
      { ...history, task_nr_migrations: 5 },
    ];
    const set = await setOf({ a: [history, ...others, forced, history, forced, history], b: [history] });
    const { labels, positives, groups, groupCount } = labelled(set, 2);
    expect([...labels]).toEqual([1, 0, 0, 0, 0, 1, 1, 1, 0, 0]);
    expect(positives).toBe(4);
    expect([...groups]).toEqual([0, 1, 2, 3, 4, 0, 0, 0, 0, 5]);
    expect(groupCount).toBe(6);
  });

  it('go by the time of a call, not by its place in the file', async () => {
    const set = await setOf({
      a: [
        { ...forced, ts: 30 },
        { ...history, ts: 40 },
        { ...history, ts: 20 },
      ],
    });
    expect([...labelled(set, 2).labels]).toEqual([1, 0, 1]);
  });

  it('need what they are made of, and say whose recording lacks it', async () => {
    const columns = RECORD_COLUMN_NAMES.filter((name) => name !== 'src_cpu' && name !== 'dst_cpu');
    const set = await readMigrationSet([
      await folderWith({ 'a.csv': recordsCsv([history, forced], columns) }),
    ]);
    expect(() => labelled(set, 2)).toThrow(/"src_cpu" is needed, and missing in \S+a\.csv/);
    // Without CPUs groups are larger.
    expect(labelled(set, 3)).toMatchObject({ positives: 1, groupCount: 1 });
  });

  it('are counted by workload', async () => {
    const set = await setOf({
      smp4_a: [history, forced],
      smp8_a: [history],
      b: [{ ...history, migration: 1 }],
    });
    expect(migrationCounts(set)).toEqual([
      { workload: 'a', recordings: 2, calls: 3, migrated: 1, forced: 1, endingInForced: 2 },
      { workload: 'b', recordings: 1, calls: 1, migrated: 1, forced: 0, endingInForced: 0 },
      { workload: null, recordings: 3, calls: 4, migrated: 2, forced: 1, endingInForced: 2 },
    ]);
  });
});
