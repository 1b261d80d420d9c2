import type { OverallComparison } from '../../../src/protocol/comparisonMessages.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import type { ComparisonModel } from '../model/comparisonModel.js';
import { formatInterval, formatRatio, setLetter } from '../model/words.js';

/** All benchmarks together, in three means that are never one for the other. */
export function createOverallCard(model: ComparisonModel): HTMLElement {
  const place = element('div', { className: 'scroll-x' });
  const card = element(
    'section',
    { className: 'card' },
    element('h2', {}, 'All benchmarks together'),
    place,
    element(
      'p',
      { className: 'chart-note' },
      'Three different questions: the ratio of means weighs a benchmark by how large its values are; the mean of ratios weighs all alike but depends on which side is the baseline; the geometric mean of ratios weighs all alike and does not.',
    ),
  );
  model.comparison.observe((comparison) => {
    const rows = comparison?.overall ?? [];
    card.hidden = rows.length === 0;
    replaceContent(place, simpleTable('All benchmarks together', COLUMNS, rows));
  });
  return card;
}

const COLUMNS: readonly SimpleColumn<OverallComparison>[] = [
  { label: 'Of', title: 'Metric', numeric: false, cell: ({ title }) => title },
  { label: 'Set', title: 'Set, against the baseline', numeric: false, cell: ({ set }) => setLetter(set) },
  {
    label: 'Benchmarks',
    title: 'Benchmarks that have this metric',
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
    title: 'Arithmetic mean of the ratios',
    numeric: true,
    cell: ({ meanOfRatios }) => formatRatio(meanOfRatios),
  },
  {
    label: 'Geometric mean of ratios',
    title: 'Geometric mean of the ratios',
    numeric: true,
    cell: ({ geometricMeanOfRatios }) => formatRatio(geometricMeanOfRatios),
  },
  {
    label: '95 % interval of it',
    title: 'Of the geometric mean, by bootstrap',
    numeric: true,
    cell: ({ geometricMeanInterval }) => formatInterval(geometricMeanInterval),
  },
];
