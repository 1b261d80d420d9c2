import type { CpuRow, TaskRow } from '../protocol/traceMessages.js';
import { readSession, type InputOptions } from './openTrace.js';
import { integer, ms, printLines, table, toJson, type Column } from './output.js';

export interface StatsOptions extends InputOptions {
  readonly json?: boolean;
  readonly filter?: string;
}

/** `stats FILE…`: per task and per CPU, wakeup latency and preemption wait apart. */
export async function stats(paths: readonly string[], options: StatsOptions): Promise<void> {
  const session = await readSession(paths, options);
  const { rows: tasks } = session.answer('tasks', {
    range: null,
    filter: options.filter ?? '',
    sort: 'runtimeNs',
    descending: true,
    offset: 0,
    limit: Number.MAX_SAFE_INTEGER,
  });
  const { rows: cpus } = session.answer('cpus', { range: null });
  const { latencyFrom } = session.summary();
  if (options.json === true) {
    await printLines([toJson({ latencyFrom, tasks, cpus })]);
    return;
  }
  await printLines(readable(latencyFrom, tasks, cpus));
}

function* readable(
  latencyFrom: string | null,
  tasks: readonly TaskRow[],
  cpus: readonly CpuRow[],
): Generator<string> {
  yield latencyFrom === null
    ? 'This recording has no wakeup events: wakeup latencies and run queue depths are unknown (-).'
    : `Times in ms. Wakeup latency counts from ${latencyFrom}; preemption wait is apart.`;
  yield '';
  yield* table(TASK_COLUMNS, tasks);
  yield '';
  yield* table(CPU_COLUMNS, cpus);
}

const TASK_COLUMNS: readonly Column<TaskRow>[] = [
  { title: 'task', align: 'left', cell: (row) => row.comm },
  { title: 'pid', align: 'right', cell: (row) => String(row.pid) },
  { title: 'run time', align: 'right', cell: (row) => ms(row.runtimeNs) },
  { title: 'switches', align: 'right', cell: (row) => integer(row.switches) },
  { title: 'wakeups', align: 'right', cell: (row) => integer(row.wakeups) },
  { title: 'migrations', align: 'right', cell: (row) => integer(row.migrations) },
  { title: 'latency mean', align: 'right', cell: (row) => ms(row.wakeupLatencyMeanNs) },
  { title: 'p50', align: 'right', cell: (row) => ms(row.wakeupLatencyP50Ns) },
  { title: 'p90', align: 'right', cell: (row) => ms(row.wakeupLatencyP90Ns) },
  { title: 'p99', align: 'right', cell: (row) => ms(row.wakeupLatencyP99Ns) },
  { title: 'max', align: 'right', cell: (row) => ms(row.wakeupLatencyMaxNs) },
  { title: 'preempted mean', align: 'right', cell: (row) => ms(row.preemptionWaitMeanNs) },
  { title: 'p50', align: 'right', cell: (row) => ms(row.preemptionWaitP50Ns) },
  { title: 'p90', align: 'right', cell: (row) => ms(row.preemptionWaitP90Ns) },
  { title: 'p99', align: 'right', cell: (row) => ms(row.preemptionWaitP99Ns) },
  { title: 'max', align: 'right', cell: (row) => ms(row.preemptionWaitMaxNs) },
];

const CPU_COLUMNS: readonly Column<CpuRow>[] = [
  { title: 'cpu', align: 'right', cell: (row) => String(row.cpu) },
  { title: 'busy', align: 'right', cell: (row) => ms(row.busyNs) },
  { title: 'idle', align: 'right', cell: (row) => ms(row.idleNs) },
  { title: 'unknown', align: 'right', cell: (row) => ms(row.unknownNs) },
  { title: 'busy %', align: 'right', cell: busyPercent },
  { title: 'switches', align: 'right', cell: (row) => integer(row.switches) },
  { title: 'migrations in', align: 'right', cell: (row) => integer(row.migrationsIn) },
  { title: 'depth mean', align: 'right', cell: (row) => row.depthMean?.toFixed(2) ?? '-' },
  { title: 'depth max', align: 'right', cell: (row) => integer(row.depthMax) },
];

function busyPercent({ busyNs, idleNs }: CpuRow): string {
  const known = busyNs + idleNs;
  return known === 0 ? '-' : ((100 * busyNs) / known).toFixed(1);
}
