import type { MigrationSummary } from '../../protocol/migrationMessages.js';
import {
  MIGRATION_RECORDS_FORMAT,
  MIGRATION_RECORDS_LABEL,
} from '../../trace/migrations/importMigrationRecords.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { RECORD_COLUMN_NAMES } from '../../trace/migrations/recordColumns.js';
import { cautionsOf } from './cautions.js';
import { latencyOfCalls } from './latencyOfCalls.js';
import { countRecords } from './recordCounts.js';
import { RecordFacts } from './recordFacts.js';

/** Everything that can be said of migration records as a whole. */
export function summariseMigrations(store: MigrationRecordStore, name: string): MigrationSummary {
  const facts = new RecordFacts(store);
  const counts = countRecords(store, facts);
  const { calls, migrated, forced } = counts.all;
  const { firstRow, lastRow } = timeBounds(store);
  const ts = store.required('ts');
  const lat = store.column('lat_ns');
  return {
    name,
    format: MIGRATION_RECORDS_FORMAT,
    formatLabel: MIGRATION_RECORDS_LABEL,
    rows: calls,
    migrated,
    refused: calls - migrated,
    forced,
    neverRan: counts.neverRan,
    tasks: counts.tasks,
    startNs: ts.exactAt(firstRow).toString(),
    endNs: ts.exactAt(lastRow).toString(),
    durationNs: Number(ts.exactAt(lastRow) - ts.exactAt(firstRow)),
    byType: counts.byType,
    byIdle: counts.byIdle,
    byPair: counts.byPair,
    latency: lat === undefined ? null : latencyOfCalls(lat, calls),
    malformed: { count: store.malformedCount, lines: store.malformedLines },
    lostRecords: store.lostRecords,
    cautions: cautionsOf(store, facts, counts),
    remarks: store.diagnostics.map(({ severity, message, line }) => ({
      severity,
      message,
      line: line ?? null,
    })),
    hasComms: store.hasComms,
    missingColumns: RECORD_COLUMN_NAMES.filter((column) => store.column(column) === undefined),
    unknownColumns: store.unknownColumns,
  };
}

/** Rows of the earliest and the latest record: recordings put together need not be in order. */
function timeBounds(store: MigrationRecordStore): { firstRow: number; lastRow: number } {
  const ts = store.required('ts');
  let firstRow = 0;
  let lastRow = 0;
  for (let row = 1; row < store.length; row += 1) {
    if (ts.at(row) < ts.at(firstRow)) firstRow = row;
    if (ts.at(row) >= ts.at(lastRow)) lastRow = row;
  }
  return { firstRow, lastRow };
}
