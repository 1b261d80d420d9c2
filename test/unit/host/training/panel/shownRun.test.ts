import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toDisposable } from '../../../../../src/base/disposable.js';
import { localTimeToSecond } from '../../../../../src/base/localTime.js';
import { runFacts } from '../../../../../src/host/training/panel/runFacts.js';
import { ShownRun } from '../../../../../src/host/training/panel/shownRun.js';
import type { JobState, TrainingJob, TrainingJobs } from '../../../../../src/host/training/trainingJob.js';
import { thisProcess, writeRun } from '../../../../../src/learning/trainer/runFolder.js';
import { readTrainingState } from '../../../../../src/protocol/trainingPanelSchemas.js';
import type { EpochRecord } from '../../../../../src/protocol/trainerMessages.js';
import { runInfo } from '../../../../support/runInfo.js';

let folder: string;
let run: ShownRun;
const listener = { changed: vi.fn(), resultsChanged: vi.fn() };

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'shown-run-')), 'tcn-1');
  mkdirSync(folder);
  vi.resetAllMocks();
});

afterEach(() => {
  run.dispose();
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

/** A job that does what the test says, and the list that knows it. */
class Jobs implements TrainingJobs {
  job: FakeJob | undefined;
  readonly #listeners = new Set<() => void>();
  get all(): readonly TrainingJob[] {
    return this.job === undefined ? [] : [this.job];
  }
  of(runFolder: string): TrainingJob | undefined {
    return this.job?.runFolder === runFolder ? this.job : undefined;
  }
  onChanged(each: () => void) {
    this.#listeners.add(each);
    return toDisposable(() => this.#listeners.delete(each));
  }
  set(job: FakeJob): void {
    this.job = job;
    for (const each of this.#listeners) each();
  }
}

class FakeJob implements TrainingJob {
  readonly title = 'tcn-1';
  progress = null;
  message: string | null = null;
  readonly pause = vi.fn();
  readonly resume = vi.fn();
  readonly cancel = vi.fn();
  readonly changed = new Set<() => void>();
  readonly epochs = new Set<(record: EpochRecord) => void>();
  constructor(
    readonly runFolder: string,
    public state: JobState,
  ) {}
  onChanged(each: () => void) {
    this.changed.add(each);
    return toDisposable(() => this.changed.delete(each));
  }
  onEpoch(each: (record: EpochRecord) => void) {
    this.epochs.add(each);
    return toDisposable(() => this.epochs.delete(each));
  }
  become(state: JobState, message: string | null = null): void {
    this.state = state;
    this.message = message;
    for (const each of this.changed) each();
  }
}

const epoch = (number: number, isBest = false): EpochRecord => ({
  epoch: number,
  step: number,
  time: '',
  trainLoss: 1 / number,
  validationLoss: 2 / number,
  accuracy: 0.5,
  top5: 0.6,
  accuracyWithoutIdle: 0.4,
  mae: null,
  learningRate: 0.001,
  examplesPerSecond: 10,
  memoryBytes: 10,
  isBest,
});

function show(jobs: TrainingJobs = new Jobs()): ShownRun {
  // Reading takes no time here: nothing is put off.
  run = new ShownRun(
    folder,
    jobs,
    listener,
    (path) => `~${path}`,
    () => 0,
  );
  return run;
}

const writeEpochs = (...records: EpochRecord[]) =>
  appendFileSync(join(folder, 'history.jsonl'), records.map((each) => `${JSON.stringify(each)}\n`).join(''));

test('a run that finished long ago is told by its files, and the view understands it', async () => {
  await writeRun(folder, runInfo({ epochs: 3, epoch: 2 }));
  writeEpochs(epoch(1), epoch(2, true));
  const model = { task: 'next-task', windows: 5, loss: 1.5, targets: 5, unknownTargets: 1, accuracy: 0.8 };
  const metrics = {
    unseen: {
      model: { ...model, top5: 1, accuracyWithoutIdle: null },
      baselines: { last: { accuracy: 0.5, targets: 5 } },
    },
  };
  writeFileSync(join(folder, 'metrics.json'), JSON.stringify(metrics));
  const state = await show().state();
  expect(readTrainingState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  expect(state.view).toMatchObject({
    title: 'tcn-1',
    state: 'finished',
    task: 'next-task',
    epoch: 2,
    epochs: 3,
    best: { epoch: 2, loss: 1 },
    actions: { pause: false, continue: false, cancel: false, resume: false },
    foreignProcess: null,
  });
  expect(state.metrics?.parts).toMatchObject([
    {
      part: 'unseen',
      rows: [
        { name: 'tcn', isModel: true, accuracy: 0.8, loss: 1.5, unknownTargets: 1 },
        { name: 'last', isModel: false, accuracy: 0.5, loss: null, top5: null },
      ],
    },
  ]);
});

test('metrics of an earlier end are not those of a run that goes on', async () => {
  await writeRun(folder, runInfo({ state: 'cancelled', epochs: 20 }));
  writeFileSync(join(folder, 'metrics.json'), '{}');
  expect((await show().state()).metrics).toBeNull();
  await writeRun(folder, runInfo());
  await run.look();
  expect(run.results.metrics).toEqual({ parts: [] });
});

test('a folder without a run is said to be none', async () => {
  await expect(show().state()).rejects.toThrow(/no run in .*tcn-1: it was moved or deleted/);
});

test('a damaged run is shown with what is wrong with it, until it is mended', async () => {
  writeFileSync(join(folder, 'run.json'), '{');
  expect((await show().state()).view).toMatchObject({
    state: 'unreadable',
    message: expect.stringContaining('no JSON') as string,
  });
  await writeRun(folder, runInfo());
  await run.look();
  expect(run.view).toMatchObject({ state: 'finished', message: null });
});

test('one that another process trains is followed by its files, and cannot be paused from here', async () => {
  await writeRun(folder, runInfo({ state: 'running', process: thisProcess(), ended: null }));
  const { view } = await show().state();
  expect(view).toMatchObject({ state: 'running', foreignProcess: process.pid });
  expect(Object.values(view.actions)).toEqual([false, false, false, false]);
  writeEpochs(epoch(1));
  await run.look();
  expect(listener.resultsChanged).toHaveBeenCalled();
  expect(run.results.history.epoch).toEqual([1]);
  // Nothing changed: nothing is read or told again.
  listener.resultsChanged.mockClear();
  await run.look();
  expect(listener.resultsChanged).not.toHaveBeenCalled();
});

test('one that is deleted while it is shown says so', async () => {
  await writeRun(folder, runInfo());
  await show().state();
  rmSync(folder, { recursive: true });
  await run.look();
  expect(run.view).toMatchObject({
    state: 'unreadable',
    message: expect.stringContaining('moved or deleted') as string,
    actions: { resume: false },
  });
});

test('a long history of another process is read seldom while it grows, and to its end in the end', async () => {
  let nowMs = 0;
  const running = runInfo({ state: 'running', process: thisProcess(), ended: null });
  await writeRun(folder, running);
  writeEpochs(epoch(1));
  // Each look at the clock is 10 ms later: so long does reading take.
  run = new ShownRun(folder, new Jobs(), listener, String, () => (nowMs += 10));
  await run.look();
  writeEpochs(epoch(2));
  await run.look();
  expect(run.results.history.epoch).toEqual([1]);
  nowMs += 1000;
  await run.look();
  expect(run.results.history.epoch).toEqual([1, 2]);
  writeEpochs(epoch(3));
  await writeRun(folder, { ...running, state: 'finished', process: null });
  await run.look();
  expect(run.results.history.epoch).toEqual([1, 2, 3]);
});

test('one whose process is gone is interrupted, and can be resumed', async () => {
  const gone = { pid: 2 ** 22 + 1, startTicks: '1' };
  await writeRun(folder, runInfo({ state: 'running', process: gone, ended: null }));
  expect((await show().state()).view).toMatchObject({ state: 'interrupted', actions: { resume: true } });
});

test('one of this window follows its job: state, epochs, and how it ended', async () => {
  const jobs = new Jobs();
  show(jobs);
  const job = new FakeJob(folder, 'queued');
  jobs.set(job);
  expect(run.view).toMatchObject({ state: 'queued', actions: { cancel: true, pause: false } });
  job.become('running');
  expect(run.view).toMatchObject({ state: 'running', actions: { pause: true, cancel: true, resume: false } });
  for (const each of job.epochs) each(epoch(1, true));
  expect(run.results.history.epoch).toEqual([1]);
  expect(run.view.best).toEqual({ epoch: 1, loss: 2 });
  job.become('paused');
  expect(run.view).toMatchObject({ state: 'paused', actions: { continue: true } });
  await writeRun(folder, runInfo({ state: 'failed', message: 'short', epoch: 1 }));
  writeEpochs(epoch(1, true));
  job.become('failed', 'The disk is full: free some space.');
  await run.look();
  expect(run.view).toMatchObject({
    state: 'failed',
    message: 'The disk is full: free some space.',
    actions: { resume: true, cancel: false },
  });
  // Another job takes it up: what the first one tells is no longer heard.
  jobs.set(new FakeJob(folder, 'starting'));
  expect(run.view.state).toBe('starting');
  expect([...job.changed, ...job.epochs]).toEqual([]);
});

test('what is to know of a run, as far as it is known', () => {
  expect(runFacts(null, null, String)).toEqual([]);
  const facts = runFacts(runInfo({ parameters: 1_234_567 }), null, (path) => `~${path}`);
  expect(facts).toEqual(
    expect.arrayContaining([
      { label: 'Model', value: 'Temporal convolutional network (tcn)' },
      { label: 'Parameters', value: '1,234,567' },
      { label: 'Data set', value: '~/data' },
    ]),
  );
  expect(localTimeToSecond('2026-02-03T12:00:00.000Z')).toMatch(/^2026-02-0\d \d\d:\d\d:00$/);
  expect(localTimeToSecond('yesterday')).toBe('yesterday');
});
