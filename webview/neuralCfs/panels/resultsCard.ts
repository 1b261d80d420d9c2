import type { Estimate } from '../../../src/protocol/evaluation.js';
import type { ModelJudgement, PartResult, WayResult } from '../../../src/protocol/neuralCfs.js';
import { describeIntervals, intervalChart, intervalChartHeight } from '../../common/charts/intervalChart.js';
import { figureTable } from '../../common/figureTable.js';
import { inOrder, judgedModels } from '../model/judgedModels.js';
import { missingText } from '../model/missing.js';
import type { StudyModel } from '../model/studyModel.js';
import { lessBaselineWords } from '../model/summary.js';
import { decimal, positivesText, shortTitle } from '../model/words.js';
import { cardOf, experimentFile, follow, showNothing, type CardContext } from './cardContext.js';
import { paragraphs, warningList } from './markedList.js';
import { resultColumns } from './resultColumns.js';

const NOTE =
  'Balanced accuracy, accuracy, F1 and MCC are at a threshold of 0.5. Brackets are 95 % intervals by drawing whole history groups again. Average precision is the area under precision over recall: by chance it is the share of positives, whatever that is.';
const AXIS = {
  title: 'average precision · higher is better',
  format: decimal,
  least: 0,
  greatest: 1,
} as const;

/** What each model came to: a chart of average precision, sentences about baselines, all figures. */
export function createResultsCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title: 'Models', file: () => experimentFile(model, 'models') });
  follow(context, () => {
    const { result, shownWay, shownPart } = model;
    card.setControls();
    if (result === null || shownWay === null || shownPart === null) {
      showNothing(card, missingText('experiment', model.shownExperiment));
      return;
    }
    if (shownPart.refusal !== null) {
      showNothing(card, `Not scored. ${shownPart.refusal} ${rowsWords(shownWay, shownPart)}`);
      return;
    }
    const rows = chartRows(shownPart);
    card.setExportable(true);
    card.setWords('');
    card.setControls(...remarks(model, shownWay, shownPart));
    card.setChart(
      {
        configuration: intervalChart(rows, AXIS, theme.value),
        description: describeIntervals('Average precision of each model.', rows, AXIS),
      },
      intervalChartHeight(rows.length),
    );
    const columns = resultColumns(result, shownWay.way, shownPart);
    card.setTable(figureTable('Figures of each model', columns, inOrder(shownPart.models)));
    card.setNote(NOTE);
  });
  return card.element;
}

/** What the rows of a part are: how they were split, and what is in the test. */
export function rowsWords({ split }: WayResult, { workload, trainedOn, training, test }: PartResult): string {
  const lead = workload === null ? `${split} After cleaning` : `${workload} after cleaning`;
  const by = workload !== null && trainedOn === 'all' ? ', which is of all workloads,' : '';
  return `${lead}: of the test ${positivesText(test)} rows are positive, of the training${by} ${positivesText(training)}.`;
}

/** Before the figures: that a label is made of its inputs, and how the thesis's models stand to baselines. */
function remarks({ shownExperiment }: StudyModel, way: WayResult, part: PartResult): HTMLElement[] {
  const rule = part.models.find(({ name }) => name === 'rule');
  const tautology =
    shownExperiment !== 3
      ? []
      : [
          `These figures do not tell that anything is predicted: the label is made of the inputs by a rule of the kernel.${rule === undefined ? '' : ` The row “${shortTitle(rule)}” learns nothing, and says what a copy of that rule is worth.`}`,
        ];
  const failed = part.models.flatMap(({ title, failure }) =>
    failure === null ? [] : [`${title}: ${failure}`],
  );
  const apart = part.models.flatMap((each) => lessBaselineWords(each) ?? []);
  return [
    warningList([...tautology, ...failed]),
    paragraphs('study-verdicts', [rowsWords(way, part), ...apart]),
  ].filter(({ hidden }) => !hidden);
}

/** Models by average precision's interval; the line is what chance gives. */
function chartRows(part: PartResult) {
  const { rows, positives } = part.test;
  const alone = (value: number): Estimate => ({ value, low: null, high: null });
  const label = (model: ModelJudgement) => `${shortTitle(model)}${model.isThesis ? ' · thesis' : ''}`;
  return [
    { label: 'By chance', isMain: true, ...alone(positives / rows) },
    ...judgedModels(part).map((each) => ({
      label: label(each),
      isMain: false,
      ...each.judgement.averagePrecision,
    })),
  ];
}
