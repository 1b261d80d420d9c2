import type { MetricComparison, PairComparison } from '../../../src/protocol/comparisonMessages.js';
import { element, linkButton, replaceContent, type Child } from '../../common/dom.js';
import { formatCount, formatShare, unknownText } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import { metricKey, metricLabel, type ComparisonModel } from '../model/comparisonModel.js';
import {
  formatAmount,
  formatInterval,
  formatP,
  formatRatio,
  setLetter,
  verdictText,
} from '../model/words.js';

interface FiguresRow {
  readonly metric: MetricComparison;
  readonly set: number;
  readonly pair: PairComparison | undefined;
}

/** Every number of the comparison: a row a metric and set. */
export function createFiguresCard(model: ComparisonModel): HTMLElement {
  const place = element('div', { className: 'scroll-x' });
  const show = () => {
    const rows = model.metrics.flatMap((metric) =>
      metric.sets.map((_figures, set) => ({
        metric,
        set,
        pair: metric.against.find((each) => each.set === set),
      })),
    );
    const table = simpleTable(
      'All figures',
      columns((metric) => model.chosen.set(metricKey(metric))),
      rows,
    );
    for (const [at, line] of [...table.querySelectorAll('tbody tr')].entries()) {
      line.classList.toggle('first-of-metric', rows[at]?.set === 0);
    }
    replaceContent(place, table);
  };
  model.showsAllMetrics.subscribe(show);
  model.comparison.observe(show);
  return element(
    'section',
    { className: 'card' },
    element('h2', {}, 'All figures'),
    place,
    element(
      'p',
      { className: 'chart-note' },
      'Ratios are set / baseline as measured, intervals are of 95 %. p is that of a permutation test after Holm’s correction, for the primary metrics and for the others apart. “Would be seen” is the smallest difference of means that such repeats show in four of five measurements.',
    ),
  );
}

function columns(choose: (metric: MetricComparison) => void): SimpleColumn<FiguresRow>[] {
  return [...measuredColumns(choose), ...comparedColumns()];
}

function measuredColumns(choose: (metric: MetricComparison) => void): SimpleColumn<FiguresRow>[] {
  const figure = (
    label: string,
    title: string,
    cell: (row: FiguresRow) => Child,
  ): SimpleColumn<FiguresRow> => ({
    label,
    title,
    numeric: true,
    cell,
  });
  const of = ({ metric, set }: FiguresRow) => metric.sets[set] ?? null;
  return [
    {
      label: 'Benchmark',
      title: 'Benchmark; click to see its repeats',
      numeric: false,
      cell: ({ metric, set }) =>
        set === 0 ? linkButton(metricLabel(metric), 'Show its repeats', () => choose(metric)) : '',
    },
    {
      label: 'Unit',
      title: 'Unit',
      numeric: false,
      cell: ({ metric, set }) => (set === 0 ? metric.unit : ''),
    },
    { label: 'Set', title: 'Set', numeric: false, cell: ({ set }) => setLetter(set) },
    {
      label: 'Verdict',
      title: 'Verdict',
      numeric: false,
      cell: ({ pair }) =>
        pair === undefined
          ? 'baseline'
          : element(
              'span',
              { className: 'verdict', title: pair.words },
              element('span', {
                className: `verdict-mark ${pair.verdict.replace(' ', '-')}`,
                attributes: { 'aria-hidden': 'true' },
              }),
              verdictText(pair.verdict),
            ),
    },
    figure('n', 'Repeats with a value', (row) => formatCount(of(row)?.n ?? 0)),
    figure('Failed', 'Repeats that failed', (row) => formatCount(of(row)?.failed ?? 0)),
    figure('Mean', 'Mean', (row) => formatAmount(of(row)?.mean ?? null)),
    figure('95 % interval', 'Of the mean, by Student’s t', (row) =>
      formatInterval(of(row)?.meanInterval ?? null, formatAmount),
    ),
    figure('Median', 'Median', (row) => formatAmount(of(row)?.median ?? null)),
    figure('SD', 'Standard deviation', (row) => formatAmount(of(row)?.standardDeviation ?? null)),
  ];
}

function comparedColumns(): SimpleColumn<FiguresRow>[] {
  const compared = (
    label: string,
    title: string,
    cell: (pair: PairComparison) => Child,
  ): SimpleColumn<FiguresRow> => ({
    label,
    title,
    numeric: true,
    cell: ({ pair }) => (pair === undefined ? '' : cell(pair)),
  });
  return [
    compared('Ratio of means', 'Mean / mean of the baseline', (pair) => formatRatio(pair.ratioOfMeans)),
    compared('95 % interval', 'Of the ratio of means, by bootstrap', (pair) =>
      formatInterval(pair.ratioOfMeansInterval),
    ),
    compared('Ratio of medians', 'Median / median of the baseline', (pair) =>
      formatRatio(pair.ratioOfMedians),
    ),
    compared('95 % interval', 'Of the ratio of medians, by bootstrap', (pair) =>
      formatInterval(pair.ratioOfMediansInterval),
    ),
    compared('p', 'Permutation test, after Holm’s correction', ({ test }) =>
      test === null
        ? unknownText
        : element(
            'span',
            {
              title: `${test.kind === 'exact' ? 'all' : `${formatCount(test.tried)} drawn of about`} ${test.arrangements.toPrecision(3)} arrangements; ${formatP(test.p)} before the correction for ${test.familySize}`,
            },
            formatP(test.adjustedP),
          ),
    ),
    compared(
      'Would be seen',
      'The smallest difference that would have been seen, mostly',
      ({ detectable }) => (detectable === null ? unknownText : formatShare(detectable)),
    ),
  ];
}
