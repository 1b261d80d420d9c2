import { element, replaceContent } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { stateMark } from '../../common/stateMark.js';
import type { ColumnRanking, RankingWarning } from '../../../src/protocol/neuralCfsStudy.js';
import { chosenColumns, type ChosenColumn } from '../model/columnRows.js';
import { EXPERIMENTS, listed, partLabel, positivesText } from '../model/words.js';
import { cardOf, follow, type CardContext } from './cardContext.js';

/** The best five of each workload, their union beside what the thesis chose, and what to beware of. */
export function createChosenCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, {
    title: 'The best of each workload',
    file: () => `experiment-${model.shownExperiment}-best-columns`,
    hasChart: false,
  });
  const best = element('div', { className: 'scroll-x' });
  const warnings = element('ul', { className: 'study-warnings' });
  card.setControls(warnings, best);
  follow(context, () => {
    const { ranking } = model;
    card.element.hidden = ranking === null;
    if (ranking === null) return;
    replaceContent(best, bestTable(ranking));
    replaceContent(warnings, ...warningRows(ranking.warnings));
    const chosen = chosenColumns(ranking);
    card.setWords(unionWords(ranking, chosen));
    card.setTable(figureTable('Chosen columns', CHOSEN_COLUMNS, chosen));
  });
  return card.element;
}

/** Ranks down, workloads across: as tables 5.4, 5.6 and 5.7 end. */
function bestTable({ workloads, experiment }: ColumnRanking): HTMLElement {
  const most = Math.max(0, ...workloads.map(({ top }) => top.length));
  const each = workloads.filter(({ workload }) => workload !== null || workloads.length === 1);
  const columns = each.map(({ workload, calls, positives, top, reason }) => ({
    label: partLabel(workload),
    title: `${positivesText({ rows: calls, positives })} positive, before cleaning`,
    numeric: false,
    cell: (at: number) => {
      if (reason !== null)
        return at === 0 ? element('span', { className: 'unknown', title: reason }, 'not scored') : '';
      const column = top[at];
      return column === undefined ? '' : element('code', {}, column);
    },
  }));
  return figureTable(
    `Best columns by workload, ${EXPERIMENTS[experiment].label}`,
    [
      { label: '', title: 'Rank by F', numeric: true, cell: (at: number) => String(at + 1), csv: {} },
      ...columns.map((column) => ({ ...column, csv: {} })),
    ],
    Array.from({ length: most }, (_, at) => at),
  ).element;
}

function unionWords({ union, ofThesis }: ColumnRanking, chosen: readonly ChosenColumn[]): string {
  const common = chosen.filter(({ among, isOfThesis }) => among.length > 0 && isOfThesis).length;
  return `Their union is ${union.length} columns; the thesis chose ${ofThesis.length}, of which ${common} are among them.`;
}

const CHOSEN_COLUMNS: readonly FigureColumn<ChosenColumn>[] = [
  {
    label: 'Column',
    title: 'Of the union, and those that only the thesis chose',
    numeric: false,
    cell: ({ column }) => element('code', {}, column),
    csv: { column: ({ column }) => column },
  },
  {
    label: 'Among the best of',
    title: 'Workloads that have it among their best by F',
    numeric: false,
    cell: ({ among }) => (among.length === 0 ? 'none' : `${among.length}: ${listed(among)}`),
    csv: { workloads: ({ among }) => among.length, names: ({ among }) => among.join(' ') },
  },
  {
    label: 'The thesis',
    title: 'Whether it is an input of the thesis',
    numeric: false,
    cell: ({ isOfThesis }) => (isOfThesis ? '✓ chose it' : ''),
    csv: { of_thesis: ({ isOfThesis }) => (isOfThesis ? 1 : 0) },
  },
  {
    label: 'Beware',
    title: 'Why its figure means something else than it seems',
    numeric: false,
    cell: ({ warnings }) =>
      warnings.length === 0
        ? ''
        : element(
            'span',
            { className: 'column-name', title: warnings.map(({ text }) => text).join(' ') },
            stateMark('warning'),
            listed(warnings.map(({ kind }) => KINDS[kind])),
          ),
    csv: { warnings: ({ warnings }) => warnings.map(({ kind }) => kind).join(' ') },
  },
];

const KINDS: Readonly<Record<RankingWarning['kind'], string>> = {
  identifies: 'identifies rows',
  rule: 'makes the label',
  group: 'makes history groups',
};

/** One sentence for all columns that it holds of. */
function warningRows(warnings: readonly RankingWarning[]): HTMLElement[] {
  const columnsOf = new Map<string, string[]>();
  for (const { column, text } of warnings) columnsOf.set(text, [...(columnsOf.get(text) ?? []), column]);
  return [...columnsOf].map(([text, columns]) =>
    element(
      'li',
      {},
      stateMark('warning', 'Warning'),
      element('span', {}, element('code', {}, columns.join(', ')), `: ${text}`),
    ),
  );
}
