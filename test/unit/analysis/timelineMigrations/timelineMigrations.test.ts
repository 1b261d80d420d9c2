import { beforeAll, describe, expect, it } from 'vitest';
import { TimelineMigrations } from '../../../../src/analysis/timelineMigrations/timelineMigrations.js';
import { MarkList } from '../../../../src/analysis/timelineMigrations/markList.js';
import { MIGRATION_KINDS, MigrationKind } from '../../../../src/protocol/timelineMigrations.js';
import type { MigrationRecordStore } from '../../../../src/trace/migrations/migrationRecordStore.js';
import { readRecords, recordsCsv, type RecordValues } from '../../../support/migrationRecords.js';
import { TraceBuilder } from '../traceBuilder.js';

/** When tasks move, ms; the calls end 10 µs before. The fifth one is forced. */
const MOVES_MS = [1, 2, 2.9, 4.2, 5, 5.7, 7.1, 8.4, 9, 10.3, 11.6, 12];
const MS = 1_000_000;
const FIRST_MS = 1000;
/** As the arrays of marks hold them. */
const [ALLOWED, FORCED]: readonly number[] = [MigrationKind.Allowed, MigrationKind.Forced];

function trace(clock: string | null) {
  const builder = new TraceBuilder().name(7, 'worker');
  builder.switch(0, 0, 0, 'R', 7);
  for (const ms of MOVES_MS) builder.migrate(ms * MS, 1, 7, 0, 1);
  builder.migrate(12.5 * MS, 1, 8, 1, 0);
  builder.switch(20 * MS, 0, 7, 'S', 0);
  if (clock !== null) builder.store.metadata.properties.set('clock', clock);
  const migrations = new TimelineMigrations();
  const analysis = builder.analyse();
  migrations.attach(analysis.model);
  return { migrations, baseNs: Number(builder.store.baseNs) };
}

function records(startNs: number): Promise<MigrationRecordStore> {
  const call = (ms: number, values: RecordValues): RecordValues => ({
    ts: startNs + ms * MS - 15_000,
    lat_ns: 5000,
    pid: 7,
    src_cpu: 0,
    dst_cpu: 1,
    migration: 1,
    ...values,
  });
  return readRecords(
    recordsCsv([
      ...MOVES_MS.map((ms) => call(ms, ms === 5 ? { forced: 1 } : {})),
      call(13, { migration: 0, dst_cpu: 0, src_cpu: 1, sd_nr_balance_failed: 0, sd_cache_nice_tries: 2 }),
      call(14, { pid: 99 }),
      call(-500, { migration: 0 }),
    ]),
  );
}

describe('records on a timeline', () => {
  let migrations: TimelineMigrations;
  beforeAll(async () => {
    const made = trace('mono');
    ({ migrations } = made);
    migrations.add('a.csv', 'beside', await records(made.baseNs));
  });
  const marks = (columns: number, kinds: readonly MigrationKind[] = MIGRATION_KINDS) =>
    migrations.marks({ range: { startNs: 0, endNs: 20 * MS }, columns, cpus: [0, 1, 5], kinds }).lanes;

  it('are told of, with the check of their clock', () => {
    const [file] = migrations.summary().files;
    expect(migrations.summary()).toMatchObject({ isReady: true, moves: 13 });
    expect(file).toMatchObject({ calls: 15, allowed: 13, forced: 1, isDrawn: true, origin: 'beside' });
    expect(file!.clock).toEqual({
      verdict: 'checked',
      offsetNs: '0',
      driftPpm: 0,
      calls: 13,
      matches: 12,
      delayNs: 10_000,
    });
    expect(file!.text).toContain('12 of the 13 calls');
  });

  it('stand on the lanes of the CPUs that the tasks go to; those outside of the trace nowhere', () => {
    const [cpu0, cpu1, cpu5] = marks(2000);
    // A move without a call, and a refused call.
    expect([...cpu0!.kind]).toEqual([MigrationKind.Moved, MigrationKind.Refused]);
    expect([...cpu1!.kind].filter((kind) => kind === ALLOWED)).toHaveLength(12);
    expect([...cpu1!.kind].filter((kind) => kind === FORCED)).toHaveLength(1);
    expect(cpu1!.startNs[0]).toBe(MS - 15_000);
    expect(cpu5!.kind).toHaveLength(0);
  });

  it('are put together where they are too close, each kind for itself', () => {
    const [, cpu1] = marks(1, [MigrationKind.Allowed, MigrationKind.Forced]);
    expect([...cpu1!.kind]).toEqual([MigrationKind.Allowed, MigrationKind.Forced]);
    expect([...cpu1!.count]).toEqual([12, 1]);
    expect([cpu1!.startNs[0], cpu1!.endNs[0]]).toEqual([MS - 15_000, 14 * MS - 15_000]);
    expect(marks(100, [])[1]!.kind).toHaveLength(0);
  });

  it('tell of each its record and the move that followed', () => {
    const forced = migrations.step({ kind: MigrationKind.Forced, fromNs: 0, item: null, direction: 1 })!;
    expect(forced).toMatchObject({
      pid: 7,
      comm: 'worker',
      fromCpu: 0,
      toCpu: 1,
      atNs: 5 * MS - 15_000,
      place: 1,
      total: 1,
    });
    expect(forced.move?.atNs).toBe(5 * MS);
    expect(forced.record).toMatchObject({ forced: true, migrated: true, lat: 5000 });
    const stranger = migrations.detail({ kind: MigrationKind.Allowed, item: 11 })!;
    expect(stranger).toMatchObject({ pid: 99, thread: null, comm: null, move: null });
    const moved = migrations.detail({ kind: MigrationKind.Moved, item: 0 })!;
    expect(moved).toMatchObject({ pid: 8, fromCpu: 1, toCpu: 0, record: null, total: 1 });
    expect(migrations.detail({ kind: MigrationKind.Forced, item: 1 })).toBeNull();
  });

  it('are stepped through in order of time, from one or from a moment', () => {
    const step = (fromNs: number, item: number | null, direction: 1 | -1) =>
      migrations.step({ kind: MigrationKind.Allowed, fromNs, item, direction })?.item ?? null;
    expect(step(0, null, 1)).toBe(0);
    expect(step(3.5 * MS, null, 1)).toBe(3);
    expect(step(3.5 * MS, null, -1)).toBe(2);
    expect(step(0, 5, 1)).toBe(6);
    expect(step(0, 0, -1)).toBeNull();
    expect(step(0, 11, 1)).toBeNull();
    expect(step(Infinity, null, -1)).toBe(11);
  });
});

