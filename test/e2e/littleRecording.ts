import { recordingMeta, MIGRATION_RECORDS, TRACEFS } from '../support/recordingMeta.js';
import { recordsCsv, type RecordValues } from '../support/migrationRecords.js';
import { littleTrace, tasks } from './littleTrace.js';

/** When gamma moves from CPU 0 to CPU 1 by the load balancer, in ms; the calls end 20 µs before. One is forced. */
const MOVES = [110, 190, 310, 390, 470, 560, 620, 700];
export const FORCED_MS = 470;
/** A move without a call, and a call that refuses beta. */
export const OTHER_MOVE_MS = 810;
export const REFUSED_MS = 250;

/** The little trace with moves of tasks in it. */
export function traceWithMoves(): string {
  const lines = littleTrace().trimEnd().split('\n');
  const timeOf = (line: string) => Number(/\s(\d+\.\d+): /.exec(line)?.[1] ?? NaN);
  for (const ms of [...MOVES, OTHER_MOVE_MS]) {
    const time = 100 + ms / 1000;
    const event = `sched_migrate_task: comm=gamma pid=${tasks.gamma} prio=120 orig_cpu=0 dest_cpu=1`;
    const line = `          <idle>-0          [001] d..2.   ${time.toFixed(6)}: ${event}`;
    const at = lines.findIndex((each) => timeOf(each) > time);
    lines.splice(at, 0, line);
  }
  return `${lines.join('\n')}\n`;
}

/** Records of the calls that led to the moves, by the same clock. */
export function recordsOfMoves(pid: number = tasks.gamma): string {
  const call = (ms: number, values: RecordValues): RecordValues => ({
    ts: (100e3 + ms) * 1e6 - 25_000,
    lat_ns: 5000,
    pid,
    src_cpu: 0,
    dst_cpu: 1,
    migration: 1,
    sd_nr_balance_failed: 0,
    sd_cache_nice_tries: 1,
    cpu_newly_idle: 1,
    delta: 250_000,
    ...values,
  });
  const rows = MOVES.map((ms) => call(ms, ms === FORCED_MS ? { forced: 1, sd_nr_balance_failed: 3 } : {}));
  rows.push(call(REFUSED_MS, { pid: tasks.beta, migration: 0 }));
  return recordsCsv(rows);
}

/** Both with their descriptions: made at the same time on the same machine. */
export function recordingWithRecords(): Record<string, string> {
  return {
    'pair.ftrace': traceWithMoves(),
    'pair.ftrace.meta.json': JSON.stringify(recordingMeta('pair.ftrace', TRACEFS)),
    'pair.migrations.csv': recordsOfMoves(),
    'pair.migrations.csv.meta.json': JSON.stringify(recordingMeta('pair.migrations.csv', MIGRATION_RECORDS)),
  };
}
