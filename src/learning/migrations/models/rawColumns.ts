import type { FeatureTable } from '../../../dataset/migrations/migrationSet.js';
import type { NumericColumn } from '../../trees/binnedTable.js';

/** [rows] of that column, or `null` when the table has none of that name. */
export function columnOf({ names, rows, values }: FeatureTable, name: string): Float64Array | null {
  const at = names.indexOf(name);
  if (at < 0) return null;
  return Float64Array.from({ length: rows }, (_, row) => values[row * names.length + at]!);
}

export function columnsOf(table: FeatureTable): NumericColumn[] {
  return table.names.map((name) => ({ name, values: columnOf(table, name)! }));
}
