import type { ComparedModel } from '../../../src/protocol/modelComparisonMessages.js';
import { button } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import { stateMark } from '../../common/stateMark.js';
import { localTime } from '../../../src/base/localTime.js';
import type { ComparisonModel } from '../model/comparisonModel.js';
import { runLetter } from '../model/words.js';

interface Row extends ComparedModel {
  readonly run: number;
}

/** What is compared, and what to know before any figure. */
export function createRunsCard(model: ComparisonModel): HTMLElement {
  const place = element('div', { className: 'scroll-x' });
  const warnings = element('ul', { className: 'comparison-warnings' });
  const card = element(
    'section',
    { className: 'card wide', attributes: { 'aria-label': 'Models' } },
    element('h2', {}, 'Models'),
    place,
    warnings,
  );
  const show = () => {
    const { comparison } = model;
    card.hidden = comparison === null;
    if (comparison === null) return;
    const rows = comparison.runs.map((run, at) => ({ ...run, run: at }));
    const hadFocus = place.contains(document.activeElement);
    replaceContent(
      place,
      simpleTable(
        'Models',
        columnsFor((folder) => model.against.set(folder)),
        rows,
      ),
    );
    // The button that was pressed is gone: its run is A now.
    if (hadFocus) place.querySelector<HTMLElement>('vscode-button')?.focus();
    replaceContent(
      warnings,
      ...comparison.warnings.map((text) =>
        element('li', {}, stateMark('warning'), element('span', {}, text)),
      ),
    );
  };
  model.state.subscribe(show);
  show();
  return card;
}

function columnsFor(measureAgainst: (folder: string) => void): SimpleColumn<Row>[] {
  return [
    { label: '', title: 'Letter', numeric: false, cell: ({ run }) => element('strong', {}, runLetter(run)) },
    {
      label: 'Run',
      title: 'Folder of the run',
      numeric: false,
      cell: ({ title, folder }) => element('span', { title: folder }, title),
    },
    { label: 'Model', title: 'Kind of model', numeric: false, cell: ({ model }) => model },
    {
      label: 'Parameters',
      title: 'Numbers that were trained',
      numeric: true,
      cell: ({ parameters }) => formatCount(parameters),
    },
    { label: 'Epoch', title: 'Epoch of the weights', numeric: true, cell: ({ epoch }) => formatCount(epoch) },
    {
      label: 'Evaluated',
      title: 'When it was asked about the events',
      numeric: false,
      cell: ({ evaluated, engine }) =>
        element('span', { title: `by the engine ${engine}` }, localTime(evaluated)),
    },
    {
      label: '',
      title: 'Which run the others are measured against',
      numeric: false,
      cell: ({ run, folder, title }) =>
        run === 0
          ? 'the others are measured against it'
          : button('Measure against', `Measure the others against ${title}`, () => measureAgainst(folder)),
    },
  ];
}
