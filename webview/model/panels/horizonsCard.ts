import type { InterArrivalEvaluation } from '../../../src/protocol/evaluation.js';
import { element, replaceContent } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import { formatAccuracy, formatLoss } from '../../training/model/words.js';
import { keyEntry } from '../../training/charts/chartKey.js';
import { plainLines, type PlainLine } from '../charts/plainLines.js';
import {
  estimateText,
  horizonLabel,
  measureOf,
  numberTick,
  partWords,
  TIME_MEASURES,
} from '../model/measures.js';
import { cardOf, follow, unknown, type CardContext } from './cardParts.js';

type HorizonRow = InterArrivalEvaluation['horizons'][number];

// The circle and the whole line are the model's.
const MARKS = ['triangle', 'rect', 'star', 'rectRot'] as const;
const DASHES = [
  [6, 3],
  [2, 3],
  [8, 3, 2, 3],
  [12, 4],
] as const;

/** How the error grows with the distance that is forecast, and whether the intervals hold what they promise. */
export function createHorizonsCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title: 'By horizon', file: 'horizons', isOfPart: true });
  const key = element('ul', { className: 'chart-key' });
  card.setControls(key);
  follow(context, () => {
    const part = model.shownPart;
    card.element.hidden = part?.task !== 'inter-arrival';
    if (part?.task !== 'inter-arrival') return;
    const name = model.evaluation?.model.name ?? 'model';
    const measure = measureOf(TIME_MEASURES, model.measure.value);
    const lines = horizonLines(part, name, measure.id, theme.value);
    replaceContent(
      key,
      ...lines.map(({ label, colour, dash, mark }) =>
        keyEntry({
          label,
          colour,
          points: [],
          ...(mark === 'none' ? {} : { mark }),
          ...(dash === undefined ? {} : { dash }),
        }),
      ),
    );
    card.setChart({
      configuration: plainLines(
        {
          lines,
          x: {
            title: 'events ahead',
            format: formatCount,
            isLogarithmic: true,
            ticks: part.horizons.map(({ steps }) => steps),
          },
          y: {
            title: `${measure.label} · ${measure.better} is better`,
            format: numberTick,
          },
          tooltip: (_line, { x, y }) => [`${horizonLabel(x)}: ${measure.format(y)}`],
        },
        theme.value,
      ),
      description: `${measure.label} by horizon, ${partWords(part.part).label}. ${lines
        .map(
          ({ label, points }) =>
            `${label}: ${points.map(({ x, y }) => `${horizonLabel(x)} ${measure.format(y)}`).join(', ')}`,
        )
        .join('. ')}.`,
    });
    card.setWords(collapseText(part.collapse));
    card.setTable(figureTable('Figures by horizon', COLUMNS, part.horizons));
    card.setNote(
      'Of the intervals that the model calls 50 and 90 % central, these shares of what came lay within: far less means that it is too sure of itself. Points have no intervals.',
    );
  });
  return card.element;
}

/** How much of the spread of what came the forecasts have. */
export function collapseText({
  spreadRatio,
  freeRunRatio,
  isCollapsed,
}: InterArrivalEvaluation['collapse']): string {
  const free =
    freeRunRatio === null
      ? ''
      : ` Where it feeds on its own forecasts, from the hundredth on, it spreads ${formatLoss(freeRunRatio)} times as much.`;
  const verdict = isCollapsed ? ' It has collapsed: it says nearly the same, whatever came before.' : '';
  return `One event ahead its medians spread ${formatLoss(spreadRatio)} times as much as what came.${free}${verdict}`;
}

/** The model, and every baseline that has the measure. */
export function horizonLines(
  { horizons }: InterArrivalEvaluation,
  name: string,
  id: string,
  theme: Theme,
): PlainLine[] {
  const { read } = measureOf(TIME_MEASURES, id);
  const colours = [theme.yellow, theme.green, theme.purple, theme.orange, theme.red];
  const baselines = [...new Set(horizons.flatMap(({ baselines: all }) => all.map((each) => each.name)))];
  const own = horizons.flatMap(({ steps, model }) => {
    const estimate = read(model);
    return estimate === null ? [] : [{ x: steps, y: estimate.value }];
  });
  return [
    { label: name, points: own, colour: theme.blue, mark: 'circle', width: 3, radius: 5 },
    ...baselines.map((baseline, at): PlainLine => {
      const points = horizons.flatMap(({ steps, baselines: all }) => {
        const scores = all.find((each) => each.name === baseline)?.scores;
        const estimate = scores === undefined ? null : read(scores);
        return estimate === null ? [] : [{ x: steps, y: estimate.value }];
      });
      return {
        label: baseline,
        points,
        colour: colours[at % colours.length]!,
        mark: MARKS[at % MARKS.length]!,
        dash: DASHES[at % DASHES.length]!,
        width: 1.5,
      };
    }),
  ];
}

function shareCell(estimate: HorizonRow['model']['coverage50']) {
  return estimate === null
    ? unknown('it forecasts points, not intervals')
    : estimateText(estimate, formatAccuracy);
}

function coverageCsv(id: 'coverage50' | 'coverage90'): FigureColumn<HorizonRow>['csv'] {
  return {
    [id]: ({ model }) => model[id]?.value ?? null,
    [`${id}_low`]: ({ model }) => model[id]?.low ?? null,
    [`${id}_high`]: ({ model }) => model[id]?.high ?? null,
  };
}

const COLUMNS: readonly FigureColumn<HorizonRow>[] = [
  {
    label: 'Horizon',
    title: 'How far ahead',
    numeric: false,
    cell: ({ steps }) => horizonLabel(steps),
    csv: { steps: ({ steps }) => steps },
  },
  {
    label: 'Forecasts',
    title: 'How many times were forecast',
    numeric: true,
    cell: ({ targets }) => formatCount(targets),
    csv: { targets: ({ targets }) => targets },
  },
  {
    label: 'In the 50 % interval',
    title: 'Share of what came that lay between the quantiles 25 and 75 %',
    numeric: true,
    cell: ({ model }) => shareCell(model.coverage50),
    csv: coverageCsv('coverage50'),
  },
  {
    label: 'In the 90 % interval',
    title: 'Share of what came that lay between the quantiles 5 and 95 %',
    numeric: true,
    cell: ({ model }) => shareCell(model.coverage90),
    csv: coverageCsv('coverage90'),
  },
  ...TIME_MEASURES.map(({ id, label, title, read }): FigureColumn<HorizonRow> => ({
    label,
    title,
    numeric: true,
    cell: ({ model }) => estimateText(read(model), formatLoss),
    csv: {
      [id]: ({ model }) => read(model)?.value ?? null,
      [`${id}_low`]: ({ model }) => read(model)?.low ?? null,
      [`${id}_high`]: ({ model }) => read(model)?.high ?? null,
    },
  })),
];
