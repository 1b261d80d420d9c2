import type { EventStore } from '../../trace/model/eventStore.js';
import type { LatencyReport, LatencyRow } from './latency.js';
import { PerfStamp, padBytes, roundedMilliseconds } from './perfText.js';
import type { PerfCompat } from './taskState.js';

const LINE = ` ${'-'.repeat(139)}`;
const TOTAL_LINE = ` ${'-'.repeat(113)}`;
const LAST_LINE = ` ${'-'.repeat(51)}`;
/** Width of the task column with its margins. */
const TASK_WIDTH = 24;

/** The whole text of `perf sched latency`, line by line. Numbers that are not known are dashes. */
export function latencyText(store: EventStore, report: LatencyReport, compat: PerfCompat): string[] {
  const stamp = new PerfStamp(store);
  const switches = compat === 'perf-6.1' ? ' Switches ' : '  Count   ';
  return [
    '',
    LINE,
    `  Task                  |   Runtime ms  |${switches}| Avg delay ms    | Max delay ms    | Max delay start           | Max delay end          |`,
    LINE,
    ...report.rows.map((row) => rowText(row, stamp)),
    TOTAL_LINE,
    `  TOTAL:                |${milliseconds(report.totalRuntimeNs, 11)} ms |${String(report.totalSwitches).padStart(9)} |`,
    LAST_LINE,
    ...faults(report),
    '',
  ];
}

function rowText(row: LatencyRow, stamp: PerfStamp): string {
  const task = row.threads > 1 ? `  ${row.comm}:(${row.threads}) ` : `  ${row.comm}:${row.pid} `;
  const areDelaysKnown = row.maxDelayNs !== null;
  const at = (offsetNs: number | null) =>
    (offsetNs !== null ? stamp.text(offsetNs) : areDelaysKnown ? '0.000000' : '-').padStart(12);
  return (
    `${padBytes(task, TASK_WIDTH)}|${milliseconds(row.runtimeNs, 11)} ms |${String(row.switches).padStart(9)} | ` +
    `avg:${milliseconds(row.averageDelayNs, 8)} ms | max:${milliseconds(row.maxDelayNs, 8)} ms | ` +
    `max start: ${at(row.maxStartOffsetNs)} s | max end: ${at(row.maxEndOffsetNs)} s`
  );
}

function milliseconds(ns: number | null, width: number): string {
  return (ns === null ? '-' : roundedMilliseconds(ns)).padStart(width);
}

/**
 * The lines of print_bad_events. That of lost events is left out: its percentage is of all records in the file,
 * which text does not hold.
 */
function faults(report: LatencyReport): string[] {
  const { timestamps, unorderedTimestamps, contextSwitchBugs, hasLosses } = report;
  const share = (count: number) => `${((count / timestamps) * 100).toFixed(3)}%`;
  const lines: string[] = [];
  if (timestamps === 0) return lines;
  if (unorderedTimestamps > 0) {
    lines.push(
      `  INFO: ${share(unorderedTimestamps)} unordered timestamps (${unorderedTimestamps} out of ${timestamps})`,
    );
  }
  if (contextSwitchBugs > 0) {
    lines.push(
      `  INFO: ${share(contextSwitchBugs)} context switch bugs (${contextSwitchBugs} out of ${timestamps})${hasLosses ? ' (due to lost events?)' : ''}`,
    );
  }
  return lines;
}
