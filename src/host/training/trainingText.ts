import { durationText } from '../../base/durationText.js';
import type { TrainingProgress } from '../../protocol/trainerMessages.js';
import type { RunMetrics } from '../../learning/trainer/evaluation.js';
import type { RunInfo } from '../../learning/trainer/runFolder.js';
import { bestText } from '../../learning/runs/compareConfigs.js';
import { bestBaseline, figureOf } from './bestBaseline.js';
import type { TrainingJob } from './trainingJob.js';

/** How much of a run is done, 0 … 1, should no epoch be left out. */
export function doneShare({ phase, epoch, epochs, batch, batches }: TrainingProgress): number {
  // All epochs are done, or the rest is left out.
  if (phase === 'evaluating') return 1;
  const ofEpoch = batches === 0 ? 0 : Math.min(1, batch / batches);
  return Math.min(1, (epoch - 1 + ofEpoch) / epochs);
}

/** `42 %, epoch 3 of 20, loss 1.234, 5 min left`: where a job stands, without its name. */
export function progressText(job: Pick<TrainingJob, 'state' | 'progress'>): string {
  const { progress, state } = job;
  if (state === 'queued') return 'waiting';
  if (state === 'stopping') return 'saving, and then it ends';
  if (progress === null) return 'starting';
  const share = `${Math.floor(doneShare(progress) * 100)} %`;
  if (progress.phase === 'evaluating' && state !== 'paused')
    return `${share}, evaluating the best epoch and the baselines`;
  return [
    share,
    `epoch ${progress.epoch} of ${progress.epochs}`,
    ...(progress.loss === null ? [] : [`loss ${lossText(progress.loss)}`]),
    ...(state === 'paused' ? ['paused'] : []),
    ...(progress.phase === 'validating' ? ['validating'] : []),
    ...(state === 'paused' || progress.remainingMs === null
      ? []
      : [`${timeText(progress.remainingMs)} left`]),
  ].join(', ');
}

export function lossText(loss: number): string {
  return loss.toPrecision(4);
}

/** `40 s`, `5 min`, `2 h 10 min`. */
export function timeText(durationMs: number): string {
  return durationText(Math.ceil(durationMs / 1000));
}

/** What says most of a model first. */
const PARTS = [
  ['seen', 'the seen test set'],
  ['unseen', 'the unseen test set'],
  ['validation', 'the validation set'],
] as const;

/** What came of a run in one sentence, with the best baseline beside it: a figure alone says little. */
export function outcomeText(run: RunInfo, metrics: RunMetrics | null): string {
  for (const [part, name] of PARTS) {
    const found = metrics?.[part];
    if (found === undefined) continue;
    const isTasks = run.task === 'next-task';
    const own = figureOf(found.model, isTasks);
    if (own === null) continue;
    const text = (figure: number) => (isTasks ? `${(figure * 100).toFixed(2)} %` : figure.toFixed(4));
    const best = bestBaseline(found.baselines, isTasks);
    const beside = best === null ? '' : `; the best baseline (${best.name}) has ${text(best.figure)}`;
    return `${isTasks ? 'accuracy' : 'error'} ${text(own)} on ${name}${beside}`;
  }
  return run.best === null ? 'without a figure: no part has a window to judge it by' : bestText(run);
}
