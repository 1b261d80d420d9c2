/** Which records cannot be learned from, though the reader could read them. */
import type { RecordColumnName } from '../../trace/migrations/recordColumns.js';
import type { MigrationSet } from './migrationSet.js';
import { columnOf } from './setColumns.js';

/** Why a row is left out, as part of a sentence; 0 of `Validity.reasons` is none. */
export interface Validity {
  /** [rows of the set] index in `reasons` */
  readonly reason: Uint8Array;
  readonly reasons: readonly string[];
}

/** What the kernel keeps with a sign (kernel/sched/fair.c); everything else counts something. */
const SIGNED: readonly string[] = ['task_vruntime', 'imbalance'] satisfies RecordColumnName[];
/** What means nothing before a task has run. */
const SINCE_IT_RAN: readonly string[] = ['delta', 'start_runtime'] satisfies RecordColumnName[];

const REASONS = ['', 'never ran (start_runtime is 0)', 'below zero', 'no finite number'] as const;
const NEVER_RAN = 1;
const NEGATIVE = 2;
const NOT_FINITE = 3;

/**
 * Rows that are invalid by what stands in these columns: a value that is no finite number; one below zero where the kernel
 * counts or measures; and, where `delta` or `start_runtime` is among the columns, a task that never ran: its start is 0, and
 * its delta the whole clock instead of a duration.
 */
export function validityOf(
  set: MigrationSet,
  columns: readonly string[],
  neverRan: 'invalid' | 'valid',
): Validity {
  const reason = new Uint8Array(set.rows);
  for (const name of columns) {
    const values = columnOf(set, name);
    const isSigned = SIGNED.includes(name);
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row]!;
      if (!Number.isFinite(value)) reason[row] = NOT_FINITE;
      else if (value < 0 && !isSigned && reason[row] === 0) reason[row] = NEGATIVE;
    }
  }
  if (neverRan === 'invalid' && columns.some((name) => SINCE_IT_RAN.includes(name))) {
    const start = columnOf(set, 'start_runtime');
    for (let row = 0; row < start.length; row += 1) if (start[row] === 0) reason[row] ||= NEVER_RAN;
  }
  return { reason, reasons: REASONS };
}
