import {
  cleaned,
  type Cleaned,
  type CleanedTable,
  type ColumnScaling,
} from '../../../dataset/migrations/cleaning.js';
import { experimentColumns } from '../../../dataset/migrations/experimentColumns.js';
import type { Labelled, MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import { allRows } from '../../../dataset/migrations/setColumns.js';
import { splitRows, type RowSplitKind } from '../../../dataset/migrations/splitRows.js';
import type { WayName } from '../../../protocol/neuralCfs.js';

/** Of the rows; so much that rare positives are enough to score more workloads. */
export const TEST_SHARE = 0.3;

/** Training and test as models are given them. */
export interface PreparedRows {
  readonly steps: Cleaned['steps'];
  /** How rows were split, for people. */
  readonly split: string;
  readonly train: CleanedTable;
  readonly test: CleanedTable;
  readonly classWeights: readonly [number, number];
  /** Of the columns that are left. */
  readonly scaling: readonly ColumnScaling[];
}

interface Way {
  readonly by: RowSplitKind;
  readonly isPublished: boolean;
}

const WAYS: Readonly<Record<WayName, Way>> = {
  published: { by: 'row', isPublished: true },
  group: { by: 'group', isPublished: false },
  recording: { by: 'recording', isPublished: false },
  workload: { by: 'workload', isPublished: false },
};

/**
 * As the thesis did: classes half and half by a draw from all rows, normalised by all of them, split by row. Any other way:
 * at natural prevalence with class weights, all fitted on training rows, and no history group in training and test.
 * @param rows of the set, ascending, all unless given; columns: the thesis's unless given
 * Failures: those of `splitRows` and `cleaned`.
 */
export function preparedRows(
  set: MigrationSet,
  labels: Labelled,
  wayName: WayName,
  {
    seed,
    rows = allRows(set),
    columns = experimentColumns(labels.experiment),
  }: { readonly seed: number; readonly rows?: Uint32Array; readonly columns?: readonly string[] },
): PreparedRows {
  const { by, isPublished } = WAYS[wayName];
  const { train, test, note } = splitRows(set, labels, { by, testShare: TEST_SHARE, seed, rows });
  const clean = cleaned(set, labels, {
    columns,
    trainRows: train,
    seed,
    balance: isPublished ? 'half' : 'natural',
    fitOn: isPublished ? 'all' : 'train',
    allRows: rows,
  });
  return {
    steps: clean.steps,
    split: note,
    train: clean.train,
    test: clean.table(test, isPublished ? 'half' : 'natural'),
    classWeights: isPublished ? [1, 1] : clean.classWeights,
    scaling: clean.scaling,
  };
}
