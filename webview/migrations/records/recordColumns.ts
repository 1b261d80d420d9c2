import type { MigrationSummary, RecordRow, RecordSortKey } from '../../../src/protocol/migrationMessages.js';
import { element, linkButton, type Child } from '../../common/dom.js';
import {
  formatCount,
  formatDurationExact,
  formatSeconds,
  unknownText,
  unknownTitle,
} from '../../common/format.js';
import type { Column } from '../../common/table.js';
import { flagNames, typeName } from './kernelNames.js';

export interface RecordColumnDeps {
  readonly summary: () => MigrationSummary | null;
  readonly showLine: (line: number) => void;
}

type RecordColumn = Column<RecordRow, RecordSortKey>;

/** All columns, what decides first. Headings carry units; a title says what the column is in the file. */
export function recordColumns(deps: RecordColumnDeps, hasComms: boolean): RecordColumn[] {
  const count = (key: RecordSortKey & keyof RecordRow, label: string, title: string, widthPx = 84) =>
    numeric(key, label, title, widthPx, (row) => orUnknown(row[key] as number | null, formatCount));
  return [
    numeric('ts', 'Time (s)', 'ts: since the first call, monotonic clock', 104, (row) => timeCell(row, deps)),
    ...(hasComms ? [text('comm', 'Task', 'comm', 130, (row) => row.comm ?? unknownText)] : []),
    numeric('pid', 'PID', 'pid', 64, (row) => String(row.pid)),
    text('outcome', 'Decision', 'migration, forced', 92, (row) => outcome(row)),
    numeric('srcCpu', 'From', 'src_cpu: the CPU that would lose the task', 54, (row) => cpu(row.srcCpu)),
    numeric('dstCpu', 'To', 'dst_cpu: the CPU that would get the task', 48, (row) => cpu(row.dstCpu)),
    text('type', 'Type', 'migration_type', 62, (row) => typeName(row.type)),
    text('idle', 'CPU was', 'cpu_idle, cpu_newly_idle: the state of the pulling CPU', 86, (row) => row.idle),
    numeric('lat', 'Call (µs)', 'lat_ns: how long the call took, with what the probe adds', 78, (row) =>
      orUnknown(row.lat, (ns) => (ns / 1000).toFixed(3)),
    ),
    numeric('delta', 'Delta (ms)', 'delta: run queue clock less start_runtime', 100, (row) => deltaCell(row)),
    count('balanceFailed', 'Failed', 'sd_nr_balance_failed: balancing attempts that failed in a row', 66),
    count(
      'cacheNiceTries',
      'Nice tries',
      'sd_cache_nice_tries: with more failed attempts a hot task is forced',
      82,
    ),
    count('nrMigrations', 'Migr. so far', 'task_nr_migrations: migrations of the task before', 100),
    count('taskUtilAvg', 'Task util (/1024)', 'task_util_avg', 126),
    count('taskLoadAvg', 'Task load avg', 'task_load_avg, not scaled', 114),
    count('srcRunning', 'From running', 'src_rq_nr_running: tasks on the source run queue', 110),
    count('dstRunning', 'To running', 'dst_rq_nr_running: tasks on the destination run queue', 96),
    count('srcLoad', 'From load (×1024)', 'src_rq_load: sum of weights × 1024', 140),
    count('dstLoad', 'To load (×1024)', 'dst_rq_load: sum of weights × 1024', 128),
    count('srcLoadAvg', 'From load avg', 'src_rq_load_avg, not scaled', 114),
    count('dstLoadAvg', 'To load avg', 'dst_rq_load_avg, not scaled', 102),
    count('srcUtilAvg', 'From util (/1024)', 'src_rq_util_avg', 128),
    count('dstUtilAvg', 'To util (/1024)', 'dst_rq_util_avg', 116),
    numeric('imbalance', 'Imbalance', 'imbalance: what is to be moved, in the unit of the type', 88, (row) =>
      grouped(row.imbalance),
    ),
    numeric('vruntime', 'vruntime (ms)', 'task_vruntime', 124, (row) => milliseconds(row.vruntime)),
    numeric(
      'startRuntime',
      'start_runtime (s)',
      'start_runtime: the run queue clock, which is not that of ts',
      126,
      (row) => (row.neverRan ? neverRan() : formatSeconds(BigInt(row.startRuntime), 6)),
    ),
    numeric('cpu', 'On CPU', 'cpu: where the balancer ran', 64, (row) => cpu(row.cpu)),
    count('loop', 'Loop', 'loop: tasks looked at before in this attempt', 54),
    numeric('lbFlags', 'LB flags', 'lb_flags', 72, (row) => flags(row.lbFlags)),
    numeric('sdFlags', 'SD flags', 'sd_flags: flags of the scheduling domain', 74, (row) =>
      orUnknown(row.sdFlags, (value) => `0x${value.toString(16)}`),
    ),
    numeric('row', 'Line', 'Line of the source', 76, (row) =>
      linkButton(formatCount(row.line), `Show line ${formatCount(row.line)} of the source`, () =>
        deps.showLine(row.line),
      ),
    ),
  ];
}

function numeric(
  key: RecordSortKey,
  label: string,
  title: string,
  widthPx: number,
  cell: (row: RecordRow) => Child,
): RecordColumn {
  return { key, label, title: `${title}. Sort`, numeric: true, widthPx, cell };
}

function text(
  key: RecordSortKey,
  label: string,
  title: string,
  widthPx: number,
  cell: (row: RecordRow) => Child,
): RecordColumn {
  return { key, label, title: `${title}. Sort`, numeric: false, widthPx, cell };
}

function orUnknown(value: number | null, format: (value: number) => string): Child {
  return value === null
    ? element('span', { className: 'unknown', title: unknownTitle }, unknownText)
    : format(value);
}

function cpu(value: number | null): Child {
  return orUnknown(value, String);
}

function timeCell(row: RecordRow, { summary }: RecordColumnDeps): Child {
  const start = BigInt(summary()?.startNs ?? '0');
  return element(
    'span',
    { title: `${formatSeconds(BigInt(row.ts), 9)} s on the monotonic clock` },
    formatSeconds(BigInt(row.ts) - start, 6),
  );
}

function outcome(row: RecordRow): HTMLElement {
  const kind = row.forced === true ? 'forced' : row.migrated ? 'migrated' : 'refused';
  return element(
    'span',
    { className: `outcome ${kind}` },
    element('span', { className: `mark ${kind}`, attributes: { 'aria-hidden': 'true' } }),
    kind,
  );
}

function deltaCell(row: RecordRow): Child {
  if (row.neverRan) return neverRan();
  return element('span', { title: formatDurationExact(Number(row.delta)) }, milliseconds(row.delta));
}

function neverRan(): HTMLElement {
  return element(
    'span',
    {
      className: 'never-ran',
      title: 'start_runtime is 0: the task had not run since it was forked or moved there',
    },
    'never ran',
  );
}

/** Nanoseconds as milliseconds with six decimals, exact. */
function milliseconds(ns: string): string {
  const isNegative = ns.startsWith('-');
  const digits = (isNegative ? ns.slice(1) : ns).padStart(7, '0');
  return `${isNegative ? '-' : ''}${grouped(digits.slice(0, -6))}.${digits.slice(-6)}`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

function flags(value: number | null): Child {
  if (value === null) return orUnknown(value, String);
  return element('span', { title: flagNames(value) }, `0x${value.toString(16)}`);
}
