import type {
  ComparedMetric,
  ModelComparison,
  PairedDifference,
} from '../../../src/protocol/modelComparisonMessages.js';
import {
  describeIntervals,
  intervalChart,
  intervalChartHeight,
  type IntervalRow,
} from '../../common/charts/intervalChart.js';
import { element } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount } from '../../common/format.js';
import { estimateText } from '../../model/model/measures.js';
import { metricWords, pText, runLabel, standingWord, verdictsOf } from '../model/words.js';
import { cardOf, follow, type CardContext } from './cardContext.js';

/** A difference in one figure. */
interface Row {
  readonly metric: ComparedMetric;
  readonly paired: PairedDifference;
}

const NOTE =
  'A difference is that of the run less A, event by event; of shares it is in percentage points, with its 95 % interval by the same draws of blocks. p is that of a sign-flip test: were both alike, how often would turning the differences of whole blocks at random part them as far? It is of each difference alone: of twenty such p, one falls below 0.05 by chance. McNemar’s test takes each event as independent, which consecutive switches are not: its p is too small, and stands here only to be compared with what others report.';

/** Whether models can be told apart: differences to the first, as a chart, in sentences, and as a table with tests. */
export function createDifferencesCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title: 'Differences to A', file: 'differences' });
  const verdicts = element('div', { className: 'verdict-words' });
  card.setControls(verdicts);
  follow(context, () => {
    const { comparison, shownSlice, shownMetric } = model;
    card.element.hidden = comparison === null;
    if (comparison === null || shownSlice === null || shownMetric === null) return;
    verdicts.replaceChildren(...verdictsOf(comparison, shownMetric).map((text) => element('p', {}, text)));
    const words = metricWords(shownMetric.metric);
    const axis = {
      title: `${words.label}, less A · ${words.better} is better`,
      format: words.formatDifference,
    };
    const rows = chartRows(comparison, shownMetric);
    // An axis around nothing but zeros would show differences where there are none.
    const isAlike = rows.every(
      ({ value, low, high }) => value === 0 && (low ?? 0) === 0 && (high ?? 0) === 0,
    );
    card.setChart(
      isAlike
        ? null
        : {
            configuration: intervalChart(rows, axis, theme.value),
            description: describeIntervals(`Differences in ${words.label} to A.`, rows, axis),
          },
      intervalChartHeight(rows.length),
    );
    const all = shownSlice.metrics.flatMap((metric) =>
      metric.differences.map((paired) => ({ metric, paired })),
    );
    card.setTable(figureTable('Differences to A', columnsOf(comparison), all));
    card.setNote(NOTE);
  });
  return card.element;
}

/** A itself is the line at zero. */
function chartRows(comparison: ModelComparison, { differences }: ComparedMetric): IntervalRow[] {
  const zero = { label: runLabel(comparison, 0), isMain: true, value: 0, low: null, high: null };
  return [
    zero,
    ...differences.map(({ run, difference }) => ({
      label: runLabel(comparison, run),
      isMain: false,
      ...difference,
    })),
  ];
}

function columnsOf(comparison: ModelComparison): FigureColumn<Row>[] {
  return [
    {
      label: 'Figure',
      title: 'What is compared',
      numeric: false,
      cell: ({ metric }) => metricWords(metric.metric).label,
      csv: { figure: ({ metric }) => metric.metric },
    },
    {
      label: 'Model',
      title: 'Less A',
      numeric: false,
      cell: ({ paired }) => runLabel(comparison, paired.run),
      csv: {
        run: ({ paired }) => comparison.runs[paired.run]?.title ?? null,
        less: () => comparison.runs[0]?.title ?? null,
      },
    },
    {
      label: 'Difference',
      title: 'This run less A, with its 95 % interval',
      numeric: true,
      cell: ({ metric, paired }) =>
        estimateText(paired.difference, metricWords(metric.metric).formatDifference),
      csv: {
        difference: ({ paired }) => paired.difference.value,
        low: ({ paired }) => paired.difference.low,
        high: ({ paired }) => paired.difference.high,
      },
    },
    {
      label: 'It is',
      title: 'By the interval of the difference',
      numeric: false,
      cell: ({ metric, paired }) => standingWord(metric, paired),
      csv: {},
    },
    ...testColumns(),
  ];
}

function testColumns(): FigureColumn<Row>[] {
  return [
    {
      label: 'p',
      title: 'Sign-flip test on the sums of blocks, two-sided',
      numeric: true,
      cell: ({ paired: { test } }) =>
        element(
          'span',
          {
            title: `${test.kind === 'exact' ? 'all' : 'drawn'} ${formatCount(test.tried)} ways to turn ${formatCount(test.blocks)} blocks`,
          },
          pText(test.p),
        ),
      csv: { p: ({ paired }) => paired.test.p, blocks: ({ paired }) => paired.test.blocks },
    },
    {
      label: 'Right here only',
      title: 'Events that this run had right and A had not',
      numeric: true,
      cell: ({ paired: { mcnemar } }) => (mcnemar === null ? '' : formatCount(mcnemar.onlyThis)),
      csv: { right_here_only: ({ paired }) => paired.mcnemar?.onlyThis ?? null },
    },
    {
      label: 'Right in A only',
      title: 'Events that A had right and this run had not',
      numeric: true,
      cell: ({ paired: { mcnemar } }) => (mcnemar === null ? '' : formatCount(mcnemar.onlyFirst)),
      csv: { right_in_a_only: ({ paired }) => paired.mcnemar?.onlyFirst ?? null },
    },
    {
      label: 'McNemar’s p',
      title: 'Mid-p of McNemar’s test: too small, as events depend on each other',
      numeric: true,
      cell: ({ paired: { mcnemar } }) => (mcnemar === null ? '' : pText(mcnemar.midP)),
      csv: { mcnemar_p: ({ paired }) => paired.mcnemar?.midP ?? null },
    },
  ];
}
