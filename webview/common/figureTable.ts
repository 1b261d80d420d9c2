import type { CsvTable, CsvValue } from './exportFile.js';
import { simpleTable, type SimpleColumn } from './simpleTable.js';

/** A column of figures: as it is shown, and as it is saved. */
export interface FigureColumn<Row> extends SimpleColumn<Row> {
  /** By the names of the columns of the file; a figure with an interval has three. */
  readonly csv: Readonly<Record<string, (row: Row) => CsvValue>>;
}

/** The same figures as a table of the page and, with `csv`, as one of a file. */
export function figureTable<Row>(
  label: string,
  columns: readonly FigureColumn<Row>[],
  rows: readonly Row[],
): { readonly element: HTMLTableElement; readonly csv: CsvTable } {
  return { element: simpleTable(label, columns, rows), csv: figureCsv(columns, rows) };
}

export function figureCsv<Row>(columns: readonly FigureColumn<Row>[], rows: readonly Row[]): CsvTable {
  const entries = columns.flatMap(({ csv }) => Object.entries(csv));
  return {
    columns: entries.map(([name]) => name),
    rows: rows.map((row) => entries.map(([, read]) => read(row))),
  };
}
