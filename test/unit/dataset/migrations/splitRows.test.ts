import { beforeAll, describe, expect, it } from 'vitest';
import { labelled } from '../../../../src/dataset/migrations/labels.js';
import type { Labelled, MigrationSet } from '../../../../src/dataset/migrations/migrationSet.js';
import { allRows } from '../../../../src/dataset/migrations/setColumns.js';
import { ROW_SPLITS, splitRows, type RowSplitOptions } from '../../../../src/dataset/migrations/splitRows.js';
import { rowsOf, setOf } from './setBuilder.js';

let set: MigrationSet;
let labels: Labelled;

beforeAll(async () => {
  // Histories of one to seven calls; every twelfth ends in a forced migration.
  const recording = (salt: number) =>
    rowsOf(280, (row) => ({
      pid: 100 + Math.floor(row / 28) + salt,
      task_nr_migrations: Math.floor(Math.sqrt(2 * (row % 28))),
      migration: 1,
      forced: Number((row + salt) % 40 === 0),
      ts: 1000 + row + salt * 10_000,
    }));
  set = await setOf({
    smp4_a: recording(0),
    smp8_a: recording(1),
    smp4_b: recording(2),
    smp8_b: recording(3),
    c: recording(4),
  });
  labels = labelled(set, 2);
});

function split(options: Partial<RowSplitOptions> & Pick<RowSplitOptions, 'by'>) {
  return splitRows(set, labels, { testShare: 0.25, seed: 3, ...options });
}

const keys: Record<RowSplitOptions['by'], (row: number) => unknown> = {
  row: (row) => row,
  group: (row) => labels.groups[row],
  recording: (row) => set.recording[row],
  workload: (row) => set.recordings[set.recording[row]!]!.workload,
};

describe.each(ROW_SPLITS)('a split by %s', (by) => {
  it('puts every row on one side, and nothing that belongs together on both', () => {
    const { train, test } = split({ by });
    expect(Uint32Array.from([...train, ...test]).sort()).toEqual(allRows(set));
    const inTrain = new Set([...train].map(keys[by]));
    expect([...test].some((row) => inTrain.has(keys[by](row)))).toBe(false);
    expect([...train]).toEqual([...train].sort((a, b) => a - b));
  });

  it('follows from the seed', () => {
    const { test } = split({ by });
    expect(split({ by }).test).toEqual(test);
    const others = [4, 5, 6, 7].map((seed) => split({ by, seed }).test);
    expect(others.some((other) => String(other) !== String(test))).toBe(true);
  });

  it('can be of some rows only', () => {
    const rows = allRows(set).filter((row) => row % 3 !== 0);
    const { train, test } = split({ by, rows });
    expect(Uint32Array.from([...train, ...test]).sort()).toEqual(rows);
  });
});

describe('splits of rows', () => {
  it.each(['row', 'group'] as const)('by %s have their share of rows and of positives', (by) => {
    const { test } = split({ by });
    expect(test.length / set.rows).toBeCloseTo(0.25, 2);
    const positives = test.reduce((sum, row) => sum + labels.labels[row]!, 0);
    expect(Math.abs(positives / labels.positives - 0.25)).toBeLessThan(0.05);
  });

  it('by recording take one of each workload that was recorded twice', () => {
    const { test, note } = split({ by: 'recording' });
    const names = [...new Set([...test].map((row) => set.recordings[set.recording[row]!]!.workload))];
    expect(names.sort()).toEqual(['a', 'b']);
    expect(note).toMatch(
      /^The test is 2 of 5 recordings \(smp\d_a, smp\d_b\): 560 calls, .* Recorded once, .* c\.$/,
    );
  });

  it('hold out what is named', () => {
    const { test, note } = split({ by: 'workload', holdOut: 'b' });
    expect(test).toEqual(allRows(set).filter((row) => set.recordings[set.recording[row]!]!.workload === 'b'));
    expect(note).toMatch(/1 of 3 workloads \(b\)/);
    expect(split({ by: 'recording', holdOut: ['c', 'smp4_a'] }).test).toHaveLength(560);
  });

  it('say what cannot be done', () => {
    expect(() => split({ by: 'row', testShare: 1 })).toThrow(/above 0 and below 1; 1 is not/);
    expect(() => split({ by: 'workload', holdOut: 'x' })).toThrow(/no workload "x" .* There are: a, b, c\./);
    expect(() => split({ by: 'group', holdOut: 'a' })).toThrow(/A group has no name/);
    expect(() => split({ by: 'workload', holdOut: ['a', 'b', 'c'] })).toThrow(/nothing is left to train/);
    const one = allRows(set).filter((row) => set.recording[row] === 0);
    expect(() => split({ by: 'recording', rows: one })).toThrow(/^1 recording cannot be split/);
  });
});
