import type { RankedColumn, RankedWorkload } from '../../../src/protocol/neuralCfsStudy.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { checkbox } from '../../common/controls.js';
import { element, type Child } from '../../common/dom.js';
import { Signal } from '../../common/signal.js';
import { stateMark } from '../../common/stateMark.js';
import {
  COLUMN_MEASURES,
  columnChart,
  columnChartHeight,
  describeColumns,
  drawnValues,
} from '../charts/columnChart.js';
import { columnBars, columnRows, type ColumnMeasure, type ColumnRow } from '../model/columnRows.js';
import { missingText } from '../model/missing.js';
import type { StudyModel } from '../model/studyModel.js';
import { amount, decimal, EXPERIMENTS, partLabel, percent, shortTitle } from '../model/words.js';
import { cardOf, follow, putControls, showNothing, unknown, type CardContext } from './cardContext.js';
import { sortableTable, type SortableColumn, type TableSorting } from './sortableTable.js';

const TABLES = { 1: '5.4', 2: '5.6', 3: '5.7' } as const;
const MEASURES: readonly ColumnMeasure[] = ['f', 'nats', 'drop'];

/** How much each column tells: a chart of one measure, and all measures as a table. */
export function createColumnsCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const measure = new Signal<ColumnMeasure>('f');
  const isLogarithmic = new Signal(true);
  const sorting = new Signal<TableSorting | null>(null);
  const card = cardOf(context, {
    title: 'What columns tell',
    file: () => `experiment-${model.shownExperiment}-columns`,
  });
  const measures = new ChoiceBar<ColumnMeasure>('Measure', 'f', (id) => measure.set(id));
  const logarithmic = checkbox('Logarithmic', true, (checked) => isLogarithmic.set(checked));
  const controls = element('div', { className: 'card-controls' }, measures.element, logarithmic.element);
  const show = () => {
    const { ranking, rankedWorkload, importance } = model;
    if (ranking === null) {
      card.setControls();
      showNothing(card, missingText('ranking', model.shownExperiment));
      return;
    }
    putControls(card, controls);
    card.setExportable(true);
    const rows = columnRows(ranking, rankedWorkload, importance);
    measures.show(MEASURES.map((id) => ({ id, ...COLUMN_MEASURES[id] })));
    logarithmic.element.hidden = measure.value !== 'f';
    card.setWords(wordsOf(model, measure.value));
    const bars = columnBars(rows, measure.value);
    const useLog =
      measure.value === 'f' && isLogarithmic.value && drawnValues(bars, true).some((value) => value !== null);
    const lead = `${COLUMN_MEASURES[measure.value].label} of columns, ${EXPERIMENTS[ranking.experiment].label}.`;
    card.setChart(
      bars.length === 0
        ? null
        : {
            configuration: columnChart(bars, measure.value, useLog, theme.value),
            description: describeColumns(lead, bars, measure.value),
          },
      columnChartHeight(bars.length),
    );
    const columns = tableColumns(ranking.workloads, rankedWorkload);
    const used = sorting.value ?? {
      column: columns.findIndex(({ label }) => label === 'Rank'),
      descending: false,
    };
    card.setTable(
      sortableTable('What columns tell', columns, rows, used, (next) => {
        sorting.set(next);
        // The head that was pressed is gone with its table.
        card.element.querySelectorAll<HTMLElement>('.sort')[next.column]?.focus();
      }),
    );
    card.setNote(
      'Filled bars are inputs of the thesis. * among the best five of a workload by F. ⚠ the figure means something else than it seems: point at the mark. F is that of rows after cleaning; a column without variance has none. Mutual information stands beside what chance adds to it.',
    );
  };
  follow(context, show);
  measure.subscribe(show);
  isLogarithmic.subscribe(show);
  sorting.subscribe(show);
  return card.element;
}

