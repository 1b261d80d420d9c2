import { describe, expect, it } from 'vitest';
import { densityOfLogarithms } from '../../../../src/analysis/migrationRecords/latencyOfCalls.js';
import { summariseMigrations } from '../../../../src/analysis/migrationRecords/migrationSummary.js';
import type { MigrationSummary } from '../../../../src/protocol/migrationMessages.js';
import { REQUIRED_COLUMNS } from '../../../../src/trace/migrations/recordColumns.js';
import { readRecords, recordsCsv, type RecordValues } from '../../../support/migrationRecords.js';

async function summaryOf(
  rows: readonly RecordValues[],
  columns?: readonly string[],
): Promise<MigrationSummary> {
  return summariseMigrations(await readRecords(recordsCsv(rows, columns)), 'x.csv');
}

const kinds = (summary: MigrationSummary) => summary.cautions.map(({ kind }) => kind);

describe('the summary of migration records', () => {
  it('counts decisions by type, state of the CPU and pair of CPUs', async () => {
    const summary = await summaryOf([
      { migration: 1, forced: 1, migration_type: 0, src_cpu: 2, dst_cpu: 0, cpu_newly_idle: 1 },
      { migration: 1, migration_type: 0, src_cpu: 2, dst_cpu: 0, cpu_idle: 1 },
      { migration: 0, migration_type: 2, src_cpu: 2, dst_cpu: 0, cpu_newly_idle: 1 },
      { migration: 0, migration_type: 7, src_cpu: 1, dst_cpu: 0, pid: 5 },
    ]);
    expect(summary).toMatchObject({ rows: 4, migrated: 2, refused: 2, forced: 1, tasks: 2 });
    expect(summary.byType).toEqual([
      { type: 0, name: 'load', calls: 2, migrated: 2, forced: 1 },
      { type: 2, name: 'task', calls: 1, migrated: 0, forced: 0 },
      { type: 7, name: '7', calls: 1, migrated: 0, forced: 0 },
    ]);
    expect(summary.byIdle).toEqual([
      { idle: 'busy', calls: 1, migrated: 0, forced: 0 },
      { idle: 'idle', calls: 1, migrated: 1, forced: 0 },
      { idle: 'newly idle', calls: 2, migrated: 1, forced: 1 },
    ]);
    expect(summary.byPair).toEqual([
      { srcCpu: 2, dstCpu: 0, calls: 3, migrated: 2, forced: 1 },
      { srcCpu: 1, dstCpu: 0, calls: 1, migrated: 0, forced: 0 },
    ]);
  });

  it('tells percentiles of the latency by nearest rank, and the row of the longest call', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ lat_ns: ((i * 37) % 100) + 1 }));
    const { latency } = await summaryOf(rows);
    expect(latency).toMatchObject({ count: 100, p50Ns: 50, p90Ns: 90, p99Ns: 99, maxNs: 100 });
    expect(rows[latency!.maxRow]).toEqual({ lat_ns: 100 });
  });

  it('leaves unknown what the thesis table does not tell', async () => {
    const summary = await summaryOf([{ migration: 1 }, { migration: 0 }], REQUIRED_COLUMNS);
    expect(summary).toMatchObject({ forced: null, byType: null, byPair: null, latency: null });
    expect(summary.missingColumns).toContain('lat_ns');
  });

  it('takes a 2 for a forced migration, as the patched kernel of the thesis wrote it', async () => {
    const summary = await summaryOf([{ migration: 2 }, { migration: 1 }, { migration: 0 }], REQUIRED_COLUMNS);
    expect(summary).toMatchObject({ migrated: 2, forced: 1 });
  });

  it('finds the earliest and latest call also out of order', async () => {
    const summary = await summaryOf([{ ts: 500 }, { ts: '1799999999999999999' }, { ts: 400 }]);
    expect(summary).toMatchObject({ startNs: '400', endNs: '1799999999999999999' });
    expect(kinds(summary)).toContain('unordered');
  });
});

