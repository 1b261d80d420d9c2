/** Whether figures are of the model that they are shown for. */
import { failed, passed, skipped, type Check, type Finding } from '../check.js';
import type { AuditedRun } from '../subject.js';

/** Enough digits of a digest to tell two apart. */
const DIGITS = 8;

export const outdatedEvaluation: Check = {
  id: 'outdated-evaluation',
  title: 'The figures are of other weights',
  explanation:
    'A run that goes on after it was evaluated ends with another model under the same name; the figures of the one before tell nothing of it.',
  inRun: lookAtWeights,
  needs: 'There is no run whose weights could have changed.',
};

function lookAtWeights({ evaluation, outdated, weightsSha256, info }: AuditedRun): Finding {
  const found = evaluation ?? outdated;
  if (found === null) return skipped('The run was not evaluated.');
  if (weightsSha256 === null) return skipped('The best weights of the run are not there, or damaged.');
  const { evaluated, model } = found;
  if (outdated === null) {
    return passed(`The evaluation is of the weights that the run has now, of epoch ${model.epoch}.`);
  }
  const now = info.best === null ? '' : `, of epoch ${info.best.epoch}`;
  return failed(
    `The evaluation of ${evaluated} is of weights of epoch ${model.epoch} (${short(outdated.weightsSha256)}); the run now has others${now} (${short(weightsSha256)}). No other check looked at it: evaluate the run again, then audit it.`,
  );
}

function short(sha256: string): string {
  return sha256.slice(0, DIGITS);
}
