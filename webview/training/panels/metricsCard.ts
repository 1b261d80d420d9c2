import type { MetricsRow, MetricsView, TrainingView } from '../../../src/protocol/trainingPanelMessages.js';
import { element, replaceContent, type Child } from '../../common/dom.js';
import { formatCount, unknownText } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import { bestBaseline, type TrainingModel } from '../model/trainingModel.js';
import { formatAccuracy, formatLoss, formatNs, formatUnknown, PARTS, verdictOf } from '../model/words.js';

/** The model beside the baselines on each part, once the run has finished. */
export function createMetricsCard(model: TrainingModel): HTMLElement {
  const place = element('div');
  const card = element(
    'section',
    { className: 'card wide', attributes: { 'aria-label': 'The model beside the baselines' } },
    element('h2', {}, 'The model beside the baselines'),
    place,
  );
  const show = () => {
    const metrics = model.metrics.value;
    const view = model.view.value;
    if (view === null) return;
    replaceContent(
      place,
      ...(metrics === null || metrics.parts.length === 0
        ? [element('p', { className: 'empty-chart' }, emptyText(view, metrics))]
        : metrics.parts.map((part) => partOf(metrics, part.part, part.rows))),
    );
  };
  // Not at each progress: a reader's cursor stays in a table that does not change.
  model.view.subscribe((view, previous) => {
    if (view?.state !== previous?.state) show();
  });
  model.metrics.subscribe(show);
  return card;
}

const NOT_AT_ITS_END: ReadonlySet<TrainingView['state']> = new Set([
  'failed',
  'cancelled',
  'interrupted',
  'unreadable',
]);

function emptyText({ state }: TrainingView, metrics: MetricsView | null): string {
  if (metrics !== null || state === 'finished') {
    return 'Nothing was measured: the validation part and both test parts of the data set have no window. Build it with more recordings, or with shorter windows.';
  }
  if (NOT_AT_ITS_END.has(state)) {
    return 'The run did not reach its end, where the best weights are measured beside the baselines. Resume it to get there.';
  }
  return 'At the end of the run the best weights are measured on the validation and test parts, beside the baselines on the same events.';
}

function partOf(
  metrics: MetricsView,
  part: keyof typeof PARTS,
  rows: MetricsView['parts'][number]['rows'],
): HTMLElement {
  const { title, what } = PARTS[part];
  const own = rows.find(({ isModel }) => isModel);
  const isTask = rows.some(({ accuracy }) => accuracy !== null);
  return element(
    'div',
    { className: 'metrics-part' },
    element('h3', {}, title, ' ', element('span', { className: 'muted' }, what)),
    own === undefined
      ? null
      : element('p', { className: 'verdict-words' }, verdictOf(own, bestBaseline(metrics, part))),
    element('div', { className: 'scroll-x' }, simpleTable(title, columnsFor(rows, isTask), rows)),
    element('p', { className: 'chart-note' }, noteOf(own, isTask)),
  );
}

function noteOf(own: MetricsRow | undefined, isTask: boolean): string {
  if (!isTask)
    return 'The baselines are asked about the same events. An asterisk marks the best of a column.';
  const unknown = own === undefined ? '' : ` Here they are ${formatUnknown(own)}.`;
  return `The baselines are asked about the same events. Tasks that are not in the vocabulary (UNK) are never counted as right.${unknown} Idle is easy to guess: the column without it tells more. An asterisk marks the best of a column.`;
}

interface Figure {
  readonly label: string;
  readonly title: string;
  readonly read: (row: MetricsRow) => number | null;
  readonly format: (value: number | null) => string;
  readonly better: 'higher' | 'lower';
}

const TASK_FIGURES: readonly Figure[] = [
  {
    label: 'Accuracy',
    title: 'Targets of which the first guess is right; UNK is never right',
    read: ({ accuracy }) => accuracy,
    format: formatAccuracy,
    better: 'higher',
  },
  {
    label: 'Without idle',
    title: 'Accuracy on the targets that are not idle',
    read: ({ accuracyWithoutIdle }) => accuracyWithoutIdle,
    format: formatAccuracy,
    better: 'higher',
  },
  {
    label: 'Top 5',
    title: 'Targets that are among the first five guesses',
    read: ({ top5 }) => top5,
    format: formatAccuracy,
    better: 'higher',
  },
];

const TIME_FIGURES: readonly Figure[] = [
  {
    label: 'Error',
    title: 'Mean |error| of ln(1 + ns)',
    read: ({ maeLog }) => maeLog,
    format: formatLoss,
    better: 'lower',
  },
  { label: 'Mean |error|', title: 'In time', read: ({ maeNs }) => maeNs, format: formatNs, better: 'lower' },
  {
    label: 'Pinball loss',
    title: 'Mean over the quantiles, of ln(1 + ns)',
    read: ({ pinballLog }) => pinballLog,
    format: formatLoss,
    better: 'lower',
  },
];

function columnsFor(rows: readonly MetricsRow[], isTask: boolean): SimpleColumn<MetricsRow>[] {
  const figures = isTask ? TASK_FIGURES : TIME_FIGURES;
  const columns: SimpleColumn<MetricsRow>[] = [
    {
      label: 'Predictor',
      title: 'The model, or a baseline',
      numeric: false,
      cell: ({ name, isModel }) => (isModel ? element('strong', {}, name) : name),
    },
    ...figures.map((figure) => ({
      label: figure.label,
      title: figure.title,
      numeric: true,
      cell: (row: MetricsRow) => cellOf(figure, row, bestOf(figure, rows)),
    })),
    {
      label: 'Loss',
      title: 'As in training; baselines have none',
      numeric: true,
      cell: ({ loss }) => (loss === null ? unknown('baselines have no loss') : formatLoss(loss)),
    },
    {
      label: 'Targets',
      title: 'Events asked about',
      numeric: true,
      cell: ({ targets }) => formatCount(targets),
    },
  ];
  if (isTask) {
    columns.push({
      label: 'UNK',
      title: 'Targets that are not in the vocabulary: never counted as right',
      numeric: true,
      cell: ({ unknownTargets }) =>
        unknownTargets === null ? unknown('not told') : formatCount(unknownTargets),
    });
  }
  return columns;
}

function cellOf({ read, format }: Figure, row: MetricsRow, best: number | null): Child {
  const value = read(row);
  if (value === null) return unknown('not measured');
  return value === best
    ? element('strong', { title: 'best of the column' }, `${format(value)} *`)
    : format(value);
}

function bestOf({ read, better }: Figure, rows: readonly MetricsRow[]): number | null {
  const values = rows.flatMap((row) => read(row) ?? []);
  // Where all are equal none is best.
  if (new Set(values).size < 2) return null;
  return better === 'higher' ? Math.max(...values) : Math.min(...values);
}

function unknown(title: string): HTMLElement {
  return element('span', { className: 'unknown', title }, unknownText);
}
