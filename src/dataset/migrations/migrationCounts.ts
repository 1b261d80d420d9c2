/** Table 5.5 of the thesis from recordings of one's own: how often tasks are migrated, and how often by force. */
import { labelled } from './labels.js';
import type { MigrationSet } from './migrationSet.js';
import { allRows, rowsWhere, workloadsOf } from './setColumns.js';

export interface MigrationCounts {
  /** Null: all workloads together. */
  readonly workload: string | null;
  readonly recordings: number;
  readonly calls: number;
  readonly migrated: number;
  readonly forced: number;
  /** Calls that end in a forced migration: those of experiment 2. */
  readonly endingInForced: number;
}

/** By workload, and at last all together. Failures: those of `labelled`. */
export function migrationCounts(set: MigrationSet): MigrationCounts[] {
  const labels = ([1, 3, 2] as const).map((experiment) => labelled(set, experiment).labels);
  const countsOf = (workload: string | null, rows: Uint32Array): MigrationCounts => {
    const [migrated, forced, endingInForced] = labels.map((of) =>
      rows.reduce((sum, row) => sum + of[row]!, 0),
    ) as [number, number, number];
    const recordings = set.recordings.filter(
      (each) => workload === null || each.workload === workload,
    ).length;
    return { workload, recordings, calls: rows.length, migrated, forced, endingInForced };
  };
  const each = workloadsOf(set).map((workload) =>
    countsOf(
      workload,
      rowsWhere(set, (recording) => recording.workload === workload),
    ),
  );
  return [...each, countsOf(null, allRows(set))];
}
