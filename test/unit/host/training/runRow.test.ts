import { describe, expect, test } from 'vitest';
import { runRow, type RowState } from '../../../../src/host/training/runs/runRow.js';
import type { JobState } from '../../../../src/host/training/trainingJob.js';
import { stateOf, thisProcess, type RunInfo } from '../../../../src/learning/trainer/runFolder.js';
import { runInfo } from './runExamples.js';

const row = (changes: Partial<RunInfo>, job?: JobState, message: string | null = null) => {
  const run = runInfo(changes);
  const progress = {
    phase: 'training' as const,
    epoch: 2,
    epochs: 4,
    batch: 1,
    batches: 2,
    step: 3,
    loss: 1,
    learningRate: 1,
    examplesPerSecond: 1,
    memoryBytes: 1,
    bestLoss: null,
    remainingMs: null,
  };
  return runRow(
    { folder: '/lab/runs/tcn-1', run, state: stateOf(run) },
    job === undefined ? undefined : { state: job, progress: job === 'starting' ? null : progress, message },
    (path) => path.replace('/lab/', ''),
  );
};

const gone = { pid: 2 ** 22 + 1, startTicks: '1' };

describe('a run as a row', () => {
  test('that finished', () => {
    expect(row({})).toMatchObject({
      label: 'tcn-1',
      description: 'accuracy 87.41 %, epoch 2 · finished · mixed · tcn',
      state: 'finished',
      contextValue: 'run.finished.best',
    });
    expect(row({}).tooltip.split('\n').slice(0, 7)).toEqual([
      'runs/tcn-1',
      'State: finished',
      'Model: tcn, 12,345 parameters',
      'Best: accuracy 87.41 %, epoch 2',
      'Epochs: 3 of 3',
      'Data set: sets/mixed',
      'Engine: WebAssembly, 2 threads',
    ]);
  });

  test.each<[string, Partial<RunInfo>, JobState | undefined, RowState, RegExp]>([
    [
      'of another process',
      { state: 'running', process: thisProcess() },
      undefined,
      'elsewhere',
      /another process/,
    ],
    ['whose process is gone', { state: 'running', process: gone }, undefined, 'interrupted', /interrupted/],
    ['in a queue', { state: 'queued', process: thisProcess() }, undefined, 'queued', /queued/],
    ['in a queue that is gone', { state: 'queued', process: gone }, undefined, 'interrupted', /never begun/],
    ['that starts', { state: 'queued' }, 'starting', 'running', /starting/],
    ['that runs', { state: 'running', process: thisProcess() }, 'running', 'running', /epoch 2 of 4, 37 %/],
    ['that is paused', { state: 'paused', process: thisProcess() }, 'paused', 'paused', /paused in epoch 2/],
    ['that stops', { state: 'running', process: thisProcess() }, 'stopping', 'stopping', /saving/],
    ['that goes on in the queue', { state: 'cancelled' }, 'queued', 'queued', /queued/],
    ['whose process died here', { state: 'running', process: gone }, 'failed', 'failed', /failed/],
    ['that died here and finished since', { state: 'finished' }, 'failed', 'finished', /finished/],
    [
      'that went on elsewhere',
      { state: 'running', process: thisProcess() },
      'failed',
      'elsewhere',
      /another/,
    ],
  ])('%s', (_what, changes, job, state, description) => {
    const shown = row({ best: null, ...changes }, job);
    expect(shown.state).toBe(state);
    expect(shown.contextValue).toBe(`run.${state}`);
    expect(shown.description).toMatch(description);
    expect(shown.description).not.toContain('—');
  });

  test('tells why', () => {
    expect(row({ state: 'failed', message: 'The disk is full.' }).tooltip).toContain('The disk is full.');
    expect(row({ state: 'running', process: gone }, 'failed', 'It was killed.').tooltip).toContain(
      'It was killed.',
    );
    expect(row({ state: 'running', process: gone }).tooltip).toContain('Resume Run goes on');
  });

  test('that is damaged', () => {
    expect(runRow({ folder: '/lab/runs/x', problem: 'run.json is no JSON.' }, undefined)).toMatchObject({
      label: 'x',
      description: 'damaged',
      contextValue: 'run.damaged',
      tooltip: '/lab/runs/x\nrun.json is no JSON.',
    });
  });
});
