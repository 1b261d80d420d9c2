import { Failure } from '../../base/errors.js';
import type { MigrationRecordStore } from '../../trace/migrations/migrationRecordStore.js';
import { RecordFacts } from '../migrationRecords/recordFacts.js';
import type { LatencyPart } from './latencyFile.js';

/** Calls of `can_migrate_task` by what was decided, with how long they took (`lat_ns`). */
export function latencyParts(store: MigrationRecordStore, path: string): LatencyPart[] {
  const column = store.column('lat_ns');
  if (column === undefined) {
    throw new Failure(
      'bad-input',
      `${path} is a table of can_migrate_task calls without the column lat_ns: it does not tell how long they took.`,
    );
  }
  const facts = new RecordFacts(store);
  const kinds: [string, string, (row: number) => boolean][] = [
    ['all', 'all calls', () => true],
    ['allowed', 'allowed calls', (row) => facts.isMigrated(row)],
    ['refused', 'refused calls', (row) => !facts.isMigrated(row)],
  ];
  if (facts.tellsForced) kinds.push(['forced', 'forced calls', (row) => facts.isForced(row)]);
  const parts: LatencyPart[] = [];
  for (const [key, name, holds] of kinds) {
    const values = valuesOf(store.length, (row) => column.at(row), holds);
    if (values.length > 0) parts.push({ key, name, count: values.length, values: () => values });
  }
  return parts;
}

function valuesOf(rows: number, at: (row: number) => number, holds: (row: number) => boolean): Float64Array {
  const values = new Float64Array(rows);
  let length = 0;
  for (let row = 0; row < rows; row += 1) {
    const value = at(row);
    // Below zero a probe lost its beginning.
    if (!holds(row) || !(value >= 0)) continue;
    values[length] = value;
    length += 1;
  }
  return values.slice(0, length).sort();
}
