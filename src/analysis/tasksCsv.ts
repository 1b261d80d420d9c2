import type { TaskRow } from '../protocol/traceMessages.js';

const COLUMNS: readonly {
  readonly title: string;
  readonly cell: (row: TaskRow) => string | number | null;
}[] = [
  { title: 'pid', cell: (row) => row.pid },
  { title: 'tgid', cell: (row) => row.tgid },
  { title: 'comm', cell: (row) => row.comm },
  { title: 'runtime_ns', cell: (row) => row.runtimeNs },
  { title: 'switches', cell: (row) => row.switches },
  { title: 'wakeups', cell: (row) => row.wakeups },
  { title: 'migrations', cell: (row) => row.migrations },
  { title: 'wakeup_latency_mean_ns', cell: (row) => row.wakeupLatencyMeanNs },
  { title: 'wakeup_latency_p50_ns', cell: (row) => row.wakeupLatencyP50Ns },
  { title: 'wakeup_latency_p90_ns', cell: (row) => row.wakeupLatencyP90Ns },
  { title: 'wakeup_latency_p99_ns', cell: (row) => row.wakeupLatencyP99Ns },
  { title: 'wakeup_latency_max_ns', cell: (row) => row.wakeupLatencyMaxNs },
  { title: 'preemption_wait_total_ns', cell: (row) => row.preemptionWaitTotalNs },
  { title: 'preemption_wait_mean_ns', cell: (row) => row.preemptionWaitMeanNs },
  { title: 'preemption_wait_p50_ns', cell: (row) => row.preemptionWaitP50Ns },
  { title: 'preemption_wait_p90_ns', cell: (row) => row.preemptionWaitP90Ns },
  { title: 'preemption_wait_p99_ns', cell: (row) => row.preemptionWaitP99Ns },
  { title: 'preemption_wait_max_ns', cell: (row) => row.preemptionWaitMaxNs },
];

/** The task table as CSV by RFC 4180, with a header; unknown cells are empty. */
export function tasksAsCsv(rows: readonly TaskRow[]): string {
  const lines = rows.map((row) => COLUMNS.map(({ cell }) => csvCell(cell(row))).join(','));
  return [COLUMNS.map(({ title }) => title).join(','), ...lines, ''].join('\r\n');
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return /^\s|\s$|[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
