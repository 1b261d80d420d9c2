import { beforeAll, describe, expect, it } from 'vitest';
import { cleaned, type CleaningOptions } from '../../../../src/dataset/migrations/cleaning.js';
import { labelled } from '../../../../src/dataset/migrations/labels.js';
import type { Labelled, MigrationSet } from '../../../../src/dataset/migrations/migrationSet.js';
import { allRows } from '../../../../src/dataset/migrations/setColumns.js';
import { mixed } from '../../../../src/dataset/chance.js';
import { rowsOf, setOf } from './setBuilder.js';

const ROWS = 200;
const COLUMNS = ['delta', 'cpu_idle', 'task_util_avg', 'task_vruntime'];

let set: MigrationSet;
let labels: Labelled;
let first: Uint32Array;
let second: Uint32Array;

beforeAll(async () => {
  // Every fourth call is migrated; every tenth is of a task that never ran; one has a utilisation below zero.
  const rows = rowsOf(ROWS, (row) => ({
    migration: Number(row % 4 === 0),
    start_runtime: row % 10 === 3 ? 0 : 5,
    delta: row % 10 === 3 ? 2 ** 40 + row : mixed(1, row) % 1000,
    task_util_avg: row === 50 ? -1 : mixed(2, row) % 1024,
    task_vruntime: -(mixed(3, row) % 100),
  }));
  set = await setOf({ a: rows });
  labels = labelled(set, 1);
  first = allRows(set).filter((row) => row < 120);
  second = allRows(set).filter((row) => row >= 120);
});

function clean(options: Partial<CleaningOptions> = {}) {
  const usual = { columns: COLUMNS, trainRows: first, balance: 'natural', seed: 1, fitOn: 'train' } as const;
  return cleaned(set, labels, { ...usual, ...options });
}

describe('cleaning', () => {
  it('goes the way of the thesis, and tells what each step took away', () => {
    const { steps } = clean({ balance: 'half' });
    expect(steps.map(({ name }) => name)).toEqual(['float', 'balance', 'variance', 'invalid', 'normalise']);
    const [float, balance, variance, invalid, normalise] = steps;
    expect(float).toEqual({ name: 'float', rows: 120, positives: 30, columns: 4, left: [] });
    expect(balance).toEqual({ name: 'balance', rows: 60, positives: 30, columns: 4, left: ['60 negatives'] });
    expect(variance).toMatchObject({ rows: 60, columns: 3, left: ['cpu_idle'] });
    expect(invalid!.left[0]).toMatch(/^\d rows: never ran \(start_runtime is 0\)$/);
    expect(normalise).toMatchObject({ rows: invalid!.rows, positives: invalid!.positives, left: [] });
  });

  it('at natural prevalence keeps all valid rows, and weighs the classes', () => {
    const { train, classWeights, columns } = clean();
    // 12 of 120 never ran, and row 50 is below zero.
    expect(train).toMatchObject({ positives: 30, invalid: 13 });
    expect(train.rows).toHaveLength(107);
    expect(columns).toEqual(['delta', 'task_util_avg', 'task_vruntime']);
    expect(classWeights[0] * 77).toBeCloseTo(classWeights[1] * 30, 9);
    expect(classWeights[0] * 77 + classWeights[1] * 30).toBeCloseTo(107, 9);
    expect([...train.labels]).toEqual([...train.rows].map((row) => Number(row % 4 === 0)));
    expect([...train.groups]).toEqual([...train.rows].map((row) => labels.groups[row]));
  });

  it('normalises by the training rows, other rows by the same', () => {
    const { train, table, scaling } = clean();
    const width = train.features.names.length;
    for (const [at, { name, mean, deviation }] of scaling.entries()) {
      const own = Array.from(
        { length: train.rows.length },
        (_, row) => train.features.values[row * width + at]!,
      );
      expect(own.reduce((sum, each) => sum + each, 0) / own.length, name).toBeCloseTo(0, 5);
      expect(own.reduce((sum, each) => sum + each ** 2, 0) / own.length, name).toBeCloseTo(1, 5);
      const test = table(second);
      expect(test.features.values[at]).toBeCloseTo((test.raw.values[at]! - mean) / deviation, 4);
    }
    expect(clean({ fitOn: 'all' }).scaling).not.toEqual(scaling);
    expect(clean({ fitOn: 'all', allRows: first }).scaling).toEqual(scaling);
  });

  it('draws for the balance by the seed; of other rows only when asked to', () => {
    const { train, table } = clean({ balance: 'half' });
    expect(clean({ balance: 'half' }).train.rows).toEqual(train.rows);
    expect(clean({ balance: 'half', seed: 2 }).train.rows).not.toEqual(train.rows);
    expect(table(second)).toMatchObject({ positives: 20, invalid: 8 });
    const half = table(second, 'half');
    expect(half.rows.length + half.invalid).toBe(40);
    expect(half.positives).toBe(20);
  });

  it('fitted on all rows draws once, for training and test together', () => {
    const { train, table, steps } = clean({ balance: 'half', fitOn: 'all' });
    const test = table(second, 'half');
    expect(steps[0]).toMatchObject({ rows: ROWS });
    expect(steps[1]).toMatchObject({ rows: 100, positives: 50 });
    expect(train.rows.length + test.rows.length).toBe(steps[4]!.rows);
  });

  it('asks whether a task ran only where that matters, or not at all', () => {
    expect(clean({ columns: ['task_util_avg'] }).train.invalid).toBe(1);
    expect(clean({ neverRan: 'valid' }).train.invalid).toBe(1);
    expect(clean({ columns: ['task_vruntime'] }).train.invalid).toBe(0);
  });

  it('gives 0 for a column that is constant without the invalid rows', () => {
    const { train, steps } = clean({ columns: ['start_runtime', 'delta'] });
    expect(steps.at(-1)!.left).toEqual(['start_runtime']);
    expect(train.features.values.filter((_, at) => at % 2 === 0).every((value) => value === 0)).toBe(true);
  });

  it('says why it cannot be done', () => {
    expect(() => clean({ columns: ['cpu_idle'] })).toThrow(/None of these columns differs .* cpu_idle\.$/);
    expect(() => clean({ columns: ['nonsense'] })).toThrow(/no column "nonsense"/);
    expect(() => clean({ trainRows: new Uint32Array() })).toThrow(/no calls to learn from/);
    const negatives = first.filter((row) => labels.labels[row] === 0);
    expect(() => clean({ trainRows: negatives, balance: 'half' })).toThrow(/none is positive/);
    const never = first.filter((row) => row % 10 === 3);
    expect(() => clean({ trainRows: never })).toThrow(/12 calls is valid: 12 rows: never ran/);
  });
});
