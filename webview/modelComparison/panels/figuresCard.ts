import type { ComparedMetric, ModelComparison } from '../../../src/protocol/modelComparisonMessages.js';
import { describeIntervals, intervalChart, intervalChartHeight } from '../../common/charts/intervalChart.js';
import { element } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { unknownText } from '../../common/format.js';
import { estimateText } from '../../model/model/measures.js';
import { metricWords, runLabel, runLetter } from '../model/words.js';
import { cardOf, follow, type CardContext } from './cardContext.js';

/** What each model came to on the same events. */
export function createFiguresCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title: 'What each came to', file: 'figures' });
  follow(context, () => {
    const { comparison, shownSlice, shownMetric } = model;
    card.element.hidden = comparison === null;
    if (comparison === null || shownSlice === null || shownMetric === null) return;
    const words = metricWords(shownMetric.metric);
    const axis = { ...words, title: `${words.label} · ${words.better} is better` };
    const rows = shownMetric.values.map((value, run) => ({
      label: runLabel(comparison, run),
      isMain: run === 0,
      ...value,
    }));
    card.setChart(
      {
        configuration: intervalChart(rows, axis, theme.value),
        description: describeIntervals(`${words.label} of each model.`, rows, axis),
      },
      intervalChartHeight(rows.length),
    );
    const runs = comparison.runs.map((_, run) => run);
    card.setTable(figureTable('Figures of each model', columnsOf(comparison, shownSlice.metrics), runs));
    card.setNote(
      'Lines and brackets are 95 % intervals by block bootstrap. That two of them overlap does not tell that the models are alike: they were asked about the same events, and the differences below use that.',
    );
  });
  return card.element;
}

function columnsOf(comparison: ModelComparison, metrics: readonly ComparedMetric[]): FigureColumn<number>[] {
  return [
    {
      label: 'Model',
      title: 'Run of training',
      numeric: false,
      cell: (run) =>
        run === 0 ? element('strong', {}, runLabel(comparison, run)) : runLabel(comparison, run),
      csv: {
        letter: runLetter,
        run: (run) => comparison.runs[run]?.title ?? null,
        folder: (run) => comparison.runs[run]?.folder ?? null,
      },
    },
    ...metrics.map((metric) => valueColumn(metric)),
  ];
}

function valueColumn({ metric, values }: ComparedMetric): FigureColumn<number> {
  const { label, title, format } = metricWords(metric);
  return {
    label,
    title: `${title}. With its 95 % interval`,
    numeric: true,
    cell: (run) => (values[run] === undefined ? unknownText : estimateText(values[run], format)),
    csv: {
      [metric]: (run) => values[run]?.value ?? null,
      [`${metric}_low`]: (run) => values[run]?.low ?? null,
      [`${metric}_high`]: (run) => values[run]?.high ?? null,
    },
  };
}
