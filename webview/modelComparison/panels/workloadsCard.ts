import type { ComparedWorkload, ModelComparison } from '../../../src/protocol/modelComparisonMessages.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount, unknownText } from '../../common/format.js';
import { estimateText, standingOf } from '../../model/model/measures.js';
import { metricWords, pText, runLabel, runLetter } from '../model/words.js';
import { cardOf, follow, type CardContext } from './cardContext.js';

/** Where the models differ: workload by workload, by the main figure. */
export function createWorkloadsCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, { title: 'By workload', file: 'workloads', hasChart: false });
  follow(context, () => {
    const { comparison, shownPart } = model;
    const first = shownPart?.byWorkload[0];
    card.element.hidden = comparison === null || first === undefined;
    if (comparison === null || shownPart === null || first === undefined) return;
    const { label } = metricWords(first.metric.metric);
    card.setWords(`${label}, over all events of the workload.`);
    card.setTable(figureTable('By workload', columnsOf(comparison, first), shownPart.byWorkload));
    card.setNote(
      'Differences are to A. Where fewer than ten blocks of a workload are there, there is no interval, and p can hardly be small.',
    );
  });
  return card.element;
}

function columnsOf(comparison: ModelComparison, first: ComparedWorkload): FigureColumn<ComparedWorkload>[] {
  return [
    {
      label: 'Workload',
      title: 'Workload of the recordings',
      numeric: false,
      cell: ({ workload }) => workload,
      csv: { workload: ({ workload }) => workload },
    },
    {
      label: 'Category',
      title: 'Category of the workload',
      numeric: false,
      cell: ({ category }) => category ?? unknownText,
      csv: { category: ({ category }) => category },
    },
    {
      label: 'Events',
      title: 'Events that all were asked about',
      numeric: true,
      cell: ({ events }) => formatCount(events),
      csv: { events: ({ events }) => events },
    },
    ...comparison.runs.map((_, run) => valueColumn(comparison, run)),
    ...first.metric.differences.flatMap(({ run }) => differenceColumns(run)),
  ];
}

function valueColumn(comparison: ModelComparison, run: number): FigureColumn<ComparedWorkload> {
  const name = runLetter(run).toLowerCase();
  return {
    label: runLabel(comparison, run),
    title: 'With its 95 % interval',
    numeric: true,
    cell: ({ metric }) => estimateText(metric.values[run] ?? null, metricWords(metric.metric).format),
    csv: {
      [name]: ({ metric }) => metric.values[run]?.value ?? null,
      [`${name}_low`]: ({ metric }) => metric.values[run]?.low ?? null,
      [`${name}_high`]: ({ metric }) => metric.values[run]?.high ?? null,
    },
  };
}

function differenceColumns(run: number): FigureColumn<ComparedWorkload>[] {
  const letter = runLetter(run);
  const of = ({ metric }: ComparedWorkload) => metric.differences.find((each) => each.run === run);
  return [
    {
      label: `${letter} less A`,
      title: 'Difference on the same events, with its 95 % interval; ▲ better, ▼ worse than A',
      numeric: true,
      cell: (row) => {
        const paired = of(row);
        if (paired === undefined) return unknownText;
        const standing = standingOf(paired.difference, row.metric.better);
        const mark = standing === 'better' ? '▲ ' : standing === 'worse' ? '▼ ' : '';
        return `${mark}${estimateText(paired.difference, metricWords(row.metric.metric).formatDifference)}`;
      },
      csv: {
        [`${letter.toLowerCase()}_less_a`]: (row) => of(row)?.difference.value ?? null,
        [`${letter.toLowerCase()}_less_a_low`]: (row) => of(row)?.difference.low ?? null,
        [`${letter.toLowerCase()}_less_a_high`]: (row) => of(row)?.difference.high ?? null,
      },
    },
    {
      label: `p of ${letter}`,
      title: 'Sign-flip test on the sums of blocks',
      numeric: true,
      cell: (row) => pText(of(row)?.test.p ?? 1),
      csv: { [`${letter.toLowerCase()}_p`]: (row) => of(row)?.test.p ?? null },
    },
  ];
}
