import { basename } from 'node:path';
import { bestText } from '../../../learning/runs/compareConfigs.js';
import type { FoundRun, SoundRun } from '../../../learning/runs/findRuns.js';
import { presentState } from '../queuedRun.js';
import { isOver, type TrainingJob } from '../trainingJob.js';
import { doneShare } from '../trainingText.js';

/** `elsewhere`: another process trains it. `damaged`: its files cannot be read. */
export type RowState =
  | 'queued'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'cancelled'
  | 'failed'
  | 'interrupted'
  | 'elsewhere'
  | 'damaged';

/** A run as the view shows it. */
export interface RunRow {
  readonly folder: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  readonly state: RowState;
  /** By it the menus of package.json are chosen. */
  readonly contextValue: string;
}

type Job = Pick<TrainingJob, 'state' | 'progress' | 'message'>;

/** @param shownPath makes a path short */
export function runRow(
  found: FoundRun,
  job: Job | undefined,
  shownPath: (path: string) => string = (path) => path,
): RunRow {
  const { folder } = found;
  const label = basename(folder);
  if ('problem' in found) {
    return {
      folder,
      label,
      description: 'damaged',
      tooltip: `${shownPath(folder)}\n${found.problem}`,
      state: 'damaged',
      contextValue: 'run.damaged',
    };
  }
  const { run } = found;
  const state = rowState(found, job);
  const best = run.best === null ? [] : [bestText(run)];
  const message = messageOf(found, job, state);
  return {
    folder,
    label,
    // The row is narrow: first what is looked for, last what its name mostly says.
    description: [
      ...(state === 'finished' ? [...best, state] : [stateText(state, found, job), ...best]),
      basename(run.dataset.path),
      run.model,
    ].join(' · '),
    tooltip: [
      shownPath(folder),
      `State: ${stateText(state, found, job)}`,
      ...(message === null ? [] : [message]),
      `Model: ${run.model}${run.parameters === 0 ? '' : `, ${run.parameters.toLocaleString('en')} parameters`}`,
      `Best: ${bestText(run)}`,
      `Epochs: ${run.epoch} of ${run.epochs}`,
      `Data set: ${shownPath(run.dataset.path)}`,
      ...(run.engine.description === '' ? [] : [`Engine: ${run.engine.description}`]),
      `${run.dataset.sha256 === '' ? 'Asked for' : 'Started'}: ${localTime(run.started)}`,
      ...(run.ended === null ? [] : [`Ended: ${localTime(run.ended)}`]),
    ].join('\n'),
    state,
    contextValue: `run.${state}${run.best === null ? '' : '.best'}`,
  };
}

/** What this window knows of it, where it trains it; else what its files say. */
function rowState({ run }: SoundRun, job: Job | undefined): RowState {
  if (job !== undefined && !isOver(job.state)) {
    return job.state === 'starting' ? 'running' : job.state;
  }
  const state = presentState(run);
  if (state === 'running' || state === 'paused') return 'elsewhere';
  // Its process died, and could not say so in its files.
  return state === 'interrupted' && job?.state === 'failed' ? 'failed' : state;
}

function stateText(state: RowState, { run }: SoundRun, job: Job | undefined): string {
  switch (state) {
    case 'running':
      return job?.progress == null
        ? 'starting'
        : `epoch ${job.progress.epoch} of ${job.progress.epochs}, ${percent(doneShare(job.progress))}`;
    case 'paused':
      return job?.progress == null ? 'paused' : `paused in epoch ${job.progress.epoch}`;
    case 'stopping':
      return 'saving';
    case 'elsewhere':
      return `${run.state} in another process, epoch ${Math.min(run.epochs, run.epoch + 1)} of ${run.epochs}`;
    case 'interrupted':
      return run.state === 'queued' ? 'never begun' : 'interrupted';
    default:
      return state;
  }
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

function messageOf({ run }: SoundRun, job: Job | undefined, state: RowState): string | null {
  if (state === 'interrupted') {
    return run.state === 'queued'
      ? 'It waited for its turn when its window closed. Resume Run begins it.'
      : 'The process that trained it is gone. Resume Run goes on from its latest checkpoint.';
  }
  return job?.message ?? run.message;
}

function localTime(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleString();
}
