import type { ExperimentResult, PartResult, ThesisBar, WayName } from '../../../src/protocol/neuralCfs.js';
import { element } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { shortTitle, percent, partLabel, positivesText, WAYS } from '../model/words.js';
import { cardOf, follow, unknown, type CardContext } from './cardContext.js';

/** A bar of the thesis, or what a part of ours came to. */
export interface BesideRow {
  readonly source: 'thesis' | WayName;
  readonly workload: string;
  readonly positives: string;
  /** Balanced accuracy by the name of the model. */
  readonly values: ReadonlyMap<string, number>;
  /** It begins what is of the thesis, or of a way. */
  readonly isFirst: boolean;
  /** Why values are missing. */
  readonly reason: string;
}

const THIRD = 'third';

/** The thesis's own bars beside balanced accuracy of all ways and workloads. */
export function createThesisCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, {
    title: 'Beside the thesis',
    file: () => `experiment-${model.shownExperiment}-beside-thesis`,
    hasChart: false,
  });
  follow(context, () => {
    const { result } = model;
    card.element.hidden = result === null;
    if (result === null) return;
    const { figure, remark } = result.thesis;
    card.setWords(
      `Figure ${figure} of the thesis beside balanced accuracy here: it printed accuracies on classes half and half, split by row. ${remark}`,
    );
    card.setTable(figureTable('Beside the thesis', columnsOf(result), besideRows(result)));
    card.setNote(
      'Only “As published” was measured as the thesis did. Its benchmarks and its kernel are others, so figures may differ for reasons that are not the model’s.',
    );
  });
  return card.element;
}

export function besideRows({ thesis, ways }: ExperimentResult): BesideRow[] {
  return [
    ...thesis.bars.map((bar, at) => thesisRow(bar, at === 0)),
    ...ways.flatMap(({ way, parts }) => parts.map((part, at) => ourRow(way, part, at === 0))),
  ];
}

function thesisRow({ benchmark, torch, libml, other }: ThesisBar, isFirst: boolean): BesideRow {
  const bars = [
    ['mlp', torch],
    ['libml', libml],
    [THIRD, other],
  ] as const;
  const values = new Map(bars.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
  const reason = 'The thesis does not tell.';
  return { source: 'thesis', workload: benchmark, positives: '', values, isFirst, reason };
}

function ourRow(way: WayName, { workload, test, models, refusal }: PartResult, isFirst: boolean): BesideRow {
  const values = new Map(
    models.flatMap(({ name, judgement }) =>
      judgement === null ? [] : [[name, judgement.atHalf.balancedAccuracy.value] as const],
    ),
  );
  const reason = refusal ?? 'It has no figures.';
  return {
    source: way,
    workload: partLabel(workload),
    positives: positivesText(test),
    values,
    isFirst,
    reason,
  };
}

function columnsOf({ thesis, ways }: ExperimentResult): FigureColumn<BesideRow>[] {
  const titles = new Map([
    ['mlp', 'MLP'],
    ['libml', 'LibML'],
    ...(thesis.bars.some(({ other }) => other !== null) ? [[THIRD, 'Third bar'] as const] : []),
    ...ways.flatMap(({ parts }) =>
      parts.flatMap(({ models }) => models.map((model) => [model.name, shortTitle(model)] as const)),
    ),
  ]);
  return [
    {
      label: 'Of',
      title: 'The thesis, or how rows were split here',
      numeric: false,
      cell: ({ source, isFirst }) =>
        isFirst ? element('strong', {}, source === 'thesis' ? 'Thesis' : WAYS[source].label) : '',
      csv: { source: ({ source }) => source },
    },
    {
      label: 'Workload',
      title: 'Benchmark of the thesis, or workload of the recordings',
      numeric: false,
      cell: ({ workload }) => workload,
      csv: { workload: ({ workload }) => workload },
    },
    {
      label: 'Positives in the test',
      title: 'After cleaning',
      numeric: true,
      cell: ({ positives, source }) =>
        source === 'thesis' ? unknown('The thesis does not tell.') : positives,
      csv: { positives: ({ positives }) => positives },
    },
    ...[...titles].map(([name, title]): FigureColumn<BesideRow> => ({
      label: title,
      title: `Balanced accuracy of ${title}`,
      numeric: true,
      cell: ({ values, source, reason }) => {
        const value = values.get(name);
        if (value !== undefined) return percent(value);
        return source === 'thesis' || name === THIRD ? '' : unknown(reason);
      },
      csv: { [name]: ({ values }) => values.get(name) ?? null },
    })),
  ];
}
