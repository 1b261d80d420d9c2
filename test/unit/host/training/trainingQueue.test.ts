import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type {
  TrainerExit,
  TrainerListener,
  TrainerProcess,
} from '../../../../src/host/training/trainerProcess.js';
import type { TrainingJob } from '../../../../src/host/training/trainingJob.js';
import { TrainingQueue } from '../../../../src/host/training/trainingQueue.js';
import type { TrainerCommand } from '../../../../src/protocol/trainerMessages.js';

// What the real process does not do by itself; test/integration/host has the rest.

/** A process that does what the test says. */
class FakeTrainer implements TrainerProcess {
  readonly heard: TrainerCommand['kind'][] = [];
  isKilled = false;
  isDisconnected = false;

  constructor(readonly listener: TrainerListener) {}

  send({ kind }: TrainerCommand): void {
    this.heard.push(kind);
  }

  disconnect(): void {
    this.isDisconnected = true;
  }

  kill(): void {
    this.isKilled = true;
  }

  exit(exit: Partial<TrainerExit> = {}): void {
    this.listener.onExit({ status: 0, signal: null, lastWords: '', startError: null, ...exit });
  }
}

let trainers: FakeTrainer[];
let queue: TrainingQueue;
let ended: string[];

beforeEach(() => {
  vi.useFakeTimers();
  trainers = [];
  ended = [];
  queue = new TrainingQueue({
    startTrainer: (listener) => {
      const trainer = new FakeTrainer(listener);
      trainers.push(trainer);
      return trainer;
    },
    onEnded: (job) => {
      ended.push(`${job.title} ${job.state}`);
      return Promise.resolve();
    },
  });
});

afterEach(() => {
  queue.dispose();
  vi.useRealTimers();
});

function begun(name = 'a'): { job: TrainingJob; trainer: FakeTrainer } {
  const job = queue.add({ runFolder: `/runs/${name}`, resume: false });
  const trainer = trainers.at(-1)!;
  trainer.listener.onEvent({ kind: 'ready' });
  return { job, trainer };
}

describe('a process that', () => {
  test('said its last word and does not end is ended', async () => {
    const { job, trainer } = begun();
    trainer.listener.onEvent({ kind: 'ended', state: 'finished', message: 'Ended early.' });
    // Until it is gone the next one does not start.
    queue.add({ runFolder: '/runs/b', resume: false });
    await vi.advanceTimersByTimeAsync(9000);
    expect([trainer.isKilled, trainers.length]).toEqual([false, 1]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(trainer.isKilled).toBe(true);
    trainer.exit({ status: null, signal: 'SIGKILL' });
    await vi.advanceTimersByTimeAsync(0);
    expect([job.state, job.message]).toEqual(['finished', 'Ended early.']);
    expect(ended).toEqual(['a finished']);
    expect(trainers).toHaveLength(2);
  });

  test('cannot be started fails its run, and the next one has its turn', async () => {
    const job = queue.add({ runFolder: '/runs/a', resume: false });
    queue.add({ runFolder: '/runs/b', resume: false });
    trainers[0]!.exit({ status: null, startError: new Error('spawn ENOMEM') });
    await vi.advanceTimersByTimeAsync(0);
    expect([job.state, job.message]).toEqual([
      'failed',
      'The process that trains cannot be started: spawn ENOMEM',
    ]);
    expect(trainers).toHaveLength(2);
    expect(queue.current?.title).toBe('b');
    expect(queue.all.map(({ title }) => title)).toEqual(['b', 'a']);
  });

  test('says what is no event goes on', () => {
    const { job, trainer } = begun();
    trainer.listener.onEvent(null);
    expect([job.state, trainer.heard]).toEqual(['starting', ['start']]);
  });

  test('was ready twice is told once what to train', () => {
    const { trainer } = begun();
    trainer.listener.onEvent({ kind: 'ready' });
    expect(trainer.heard).toEqual(['start']);
  });

  test('is paused before it is ready pauses then', () => {
    const job = queue.add({ runFolder: '/runs/a', resume: false });
    const [trainer] = trainers;
    job.pause();
    expect(trainer!.heard).toEqual([]);
    trainer!.listener.onEvent({ kind: 'ready' });
    expect(trainer!.heard).toEqual(['start', 'pause']);
    job.resume();
    expect(trainer!.heard).toEqual(['start', 'pause', 'resume']);
  });
});

test('a computer that slept was not silent', async () => {
  const { job } = begun();
  // The clock jumps; timers do not make up for it.
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(job.message).toBeNull();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(job.message).toMatch(/for 30 s/);
});

test('the end of the window does not wait for ever', async () => {
  const { trainer } = begun();
  const waiting = queue.add({ runFolder: '/runs/b', resume: false });
  let isOver = false;
  void queue.shutDown(4000).then(() => (isOver = true));
  expect(trainer.isDisconnected).toBe(true);
  await vi.advanceTimersByTimeAsync(3900);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(isOver).toBe(true);
  trainer.exit();
  await vi.advanceTimersByTimeAsync(0);
  expect([waiting.state, trainers.length, ended]).toEqual(['queued', 1, []]);
});

test('fifty that ended are remembered', async () => {
  for (let run = 0; run < 60; run += 1) {
    queue.add({ runFolder: `/runs/${run}`, resume: false }).cancel();
    trainers.at(-1)!.exit();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(queue.all).toHaveLength(50);
  expect(queue.all[0]?.title).toBe('59');
  expect(queue.of('/runs/3')).toBeUndefined();
});
