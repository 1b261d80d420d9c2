import type { TrainedImportance } from '../../../src/protocol/neuralCfs.js';
import type {
  ColumnRanking,
  RankedColumn,
  RankedWorkload,
  RankingWarning,
} from '../../../src/protocol/neuralCfsStudy.js';

/** All that is told of a column. */
export interface ColumnRow {
  readonly column: string;
  readonly warnings: readonly RankingWarning[];
  readonly isOfThesis: boolean;
  /** By workload as in the ranking; `null`: it has no variance there, or nothing was scored. */
  readonly scores: readonly (RankedColumn | null)[];
  /** Of the chosen workload. */
  readonly chosen: RankedColumn | null;
  /** Average precision that is lost when it is shuffled; `null`: it is no input of the model, or that was not asked for. */
  readonly drop: TrainedImportance['importance'][number]['drop'] | null;
}

/** @param chosen whose mutual information and rank are told */
export function columnRows(
  { columns, workloads, warnings, ofThesis }: ColumnRanking,
  chosen: RankedWorkload | null,
  importance: TrainedImportance | null,
): ColumnRow[] {
  const drops = new Map(importance?.importance.map(({ column, drop }) => [column, drop]));
  const scoreOf = (of: RankedWorkload | null, column: string) =>
    of?.scores.find((each) => each.column === column) ?? null;
  return columns.map((column) => ({
    column,
    warnings: warnings.filter((each) => each.column === column),
    isOfThesis: ofThesis.includes(column),
    scores: workloads.map((each) => scoreOf(each, column)),
    chosen: scoreOf(chosen, column),
    drop: drops.get(column) ?? null,
  }));
}

/** A column that is among the best of a workload, or was chosen by the thesis. */
export interface ChosenColumn {
  readonly column: string;
  /** Workloads that have it among their best. */
  readonly among: readonly string[];
  readonly isOfThesis: boolean;
  readonly warnings: readonly RankingWarning[];
}

/** The union of the best ones in its order, then what only the thesis chose. */
export function chosenColumns({ union, ofThesis, workloads, warnings }: ColumnRanking): ChosenColumn[] {
  return [...union, ...ofThesis.filter((column) => !union.includes(column))].map((column) => ({
    column,
    among: workloads.flatMap(({ workload, top }) =>
      workload !== null && top.includes(column) ? [workload] : [],
    ),
    isOfThesis: ofThesis.includes(column),
    warnings: warnings.filter((each) => each.column === column),
  }));
}

export type ColumnMeasure = 'f' | 'nats' | 'drop';

/** What a bar is as long as, with the ends of what it was over repeats. */
export interface ColumnBar {
  readonly column: string;
  /** `null`: without end. */
  readonly value: number | null;
  readonly least: number | null;
  readonly most: number | null;
  /** What chance adds. */
  readonly chance: number | null;
  readonly isOfThesis: boolean;
  readonly isWarned: boolean;
}

/** Descending; what is without end first. Columns of which nothing is told are left out. */
export function columnBars(rows: readonly ColumnRow[], measure: ColumnMeasure): ColumnBar[] {
  return rows
    .flatMap((row) => {
      const told = measured(row, measure);
      const { column, isOfThesis, warnings } = row;
      return told === null ? [] : [{ column, isOfThesis, isWarned: warnings.length > 0, ...told }];
    })
    .sort((a, b) => (b.value ?? Infinity) - (a.value ?? Infinity));
}

type Measured = Pick<ColumnBar, 'value' | 'least' | 'most' | 'chance'>;

function measured({ chosen, drop }: ColumnRow, measure: ColumnMeasure): Measured | null {
  const alone = (value: number | null, chance: number | null = null) => ({
    ...{ value, chance, least: null, most: null },
  });
  switch (measure) {
    case 'f':
      return chosen === null ? null : alone(chosen.f);
    case 'nats':
      return chosen === null ? null : alone(chosen.nats, chosen.biasNats);
    case 'drop':
      return drop === null ? null : { ...alone(drop.mean), least: drop.least, most: drop.most };
  }
}
