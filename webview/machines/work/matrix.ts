import type { CellState, CellView, WorkView } from '../../../src/protocol/machineWorkMessages.js';
import { element } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import { stateMark, type Mark } from '../../common/stateMark.js';

const marks: Readonly<Record<CellState, Mark>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'passed',
  failed: 'failed',
  cancelled: 'dropped',
};

/** Workloads by runs, one cell each; nothing where the work has no such matrix. */
export function createMatrix(view: Signal<WorkView | null>): HTMLElement {
  const table = element('table', { className: 'run-matrix', attributes: { 'aria-label': 'Runs' } });
  const section = element(
    'section',
    { attributes: { 'aria-label': 'Runs' } },
    element('h2', {}, 'Runs'),
    element('div', { className: 'run-matrix-place' }, table),
  );
  section.hidden = true;
  let shown = '';
  view.subscribe((now) => {
    if (now === null) return;
    section.hidden = now.cells.length === 0;
    const key = JSON.stringify(now.cells);
    if (key === shown) return;
    shown = key;
    fill(table, now.cells);
  });
  return section;
}

function fill(table: HTMLTableElement, cells: readonly CellView[]): void {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const columns = [...new Set(cells.map(({ column }) => column))];
  const byPlace = new Map(cells.map((cell) => [JSON.stringify([cell.row, cell.column]), cell]));
  const head = columns.map((column) => element('th', { attributes: { scope: 'col' } }, column));
  table.replaceChildren(
    element('thead', {}, element('tr', {}, element('td'), ...head)),
    element(
      'tbody',
      {},
      ...rows.map((row) =>
        element(
          'tr',
          {},
          element('th', { attributes: { scope: 'row' } }, row),
          ...columns.map((column) => cellElement(byPlace.get(JSON.stringify([row, column])))),
        ),
      ),
    ),
  );
}

function cellElement(cell: CellView | undefined): HTMLElement {
  if (cell === undefined) return element('td');
  const text = cell.note === null ? cell.state : `${cell.state}: ${cell.note}`;
  return element('td', { className: cell.state, title: text }, stateMark(marks[cell.state], text));
}