/** Which table of the thesis this is, of which rows, and what was shuffled. */
function wordsOf(
  { ranking, rankedWorkload, importance, shownExperiment }: StudyModel,
  measure: ColumnMeasure,
): string {
  if (ranking === null) return '';
  if (measure === 'drop') {
    if (importance === null) return missingText('importance', shownExperiment);
    const { refusal, averagePrecision, repeats } = importance;
    if (refusal !== null) return `${shortTitle(importance)}: columns were not shuffled. ${refusal}`;
    return `${importance.title}, split by history group: average precision ${decimal(averagePrecision ?? 0)}. What it loses when one column is shuffled in the test: mean of ${repeats} times, from least to most.`;
  }
  const rows = ranking.balance === 'half' ? 'classes half and half' : 'classes as frequent as they are';
  const of = rankedWorkload?.workload ?? null;
  const reason = rankedWorkload?.reason ?? null;
  const scored = reason === null ? '' : ` Nothing was scored: ${reason}`;
  return `As table ${TABLES[ranking.experiment]} of the thesis, ${rows}. The chart and mutual information are of ${of ?? 'all workloads'}.${scored}`;
}

function tableColumns(
  workloads: readonly RankedWorkload[],
  chosen: RankedWorkload | null,
): SortableColumn<ColumnRow>[] {
  const of = partLabel(chosen?.workload ?? null);
  return [
    {
      label: 'Column',
      title: 'Column of the records; in bold the inputs of the thesis',
      numeric: false,
      cell: nameCell,
      sortBy: ({ column }) => column,
      csv: {
        column: ({ column }) => column,
        of_thesis: ({ isOfThesis }) => (isOfThesis ? 1 : 0),
        warnings: ({ warnings }) => warnings.map(({ text }) => text).join(' '),
      },
    },
    {
      label: 'Rank',
      title: `By F, of ${of}`,
      numeric: true,
      cell: ({ chosen: score }) => (score === null ? noVariance() : String(score.rank)),
      sortBy: ({ chosen: score }) => score?.rank ?? null,
      csv: { rank: ({ chosen: score }) => score?.rank ?? null },
    },
    ...workloads.map((each, at) => fColumn(each, at)),
    {
      label: 'Information, nats',
      title: `Mutual information with the label, of ${of}; in brackets about what chance adds`,
      numeric: true,
      cell: ({ chosen: score }) =>
        score === null ? noVariance() : `${decimal(score.nats)} (${decimal(score.biasNats)})`,
      sortBy: ({ chosen: score }) => score?.nats ?? null,
      csv: {
        nats: ({ chosen: score }) => score?.nats ?? null,
        nats_by_chance: ({ chosen: score }) => score?.biasNats ?? null,
      },
    },
    {
      label: 'Lost when shuffled',
      title: 'Average precision that the trained model loses; in brackets the least and the most',
      numeric: true,
      cell: ({ drop }) =>
        drop === null
          ? unknown('It is no input of the model, or nothing was shuffled.')
          : `${decimal(drop.mean)} (${decimal(drop.least)} … ${decimal(drop.most)})`,
      sortBy: ({ drop }) => drop?.mean ?? null,
      csv: {
        lost: ({ drop }) => drop?.mean ?? null,
        lost_least: ({ drop }) => drop?.least ?? null,
        lost_most: ({ drop }) => drop?.most ?? null,
      },
    },
  ];
}

function fColumn({ workload, reason, top }: RankedWorkload, at: number): SortableColumn<ColumnRow> {
  const name = workload ?? 'all';
  return {
    label: `F ${name}`,
    title:
      reason === null ? `F on the rows of ${workload ?? 'all workloads'}` : `Nothing was scored: ${reason}`,
    numeric: true,
    cell: ({ column, scores }) => {
      const score = scores[at] ?? null;
      if (score === null) return reason === null ? noVariance() : unknown(reason);
      return element(
        'span',
        { title: `p ${score.p === 0 ? '0' : percent(score.p)}` },
        `${fText(score)}${top.includes(column) ? ' *' : ''}`,
      );
    },
    sortBy: ({ scores }) => {
      const score = scores[at] ?? null;
      return score === null ? null : (score.f ?? Infinity);
    },
    csv: {
      [`f_${name}`]: ({ scores }) => {
        const score = scores[at] ?? null;
        return score === null ? null : (score.f ?? 'inf');
      },
    },
  };
}

function fText({ f }: RankedColumn): string {
  return f === null ? '∞' : amount(f);
}

function nameCell({ column, isOfThesis, warnings }: ColumnRow): Child {
  return element(
    'span',
    { className: 'column-name' },
    element(isOfThesis ? 'strong' : 'span', {}, element('code', {}, column)),
    ...warnings.map(({ text }) => element('span', { title: text }, stateMark('warning', text))),
  );
}

function noVariance(): HTMLElement {
  return unknown('It has no variance there.');
}
