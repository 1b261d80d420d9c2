import { askTaskBaseline, askTimeBaseline } from '../baselines/evaluateBaselines.js';
import { MOST_GUESSES } from '../baselines/counts.js';
import type { TaskBaseline } from '../baselines/taskBaseline.js';
import type { TimeBaseline } from '../baselines/timeBaselines.js';
import { UNKNOWN } from '../../dataset/sequences.js';
import type { EvaluatedPart } from './evaluatedPart.js';
import type { TaskAnswers } from './taskScores.js';

/** Asks a fork of a trained baseline about the events that the model is asked about. */
export async function askTaskBaselineOf(
  part: EvaluatedPart,
  trained: TaskBaseline,
  breathe: () => Promise<void>,
): Promise<TaskAnswers> {
  const count = part.rows.length;
  const guess = new Int32Array(count);
  const rank = new Uint32Array(count);
  const baseline = trained.fork();
  // Whether it has probabilities is its own, not of a task.
  const logProbability = baseline.probability(UNKNOWN + 1) === null ? null : new Float64Array(count);
  let at = 0;
  await askTaskBaseline(baseline, part.question, breathe, (row) => {
    const target = part.stored.task[row]!;
    const named = baseline.guesses(MOST_GUESSES);
    guess[at] = named[0] ?? UNKNOWN;
    rank[at] = target === UNKNOWN ? 0 : named.indexOf(target) + 1;
    if (logProbability !== null) {
      logProbability[at] = target === UNKNOWN ? NaN : Math.log(baseline.probability(target)!);
    }
    at += 1;
  });
  return { guess, rank, logProbability };
}

/** [targets] of ln(1 + ns); NaN where it knows nothing yet. */
export async function askTimeBaselineOf(
  part: EvaluatedPart,
  baseline: TimeBaseline,
  breathe: () => Promise<void>,
): Promise<Float64Array> {
  const guesses = new Float64Array(part.rows.length);
  let at = 0;
  await askTimeBaseline(baseline, part.question, breathe, () => {
    guesses[at] = baseline.guess() ?? NaN;
    at += 1;
  });
  return guesses;
}
