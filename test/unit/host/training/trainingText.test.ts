import { describe, expect, test } from 'vitest';
import { exitMessage } from '../../../../src/host/training/exitMessage.js';
import { statusBarText } from '../../../../src/host/training/statusBarText.js';
import type { JobState } from '../../../../src/host/training/trainingJob.js';
import {
  doneShare,
  outcomeText,
  progressText,
  timeText,
} from '../../../../src/host/training/trainingText.js';
import type { TrainingProgress } from '../../../../src/protocol/trainerMessages.js';
import { runInfo } from './runExamples.js';

const progress: TrainingProgress = {
  phase: 'training',
  epoch: 3,
  epochs: 20,
  batch: 40,
  batches: 80,
  step: 200,
  loss: 1.23456,
  learningRate: 0.001,
  examplesPerSecond: 900,
  memoryBytes: 1000,
  bestLoss: 1.3,
  remainingMs: 290_000,
};

const job = (
  state: JobState,
  changes: Partial<TrainingProgress> | null = {},
  message: string | null = null,
) => ({
  title: 'tcn-1',
  state,
  progress: changes === null ? null : { ...progress, ...changes },
  message,
});

describe('how far it is', () => {
  test.each([
    [{}, 0.125],
    [{ epoch: 1, batch: 0 }, 0],
    [{ epoch: 20, batch: 80, phase: 'validating' }, 1],
    // It may have ended early.
    [{ epoch: 7, batch: 0, phase: 'evaluating' }, 1],
    // L-BFGS counts no batches.
    [{ epoch: 5, batch: 0, batches: 0 }, 0.2],
  ] as const)('%o is %d', (changes, share) => {
    expect(doneShare({ ...progress, ...changes })).toBeCloseTo(share, 10);
  });

  test('in words', () => {
    expect(progressText(job('running'))).toBe('12 %, epoch 3 of 20, loss 1.235, 5 min left');
    expect(progressText(job('running', { loss: null, remainingMs: null, phase: 'validating' }))).toBe(
      '12 %, epoch 3 of 20, validating',
    );
    expect(progressText(job('paused', { phase: 'paused' }))).toBe('12 %, epoch 3 of 20, loss 1.235, paused');
    expect(progressText(job('running', { phase: 'evaluating' }))).toBe(
      '100 %, evaluating the best epoch and the baselines',
    );
    expect(progressText(job('queued', null))).toBe('waiting');
    expect(progressText(job('starting', null))).toBe('starting');
    expect(progressText(job('stopping'))).toBe('saving, and then it ends');
  });

  test('times', () => {
    expect([400, 40_000, 61_000, 3_590_000, 7_800_000].map(timeText)).toEqual([
      '1 s',
      '40 s',
      '1 min',
      '1 h 0 min',
      '2 h 10 min',
    ]);
  });
});

describe('the status bar', () => {
  test('says nothing when nothing trains', () => {
    expect(statusBarText(undefined, [])).toBeNull();
  });

  test('says how it goes, and what waits', () => {
    expect(statusBarText(job('running'), [{ title: 'lstm-2' }, { title: 'lstm-3' }])).toEqual({
      text: '$(mortar-board) Epoch 3/20, loss 1.235, 5 min left, 2 waiting',
      tooltip:
        'tcn-1: 12 %, epoch 3 of 20, loss 1.235, 5 min left\nWaiting: lstm-2, lstm-3\nClick to see how it goes.',
    });
    expect(statusBarText(job('paused'), [])?.text).toBe('$(debug-pause) Paused in epoch 3/20, loss 1.235');
    expect(statusBarText(job('starting', null), [])?.text).toBe('$(loading~spin) Training starts');
    expect(statusBarText(job('stopping'), [])?.text).toBe('$(loading~spin) Saving the training');
    const silent = statusBarText(job('running', {}, 'Nothing was heard.'), []);
    expect(silent?.text).toMatch(/^\$\(warning\) Epoch 3/);
    expect(silent?.tooltip).toContain('Nothing was heard.');
  });
});

describe('the outcome', () => {
  const tasks = (accuracy: number | null) => ({
    windows: 5,
    loss: 1,
    task: 'next-task' as const,
    targets: 5,
    unknownTargets: 0,
    accuracy,
    top5: 1,
    accuracyWithoutIdle: null,
  });
  const times = (maeLog: number | null) => ({
    windows: 5,
    loss: 1,
    task: 'inter-arrival' as const,
    targets: 5,
    maeLog,
    maeNs: 12,
    pinballLog: 1,
  });

  test('is of the seen test set, with the best baseline beside it', () => {
    const metrics = {
      validation: { model: tasks(0.9), baselines: {} },
      seen: {
        model: tasks(0.4123),
        baselines: {
          last: { accuracy: 0.1 },
          'Markov 2, online': { accuracy: 0.401 },
          constant: { accuracy: null },
        },
      },
    };
    expect(outcomeText(runInfo(), metrics)).toBe(
      'accuracy 41.23 % on the seen test set; the best baseline (Markov 2, online) has 40.10 %',
    );
  });

  test('of times the least error is best', () => {
    const metrics = {
      unseen: { model: times(0.7), baselines: { 'last value': { maeLog: 1.2 }, median: { maeLog: 0.65 } } },
    };
    expect(outcomeText(runInfo({ task: 'inter-arrival' }), metrics)).toBe(
      'error 0.7000 on the unseen test set; the best baseline (median) has 0.6500',
    );
  });

  test('without metrics it is of the best epoch; without that it says so', () => {
    expect(outcomeText(runInfo(), null)).toBe('accuracy 87.41 %, epoch 2');
    expect(outcomeText(runInfo(), { seen: { model: tasks(null), baselines: {} } })).toBe(
      'accuracy 87.41 %, epoch 2',
    );
    expect(outcomeText(runInfo({ best: null }), null)).toMatch(/^without a figure/);
  });
});

describe('a process that ended without a word', () => {
  const exit = { status: null, signal: null, lastWords: '', startError: null };

  test.each([
    [{ signal: 'SIGKILL' as const }, /was killed, as the system does when memory runs out/],
    [
      {
        signal: 'SIGABRT' as const,
        lastWords:
          'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n 1: 0xb9c\n',
      },
      /ran out of memory\. Make batchSize/,
    ],
    [{ signal: 'SIGSEGV' as const }, /unexpectedly by SIGSEGV\. Resume goes on/],
    [
      { status: 1, lastWords: 'x.cjs:1\nError: Cannot find module\n    at x\n\nNode.js v24\n' },
      /with status 1: Error: Cannot find module\. Resume/,
    ],
    [{ status: 9, lastWords: 'node: bad option\n' }, /with status 9: node: bad option\./],
    [{ startError: new Error('spawn EAGAIN') }, /cannot be started: spawn EAGAIN/],
  ])('%o', (changes, message) => {
    expect(exitMessage({ ...exit, ...changes })).toMatch(message);
  });
});
