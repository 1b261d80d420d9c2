import type { Judgement, WayName } from '../../../src/protocol/neuralCfs.js';
import { element } from '../../common/dom.js';
import { formatCount, formatShare, unknownText } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import {
  figuresAt,
  precisionAtShare,
  type FiguresAtThreshold,
  type ThresholdPoint,
} from '../model/thresholdFigures.js';
import { amount, decimal, percent } from '../model/words.js';

/** What a threshold comes to: the confusion matrix, figures, and precision where positives are rarer. */
export function thresholdFiguresOf(judgement: Judgement, point: ThresholdPoint, way: WayName): HTMLElement[] {
  const figures = figuresAt(point, judgement);
  return [
    confusionTable(figures),
    figureList(figures, way),
    ...(judgement.precisionAtPrevalence.length === 0 ? [] : [prevalenceTable(judgement, figures)]),
  ];
}

/** Counts with their share of the row: of what was. */
function confusionTable(figures: FiguresAtThreshold): HTMLElement {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = figures;
  const row = (
    label: string,
    cells: readonly (readonly [count: number, isRight: boolean, name: string])[],
  ) => {
    const all = cells.reduce((sum, [count]) => sum + count, 0);
    return element(
      'tr',
      {},
      element('th', { attributes: { scope: 'row' } }, label),
      ...cells.map(([count, isRight, name]) =>
        element(
          'td',
          { className: isRight ? 'right' : 'wrong', title: name },
          element('strong', {}, formatCount(count)),
          element('small', {}, all === 0 ? unknownText : formatShare(count / all)),
        ),
      ),
    );
  };
  const head = ['', 'called positive', 'called negative'].map((label) =>
    element('th', { attributes: { scope: 'col' } }, label),
  );
  return element(
    'table',
    { className: 'threshold-matrix', attributes: { 'aria-label': 'Confusion matrix at the threshold' } },
    element('thead', {}, element('tr', {}, ...head)),
    element(
      'tbody',
      {},
      row('is positive', [
        [truePositives, true, 'true positives'],
        [falseNegatives, false, 'false negatives'],
      ]),
      row('is negative', [
        [falsePositives, false, 'false positives'],
        [trueNegatives, true, 'true negatives'],
      ]),
    ),
  );
}

function figureList(figures: FiguresAtThreshold, way: WayName): HTMLElement {
  const { precision, recall, falsePositivesPerThousand, mcc, balancedAccuracy, accuracy } = figures;
  const rows = way === 'published' ? 'on rows made half and half' : 'of the test';
  const told: readonly (readonly [name: string, value: string, title: string])[] = [
    [
      'Precision',
      percent(precision),
      precision === null ? 'Nothing is called positive' : 'Share of alarms that are right',
    ],
    ['Recall', percent(recall), 'Share of positives that are found'],
    ['False positives', `${amount(falsePositivesPerThousand)} in 1,000 calls ${rows}`, 'Alarms for nothing'],
    ['MCC', decimal(mcc), 'Matthews’ correlation: 1 is perfect, 0 is chance'],
    ['Balanced accuracy', percent(balancedAccuracy), 'Recalls of both classes averaged'],
    ['Accuracy', percent(accuracy), 'Share of the rows of the test that are called right'],
  ];
  return element(
    'dl',
    { className: 'threshold-list' },
    ...told.map(([name, value, title]) =>
      element('div', { title }, element('dt', {}, name), element('dd', {}, value)),
    ),
  );
}

interface PrevalenceRow {
  readonly of: string;
  readonly share: number;
  readonly precision: number | null;
}

function prevalenceTable(judgement: Judgement, figures: FiguresAtThreshold): HTMLElement {
  const { rows, positives } = judgement;
  const shares = judgement.precisionAtPrevalence.map(({ of, share }): PrevalenceRow => ({
    of,
    share,
    precision: precisionAtShare(share, figures),
  }));
  return element(
    'div',
    {},
    element('h3', {}, 'Precision where positives are as frequent as …'),
    simpleTable('Precision at other shares of positives', PREVALENCE_COLUMNS, shares),
    element(
      'p',
      { className: 'chart-note' },
      `With the recall and the false positive rate of this threshold. The test has ${formatCount(rows - positives)} negatives: false positives that are rarer than one in so many cannot be seen in it.`,
    ),
  );
}

const PREVALENCE_COLUMNS: readonly SimpleColumn<PrevalenceRow>[] = [
  { label: 'in', title: 'Where positives were counted', numeric: false, cell: ({ of }) => of },
  { label: 'Positive', title: 'Share of calls', numeric: true, cell: ({ share }) => percent(share) },
  {
    label: 'Precision',
    title: 'Share of alarms that would be right',
    numeric: true,
    cell: ({ precision }) => percent(precision),
  },
  {
    label: 'False alarms for each right one',
    title: 'Alarms for nothing, by those that are right',
    numeric: true,
    cell: ({ precision }) =>
      precision === null || precision === 0 ? unknownText : amount(1 / precision - 1),
  },
];
