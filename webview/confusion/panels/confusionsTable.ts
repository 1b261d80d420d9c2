import { element, linkButton, replaceContent } from '../../common/dom.js';
import { formatCount, formatShare } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import type { ConfusionModel } from '../model/confusionModel.js';
import type { Cell } from '../model/shares.js';
import { eventsText } from '../model/words.js';

/** Of more the matrix has to be looked at, or its CSV. */
const MOST_ROWS = 50;

/** The text of the picture: which tasks are taken for which, the most frequent first. */
export function createConfusionsTable(model: ConfusionModel): HTMLElement {
  const place = element('div', { className: 'list-content' });
  model.cells.observe((cells) => {
    if (cells === null) return;
    const all = cells.confusions();
    const wrong = cells.matrix.events - cells.matrix.right;
    if (all.length === 0) {
      replaceContent(place, element('p', { className: 'empty' }, 'No event was guessed wrong.'));
      return;
    }
    const shown = all.slice(0, MOST_ROWS);
    const choose = (cell: Cell) => {
      model.cursor.set({ row: cell.row, column: cell.column });
      model.list(cell);
    };
    replaceContent(
      place,
      simpleTable('Largest confusions', columnsFor(wrong, choose), shown),
      element(
        'p',
        { className: 'list-note' },
        `${shown.length < all.length ? `The largest ${shown.length} of ${formatCount(all.length)}` : 'All'} kinds of confusion; ${eventsText(wrong)} wrong in all. Rows with “other” stand for several tasks.`,
      ),
    );
  });
  return place;
}

function columnsFor(wrong: number, choose: (cell: Cell) => void): SimpleColumn<Cell>[] {
  return [
    {
      label: 'Came',
      title: 'The task that came; click to list the events',
      numeric: false,
      cell: (cell) => linkButton(cell.target.name, `List ${eventsText(cell.count)}`, () => choose(cell)),
    },
    { label: 'Guessed', title: 'The task that was guessed', numeric: false, cell: ({ guess }) => guess.name },
    {
      label: 'Wrong',
      title: 'Events that were guessed so, and wrong',
      numeric: true,
      cell: ({ count, right }) => formatCount(count - right),
    },
    {
      label: 'Of came',
      title: 'Share of the events at which this task came (of the row)',
      numeric: true,
      cell: ({ ofTarget }) => formatShare(ofTarget),
    },
    {
      label: 'Of guessed',
      title: 'Share of the events at which this task was guessed (of the column)',
      numeric: true,
      cell: ({ ofGuess }) => formatShare(ofGuess),
    },
    {
      label: 'Of all wrong',
      title: 'Share of all wrong guesses',
      numeric: true,
      cell: ({ count, right }) => formatShare((count - right) / wrong),
    },
  ];
}