describe('cautions', () => {
  it('tell how rare forced migrations are, by counts', async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ forced: i < 3 ? 1 : 0 }));
    const [caution] = (await summaryOf(rows)).cautions;
    expect(caution).toMatchObject({ kind: 'class-imbalance', severity: 'warning' });
    expect(caution!.text).toMatch(/^Only 3 of 1,000 calls.*right in 99\.7 % of the calls/);
  });

  it('say that there are none', async () => {
    expect((await summaryOf([{}])).cautions[0]).toMatchObject({ title: 'No forced migration' });
  });

  it('never round a share up to all', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => ({ forced: i === 0 ? 1 : 0 }));
    expect((await summaryOf(rows)).cautions[0]!.text).toContain('99.9 %');
  });

  it('count the rows of tasks that never ran, whose delta is the clock', async () => {
    const summary = await summaryOf([{ start_runtime: 0, delta: 962_275_427_859 }, {}]);
    expect(summary.neverRan).toBe(1);
    expect(summary.cautions.find(({ kind }) => kind === 'never-ran')!.text).toMatch(/^In 1 of 2 rows/);
  });

  it('prove that there are two clocks where the file does', async () => {
    const text = async (rows: RecordValues[]) =>
      (await summaryOf(rows)).cautions.find(({ kind }) => kind === 'two-clocks')!.text;
    expect(await text([{ start_runtime: '2000000000' }, {}])).toContain(
      'In 1 rows start_runtime lies after ts',
    );
    expect(await text([{}])).not.toContain('lies after');
  });

  it('name a forced call that was refused, and what the collector lost', async () => {
    const text = `${recordsCsv([{ forced: 1, migration: 0 }, {}])}Lost 7 events\n`;
    const summary = summariseMigrations(await readRecords(text), 'x.csv');
    expect(summary.forced).toBe(0);
    expect(kinds(summary).slice(0, 2)).toEqual(['lost-records', 'contradiction']);
  });

  it('tell scaled loads from those of a kernel that does not scale', async () => {
    const text = async (load: number) =>
      (await summaryOf([{ src_rq_load: load }])).cautions.find(({ kind }) => kind === 'scaled-loads')!.text;
    expect(await text(2 * 1024 * 1024)).toMatch(/^src_rq_load and dst_rq_load are weights × 1024/);
    expect(await text(2048)).toMatch(/may not scale/);
  });
});

describe('density of the latency', () => {
  it('has the area 1 a decade, and its peak where the values are', () => {
    const values = Float64Array.from(
      { length: 5000 },
      (_, i) => 10 ** (3 + 0.2 * quantile((i + 0.5) / 5000)),
    );
    const { ns, density } = densityOfLogarithms(values);
    const step = Math.log10(ns[1]! / ns[0]!);
    expect(density.reduce((sum, each) => sum + each, 0) * step).toBeCloseTo(1, 1);
    const peak = ns[density.indexOf(Math.max(...density))]!;
    expect(Math.log10(peak)).toBeCloseTo(3, 1);
    // Of a normal distribution with σ = 0.2: 1 / (0.2 · √(2π)), a little less for the smoothing.
    expect(Math.max(...density)).toBeGreaterThan(1.85);
    expect(Math.max(...density)).toBeLessThan(2.0);
  });

  it.each([[[5]], [[0, 0]], [[1000, 1000, 1000]]])('is finite for %o', (values) => {
    const { ns, density } = densityOfLogarithms(Float64Array.from(values));
    expect([...ns, ...density].every(Number.isFinite)).toBe(true);
    expect(Math.max(...density)).toBeGreaterThan(0);
  });
});

/** Of the standard normal distribution, to 4.5e-4: Abramowitz and Stegun, 26.2.23. */
function quantile(share: number): number {
  const t = share < 0.5 ? Math.sqrt(-2 * Math.log(share)) : Math.sqrt(-2 * Math.log(1 - share));
  const tail =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
  return share < 0.5 ? -tail : tail;
}
