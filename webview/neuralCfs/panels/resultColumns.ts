import type { Estimate } from '../../../src/protocol/evaluation.js';
import type {
  ExperimentResult,
  Judgement,
  ModelJudgement,
  PartResult,
  WayName,
} from '../../../src/protocol/neuralCfs.js';
import { element, type Child } from '../../common/dom.js';
import type { CsvValue } from '../../common/exportFile.js';
import type { FigureColumn } from '../../common/figureTable.js';
import { stateMark } from '../../common/stateMark.js';
import { estimateText } from '../../model/model/measures.js';
import { accuracyAtShare, figuresAt } from '../model/thresholdFigures.js';
import { decimal, percent, shortTitle } from '../model/words.js';
import { unknown } from './cardContext.js';

type Column = FigureColumn<ModelJudgement>;

/** What a model came to, figure by figure. */
export function resultColumns(result: ExperimentResult, way: WayName, part: PartResult): Column[] {
  const recalls = part.models.find(({ judgement }) => judgement !== null)?.judgement?.precisionAtRecall ?? [];
  return [
    modelColumn(result),
    estimate(
      'Balanced accuracy',
      'Recalls of both classes averaged, at 0.5',
      'balanced_accuracy',
      percent,
      (j) => j.atHalf.balancedAccuracy,
    ),
    way === 'published'
      ? naturalAccuracy(naturalShare(result, part))
      : estimate(
          'Accuracy',
          'Share of calls that are called right at 0.5, classes as frequent as they are',
          'accuracy',
          percent,
          (j) => j.atHalf.accuracy,
        ),
    estimate(
      'Average precision',
      'Area under precision over recall (PR-AUC)',
      'average_precision',
      decimal,
      (j) => j.averagePrecision,
    ),
    {
      label: 'by chance',
      title: 'Average precision of a model that knows nothing: the share of positives',
      numeric: true,
      cell: (row) => figure(row, ({ rows, positives }) => decimal(positives / rows)),
      csv: { chance: ({ judgement }) => (judgement === null ? null : judgement.positives / judgement.rows) },
    },
    estimate(
      'ROC-AUC',
      'How often a positive is scored above a negative; by chance 0.5',
      'roc_auc',
      decimal,
      (j) => j.rocAuc,
    ),
    estimate('MCC', 'Matthews’ correlation at 0.5; by chance 0', 'mcc', decimal, (j) => j.atHalf.mcc),
    ...recalls.map(({ recall }) =>
      estimate(
        `Precision at ${Math.round(recall * 100)} % recall`,
        `Share of alarms that are right where ${Math.round(recall * 100)} % of the positives are found`,
        `precision_at_recall_${Math.round(recall * 100)}`,
        percent,
        (j) => j.precisionAtRecall.find((each) => each.recall === recall)?.precision ?? null,
      ),
    ),
    estimate('F1', 'Harmonic mean of precision and recall at 0.5', 'f1', percent, (j) => j.atHalf.f1),
    lessColumn(),
  ];
}

function modelColumn({ experiment }: ExperimentResult): Column {
  const isRule = ({ name }: ModelJudgement) => experiment === 3 && name === 'rule';
  return {
    label: 'Model',
    title: 'In bold those of the thesis',
    numeric: false,
    cell: (row) => {
      const name = element(
        row.isThesis ? 'strong' : 'span',
        { title: `${row.title}: ${row.summary}` },
        shortTitle(row),
      );
      if (!isRule(row)) return name;
      const why = 'The label is made by this rule: it learns nothing.';
      return element(
        'span',
        { className: 'rule-row', title: why },
        stateMark('warning', why),
        name,
        ' makes the label',
      );
    },
    csv: {
      model: ({ name }) => name,
      title: ({ title }) => title,
      of_thesis: ({ isThesis }) => (isThesis ? 1 : 0),
      failure: ({ failure }) => failure,
    },
  };
}

/** On rows that were made half and half accuracy at natural prevalence follows from both recalls. */
function naturalAccuracy(share: number | null): Column {
  const value = ({ judgement }: ModelJudgement): number | null =>
    judgement === null || share === null
      ? null
      : accuracyAtShare(share, figuresAt(judgement.atHalf, judgement));
  return {
    label: 'Accuracy',
    title: `What the share of calls that are called right would be, were classes as frequent as in the recordings (${percent(share)} positive); reckoned from both recalls at 0.5`,
    numeric: true,
    cell: (row) =>
      share === null
        ? unknown('It is not told how frequent positives are.')
        : figure(row, () => percent(value(row))),
    csv: { accuracy_at_natural_prevalence: value },
  };
}

function naturalShare({ counts }: ExperimentResult, { workload }: PartResult): number | null {
  const own = counts.filter((each) => workload === null || each.workload === workload);
  const rows = own.reduce((sum, each) => sum + each.rows, 0);
  return rows === 0 ? null : own.reduce((sum, each) => sum + each.positives, 0) / rows;
}

function lessColumn(): Column {
  return {
    label: 'Less best baseline',
    title:
      'Average precision less that of the baseline with the highest, on the same rows; with its 95 % interval',
    numeric: true,
    cell: ({ lessBaseline }) =>
      lessBaseline === null
        ? ''
        : element(
            'span',
            { title: `less ${lessBaseline.baseline}` },
            intervalCell(lessBaseline.averagePrecision, decimal),
          ),
    csv: {
      baseline: ({ lessBaseline }) => lessBaseline?.baseline ?? null,
      ...threeOf('less_baseline', ({ lessBaseline }) => lessBaseline?.averagePrecision ?? null),
    },
  };
}

function estimate(
  label: string,
  title: string,
  csvName: string,
  format: (value: number) => string,
  read: (judgement: Judgement) => Estimate | null,
): Column {
  return {
    label,
    title: `${title}. In brackets its 95 % interval`,
    numeric: true,
    cell: (row) =>
      figure(row, (judgement) => {
        const value = read(judgement);
        return value === null ? unknown('It cannot be told.') : intervalCell(value, format);
      }),
    csv: threeOf(csvName, ({ judgement }) => (judgement === null ? null : read(judgement))),
  };
}

function threeOf(
  name: string,
  read: (row: ModelJudgement) => Estimate | null,
): Record<string, (row: ModelJudgement) => CsvValue> {
  return {
    [name]: (row) => read(row)?.value ?? null,
    [`${name}_low`]: (row) => read(row)?.low ?? null,
    [`${name}_high`]: (row) => read(row)?.high ?? null,
  };
}

function figure({ judgement, failure }: ModelJudgement, cell: (judgement: Judgement) => Child): Child {
  return judgement === null ? unknown(failure ?? 'It has no figures.') : cell(judgement);
}

function withoutUnit(text: string): string {
  return text.replace(/ %$/, '');
}

/** The figure, and its interval smaller below: a table of ten figures has no room beside. */
function intervalCell(value: Estimate, format: (value: number) => string): HTMLElement {
  const { low, high } = value;
  return element(
    'span',
    { className: 'interval', title: estimateText(value, format) },
    element('span', {}, format(value.value)),
    low === null || high === null
      ? null
      : element('small', {}, `${withoutUnit(format(low))} … ${withoutUnit(format(high))}`),
  );
}
