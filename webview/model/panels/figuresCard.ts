import { intervalChart, intervalChartHeight, describeIntervals } from '../../common/charts/intervalChart.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { element } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import type { PartEvaluation } from '../../../src/protocol/evaluation.js';
import {
  comparedOf,
  differenceText,
  estimateText,
  horizonLabel,
  measureOf,
  partFacts,
  partWords,
  SLICE_WORDS,
  STANDING_WORDS,
  standingOf,
  TASK_MEASURES,
  TIME_MEASURES,
  verdictText,
  type Compared,
  type Measure,
} from '../model/measures.js';
import { cardOf, follow, unknown, type CardContext } from './cardParts.js';

/** Figures of one slice or horizon, whatever the task. */
interface Comparison<Scores> {
  readonly lead: string;
  readonly targets: number;
  readonly compared: readonly Compared<Scores>[];
  readonly measures: readonly Measure<Scores>[];
}

/** The model beside every baseline on the same events: as a chart with intervals, in a sentence, and as a table. */
export function createFiguresCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title: 'Beside the baselines', file: 'figures', isOfPart: true });
  const slices = new ChoiceBar<string>('Which events', model.slice.value, (id) => model.slice.set(id));
  const measures = new ChoiceBar<string>('Figure', model.measure.value, (id) => model.measure.set(id));
  card.setControls(slices.element, measures.element);
  const draw = <Scores>(comparison: Comparison<Scores>) => {
    const { compared, lead } = comparison;
    const measure = measureOf(comparison.measures, model.measure.value);
    measures.show(comparison.measures.map(({ id, label, title }) => ({ id, label, title })));
    measures.set(measure.id);
    card.setWords(verdictText(compared, measure));
    const rows = intervalRows(compared, measure);
    const axis = { ...measure, title: `${measure.label} · ${measure.better} is better` };
    card.setChart(
      rows.length === 0
        ? null
        : {
            configuration: intervalChart(rows, axis, theme.value),
            description: describeIntervals(`${measure.label}, ${lead}.`, rows, axis),
          },
      intervalChartHeight(rows.length),
    );
    card.setTable(figureTable(`Figures, ${lead}`, columnsOf(comparison.measures, measure), compared));
    card.setNote(
      'Lines and brackets are 95 % intervals by block bootstrap: events that follow each other are alike, so whole blocks are drawn again. A difference is that of the model less the baseline on the same events; where its interval holds zero, the two cannot be told apart. A dash: the baseline names no probabilities.',
    );
  };
  follow(context, () => {
    const part = model.shownPart;
    card.element.hidden = part === null;
    if (part === null) return;
    const name = model.evaluation?.model.name ?? 'model';
    showSlices(slices, part, model.slice.value);
    if (part.task === 'next-task') {
      const slice = part.slices.find((each) => each.slice === model.slice.value) ?? part.slices[0]!;
      const { label } = SLICE_WORDS[slice.slice];
      draw({
        lead: `${partWords(part.part).label}, ${label.toLowerCase()}`,
        targets: slice.targets,
        compared: comparedOf(name, slice),
        measures: TASK_MEASURES,
      });
    } else {
      const horizon =
        part.horizons.find(({ steps }) => `h${steps}` === model.slice.value) ?? part.horizons[0]!;
      draw({
        lead: `${partWords(part.part).label}, ${horizonLabel(horizon.steps)}`,
        targets: horizon.targets,
        compared: comparedOf(name, horizon),
        measures: TIME_MEASURES,
      });
    }
  });
  const facts = element('p', { className: 'part-facts' });
  follow(context, () => {
    const part = model.shownPart;
    facts.hidden = part === null;
    if (part !== null) facts.textContent = partFacts(part);
  });
  card.element.querySelector('.card-head')?.after(facts);
  return card.element;
}

function showSlices(bar: ChoiceBar<string>, part: PartEvaluation, chosen: string): void {
  const choices =
    part.task === 'next-task'
      ? part.slices.map(({ slice, targets }) => ({
          id: slice,
          label: SLICE_WORDS[slice].label,
          title: `${SLICE_WORDS[slice].title}: ${targets.toLocaleString('en')} events`,
        }))
      : part.horizons.map(({ steps, targets }) => ({
          id: `h${steps}`,
          label: horizonLabel(steps),
          title: `${targets.toLocaleString('en')} forecasts`,
        }));
  bar.show(choices);
  bar.set(choices.some(({ id }) => id === chosen) ? chosen : (choices[0]?.id ?? ''));
}

/** The best first, as far as they have the figure. */
function intervalRows<Scores>(compared: readonly Compared<Scores>[], { read, better }: Measure<Scores>) {
  return compared
    .flatMap(({ name, isModel, scores }) => {
      const estimate = read(scores);
      return estimate === null ? [] : [{ label: name, isMain: isModel, ...estimate }];
    })
    .sort((a, b) => (better === 'higher' ? b.value - a.value : a.value - b.value));
}

function columnsOf<Scores>(
  measures: readonly Measure<Scores>[],
  chosen: Measure<Scores>,
): FigureColumn<Compared<Scores>>[] {
  return [
    {
      label: 'Predictor',
      title: 'The model, or a baseline',
      numeric: false,
      cell: ({ name, isModel }) => (isModel ? element('strong', {}, name) : name),
      csv: { predictor: ({ name }) => name, is_model: ({ isModel }) => (isModel ? 'yes' : 'no') },
    },
    measureColumn(chosen),
    {
      label: `${chosen.label}: model less this`,
      title: 'Difference on the same events, with its 95 % interval',
      numeric: true,
      cell: ({ difference }) => {
        const estimate = difference === null ? null : chosen.read(difference);
        if (estimate === null) return difference === null ? '' : unknown('the baseline has no such figure');
        return differenceText(estimate, chosen);
      },
      csv: Object.assign({}, ...measures.map(differenceCsv)) as FigureColumn<Compared<Scores>>['csv'],
    },
    {
      label: 'The model is',
      title: 'By the interval of the difference',
      numeric: false,
      cell: ({ difference }) => {
        const estimate = difference === null ? null : chosen.read(difference);
        return estimate === null ? '' : STANDING_WORDS[standingOf(estimate, chosen.better)];
      },
      csv: {},
    },
    ...measures.filter((each) => each !== chosen).map(measureColumn),
  ];
}

function measureColumn<Scores>({
  id,
  label,
  title,
  read,
  format,
}: Measure<Scores>): FigureColumn<Compared<Scores>> {
  return {
    label,
    title: `${title}. With its 95 % interval`,
    numeric: true,
    cell: ({ scores }) => {
      const estimate = read(scores);
      return estimate === null
        ? unknown('it names tasks, but gives no probabilities')
        : estimateText(estimate, format);
    },
    csv: {
      [id]: ({ scores }) => read(scores)?.value ?? null,
      [`${id}_low`]: ({ scores }) => read(scores)?.low ?? null,
      [`${id}_high`]: ({ scores }) => read(scores)?.high ?? null,
    },
  };
}

function differenceCsv<Scores>({ id, read }: Measure<Scores>): FigureColumn<Compared<Scores>>['csv'] {
  const of = ({ difference }: Compared<Scores>) => (difference === null ? null : read(difference));
  return {
    [`${id}_difference`]: (row) => of(row)?.value ?? null,
    [`${id}_difference_low`]: (row) => of(row)?.low ?? null,
    [`${id}_difference_high`]: (row) => of(row)?.high ?? null,
  };
}
