import type {
  LatencyDensities,
  LatencyOverall,
  LatencySetView,
} from '../../../src/protocol/latencyMessages.js';
import { element, replaceContent } from '../../common/dom.js';
import { exportButtons, type CsvTable } from '../../common/exportFile.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount, formatDuration, unknownText } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { LatencyActions, LatencyModel } from '../model/latencyModel.js';
import { formatBandwidth, formatInterval, formatRatio, setLetter } from '../model/words.js';

interface Row {
  readonly at: number;
  readonly view: LatencySetView;
}

/** Every number, and what the ratios say in words. */
export function createFiguresCard(
  model: LatencyModel,
  theme: Signal<Theme>,
  actions: LatencyActions,
): HTMLElement {
  const words = element('div', { className: 'ratio-words' });
  const place = element('div', { className: 'scroll-x' });
  let csv: CsvTable = { columns: [], rows: [] };
  const note = element('p', { className: 'chart-note' });
  const buttons = exportButtons(
    { title: 'Figures', name: () => 'latency-figures', table: () => csv },
    () => theme.value,
    (file) => actions.saveFile(file),
  );
  const card = element(
    'section',
    { className: 'card', attributes: { 'aria-label': 'Figures' } },
    element('div', { className: 'card-head' }, element('h2', {}, 'Figures'), buttons),
    words,
    place,
    note,
  );
  model.state.observe((state) => {
    if (state === null) return;
    const { densities } = state;
    const rows = densities.sets.map((view, at) => ({ at, view }));
    card.hidden = rows.length === 0;
    const table = figureTable('Figures', [...figureColumns(), ...ratioColumns(densities)], rows);
    csv = table.csv;
    replaceContent(place, table.element);
    replaceContent(
      words,
      ...densities.sets.flatMap(({ ratios }) => (ratios === null ? [] : [element('p', {}, ratios.words)])),
    );
    note.textContent = `Percentiles are by nearest rank. Ratios are set / baseline of the same benchmark; the interval of the ratio of medians is of ${densities.confidence * 100} % by ${formatCount(densities.resamples)} bootstrap resamples, seed ${densities.seed}. It takes the calls as independent: how much one run differs from the next is not in it. Ratios of medians and of means answer different questions, and a few very long calls can decide a mean.`;
  });
  return card;
}

/** All benchmarks together, where several share a label with the baseline. */
export function createOverallCard(model: LatencyModel): HTMLElement {
  const place = element('div', { className: 'scroll-x' });
  const words = element('div', { className: 'ratio-words' });
  const card = element(
    'section',
    { className: 'card', attributes: { 'aria-label': 'All benchmarks together' } },
    element('h2', {}, 'All benchmarks together'),
    words,
    place,
    element(
      'p',
      { className: 'chart-note' },
      'Two questions: the ratio of means weighs a benchmark by how long its calls are; the mean of ratios weighs all alike, and depends on which side is the baseline.',
    ),
  );
  model.state.observe((state) => {
    const rows = state?.densities.overall ?? [];
    card.hidden = rows.length === 0;
    replaceContent(words, ...rows.map((row) => element('p', {}, row.words)));
    replaceContent(place, simpleTable('All benchmarks together', OVERALL_COLUMNS, rows));
  });
  return card;
}

const OVERALL_COLUMNS: readonly SimpleColumn<LatencyOverall>[] = [
  { label: 'Label', title: 'Label, against the baseline', numeric: false, cell: ({ label }) => label },
  {
    label: 'Benchmarks',
    title: 'Benchmarks that both have',
    numeric: true,
    cell: ({ benchmarks }) =>
      element('span', { title: benchmarks.join(', ') }, formatCount(benchmarks.length)),
  },
  {
    label: 'Ratio of means',
    title: 'Sum of means over sum of means of the baseline',
    numeric: true,
    cell: ({ ratioOfMeans }) => formatRatio(ratioOfMeans),
  },
  {
    label: 'Mean of ratios',
    title: 'Arithmetic mean of the ratios of means',
    numeric: true,
    cell: ({ meanOfRatios }) => formatRatio(meanOfRatios),
  },
];

