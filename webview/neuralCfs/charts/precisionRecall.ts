import type { Judgement } from '../../../src/protocol/neuralCfs.js';
import type { Theme } from '../../common/theme.js';
import { plainLines, type PlainLine, type PlainPoint } from '../../model/charts/plainLines.js';
import { figuresAt, thresholdPoints, type ThresholdPoint } from '../model/thresholdFigures.js';
import { decimal, percent } from '../model/words.js';

const AXIS = { min: 0, max: 1, format: (value: number) => `${Math.round(value * 100)} %` } as const;

/** Precision over recall, with chance, the thresholds that are named, and the one in use. */
export function precisionRecallLines(
  judgement: Judgement,
  chosen: ThresholdPoint,
  theme: Theme,
): readonly PlainLine[] {
  const { rows, positives, atHalf, atTrained } = judgement;
  const chance = [0, 1].map((x) => ({ x, y: positives / rows }));
  const curve = thresholdPoints(judgement).flatMap((point) => pointOf(point, judgement) ?? []);
  const mark = (point: ThresholdPoint | null) => {
    const at = point === null ? null : pointOf(point, judgement);
    return at === null ? [] : [at];
  };
  const muted = { colour: theme.muted, mark: 'none', width: 1 } as const;
  const named = { colour: theme.foreground, width: 0 };
  return [
    { label: 'by chance', points: chance, dash: [5, 4], ...muted },
    { label: 'at every threshold', points: curve, colour: theme.blue, mark: 'none', width: 2 },
    { label: 'at 0.5', points: mark(atHalf), mark: 'circle', radius: 4, ...named },
    ...(atTrained === null
      ? []
      : [
          {
            label: 'at the threshold found in training',
            points: mark(atTrained),
            mark: 'triangle' as const,
            radius: 5,
            ...named,
          },
        ]),
    { label: 'here', points: mark(chosen), colour: theme.orange, mark: 'rectRot', radius: 8, width: 0 },
  ];
}

export function precisionRecallChart(lines: readonly PlainLine[], theme: Theme) {
  return plainLines(
    {
      lines,
      x: { title: 'recall: share of positives that are found', ...AXIS },
      y: { title: 'precision: share of alarms that are right', ...AXIS },
      tooltip: (_line, { x, y }) => [`recall ${percent(x)}`, `precision ${percent(y)}`],
    },
    theme,
  );
}

/** The chart in words: its text alternative. */
export function describePrecisionRecall(title: string, judgement: Judgement, chosen: ThresholdPoint): string {
  const { rows, positives, averagePrecision, precisionAtRecall } = judgement;
  const { precision, recall } = figuresAt(chosen, judgement);
  const along = precisionAtRecall.map(
    (each) => `at a recall of ${percent(each.recall)} precision is ${percent(each.precision.value)}`,
  );
  const here = `Here recall is ${percent(recall)} and precision ${precision === null ? 'cannot be told' : percent(precision)}.`;
  return `Precision over recall of ${title}: average precision ${decimal(averagePrecision.value)}, by chance ${decimal(positives / rows)}; ${along.join(', ')}. ${here}`;
}

function pointOf(point: ThresholdPoint, judgement: Judgement): PlainPoint | null {
  const { precision, recall } = figuresAt(point, judgement);
  return precision === null ? null : { x: recall, y: precision };
}
