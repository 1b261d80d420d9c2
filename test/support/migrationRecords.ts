/** Migration records for tests: rows by the values that matter, the others plain. */
import { bytesSource, type ByteSource } from '../../src/base/byteSource.js';
import { importMigrationRecords } from '../../src/trace/migrations/importMigrationRecords.js';
import type { MigrationRecordStore } from '../../src/trace/migrations/migrationRecordStore.js';
import { RECORD_COLUMN_NAMES } from '../../src/trace/migrations/recordColumns.js';

/** Values of a row by column; what is left out is 1, ts and start_runtime a little more each row. */
export type RecordValues = Readonly<Record<string, number | string>>;

export function recordsCsv(
  rows: readonly RecordValues[],
  columns: readonly string[] = RECORD_COLUMN_NAMES,
): string {
  const plain = (name: string, row: number): number => {
    if (name === 'ts') return 1_000_000_000 + row * 1000;
    if (name === 'start_runtime') return 900_000_000 + row * 1000;
    return name === 'forced' || name === 'cpu_idle' || name === 'cpu_newly_idle' ? 0 : 1;
  };
  const lines = rows.map((row, at) => columns.map((name) => row[name] ?? plain(name, at)).join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}

export function csvSource(text: string, chunkBytes?: number): ByteSource {
  return bytesSource('records.csv', new TextEncoder().encode(text), chunkBytes);
}

export function readRecords(text: string, chunkBytes?: number): Promise<MigrationRecordStore> {
  return importMigrationRecords(csvSource(text, chunkBytes));
}
