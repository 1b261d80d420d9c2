import { element, type Child } from './dom.js';

export interface SimpleColumn<Row> {
  readonly label: string;
  readonly title: string;
  readonly numeric: boolean;
  readonly cell: (row: Row) => Child;
}

/** A table of few rows, all of them present. */
export function simpleTable<Row>(
  label: string,
  columns: readonly SimpleColumn<Row>[],
  rows: readonly Row[],
): HTMLTableElement {
  const head = columns.map((column) =>
    element(
      'th',
      { className: column.numeric ? 'numeric' : '', title: column.title, attributes: { scope: 'col' } },
      column.label,
    ),
  );
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...columns.map((column) =>
        element('td', { className: column.numeric ? 'numeric' : '' }, column.cell(row)),
      ),
    ),
  );
  return element(
    'table',
    { className: 'data simple', attributes: { 'aria-label': label } },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
}
