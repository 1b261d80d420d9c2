/** Columns of a set by name, with a failure that says who lacks one; and rows by their recording. */
import { Failure } from '../../base/errors.js';
import { RECORD_COLUMN_NAMES, type RecordColumnName } from '../../trace/migrations/recordColumns.js';
import type { MigrationRecording, MigrationSet } from './migrationSet.js';

/** Of recordings that lack a column so many are named. */
const NAMED = 3;

/** Failures: `wrong-usage` (there is no such column at all), `bad-input` (a recording does not have it). */
export function columnOf(set: MigrationSet, name: string): Float64Array {
  const values = set.columns.get(name as RecordColumnName);
  if (values !== undefined) return values;
  if (!(RECORD_COLUMN_NAMES as readonly string[]).includes(name)) {
    throw new Failure(
      'wrong-usage',
      `Migration records have no column "${name}". They have: ${RECORD_COLUMN_NAMES.join(', ')}.`,
    );
  }
  const lacking = set.recordings.filter(({ lacks }) => lacks?.includes(name as RecordColumnName));
  const listed = lacking.slice(0, NAMED).map(({ path }) => path);
  const others = lacking.length > NAMED ? ` and ${lacking.length - NAMED} more` : '';
  const who = listed.length === 0 ? 'a recording' : `${listed.join(', ')}${others}`;
  throw new Failure(
    'bad-input',
    name === 'forced'
      ? `Forced migrations are not told by ${who}: there is neither a column "forced" nor a 2 in "migration". Leave it out, or record it again.`
      : `The column "${name}" is needed, and missing in ${who}. Leave it out, or record it again.`,
  );
}

/** The workloads of a set, by name. */
export function workloadsOf(set: MigrationSet): readonly string[] {
  return [...new Set(set.recordings.map(({ workload }) => workload))].sort();
}

/** Rows of the recordings that are wanted, ascending. */
export function rowsWhere(
  set: MigrationSet,
  isWanted: (recording: MigrationRecording) => boolean,
): Uint32Array {
  const wanted = set.recordings.filter(isWanted);
  const rows = new Uint32Array(wanted.reduce((sum, recording) => sum + recording.rows, 0));
  let at = 0;
  for (const { firstRow, rows: count } of wanted) {
    for (let row = firstRow; row < firstRow + count; row += 1) rows[at++] = row;
  }
  return rows;
}

export function allRows(set: MigrationSet): Uint32Array {
  return Uint32Array.from({ length: set.rows }, (_, row) => row);
}
