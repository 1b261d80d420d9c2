import { element } from '../../common/dom.js';
import type { CsvTable } from '../../common/exportFile.js';
import { keyEntry } from '../../training/charts/chartKey.js';
import {
  describePrecisionRecall,
  precisionRecallChart,
  precisionRecallLines,
} from '../charts/precisionRecall.js';
import type { JudgedModel } from '../model/judgedModels.js';
import { missingText } from '../model/missing.js';
import { figuresAt, placeOf, thresholdPoints, type ThresholdPoint } from '../model/thresholdFigures.js';
import { shortTitle, WAY_IN_WORDS } from '../model/words.js';
import { cardOf, experimentFile, follow, putControls, showNothing, type CardContext } from './cardContext.js';
import { thresholdFiguresOf } from './thresholdTables.js';
import { ThresholdSlider } from './thresholdSlider.js';

const NOTE =
  'Counts are exact at every place of the slider: they were counted at scores that occur in the test, thinned out to a few hundred. A threshold that is chosen by looking at the test flatters; the one found in training does not.';

/** What a model's alarms are worth at a threshold that the user moves. */
export function createThresholdCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, {
    title: 'Threshold',
    file: () => experimentFile(model, `${model.shownModel?.name ?? 'model'}-thresholds`),
    isBeside: true,
  });
  const slider = new ThresholdSlider(model);
  const place = element('div', { className: 'threshold-figures', attributes: { 'aria-live': 'off' } });
  const show = () => {
    const { shownModel, shownPart, shownWay } = model;
    if (shownModel?.judgement == null || shownPart === null || shownWay === null) {
      card.setControls();
      const refusal = shownPart?.refusal ?? null;
      const missing = missingText('experiment', model.shownExperiment);
      showNothing(card, refusal === null ? missing : `Not scored. ${refusal}`);
      return;
    }
    const judged: JudgedModel = { ...shownModel, judgement: shownModel.judgement };
    const points = thresholdPoints(judged.judgement);
    const chosen = points[placeOf(points, model.threshold.value)]!;
    card.setExportable(true);
    card.setWords(
      `${judged.title}, ${WAY_IN_WORDS[shownWay.way]}. Calls that it scores at the threshold or above count as called positive.`,
    );
    slider.show(shownPart.models, judged, points, chosen);
    const lines = precisionRecallLines(judged.judgement, chosen, theme.value);
    card.setChart({
      configuration: precisionRecallChart(lines, theme.value),
      description: describePrecisionRecall(shortTitle(judged), judged.judgement, chosen),
    });
    const drawn = lines.filter(({ points: shown }) => shown.length > 0);
    const key = drawn.map(({ label, colour, mark, dash = [], width }) =>
      keyEntry({
        ...{ label, colour, dash, points: [] },
        ...(mark === 'none' ? { isUnmarked: true } : { mark }),
        ...(width === 0 ? { isMarkOnly: true } : {}),
      }),
    );
    place.replaceChildren(
      element('ul', { className: 'chart-key' }, ...key),
      ...thresholdFiguresOf(judged.judgement, chosen, shownWay.way),
    );
    card.setCsv(curveTable(judged, points));
    card.setNote(NOTE);
    putControls(card, slider.element);
    if (!card.element.contains(place)) card.setBelow(place);
  };
  follow(context, show);
  model.modelName.subscribe(show);
  model.threshold.subscribe(show);
  return card.element;
}

/** Counts and figures at every threshold that is known. */
function curveTable({ judgement }: JudgedModel, points: readonly ThresholdPoint[]): CsvTable {
  return {
    columns: [
      ...['threshold', 'true_positives', 'false_positives', 'false_negatives', 'true_negatives'],
      ...['precision', 'recall', 'false_positive_rate', 'mcc'],
    ],
    rows: points.map((point) => {
      const at = figuresAt(point, judgement);
      return [
        ...[point.threshold, at.truePositives, at.falsePositives, at.falseNegatives, at.trueNegatives],
        ...[at.precision, at.recall, at.falsePositiveRate, at.mcc],
      ];
    }),
  };
}
