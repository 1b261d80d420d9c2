/** Records can_migrate_task there while a load runs, with the kernel's own count of the calls beside it. */
import { fileSource } from '../../../src/base/byteSource.js';
import { collectBpftrace } from '../../../src/remote/collect/bpftraceCollector.js';
import type { CollectorFacts } from '../../../src/remote/collect/collectorRun.js';
import type { Connection } from '../../../src/remote/connection.js';
import { rootRights } from '../../../src/remote/rootRights.js';
import { importMigrationRecords } from '../../../src/trace/migrations/importMigrationRecords.js';
import type { MigrationRecordStore } from '../../../src/trace/migrations/migrationRecordStore.js';
import type { RecordColumnName } from '../../../src/trace/migrations/recordColumns.js';
import { CONTEXT, shell, type KernelMachine } from './kernelMachine.js';

export interface MigrationRecording {
  readonly store: MigrationRecordStore;
  readonly facts: CollectorFacts;
  /** Calls while it certainly recorded, and while it may have: by a probe of ours that only counts. */
  readonly callsAtLeast: number;
  readonly callsAtMost: number;
  /** Nanoseconds of the machine's monotonic clock around it. */
  readonly beganNs: number;
  readonly endedNs: number;
}

const PROBE = 'p:kernel_oracle_test/calls can_migrate_task';
const COUNT = `awk '$1 == "calls" { print $2 }' /sys/kernel/tracing/kprobe_profile`;
const MONOTONIC_NS = `awk '{ printf "%d\\n", $1 * 1000 }' /proc/uptime`;

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
  const number = async (program: string) => Number(await shell(watcher, program));
  await shell(
    watcher,
    `cd /sys/kernel/tracing; echo '${PROBE}' >>kprobe_events; mkdir -p instances/count; echo 1 >instances/count/events/kernel_oracle_test/calls/enable`,
  );
  try {
    const callsBefore = await number(COUNT);
    const beganNs = 1e6 * (await number(MONOTONIC_NS));
    const target = machine.target();
    const settings = { collector: 'bpftrace', program: 'can_migrate_task', migrationCostNs } as const;
    const run = await collectBpftrace(connection, CONTEXT, settings, await rootRights(connection), target);
    await run.ready;
    const callsWhenReady = await number(COUNT);
    await shell(watcher, LOAD, String(seconds));
    const callsAtStop = await number(COUNT);
    run.stop();
    const facts = await run.finished;
    const endedNs = 1e6 * (20 + (await number(MONOTONIC_NS)));
    const callsAfter = await number(COUNT);
    return {
      store: await importMigrationRecords(await fileSource(target.path)),
      facts,
      callsAtLeast: callsAtStop - callsWhenReady,
      callsAtMost: callsAfter - callsBefore,
      beganNs,
      endedNs,
    };
  } finally {
    await shell(
      watcher,
      `cd /sys/kernel/tracing; echo 0 >instances/count/events/kernel_oracle_test/calls/enable; rmdir instances/count; echo '-:kernel_oracle_test/calls' >>kprobe_events`,
    );
  }
}

/** More tasks than CPUs, which sleep and wake: the load balancer has to decide all the time. */
const LOAD = `end=$(($(date +%s) + $1)); while [ "$(date +%s)" -lt "$end" ]; do
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
