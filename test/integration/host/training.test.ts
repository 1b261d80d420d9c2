import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { commonJs } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { presentState, settleRun, writeQueuedRun } from '../../../src/host/training/queuedRun.js';
import { trainerStarter } from '../../../src/host/training/trainerProcess.js';
import type { TrainingJob } from '../../../src/host/training/trainingJob.js';
import { TrainingQueue } from '../../../src/host/training/trainingQueue.js';
import { parseConfig, type TrainingConfig } from '../../../src/learning/trainer/config/config.js';
import { readRun, writeRun, type RunInfo } from '../../../src/learning/trainer/runFolder.js';
import { uniform } from '../../../src/learning/layers/chance.js';
import { weightsHash } from '../../support/trainingRuns.js';
import { buildCli, makeDirectory, run, SAMPLES } from '../cliProcess.js';

let directory: string;
let trainer: string;
let config: TrainingConfig;
let queue: TrainingQueue;

beforeAll(async () => {
  directory = await makeDirectory();
  const cli = await buildCli(directory);
  const outdir = join(directory, 'dist');
  const entryPoints = [join(root, 'src/workers/trainer.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir });
  trainer = join(outdir, 'trainer.cjs');
  const sample = join(SAMPLES, 'mixed-io-and-cpu.ftrace.gz');
  const dataset = join(directory, 'dataset');
  const made = await run('node', [cli, 'dataset', 'build', sample, '--split', 'walk-forward', '-o', dataset]);
  expect(made.status, made.stderr).toBe(0);
  const lines = [
    'dataset: dataset',
    'model: { name: tcn, settings: { taskEmbedding: 8, projection: 16, blocks: 3 } }',
    'windows: { length: 32, stride: 8 }',
    'epochs: 4',
    'batchSize: 16',
    'engine: { name: embedded, threads: 1 }',
    // Far more often than anybody would: a kill then comes while it writes.
    'checkpoints: { everySeconds: 0.05 }',
    'evaluation: { maxWindows: 200 }',
  ];
  config = parseConfig(lines.join('\n'), join(directory, 'kernel-oracle.yaml'));
  const whole = await add('whole').then(ended);
  expect(whole.message).toBeNull();
  expect(whole.state).toBe('finished');
}, 120_000);

afterEach(async () => {
  await queue.shutDown(10_000);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function newQueue(environment: Record<string, string> = {}, silentMs = 30_000): TrainingQueue {
  const startTrainer = trainerStarter({ program: trainer, environment });
  return new TrainingQueue({ startTrainer, silentMs, onEnded: (job) => settleRun(job, new Date()) });
}

/** Writes a new run and puts it into a queue of its own, or into that one. */
async function add(name: string, to: TrainingQueue = (queue = newQueue())): Promise<TrainingJob> {
  await writeQueuedRun(folderOf(name), config, '0.0.0', new Date());
  return to.add({ runFolder: folderOf(name), resume: false });
}

function resume(name: string, to: TrainingQueue = (queue = newQueue())): TrainingJob {
  return to.add({ runFolder: folderOf(name), resume: true });
}

test('two are trained one after the other, the same as one alone', async () => {
  const first = await add('first');
  const second = await add('second', queue);
  expect([first.state, second.state]).toEqual(['starting', 'queued']);
  expect(queue.all).toEqual([first, second]);
  expect(() => queue.add({ runFolder: folderOf('second'), resume: true })).toThrow(
    /waits in the queue already/,
  );
  expect((await infoOf('second')).state).toBe('queued');
  const epochs: number[] = [];
  first.onEpoch(({ epoch }) => epochs.push(epoch));
  const overlaps: string[] = [];
  second.onChanged(() => {
    if (first.state === 'running' && second.state !== 'queued') overlaps.push(second.state);
  });
  await ended(first);
  await ended(second);
  expect(epochs).toEqual([1, 2, 3, 4]);
  expect(overlaps).toEqual([]);
  expect(first.progress).toMatchObject({ epoch: 4, epochs: 4 });
  for (const name of ['first', 'second']) {
    expect((await infoOf(name)).state).toBe('finished');
    expect(weightsHash(folderOf(name))).toBe(weightsHash(folderOf('whole')));
  }
  await until(() => queue.current === undefined && queue.all[0] === second);
}, 120_000);

test('killed by the system it says what to do; resumed in the queue it comes to the same bytes', async () => {
  let job = await add('killed');
  for (let kill = 0; kill < 3; kill += 1) {
    await until(() => job.state === 'running');
    await sleep(uniform(3, kill) * 400);
    process.kill((await infoOf('killed')).process!.pid, 'SIGKILL');
    await ended(job);
    expect(job.state).toBe('failed');
    expect(job.message).toMatch(
      /was killed, as the system does when memory runs out.*batchSize.*Resume goes on/,
    );
    const left = await infoOf('killed');
    expect(left.state).toBe('running');
    expect(presentState(left)).toBe('interrupted');
    expect(logOf('killed')).toContain('ERROR The process that trains was killed');
    await until(() => queue.current === undefined);
    job = resume('killed', queue);
  }
  await ended(job);
  expect(job.message).toBeNull();
  expect(job.state).toBe('finished');
  expect(weightsHash(folderOf('killed'), 'best')).toBe(weightsHash(folderOf('whole'), 'best'));
  expect(weightsHash(folderOf('killed'))).toBe(weightsHash(folderOf('whole')));
}, 120_000);

test('paused, continued, cancelled and resumed at any moment, it comes to the same bytes', async () => {
  let job = await add('restless');
  const states = new Set<string>();
  for (let round = 0; round < 7 && job.state !== 'finished'; round += 1) {
    // The first ones while the process starts.
    await sleep(round < 3 ? round * 40 : 300 + uniform(5, round) * 500);
    job.pause();
    await until(() => job.state === 'paused' || isOver(job));
    if (isOver(job)) break;
    expect((await infoOf('restless')).state).toBe('paused');
    if (round % 2 === 0) {
      job.resume();
      expect(job.state).toBe('running');
      await sleep(uniform(6, round) * 100);
    }
    job.cancel();
    states.add(job.state);
    await ended(job);
    states.add(job.state);
    expect((await infoOf('restless')).state).toBe(job.state);
    await until(() => queue.current === undefined);
    job = resume('restless', queue);
  }
  expect([...states]).toEqual(expect.arrayContaining(['stopping', 'cancelled']));
  job.resume();
  await ended(job);
  expect(job.state).toBe('finished');
  expect(weightsHash(folderOf('restless'))).toBe(weightsHash(folderOf('whole')));
}, 120_000);

test('cancelled before it was told what to train, and while it waits', async () => {
  const starting = await add('starting');
  const waiting = await add('waiting', queue);
  waiting.pause();
  waiting.cancel();
  expect(waiting.state).toBe('cancelled');
  starting.cancel();
  expect(starting.state).toBe('stopping');
  await ended(starting);
  for (const name of ['starting', 'waiting']) {
    await until(async () => (await infoOf(name)).state === 'cancelled');
    expect(await infoOf(name)).toMatchObject({ process: null, message: null });
  }
  await until(() => queue.current === undefined);
  const again = resume('waiting', queue);
  await ended(again);
  expect(again.state).toBe('finished');
  expect(weightsHash(folderOf('waiting'))).toBe(weightsHash(folderOf('whole')));
}, 120_000);

test('the window closes: what trains is saved, what waits stays queued, and both go on in another one', async () => {
  const open = await add('open');
  await add('behind', queue);
  await until(() => open.state === 'running' && open.progress!.step > 5);
  await queue.shutDown(10_000);
  expect((await infoOf('open')).state).toBe('cancelled');
  const behind = await infoOf('behind');
  expect(behind.state).toBe('queued');
  expect(presentState(behind)).toBe('queued');
  // As it is once that process is gone.
  await writeRun(folderOf('behind'), { ...behind, process: { pid: 2 ** 22 + 1, startTicks: '1' } });
  expect(presentState(await infoOf('behind'))).toBe('interrupted');
  expect(() => resume('behind', queue)).toThrow(/window closes/);
  const next = newQueue();
  const jobs = [resume('open', next), resume('behind', next)];
  queue = next;
  for (const job of jobs) await ended(job);
  for (const name of ['open', 'behind']) {
    expect(weightsHash(folderOf(name))).toBe(weightsHash(folderOf('whole')));
  }
}, 120_000);

test('a process that is silent is told of, and ends when it is cancelled twice', async () => {
  queue = newQueue({}, 2000);
  let nowMs = Date.now();
  queue = new TrainingQueue({
    startTrainer: trainerStarter({ program: trainer }),
    silentMs: 2000,
    nowMs: () => nowMs,
  });
  const job = await add('silent', queue);
  await until(() => job.state === 'running');
  const { pid } = (await infoOf('silent')).process!;
  process.kill(pid, 'SIGSTOP');
  await until(() => job.message !== null);
  expect(job.message).toMatch(/^Nothing was heard .* for 2 s: .*cancel again ends it at once/);
  process.kill(pid, 'SIGCONT');
  await until(() => job.message === null);
  process.kill(pid, 'SIGSTOP');
  await until(() => job.message !== null);
  job.cancel();
  job.cancel();
  await sleep(300);
  expect(job.state).toBe('stopping');
  nowMs += 6000;
  job.cancel();
  await ended(job);
  expect(job.state).toBe('cancelled');
  expect(presentState(await infoOf('silent'))).toBe('interrupted');
}, 120_000);

test('out of memory, it says what to make smaller', async () => {
  queue = newQueue({ NODE_OPTIONS: '--max-old-space-size=3 --max-semi-space-size=1' });
  const job = await add('small', queue);
  await ended(job);
  expect(job.state).toBe('failed');
  expect(job.message).toMatch(/ran out of memory. Make batchSize or windows.length .* smaller/);
  await until(async () => (await infoOf('small')).state === 'failed');
}, 120_000);

test('a process that cannot be started, and a run whose data set is gone', async () => {
  queue = new TrainingQueue({
    startTrainer: trainerStarter({ program: join(directory, 'nowhere.cjs') }),
    onEnded: (job) => settleRun(job, new Date()),
  });
  const nowhere = await add('nowhere', queue);
  await ended(nowhere);
  expect(nowhere.message).toMatch(/ended unexpectedly with status 1: .*Resume goes on/);
  queue = newQueue();
  const moved = join(directory, 'moved');
  mkdirSync(moved);
  copyFileSync(join(folderOf('whole'), 'kernel-oracle.yaml'), join(moved, 'kernel-oracle.yaml'));
  const gone = parseConfig('dataset: gone\nmodel: { name: tcn }\n', join(directory, 'kernel-oracle.yaml'));
  await writeQueuedRun(folderOf('gone'), gone, '0.0.0', new Date());
  const job = queue.add({ runFolder: folderOf('gone'), resume: false });
  await ended(job);
  expect(job.message).toContain(join(directory, 'gone'));
  expect(await infoOf('gone')).toMatchObject({ state: 'failed', message: job.message });
  writeFileSync(join(folderOf('gone'), 'kernel-oracle.yaml'), 'epochs: none\n');
  const wrong = queue.add({ runFolder: folderOf('gone'), resume: true });
  await ended(wrong);
  expect(wrong.message).toMatch(/kernel-oracle\.yaml:1:/);
}, 120_000);

function folderOf(name: string): string {
  return join(directory, 'runs', name);
}

async function infoOf(name: string): Promise<RunInfo> {
  return (await readRun(folderOf(name)))!;
}

function logOf(name: string): string {
  return readFileSync(join(folderOf(name), 'training.log'), 'utf8');
}

function isOver({ state }: TrainingJob): boolean {
  return state === 'finished' || state === 'cancelled' || state === 'failed';
}

async function ended(job: TrainingJob): Promise<TrainingJob> {
  await until(() => isOver(job));
  return job;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It did not come to that in 60 s.');
    await sleep(10);
  }
}
