import type { MigrationSummary, PairCounts } from '../../../src/protocol/migrationMessages.js';
import { element, linkButton } from '../../common/dom.js';
import { formatCount, unknownText } from '../../common/format.js';
import { simpleTable } from '../../common/simpleTable.js';
import { describeCounts } from './outcomeBar.js';

/** With more CPUs a matrix is too small to read: the pairs with most calls are listed instead. */
const matrixCpus = 8;
const listedPairs = 40;

export type ShowPair = (srcCpu: number, dstCpu: number) => void;

/** From which CPU to which: a matrix, or a list where there are many CPUs. A click shows the calls of a pair. */
export function pairs(summary: MigrationSummary, show: ShowPair): HTMLElement {
  const { byPair } = summary;
  const cpus = [...new Set((byPair ?? []).flatMap(({ srcCpu, dstCpu }) => [srcCpu, dstCpu]))].sort(
    (a, b) => a - b,
  );
  const content =
    byPair === null
      ? element('p', { className: 'empty' }, 'This file does not tell source and destination.')
      : cpus.length <= matrixCpus
        ? matrix(cpus, byPair, show)
        : list(byPair, show);
  return element('section', { className: 'card' }, element('h2', {}, 'Calls from CPU to CPU'), content);
}

function matrix(cpus: readonly number[], byPair: readonly PairCounts[], show: ShowPair): HTMLElement {
  const most = byPair[0]?.calls ?? 1;
  const counts = new Map(byPair.map((pair) => [`${pair.srcCpu} ${pair.dstCpu}`, pair]));
  const head = cpus.map((cpu) => element('th', { attributes: { scope: 'col' } }, String(cpu)));
  const rows = cpus.map((srcCpu) =>
    element(
      'tr',
      {},
      element('th', { attributes: { scope: 'row' } }, String(srcCpu)),
      ...cpus.map((dstCpu) => cell(counts.get(`${srcCpu} ${dstCpu}`), srcCpu === dstCpu, most, show)),
    ),
  );
  const table = element(
    'table',
    { className: 'matrix', attributes: { 'aria-label': 'Calls by source and destination CPU' } },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element(
          'th',
          { className: 'corner', title: 'Rows: from which CPU. Columns: to which' },
          'from ↓ to →',
        ),
        ...head,
      ),
    ),
    element('tbody', {}, ...rows),
  );
  roveWithArrows(table);
  return table;
}

function cell(pair: PairCounts | undefined, isSame: boolean, most: number, show: ShowPair): HTMLElement {
  if (pair === undefined) return element('td', { className: isSame ? 'same' : 'none' }, isSame ? '' : '·');
  const words = `CPU ${pair.srcCpu} → CPU ${pair.dstCpu}. ${describeCounts(pair)}`;
  const button = element(
    'button',
    {
      title: `${words}. Show these calls`,
      attributes: { type: 'button', 'aria-label': words, tabindex: '-1' },
      onClick: () => show(pair.srcCpu, pair.dstCpu),
    },
    shortCount(pair.calls),
  );
  const created = element('td', {}, button);
  // The square root keeps rare pairs apart from none at all.
  created.style.setProperty('--share', `${Math.round(Math.sqrt(pair.calls / most) * 100)}%`);
  return created;
}

/** Four characters at most, which is what a cell has room for: `950`, `12k`, `3M`. */
function shortCount(count: number): string {
  if (count < 1000) return String(count);
  return count < 999_500 ? `${Math.round(count / 1000)}k` : `${Math.round(count / 1e6)}M`;
}

/** One stop for the Tab key; arrow keys move between the cells. */
function roveWithArrows(table: HTMLTableElement): void {
  const first = table.querySelector('button');
  if (first !== null) first.tabIndex = 0;
  table.addEventListener('keydown', (event) => {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    const from = event.target instanceof Element ? event.target.closest('td') : null;
    const row = from?.closest('tr');
    if (step === undefined || from === null || row === null || row === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = nextButton(table, row.rowIndex, from.cellIndex, step[0]!, step[1]!);
    if (next === null) return;
    for (const each of table.querySelectorAll('button')) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  });
}

/** The next cell with a count in a direction. */
function nextButton(
  table: HTMLTableElement,
  row: number,
  column: number,
  down: number,
  right: number,
): HTMLButtonElement | null {
  let [y, x] = [row + down, column + right];
  while (table.rows[y]?.cells[x] !== undefined) {
    const button = table.rows[y]!.cells[x]!.querySelector('button');
    if (button !== null) return button;
    y += down;
    x += right;
  }
  return null;
}

function list(byPair: readonly PairCounts[], show: ShowPair): HTMLElement {
  const table = simpleTable(
    'Pairs of CPUs with most calls',
    [
      {
        label: 'From → to',
        title: 'Source and destination CPU',
        numeric: false,
        cell: (row) =>
          linkButton(`${row.srcCpu} → ${row.dstCpu}`, 'Show these calls', () => show(row.srcCpu, row.dstCpu)),
      },
      { label: 'Calls', title: 'Calls', numeric: true, cell: (row) => formatCount(row.calls) },
      { label: 'Migrated', title: 'Allowed', numeric: true, cell: (row) => formatCount(row.migrated) },
      {
        label: 'Forced',
        title: 'Allowed although cache-hot',
        numeric: true,
        cell: (row) => (row.forced === null ? unknownText : formatCount(row.forced)),
      },
    ],
    byPair.slice(0, listedPairs),
  );
  const more = byPair.length - listedPairs;
  return element(
    'div',
    { className: 'scrolling' },
    table,
    more > 0 ? element('p', { className: 'empty' }, `and ${formatCount(more)} pairs with fewer calls`) : null,
  );
}
