/** What a run knows of its worth, each figure beside what knowing nothing comes to; pure functions. */
import type { Estimate } from '../../../src/protocol/evaluation.js';
import type { Judgement, ThresholdFigures } from '../../../src/protocol/neuralCfs.js';
import type { ModelRun } from '../../../src/protocol/neuralCfsRunMessages.js';
import { unknownText } from '../../common/format.js';
import { estimateText } from '../../model/model/measures.js';
import { decimal, percent } from '../../neuralCfs/model/words.js';

export interface JudgementRow {
  readonly label: string;
  readonly title: string;
  readonly value: string;
  /** Of whoever knows nothing. */
  readonly baseline: string;
}

/** Figures at the threshold that the model has. */
export function atThreshold({ choice }: ModelRun['threshold'], judgement: Judgement): ThresholdFigures {
  return choice === 'half' ? judgement.atHalf : (judgement.atTrained ?? judgement.atHalf);
}

export function judgementRows({ model, threshold }: ModelRun): JudgementRow[] {
  const { judgement } = model;
  if (judgement === null) return [];
  const { rows, positives, averagePrecision, rocAuc } = judgement;
  const positive = rows === 0 ? 0 : positives / rows;
  const at = atThreshold(threshold, judgement);
  return [
    row(
      'Average precision',
      'Area under precision over recall; by chance the share of positives',
      averagePrecision,
      decimal,
      decimal(positive),
    ),
    row('ROC-AUC', 'How often a positive is scored above a negative', rocAuc, decimal, decimal(0.5)),
    row(
      'Accuracy',
      'Share of calls that are called right; beside it that of always saying the more frequent',
      at.accuracy,
      percent,
      percent(Math.max(positive, 1 - positive)),
    ),
    row(
      'Balanced accuracy',
      'Mean of the recalls of both classes',
      at.balancedAccuracy,
      percent,
      percent(0.5),
    ),
    row('Precision', 'Share of what is called positive that is', at.precision, percent, percent(positive)),
    row('Recall', 'Share of the positives that are called so', at.recall, percent, unknownText),
    row('MCC', 'Matthews’ correlation; by chance 0', at.mcc, decimal, decimal(0)),
  ];
}

/** What the model is compared with, where the run tells it. */
export function baselineText({ model }: ModelRun): string | null {
  const { lessBaseline } = model;
  if (lessBaseline === null) return null;
  return `Average precision less that of ${lessBaseline.baseline}: ${estimateText(lessBaseline.averagePrecision, decimal)}.`;
}

function row(
  label: string,
  title: string,
  estimate: Estimate | null,
  format: (value: number) => string,
  baseline: string,
): JudgementRow {
  return { label, title, value: estimateText(estimate, format), baseline };
}
