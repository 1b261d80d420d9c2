import type { Forecast } from '../../../src/protocol/forecast.js';
import { toCss } from '../../common/colour.js';
import { checkbox } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { ExportCard } from '../../common/exportCard.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount, formatShare } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import { mostObserved, taskShares, tellsTasks, type TaskShares } from '../model/figures.js';
import { forecastTable } from '../model/forecastTable.js';
import { taskText } from '../model/words.js';
import { colourOf } from '../strip/drawStrip.js';
import { StripArea } from '../strip/stripArea.js';
import { stripTasks } from '../strip/stripRows.js';
import { fileNameOf, type CardContext } from './cardContext.js';
import { zoomButtons } from './zoomButtons.js';

/** Colours cannot be told apart beyond that. */
const MOST_IN_LEGEND = 16;

/** Tasks: predicted against what came, a cell an event. */
export function createStripCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const area = new StripArea(model, theme);
  const card = new ExportCard({
    title: 'Tasks',
    fileName: () => fileNameOf(context, 'tasks'),
    theme,
    save: context.save,
    hasChart: false,
    picture: () => area.picture,
  });
  const samples = checkbox('a row for each sample', model.showsSamples.value, (shows) =>
    model.showsSamples.set(shows),
  );
  model.showsSamples.subscribe((shows) => (samples.checked = shows));
  card.setControls(samples.element, zoomButtons(area.axis));
  const legend = element('ul', { className: 'task-legend', attributes: { 'aria-label': 'Tasks by colour' } });
  const shares = element('div', { className: 'scroll-x' });
  card.setBelow(area.element, trackKey(), legend, shares);
  const showLegend = () => {
    const { value } = model.forecast;
    if (value !== null) replaceContent(legend, ...legendOf(value, theme.value));
  };
  theme.subscribe(showLegend);
  model.forecast.subscribe((forecast) => {
    card.element.hidden = forecast === null || !tellsTasks(forecast);
    if (forecast === null || card.element.hidden) return;
    samples.element.hidden = forecast.samples.length === 1;
    card.setCsv(forecastTable(forecast));
    const rows = taskShares(forecast);
    shares.hidden = rows.length === 0;
    replaceContent(shares, figureTable('Share of right tasks', columnsOf(forecast), rows).element);
    card.setWords(
      rows.length === 0 ? 'Nothing was recorded behind the origin: nobody can tell what is right.' : '',
    );
    card.setNote(
      'Each event is fed back as if it had come, so that what is wrong early goes on being wrong. Drag or Shift and the wheel move, Ctrl and the wheel zoom; n and p step through what was wrong. Tasks that differ only in a number share a colour.',
    );
    showLegend();
  });
  card.element.hidden = true;
  return card.element;
}

/** What stands below the cells. */
function trackKey(): HTMLElement {
  const entry = (kind: string, label: string) =>
    element('li', {}, element('span', { className: `track-swatch ${kind}` }), label);
  return element(
    'ul',
    { className: 'chart-key' },
    entry('right', 'right: a bar below'),
    entry('wrong', 'wrong: a line below, hatched where there is room'),
    entry('open', 'nothing recorded: nothing below'),
  );
}

function legendOf(forecast: Forecast, theme: Theme): HTMLElement[] {
  const tasks = stripTasks(forecast);
  const entries = tasks.slice(0, MOST_IN_LEGEND).map(({ task }) => {
    const swatch = element('span', { className: 'swatch' });
    swatch.style.backgroundColor = toCss(colourOf(forecast, task, theme));
    return element('li', {}, swatch, taskText(forecast, task));
  });
  const others = tasks.length - entries.length;
  return others === 0
    ? entries
    : [
        ...entries,
        element('li', { className: 'muted' }, `and ${formatCount(others)} more: point at their cells`),
      ];
}

function columnsOf(forecast: Forecast): FigureColumn<TaskShares>[] {
  const column = (
    label: string,
    title: string,
    id: Exclude<keyof TaskShares, 'events'>,
  ): FigureColumn<TaskShares> => ({
    label,
    title,
    numeric: true,
    cell: (row) => formatShare(row[id]),
    csv: { [id]: (row) => row[id] },
  });
  const constant = taskText(forecast, mostObserved(forecast.observed));
  const several = forecast.samples.length > 1;
  return [
    {
      label: 'Events',
      title: 'From the first one that is forecast on',
      numeric: false,
      cell: ({ events }) => `first ${formatCount(events)}`,
      csv: { events: ({ events }) => events },
    },
    column(
      several ? 'Commonest task right' : 'Right',
      'The task that most samples have at a step is the one that came; UNK never is',
      'commonest',
    ),
    ...(several ? [column('Mean of the samples', 'Each sample by itself', 'samples')] : []),
    column(
      `Always ${constant}`,
      'What always naming the most frequent observed task would have come to: the forecast has to beat it',
      'constant',
    ),
  ];
}
