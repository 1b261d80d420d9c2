import { lossText, progressText, timeText } from './trainingText.js';
import type { TrainingJob } from './trainingJob.js';

export interface StatusBarText {
  readonly text: string;
  readonly tooltip: string;
}

type Shown = Pick<TrainingJob, 'title' | 'state' | 'progress' | 'message'>;

/** What the status bar says of the queue; `null` when nothing trains or waits. */
export function statusBarText(
  current: Shown | undefined,
  waiting: readonly Pick<TrainingJob, 'title'>[],
): StatusBarText | null {
  if (current === undefined) return null;
  const behind = waiting.length === 0 ? '' : `, ${waiting.length} waiting`;
  return {
    text: `${iconOf(current)} ${shortText(current)}${behind}`,
    tooltip: [
      `${current.title}: ${progressText(current)}`,
      ...(current.message === null ? [] : [current.message]),
      ...(waiting.length === 0 ? [] : [`Waiting: ${waiting.map(({ title }) => title).join(', ')}`]),
      'Click to see how it goes.',
    ].join('\n'),
  };
}

function iconOf({ state, message }: Shown): string {
  if (message !== null) return '$(warning)';
  if (state === 'paused') return '$(debug-pause)';
  return state === 'running' ? '$(mortar-board)' : '$(loading~spin)';
}

function shortText({ state, progress }: Shown): string {
  if (state === 'stopping') return 'Saving the training';
  if (progress === null) return 'Training starts';
  const { epoch, epochs, loss, remainingMs, phase } = progress;
  if (phase === 'evaluating') return 'Evaluating the training';
  return [
    `${state === 'paused' ? 'Paused in epoch' : 'Epoch'} ${epoch}/${epochs}`,
    ...(loss === null ? [] : [`loss ${lossText(loss)}`]),
    ...(state === 'paused' || remainingMs === null ? [] : [`${timeText(remainingMs)} left`]),
  ].join(', ');
}