function figureColumns(): FigureColumn<Row>[] {
  const text = (label: string, csv: string, read: (view: LatencySetView) => string): FigureColumn<Row> => ({
    label,
    title: label,
    numeric: false,
    cell: ({ view }) => {
      const value = read(view);
      return value === '' ? unknownText : value;
    },
    csv: { [csv]: ({ view }) => (read(view) === '' ? null : read(view)) },
  });
  const time = (
    label: string,
    csv: string,
    key: 'meanNs' | 'p50Ns' | 'p90Ns' | 'p99Ns' | 'maxNs',
  ): FigureColumn<Row> => ({
    label,
    title: label,
    numeric: true,
    cell: ({ view }) => (view.figures === null ? unknownText : formatDuration(view.figures[key])),
    csv: { [csv]: ({ view }) => view.figures?.[key] ?? null },
  });
  return [
    {
      label: '',
      title: 'Set',
      numeric: false,
      cell: ({ at }) => element('strong', {}, setLetter(at)),
      csv: { set: ({ at }) => setLetter(at) },
    },
    text('Label', 'label', ({ set }) => set.label),
    text('Benchmark', 'benchmark', ({ set }) => set.benchmark),
    text('Probe', 'probe', ({ set }) => set.probe),
    {
      label: 'n',
      title: 'Values',
      numeric: true,
      cell: ({ view }) => (view.figures === null ? unknownText : formatCount(view.figures.n)),
      csv: { n: ({ view }) => view.figures?.n ?? null },
    },
    time('Mean', 'mean_ns', 'meanNs'),
    time('Median', 'median_ns', 'p50Ns'),
    time('p90', 'p90_ns', 'p90Ns'),
    time('p99', 'p99_ns', 'p99Ns'),
    time('Max', 'max_ns', 'maxNs'),
  ];
}

function ratioColumns({ settings, baseline, sets }: LatencyDensities): FigureColumn<Row>[] {
  return [
    {
      label: 'Ratio of medians',
      title: 'Median over that of the baseline of the same benchmark',
      numeric: true,
      cell: ({ view }) =>
        view.ratios === null
          ? view.set.label === baseline
            ? 'baseline'
            : unknownText
          : formatRatio(view.ratios.ofMedians),
      csv: { ratio_of_medians: ({ view }) => view.ratios?.ofMedians ?? null },
    },
    {
      label: '95 % interval',
      title: 'Of the ratio of medians, by bootstrap',
      numeric: true,
      cell: ({ view }) => (view.ratios === null ? '' : formatInterval(view.ratios.ofMediansInterval)),
      csv: {
        ratio_of_medians_low: ({ view }) => view.ratios?.ofMediansInterval?.low ?? null,
        ratio_of_medians_high: ({ view }) => view.ratios?.ofMediansInterval?.high ?? null,
      },
    },
    {
      label: 'Ratio of means',
      title: 'Mean over that of the baseline of the same benchmark',
      numeric: true,
      cell: ({ view }) => (view.ratios === null ? '' : formatRatio(view.ratios.ofMeans)),
      csv: {
        ratio_of_means: ({ view }) => view.ratios?.ofMeans ?? null,
        baseline: ({ view }) =>
          view.ratios === null ? null : (sets[view.ratios.against]?.set.label ?? null),
      },
    },
    {
      label: 'Bandwidth',
      title: 'Of the kernel',
      numeric: true,
      cell: ({ view }) =>
        view.curve === null ? unknownText : formatBandwidth(view.curve.bandwidth, settings),
      csv: {
        [settings.axis === 'log' ? 'bandwidth_decades' : 'bandwidth_ns']: ({ view }) =>
          view.curve?.bandwidth ?? null,
      },
    },
  ];
}
