import type { CallCounts, IdleCounts, PairCounts, TypeCounts } from '../../protocol/migrationMessages.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { MIGRATION_TYPES } from '../../trace/migrations/recordColumns.js';
import type { RecordFacts } from './recordFacts.js';

interface Tally {
  calls: number;
  migrated: number;
  forced: number;
}

/** Counts of calls over all records, in one pass. */
export interface RecordCounts {
  readonly all: CallCounts;
  readonly neverRan: number;
  readonly contradictions: number;
  readonly tasks: number;
  readonly byType: readonly TypeCounts[] | null;
  readonly byIdle: readonly IdleCounts[];
  readonly byPair: readonly PairCounts[] | null;
}

export function countRecords(store: MigrationRecordStore, facts: RecordFacts): RecordCounts {
  const all = emptyTally();
  const byType = new Map<number, Tally>();
  const byIdle = new Map<number, Tally>();
  /** By source · 65536 + destination. */
  const byPair = new Map<number, Tally>();
  const pids = new Set<number>();
  const pid = store.required('pid');
  const type = store.column('migration_type');
  const source = store.column('src_cpu');
  const destination = store.column('dst_cpu');
  let neverRan = 0;
  let contradictions = 0;
  for (let row = 0; row < store.length; row += 1) {
    const migrated = facts.isMigrated(row);
    const forced = facts.isForced(row);
    add(all, migrated, forced);
    add(tallyOf(byIdle, facts.idleCode(row)), migrated, forced);
    if (type !== undefined) add(tallyOf(byType, type.at(row)), migrated, forced);
    if (source !== undefined && destination !== undefined) {
      add(tallyOf(byPair, source.at(row) * 65536 + destination.at(row)), migrated, forced);
    }
    pids.add(pid.at(row));
    if (facts.hasNeverRun(row)) neverRan += 1;
    if (facts.isContradiction(row)) contradictions += 1;
  }
  const counts = (tally: Tally): CallCounts => ({
    calls: tally.calls,
    migrated: tally.migrated,
    forced: facts.tellsForced ? tally.forced : null,
  });
  return {
    all: counts(all),
    neverRan,
    contradictions,
    tasks: pids.size,
    byType: type === undefined ? null : typeCounts(byType, counts),
    byIdle: (['busy', 'idle', 'newly idle'] as const).map((idle, code) => ({
      idle,
      ...counts(byIdle.get(code) ?? emptyTally()),
    })),
    byPair: source === undefined || destination === undefined ? null : pairCounts(byPair, counts),
  };
}

function typeCounts(tallies: Map<number, Tally>, counts: (tally: Tally) => CallCounts): TypeCounts[] {
  return [...tallies]
    .map(([type, tally]) => ({ type, name: MIGRATION_TYPES[type] ?? String(type), ...counts(tally) }))
    .sort((a, b) => a.type - b.type);
}

function pairCounts(tallies: Map<number, Tally>, counts: (tally: Tally) => CallCounts): PairCounts[] {
  return [...tallies]
    .map(([pair, tally]) => ({
      srcCpu: Math.floor(pair / 65536),
      dstCpu: pair % 65536,
      ...counts(tally),
    }))
    .sort((a, b) => b.calls - a.calls || a.srcCpu - b.srcCpu || a.dstCpu - b.dstCpu);
}

function emptyTally(): Tally {
  return { calls: 0, migrated: 0, forced: 0 };
}

function tallyOf(tallies: Map<number, Tally>, key: number): Tally {
  let tally = tallies.get(key);
  if (tally === undefined) tallies.set(key, (tally = emptyTally()));
  return tally;
}

function add(tally: Tally, migrated: boolean, forced: boolean): void {
  tally.calls += 1;
  if (migrated) tally.migrated += 1;
  if (forced) tally.forced += 1;
}
