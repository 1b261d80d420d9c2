import { latencyText } from '../analysis/perf/latencyText.js';
import { schedLatency, type LatencyReport } from '../analysis/perf/latency.js';
import type { PerfCompat } from '../analysis/perf/taskState.js';
import { timehist as timehistRows, type TimehistRow } from '../analysis/perf/timehist.js';
import { TimehistText } from '../analysis/perf/timehistText.js';
import { EventType } from '../trace/model/eventType.js';
import type { EventStore } from '../trace/model/eventStore.js';
import { readStore, type InputOptions } from './openTrace.js';
import { LineWriter, printLines, printable, toJson } from './output.js';

export interface TimehistOptions extends InputOptions {
  readonly compat: PerfCompat;
  readonly cpuVisual?: boolean;
  readonly wakeups?: boolean;
  readonly migrations?: boolean;
  readonly next?: boolean;
  readonly state?: boolean;
  readonly json?: boolean;
}

export interface LatencyOptions extends InputOptions {
  readonly compat: PerfCompat;
  readonly mergeByComm?: boolean;
  readonly json?: boolean;
}

/** `timehist FILE…`: the rows and columns of `perf sched timehist`. */
export async function timehist(paths: readonly string[], options: TimehistOptions): Promise<void> {
  const store = await readStore(paths, options);
  const { compat, wakeups = false, migrations = false } = options;
  noteUnknown(store, [
    !store.hasWakeups && 'no wakeup events: the delays (sch delay) are unknown (-)',
    !store.metadata.capabilities.prevState &&
      'no states: whether a task was preempted or slept is unknown (state ?)',
  ]);
  const rows = timehistRows(store, { compat, wakeups, migrations });
  if (options.json === true) await printTimehistJson(store, compat, rows);
  else await printTimehistText(store, options, rows);
}

async function printTimehistText(
  store: EventStore,
  options: TimehistOptions,
  rows: Iterable<TimehistRow>,
): Promise<void> {
  const text = new TimehistText(store, options);
  const writer = new LineWriter();
  for (const line of text.header()) await writer.line(line);
  // perf pads to the right; what is only padding at the end of a line is kept, to be equal to the byte.
  for (const row of rows) await writer.line(printable(text.line(row)));
  await writer.flush();
}

/** One document, a row a line, written as it is computed: recordings have millions of rows. */
async function printTimehistJson(
  store: EventStore,
  compat: PerfCompat,
  rows: Iterable<TimehistRow>,
): Promise<void> {
  const writer = new LineWriter();
  await writer.line(`{"compat":${JSON.stringify(compat)},"rows":[`);
  let before: string | undefined;
  for (const row of rows) {
    if (before !== undefined) await writer.line(`${before},`);
    before = JSON.stringify(timehistJson(store, row));
  }
  if (before !== undefined) await writer.line(before);
  await writer.line(']}');
  await writer.flush();
}

function timehistJson(store: EventStore, row: TimehistRow): object {
  const timeNs = (store.baseNs + BigInt(row.offsetNs)).toString();
  switch (row.kind) {
    case 'switch': {
      const { kind, cpu, tid, label, waitNs, delayNs, runNs, state, nextPid, nextComm } = row;
      const known = state === '?' ? null : state;
      return { kind, timeNs, cpu, tid, task: label, waitNs, delayNs, runNs, state: known, nextPid, nextComm };
    }
    case 'wakeup':
      return { kind: row.kind, timeNs, cpu: row.cpu, task: row.label, awakened: row.awakened };
    case 'migration': {
      const { kind, cpu, label, migrated, fromCpu, toCpu } = row;
      return { kind, timeNs, cpu, task: label, migrated, fromCpu, toCpu };
    }
    case 'lost':
      return { kind: row.kind, timeNs, cpu: row.cpu, count: row.count ?? null };
  }
}

/** `latency FILE…`: per task, as `perf sched latency -p`. */
export async function latency(paths: readonly string[], options: LatencyOptions): Promise<void> {
  const store = await readStore(paths, options);
  const { compat, mergeByComm = false } = options;
  const report = schedLatency(store, { compat, mergeByComm });
  noteUnknown(store, [
    !store.hasWakeups && 'no wakeup events: the delays are unknown (-)',
    store.countOf(EventType.StatRuntime) === 0 && 'no sched_stat_runtime events: run times are unknown (-)',
  ]);
  await printLines(
    options.json === true
      ? [toJson(latencyJson(store, compat, report))]
      : latencyText(store, report, compat).map(printable),
  );
}

function latencyJson(store: EventStore, compat: PerfCompat, report: LatencyReport): object {
  const absolute = (offsetNs: number | null) => (offsetNs === null ? null : store.baseNs + BigInt(offsetNs));
  return {
    compat,
    totalRuntimeNs: report.totalRuntimeNs,
    totalSwitches: report.totalSwitches,
    unorderedTimestamps: report.unorderedTimestamps,
    contextSwitchBugs: report.contextSwitchBugs,
    tasks: report.rows.map((row) => ({
      comm: row.comm,
      pid: row.pid,
      threads: row.threads,
      runtimeNs: row.runtimeNs,
      switches: row.switches,
      averageDelayNs: row.averageDelayNs,
      maxDelayNs: row.maxDelayNs,
      maxStartNs: absolute(row.maxStartOffsetNs),
      maxEndNs: absolute(row.maxEndOffsetNs),
    })),
  };
}

/** One line on stderr for all that the recording does not hold. */
function noteUnknown(store: EventStore, reasons: readonly (string | false)[]): void {
  const told = reasons.filter((reason) => reason !== false);
  if (told.length === 0) return;
  process.stderr.write(`note: this recording (${store.metadata.format}) has ${told.join('; ')}.\n`);
}
