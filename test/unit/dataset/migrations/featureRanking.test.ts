import { beforeAll, describe, expect, it } from 'vitest';
import { mixed } from '../../../../src/dataset/chance.js';
import { columnWarnings } from '../../../../src/dataset/migrations/columnWarnings.js';
import { candidateColumns, experimentColumns } from '../../../../src/dataset/migrations/experimentColumns.js';
import { featureRanking } from '../../../../src/dataset/migrations/featureRanking.js';
import type { MigrationSet } from '../../../../src/dataset/migrations/migrationSet.js';
import { rowsOf, setOf } from './setBuilder.js';

let set: MigrationSet;

beforeAll(async () => {
  // In a, the number of failed attempts tells the decision; in b, the utilisation; in c nothing is ever migrated.
  const recording = (column: string, salt: number) =>
    rowsOf(300, (row) => {
      const migration = Number(mixed(salt, row) % 3 === 0);
      return {
        migration,
        sd_nr_balance_failed: mixed(salt + 1, row) % 5,
        task_util_avg: mixed(salt + 2, row) % 1024,
        delta: mixed(salt + 3, row) % 100,
        [column]: migration * 500 + (mixed(salt + 4, row) % 100),
      };
    });
  set = await setOf({
    a: recording('sd_nr_balance_failed', 10),
    b: recording('task_util_avg', 20),
    c: rowsOf(50, (row) => ({ migration: 0, delta: row })),
  });
});

describe('the ranking of columns', () => {
  it('is made for each workload, and the best are united', () => {
    const { workloads, union, ofThesis, columns } = featureRanking(set, 1, { top: 1 });
    expect(workloads.map(({ workload, calls }) => [workload, calls])).toEqual([
      ['a', 300],
      ['b', 300],
      ['c', 50],
      [null, 650],
    ]);
    expect(workloads.map(({ top }) => top[0])).toEqual([
      'sd_nr_balance_failed',
      'task_util_avg',
      undefined,
      expect.any(String),
    ]);
    expect(union).toEqual(['sd_nr_balance_failed', 'task_util_avg']);
    expect(ofThesis).toBe(experimentColumns(1));
    expect(columns).toEqual(candidateColumns(set));
  });

  it('is by F of balanced rows, constant columns left out', () => {
    const [a] = featureRanking(set, 1).workloads;
    const { positives, steps, scores, reason } = a!;
    expect(reason).toBeNull();
    expect(steps.at(-1)).toMatchObject({ rows: 2 * positives, positives });
    expect(scores.map(({ rank }) => rank)).toEqual(scores.map((_, at) => at + 1));
    expect(scores.every(({ f }, at) => at === 0 || f <= scores[at - 1]!.f)).toBe(true);
    expect(scores.some(({ column }) => column === 'cpu_idle')).toBe(false);
    expect(scores[0]).toMatchObject({ column: 'sd_nr_balance_failed' });
    expect(scores[0]!.p).toBeLessThan(1e-100);
    expect(scores[0]!.nats).toBeCloseTo(Math.LN2, 1);
  });

  it('can be at natural prevalence, and of some columns', () => {
    const { workloads } = featureRanking(set, 1, { balance: 'natural', columns: ['delta', 'task_util_avg'] });
    expect(workloads[0]!.steps.at(-1)!.rows).toBe(300);
    expect(workloads[0]!.scores).toHaveLength(2);
    expect(() => featureRanking(set, 1, { columns: ['nonsense'] })).toThrow(/no column "nonsense"/);
  });

  it('says why a workload has none', () => {
    const { workloads } = featureRanking(set, 1);
    expect(workloads[2]).toMatchObject({ scores: [], top: [], reason: /none is positive/ });
    const natural = featureRanking(set, 1, { balance: 'natural' });
    expect(natural.workloads[2]).toMatchObject({ scores: [], reason: /one class only/ });
  });

  it('can be cancelled', () => {
    expect(() => featureRanking(set, 1, { signal: AbortSignal.abort() })).toThrow(/cancelled/);
  });
});

describe('inputs and warnings', () => {
  it('are those of the thesis', () => {
    expect(([1, 2, 3] as const).map((experiment) => experimentColumns(experiment).length)).toEqual([
      7, 10, 7,
    ]);
  });

  it.each([
    [1, ['pid identifies', 'delta rule', 'sd_nr_balance_failed rule']],
    [2, ['pid identifies', 'pid group', 'ts identifies']],
    [3, ['pid identifies', 'ts identifies', 'delta rule', 'sd_nr_balance_failed rule']],
  ] as const)('of experiment %d say what is wrong with a column', (experiment, kinds) => {
    const columns = ['pid', ...(experiment === 1 ? [] : ['ts']), 'delta', 'sd_nr_balance_failed', 'loop'];
    const warnings = columnWarnings(experiment, columns);
    expect(warnings.map(({ column, kind }) => `${column} ${kind}`)).toEqual(kinds);
    expect(warnings.every(({ text }) => text.endsWith('.'))).toBe(true);
  });
});
