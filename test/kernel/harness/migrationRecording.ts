/** Records can_migrate_task there while a load runs, with the kernel's own count of the calls beside it. */
import { fileSource } from '../../../src/base/byteSource.js';
import { collectBpftrace } from '../../../src/remote/collect/bpftraceCollector.js';
import type { CollectorFacts } from '../../../src/remote/collect/collectorRun.js';
import type { Connection } from '../../../src/remote/connection.js';
import { rootRights } from '../../../src/remote/rootRights.js';
import { importMigrationRecords } from '../../../src/trace/migrations/importMigrationRecords.js';
import type { MigrationRecordStore } from '../../../src/trace/migrations/migrationRecordStore.js';
import type { RecordColumnName } from '../../../src/trace/migrations/recordColumns.js';
import { CallCount, monotonicNs } from './callCount.js';
import { CONTEXT, shell, type KernelMachine } from './kernelMachine.js';

/** What the clock that is read may be behind. */
export const CLOCK_STEP_NS = 20e6;

export interface MigrationRecording {
  readonly store: MigrationRecordStore;
  readonly facts: Pick<CollectorFacts, 'events' | 'lostEvents' | 'remarks' | 'leftBehind'>;
  /** Calls while it certainly recorded, and while it may have: by a probe of ours that only counts. */
  readonly callsAtLeast: number;
  readonly callsAtMost: number;
  /** Nanoseconds of the machine's monotonic clock around it. */
  readonly beganNs: number;
  readonly endedNs: number;
}

/**
 * @param watcher as root, for the count
 * @param migrationCostNs how long a task stays cache-hot; the kernel's default is 500,000
 */
export async function recordMigrations(
  machine: KernelMachine,
  connection: Connection,
  watcher: Connection,
  { migrationCostNs = 500_000, seconds = 6 } = {},
): Promise<MigrationRecording> {
  const calls = await CallCount.start(watcher);
  try {
    const callsBefore = await calls.read();
    const beganNs = await monotonicNs(watcher);
    const target = machine.target();
    const settings = { collector: 'bpftrace', program: 'can_migrate_task', migrationCostNs } as const;
    const run = await collectBpftrace(connection, CONTEXT, settings, await rootRights(connection), target);
    await run.ready;
    const callsWhenReady = await calls.read();
    await shell(watcher, LOAD, String(seconds));
    const callsAtStop = await calls.read();
    run.stop();
    const facts = await run.finished;
    const endedNs = CLOCK_STEP_NS + (await monotonicNs(watcher));
    const callsAfter = await calls.read();
    return {
      store: await importMigrationRecords(await fileSource(target.path)),
      facts,
      callsAtLeast: callsAtStop - callsWhenReady,
      callsAtMost: callsAfter - callsBefore,
      beganNs,
      endedNs,
    };
  } finally {
    await calls.stop();
  }
}

/** For $1 seconds more tasks than CPUs, which sleep and wake: the load balancer has to decide all the time. */
export const LOAD = `end=$(($(date +%s) + $1)); while [ "$(date +%s)" -lt "$end" ]; do
  hackbench -p -g 2 -l 100; stress-ng --cpu 12 --timeout 1; done >/dev/null 2>&1`;

/** A column of all rows as numbers: exact below 2^53. */
export function valuesOf(store: MigrationRecordStore, name: RecordColumnName): number[] {
  const column = store.column(name);
  if (column === undefined) throw new Error(`There is no column ${name}.`);
  return Array.from({ length: store.length }, (_, row) => column.at(row));
}

export function count(values: readonly number[], wanted: (value: number) => boolean): number {
  return values.filter(wanted).length;
}