describe('records that are not drawn', () => {
  it('have a clock that nothing confirms', async () => {
    const { migrations } = trace(null);
    const store = await records(5e12);
    // Other tasks than those of the trace.
    for (let row = 0; row < store.length; row += 1) store.required('pid').set(row, 4000 + row);
    const told = migrations.add('a.csv', 'added', store);
    expect(told).toMatchObject({ isDrawn: false, clock: { verdict: 'unaligned' } });
    expect(told.text).toContain('Not drawn: the times could not be aligned');
    expect(migrations.step({ kind: MigrationKind.Forced, fromNs: 0, item: null, direction: 1 })).toBeNull();
  });

  it('lie beside the trace by the same clock', async () => {
    const { migrations, baseNs } = trace('mono');
    const store = await readRecords(recordsCsv([{ ts: baseNs + 60e9, migration: 0 }]));
    expect(migrations.add('a.csv', 'added', store).text).toMatch(/begins 60\.0 s after the trace ends/);
  });

  it('do not tell CPUs, or cannot be read', async () => {
    const { migrations } = trace('mono');
    const names = recordsCsv([{}])
      .split('\n')[0]!
      .split(',')
      .filter((name) => name !== 'dst_cpu');
    expect(migrations.add('a.csv', 'added', await readRecords(recordsCsv([{}], names))).text).toContain(
      'dst_cpu',
    );
    migrations.refuse('b.csv', 'added', 'it is gone.');
    expect(migrations.summary().files.map(({ isDrawn }) => isDrawn)).toEqual([false, false]);
  });
});

it('lays records with an unknown clock on the trace by the moves', async () => {
  const { migrations } = trace(null);
  const told = migrations.add('a.csv', 'added', await records(9e12 + FIRST_MS * MS));
  expect(told).toMatchObject({ isDrawn: true, clock: { verdict: 'checked', matches: 12 } });
  const forced = migrations.step({ kind: MigrationKind.Forced, fromNs: 0, item: null, direction: 1 })!;
  // The shortest delay is taken for none.
  expect(Math.abs(forced.atNs - (5 * MS - 15_000))).toBeLessThanOrEqual(10_000);
});

it('costs the columns that have marks, not what lies in them', () => {
  const times = Float64Array.from({ length: 500_000 }, (_, i) => i * 10);
  const list = new MarkList(times, new Uint16Array(times.length));
  const counts: number[] = [];
  list.forEachColumn(0, { startNs: 0, endNs: 5e6 }, 1e5, (_start, _end, count) => counts.push(count));
  expect(counts).toEqual(new Array(50).fill(10_000));
  const part: [number, number, number, number][] = [];
  list.forEachColumn(0, { startNs: 95, endNs: 141 }, 20, (...column) => part.push(column));
  expect(part).toEqual([
    [100, 110, 2, 10],
    [120, 130, 2, 12],
    [140, 140, 1, 14],
  ]);
});
