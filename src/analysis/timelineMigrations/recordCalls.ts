import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { RecordFacts } from '../migrationRecords/recordFacts.js';
import type { Moves } from './moves.js';

/** The calls of a table of migration records, in order of time. */
export interface RecordCalls {
  readonly store: MigrationRecordStore;
  readonly facts: RecordFacts;
  /** Absolute time of offset 0, of the records' clock. */
  readonly baseNs: bigint;
  /** Rows in order of time. */
  readonly rows: Uint32Array;
  /** Begin of each call, ns after `baseNs`, in the order of `rows`. */
  readonly startNs: Float64Array;
  /** Those that allowed a migration, by the times of their ends; and where each stands in `rows`. */
  readonly allowed: Moves;
  readonly allowedAt: Uint32Array;
}

/** Null: the records do not tell the CPUs, and so have no place on the timeline. */
export function recordCalls(store: MigrationRecordStore): RecordCalls | null {
  const from = store.column('src_cpu');
  const to = store.column('dst_cpu');
  if (from === undefined || to === undefined) return null;
  const ts = store.required('ts');
  const facts = new RecordFacts(store);
  const baseNs = store.length === 0 ? 0n : ts.exactAt(0);
  // Lines of several CPUs may be out of order by a little; files put together are by more.
  const offsets = Float64Array.from({ length: store.length }, (_, row) => Number(ts.exactAt(row) - baseNs));
  const rows = Uint32Array.from(offsets.keys()).sort((a, b) => offsets[a]! - offsets[b]! || a - b);
  const startNs = Float64Array.from(rows, (row) => offsets[row]!);
  const duration = store.column('lat_ns');
  const pid = store.required('pid');
  const ends = [...rows.keys()]
    .filter((at) => facts.isMigrated(rows[at]!))
    .map((at) => ({ at, row: rows[at]!, endNs: startNs[at]! + (duration?.at(rows[at]!) ?? 0) }))
    .sort((a, b) => a.endNs - b.endNs || a.at - b.at);
  const allowed: Moves = {
    length: ends.length,
    timeNs: Float64Array.from(ends, ({ endNs }) => endNs),
    pid: Uint32Array.from(ends, ({ row }) => pid.at(row)),
    fromCpu: Uint16Array.from(ends, ({ row }) => from.at(row)),
    toCpu: Uint16Array.from(ends, ({ row }) => to.at(row)),
  };
  return { store, facts, baseNs, rows, startNs, allowed, allowedAt: Uint32Array.from(ends, ({ at }) => at) };
}
