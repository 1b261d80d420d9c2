import { failed, overClaims, passed, skipped, together, type Check, type Finding } from '../check.js';
import type { NextTaskEvaluation } from '../../../protocol/evaluation.js';
import { noEvaluation } from '../subject.js';
import { list, percent } from '../texts.js';

/** Precision below this share of what balanced data show means that most alarms are false ones unnoticed. */
const KEPT = 0.8;
/** A mean of recalls is worth the name of a score from here on. */
const LEAST_RECALL = 0.5;

export const balancedRareEvent: Check = {
  id: 'balanced-rare-event',
  title: 'A rare event is scored as if it were common',
  explanation:
    'On examples that were made half and half, 97 % looks like nearly always right; where the event is one in a thousand, the few per cent of false alarms outnumber the true ones by far.',
  inRun: (run) => {
    const parts = (run.evaluation?.parts ?? []).filter((part) => part.task === 'next-task');
    return together(parts.map(ofTasks), noEvaluation(run, 'The run has no evaluation of tasks.'));
  },
  inClaims: (claims) =>
    overClaims(claims, 'The claims have no result on balanced classes.', ({ balanced }) => {
      if (balanced === undefined) return null;
      const { accuracy, prevalences } = balanced;
      const recall = balanced.recall ?? accuracy!;
      const falsePositives = balanced.falsePositiveRate ?? 1 - accuracy!;
      const even = precisionAt(0.5, recall, falsePositives);
      const real = prevalences.map(({ of, share }) => ({
        of,
        share,
        precision: precisionAt(share, recall, falsePositives),
      }));
      const told = real.map(
        ({ of, share, precision }) => `${percent(precision)} at ${percent(share)} (${of})`,
      );
      const text = `Of what it calls positive ${percent(even)} are on balanced classes, and ${list(told)} as frequent as it really is.`;
      return real.some(({ precision }) => precision < KEPT * even) ? failed(text) : passed(text);
    }),
  needs: 'There is no result on balanced classes.',
};

/** Bayes: P(positive | called positive) = recall · π / (recall · π + false positive rate · (1 − π)). */
export function precisionAt(prevalence: number, recall: number, falsePositiveRate: number): number {
  const right = recall * prevalence;
  const wrong = falsePositiveRate * (1 - prevalence);
  return right + wrong === 0 ? 0 : right / (right + wrong);
}

/** The mean recall over tasks is a balanced accuracy; the mean precision beside it tells what it leaves out. */
function ofTasks({ part, byTask, macro }: NextTaskEvaluation): Finding {
  const precisions = byTask.flatMap(({ precision }) => (precision === null ? [] : [precision]));
  if (precisions.length === 0) return skipped(`${part}: no task was predicted.`);
  const precision = precisions.reduce((sum, each) => sum + each, 0) / precisions.length;
  const text = `${part}: tasks are found in ${percent(macro.taskRecall)} on average, and of what is predicted ${percent(precision)} are right.`;
  const isMisleading = macro.taskRecall >= LEAST_RECALL && precision < KEPT * LEAST_RECALL * macro.taskRecall;
  return isMisleading ? failed(text) : passed(text);
}
