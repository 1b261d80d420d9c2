import { expect } from 'vitest';
import { MIGRATION_TYPES } from '../../../src/trace/migrations/recordColumns.js';
import { count, valuesOf, type MigrationRecording } from './migrationRecording.js';

/** That the records are those of the calls that there were, and that each value is one which the kernel can have. */
export function expectSensible(recording: MigrationRecording, cpus: number): void {
  const { store, facts, callsAtLeast, callsAtMost, beganNs, endedNs } = recording;
  expect(store.diagnostics).toEqual([]);
  expect(store.malformedLines).toEqual([]);
  expect(store.unknownColumns).toEqual([]);
  expect(facts).toMatchObject({ events: store.length, leftBehind: [] });
  const recorded = store.length + facts.lostEvents!;
  console.log(
    `${recorded} records (${facts.lostEvents!} lost); ${callsAtLeast} to ${callsAtMost} calls; ${facts.remarks.join(' ')}`,
  );
  expect(recorded).toBeGreaterThan(50);
  expect(recorded).toBeGreaterThanOrEqual(callsAtLeast);
  expect(recorded).toBeLessThanOrEqual(callsAtMost);
  expectCpus(recording, cpus);
  expectDecisions(recording);
  const times = valuesOf(store, 'ts');
  expect(Math.min(...times)).toBeGreaterThan(beganNs);
  expect(Math.max(...times)).toBeLessThan(endedNs);
  const latencies = valuesOf(store, 'lat_ns').sort((a, b) => a - b);
  expect(latencies[0]).toBeGreaterThan(0);
  // The middle: the tail is what the machine below does.
  expect(latencies[latencies.length >> 1]).toBeLessThan(1e6);
}

function expectCpus({ store }: MigrationRecording, cpus: number): void {
  const [cpu, source, destination] = (['cpu', 'src_cpu', 'dst_cpu'] as const).map((name) =>
    valuesOf(store, name),
  );
  for (const values of [cpu!, source!, destination!]) {
    expect(Math.max(...values)).toBeLessThan(cpus);
    // Not those of two CPUs alone.
    expect(new Set(values).size).toBeGreaterThan(2);
  }
  expect(count(source!, (value) => value < 0)).toBe(0);
  expect(source!.filter((value, row) => value === destination![row])).toEqual([]);
  // The CPU that balances pulls to itself as a rule.
  const pulled = destination!.filter((value, row) => value === cpu![row]).length;
  expect(pulled / store.length).toBeGreaterThan(0.5);
}

function expectDecisions({ store, endedNs }: MigrationRecording): void {
  const rows = Array.from({ length: store.length }, (_, row) => row);
  const value = Object.fromEntries(
    (
      [
        ...(['migration', 'forced', 'cpu_idle', 'cpu_newly_idle', 'migration_type', 'pid', 'delta'] as const),
        ...(['start_runtime', 'src_rq_nr_running', 'src_rq_load', 'task_load_avg', 'task_util_avg'] as const),
        ...(['imbalance', 'sd_flags', 'loop', 'lb_flags'] as const),
      ] as const
    ).map((name) => [name, valuesOf(store, name)]),
  );
  const all = (name: string, isSound: (value: number, row: number) => boolean) => {
    const strange = rows.filter((row) => !isSound(value[name]![row]!, row));
    expect(
      strange.slice(0, 5).map((row) => value[name]![row]),
      name,
    ).toEqual([]);
  };
  all('migration', (each) => each === 0 || each === 1);
  all('forced', (each, row) => each === 0 || (each === 1 && value['migration']![row] === 1));
  all('cpu_idle', (each, row) => each + value['cpu_newly_idle']![row]! <= 1);
  all('migration_type', (each) => each < MIGRATION_TYPES.length);
  all('pid', (each) => each > 0 && each < 4_194_304);
  all('start_runtime', (each) => each < endedNs);
  // A task that has not run yet has the whole clock; one that runs elsewhere now may be a little ahead.
  all('delta', (each) => each < endedNs && each > -1e9);
  all('src_rq_nr_running', (each) => each >= 1 && each < 1000);
  all('src_rq_load', (each) => each < 1000 * 88_761 * 1024);
  all('task_load_avg', (each) => each <= 88_761);
  all('task_util_avg', (each) => each <= 1024);
  all('sd_flags', (each) => each > 0 && each < 2 ** 16);
  // Each kind occurs: a column that is always the same would be one that is read wrongly.
  for (const name of ['migration', 'cpu_newly_idle', 'imbalance', 'loop', 'task_load_avg', 'delta']) {
    expect(new Set(value[name]).size, name).toBeGreaterThan(1);
  }
}
