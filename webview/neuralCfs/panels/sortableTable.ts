import { element } from '../../common/dom.js';
import type { CsvTable } from '../../common/exportFile.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';

/** A column of figures by which rows can be sorted. */
export interface SortableColumn<Row> extends FigureColumn<Row> {
  /** `null` comes last either way. */
  readonly sortBy: (row: Row) => number | string | null;
}

export interface TableSorting {
  readonly column: number;
  readonly descending: boolean;
}

/** A table of few rows whose heads sort it; what is saved is sorted as it is shown. */
export function sortableTable<Row>(
  label: string,
  columns: readonly SortableColumn<Row>[],
  rows: readonly Row[],
  sorting: TableSorting,
  sort: (sorting: TableSorting) => void,
): { readonly element: HTMLTableElement; readonly csv: CsvTable } {
  const chosen = columns[sorting.column];
  const sorted = chosen === undefined ? rows : sortedRows(rows, chosen.sortBy, sorting.descending);
  const table = figureTable(label, columns, sorted);
  for (const [at, head] of [...table.element.querySelectorAll('th')].entries()) {
    const column = columns[at]!;
    const isChosen = at === sorting.column;
    head.setAttribute('aria-sort', !isChosen ? 'none' : sorting.descending ? 'descending' : 'ascending');
    const press = () => sort({ column: at, descending: isChosen ? !sorting.descending : column.numeric });
    const options = {
      className: 'sort',
      title: column.title,
      attributes: { type: 'button' },
      onClick: press,
    };
    head.replaceChildren(element('button', options, column.label));
  }
  return table;
}

export function sortedRows<Row>(
  rows: readonly Row[],
  sortBy: (row: Row) => number | string | null,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [first, second] = [sortBy(a), sortBy(b)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return sign * compared(first, second);
  });
}

function compared(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a - b;
  return String(a).localeCompare(String(b));
}
