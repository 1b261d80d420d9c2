import { basename } from 'node:path';
import { MigrationSession } from '../analysis/migrationRecords/migrationSession.js';
import type { ByteSource } from '../base/byteSource.js';
import type {
  CallCounts,
  CallLatency,
  MigrationSummary,
  PairCounts,
  TypeCounts,
} from '../protocol/migrationMessages.js';
import { ProgressLine } from './openTrace.js';
import { integer, printLines, printable, stamp, table, toJson, type Column } from './output.js';

export interface MigrationInfoOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Pairs of CPUs that are listed; `--json` has them all. */
const LISTED_PAIRS = 12;
/** Malformed lines that are named one by one. */
const NAMED_LINES = 5;

/** `info FILE` of migration records: the summary that their view shows. */
export async function migrationInfo(source: ByteSource, options: MigrationInfoOptions): Promise<void> {
  const session = new MigrationSession(basename(source.name));
  const progress = new ProgressLine(options.quiet === true);
  try {
    await session.load(source, {
      onUpdate: (state) => {
        if (state.kind !== 'reading') return;
        const { doneBytes, totalBytes, rows } = state.progress;
        progress.show({ doneBytes, totalBytes: totalBytes ?? undefined, events: rows }, 'records');
      },
    });
  } finally {
    progress.clear();
  }
  const { state } = session;
  if (state.kind !== 'ready') return;
  complain(state.summary);
  await printLines(options.json === true ? [toJson(state.summary)] : readable(state.summary));
}

/** What is wrong with the file goes to stderr: it must not get into what is piped on. */
function complain({ malformed, remarks }: MigrationSummary): void {
  for (const { severity, message, line } of remarks) {
    if (severity !== 'info') {
      process.stderr.write(`${severity}: ${line === null ? '' : `line ${line}: `}${printable(message)}\n`);
    }
  }
  for (const { line, reason, excerpt } of malformed.lines.slice(0, NAMED_LINES)) {
    process.stderr.write(
      `warning: line ${line} was left out: ${printable(reason)} ("${printable(excerpt)}")\n`,
    );
  }
  if (malformed.count > NAMED_LINES) {
    process.stderr.write(`warning: ${malformed.count} lines in all are malformed and were left out\n`);
  }
}

function* readable(summary: MigrationSummary): Generator<string> {
  const { rows, migrated, refused, forced } = summary;
  yield `format         ${summary.format}: one row a call of can_migrate_task`;
  yield `calls          ${rows}`;
  yield `migrated       ${ofAll(migrated, rows, 'calls')}`;
  yield `refused        ${ofAll(refused, rows, 'calls')}`;
  yield `forced         ${
    forced === null
      ? 'not told by this file'
      : `${ofAll(forced, migrated, 'migrations')}, ${ofAll(forced, rows, 'calls')} (allowed although cache-hot)`
  }`;
  yield `never ran      ${ofAll(summary.neverRan, rows, 'calls')}: their delta is no duration`;
  yield `tasks          ${summary.tasks} pids`;
  yield `first call     ${stamp(BigInt(summary.startNs))} s`;
  yield `last call      ${stamp(BigInt(summary.endNs))} s`;
  yield `malformed      ${summary.malformed.count} lines`;
  if (summary.lostRecords > 0) yield `lost           ${summary.lostRecords} records, as the collector says`;
  if (summary.missingColumns.length > 0) yield `not recorded   ${summary.missingColumns.join(', ')}`;
  if (summary.unknownColumns.length > 0) {
    yield `other columns  ${summary.unknownColumns.map(printable).join(', ')}`;
  }
  yield '';
  yield* latencyLines(summary.latency);
  if (summary.byType !== null) {
    yield '';
    yield* table(TYPE_COLUMNS, summary.byType);
  }
  if (summary.byPair !== null) {
    yield '';
    yield* table(PAIR_COLUMNS, summary.byPair.slice(0, LISTED_PAIRS));
    const more = summary.byPair.length - LISTED_PAIRS;
    if (more > 0) yield `… and ${more} more pairs (--json lists all)`;
  }
  yield '';
  for (const { title, text } of summary.cautions) yield `note: ${title}. ${text}`;
}

function* latencyLines(latency: CallLatency | null): Generator<string> {
  if (latency === null) {
    yield 'call latency   not told by this file';
    return;
  }
  const us = (ns: number) => (ns / 1000).toFixed(3);
  const { p50Ns, p90Ns, p99Ns, maxNs } = latency;
  yield `call latency   median ${us(p50Ns)}, p90 ${us(p90Ns)}, p99 ${us(p99Ns)}, max ${us(maxNs)} µs (with the probe's share)`;
}

/** Counts first: a share alone would hide how few there are. */
function ofAll(part: number, whole: number, what: string): string {
  if (whole === 0) return `${part} of 0 ${what}`;
  const percent = (100 * part) / whole;
  return `${part} of ${whole} ${what}, ${percent > 0 && percent < 0.01 ? '< 0.01' : percent.toFixed(2)} %`;
}

function countColumns<Row extends CallCounts>(): Column<Row>[] {
  return [
    { title: 'calls', align: 'right', cell: (row) => String(row.calls) },
    { title: 'migrated', align: 'right', cell: (row) => String(row.migrated) },
    { title: 'refused', align: 'right', cell: (row) => String(row.calls - row.migrated) },
    { title: 'forced', align: 'right', cell: (row) => integer(row.forced) },
  ];
}

const TYPE_COLUMNS: readonly Column<TypeCounts>[] = [
  { title: 'migration type', align: 'left', cell: (row) => row.name },
  ...countColumns<TypeCounts>(),
];

const PAIR_COLUMNS: readonly Column<PairCounts>[] = [
  { title: 'from CPU', align: 'right', cell: (row) => String(row.srcCpu) },
  { title: 'to CPU', align: 'right', cell: (row) => String(row.dstCpu) },
  ...countColumns<PairCounts>(),
];
