import type { RecordRow } from '../../protocol/migrationMessages.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import type { RecordColumnName } from '../../trace/migrations/recordColumns.js';
import type { RecordFacts } from './recordFacts.js';

/** A record as the table shows it. */
export function recordRow(store: MigrationRecordStore, facts: RecordFacts, row: number): RecordRow {
  const value = (name: RecordColumnName) => store.required(name).at(row);
  const exact = (name: RecordColumnName) => store.required(name).exactAt(row).toString();
  const optional = (name: RecordColumnName) => store.column(name)?.at(row) ?? null;
  return {
    row,
    line: store.lineOf(row),
    ts: exact('ts'),
    pid: value('pid'),
    comm: store.commAt(row) ?? null,
    migrated: facts.isMigrated(row),
    forced: facts.tellsForced ? facts.isForced(row) : null,
    idle: facts.idleKind(row),
    neverRan: facts.hasNeverRun(row),
    delta: exact('delta'),
    vruntime: exact('task_vruntime'),
    startRuntime: exact('start_runtime'),
    imbalance: exact('imbalance'),
    cpu: optional('cpu'),
    srcCpu: optional('src_cpu'),
    dstCpu: optional('dst_cpu'),
    type: optional('migration_type'),
    lat: optional('lat_ns'),
    taskLoadAvg: value('task_load_avg'),
    taskUtilAvg: value('task_util_avg'),
    nrMigrations: value('task_nr_migrations'),
    srcLoad: value('src_rq_load'),
    srcLoadAvg: value('src_rq_load_avg'),
    srcRunning: value('src_rq_nr_running'),
    srcUtilAvg: value('src_rq_util_avg'),
    dstLoad: value('dst_rq_load'),
    dstLoadAvg: value('dst_rq_load_avg'),
    dstRunning: value('dst_rq_nr_running'),
    dstUtilAvg: value('dst_rq_util_avg'),
    balanceFailed: value('sd_nr_balance_failed'),
    cacheNiceTries: value('sd_cache_nice_tries'),
    loop: optional('loop'),
    lbFlags: optional('lb_flags'),
    sdFlags: optional('sd_flags'),
  };
}
