import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from 'esbuild';
import { commonJs } from '../../scripts/lib/cli-build.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { readRun, stateOf } from '../../src/learning/trainer/runFolder.js';
import { uniform } from '../../src/learning/layers/chance.js';
import type { TrainerEvent } from '../../src/protocol/trainerMessages.js';
import { readTrainerEvent } from '../../src/protocol/trainerSchemas.js';
import { weightsHash } from '../support/trainingRuns.js';
import { buildCli, finished, makeDirectory, run, SAMPLES } from './cliProcess.js';

let directory: string;
let cli: string;
let trainer: string;
let config: string;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  const outdir = join(directory, 'dist');
  const entryPoints = [join(root, 'src/workers/trainer.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir });
  trainer = join(outdir, 'trainer.cjs');
  const sample = join(SAMPLES, 'mixed-io-and-cpu.ftrace.gz');
  const dataset = join(directory, 'dataset');
  const made = await run('node', [cli, 'dataset', 'build', sample, '--split', 'walk-forward', '-o', dataset]);
  expect(made.status, made.stderr).toBe(0);
  config = join(directory, 'kernel-oracle.yaml');
  writeFileSync(
    config,
    [
      'dataset: dataset',
      'model: { name: tcn, settings: { taskEmbedding: 8, projection: 16, blocks: 3 } }',
      'windows: { length: 32, stride: 8 }',
      'epochs: 6',
      'batchSize: 16',
      'engine: { name: embedded, threads: 1 }',
      // Far more often than anybody would: the moments of a kill are then those of writing.
      'checkpoints: { everySeconds: 0.02 }',
      'evaluation: { maxWindows: 200 }',
    ].join('\n'),
  );
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const train = (folder: string, ...more: string[]) => [
  cli,
  'train',
  config,
  '-o',
  join(directory, folder),
  ...more,
];

describe('kernel-oracle train', () => {
  let wholeMs = 0;

  test('trains and tells what came of it', async () => {
    const began = performance.now();
    const { status, stdout, stderr } = await run('node', train('whole', '--json'));
    wholeMs = performance.now() - began;
    expect(status, stderr).toBe(0);
    const told = JSON.parse(stdout) as { run: { state: string }; metrics: { seen: { model: object } } };
    expect(told.run.state).toBe('finished');
    expect(told.metrics.seen.model).toMatchObject({ task: 'next-task' });
    expect(stderr).toMatch(/^epoch 1\/6: loss [\d.]+, validation [\d.]+, accuracy [\d.]+ %/);
  });

  test('killed at any moment and resumed, it ends with the same bytes', async () => {
    let kills = 0;
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const child = spawn('node', train('killed', '--resume', '--quiet'), { stdio: 'ignore' });
      const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
      // Every third one dies while it starts, the others soon after they began to learn; the last are let through.
      const isEarly = attempt % 3 === 2;
      const lines = linesOf('killed');
      if (!isEarly) await until(() => linesOf('killed') > lines || child.exitCode !== null);
      const delayMs = attempt < 24 ? uniform(4, attempt) * wholeMs * (isEarly ? 0.1 : 0.08) : 600_000;
      const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
      const [status, signal] = await exit;
      clearTimeout(timer);
      if (signal === 'SIGKILL') {
        kills += 1;
        const left = await readRun(join(directory, 'killed'));
        if (left !== null && left.state === 'running') expect(stateOf(left)).toBe('interrupted');
        continue;
      }
      expect(status).toBe(0);
      break;
    }
    expect(kills).toBeGreaterThan(4);
    for (const checkpoint of ['best', 'latest'] as const)
      expect(weightsHash(join(directory, 'killed'), checkpoint)).toBe(
        weightsHash(join(directory, 'whole'), checkpoint),
      );
    const metrics = (folder: string) => readFileSync(join(directory, folder, 'metrics.json'), 'utf8');
    expect(metrics('killed')).toBe(metrics('whole'));
    const epochs = readFileSync(join(directory, 'killed', 'history.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(epochs.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([1, 2, 3, 4, 5, 6]);
  }, 300_000);

  test('Ctrl+C saves; --resume goes on', async () => {
    const child = spawn('node', train('stopped'), { stdio: ['ignore', 'pipe', 'pipe'] });
    const outcome = finished(child);
    await until(() => stateIn('stopped') === 'running');
    await sleep(300);
    child.kill('SIGINT');
    const { status, stderr } = await outcome;
    expect(stderr).toContain('Saving; --resume goes on from here.');
    expect(status).toBe(130);
    expect(stateIn('stopped')).toBe('cancelled');
    const resumed = await run('node', [cli, 'train', '--resume', '-o', join(directory, 'stopped')]);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(weightsHash(join(directory, 'stopped'))).toBe(weightsHash(join(directory, 'whole')));
  });

  test('a run that is there, a wrong configuration, a missing data set', async () => {
    expect(await run('node', train('whole'))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/holds a run already/) as string,
    });
    const wrong = join(directory, 'wrong.yaml');
    writeFileSync(wrong, 'dataset: nowhere\nepochs: none\n');
    const first = await run('node', [cli, 'train', wrong, '-o', join(directory, 'x')]);
    expect(first).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/wrong\.yaml:2:9: epochs is a whole number/) as string,
    });
    writeFileSync(wrong, 'dataset: nowhere\n');
    const second = await run('node', [cli, 'train', wrong, '-o', join(directory, 'x')]);
    expect(second).toMatchObject({ status: 1, stderr: expect.stringMatching(/nowhere/) as string });
    expect((await run('node', [cli, 'train', '--list-models'])).stdout).toContain(
      'lstm-next-task (next-task)',
    );
  });

  test('a full disk ends the run with what to do; it goes on once there is room', async (context) => {
    const mount = join(directory, 'small');
    mkdirSync(mount);
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', mount]).catch(() => null);
    if (mounted?.status !== 0) {
      context.skip(`a small tmpfs cannot be mounted here: ${mounted?.stderr ?? 'there is no mount'}`);
      return;
    }
    try {
      const folder = join(mount, 'run');
      const full = await run('node', [cli, 'train', config, '-o', folder, '--quiet']);
      expect(full.status, full.stderr).toBe(1);
      expect(full.stderr).toMatch(/The disk of .*run is full: free some space and resume/);
      await run('mount', ['-o', 'remount,size=20m', mount]);
      const resumed = await run('node', [cli, 'train', '--resume', '-o', folder, '--quiet']);
      expect(resumed.status, resumed.stderr).toBe(0);
      expect(weightsHash(folder)).toBe(weightsHash(join(directory, 'whole')));
    } finally {
      await run('umount', [mount]);
    }
  });
});

describe('the process that trains', () => {
  test('tells of itself, pauses, resumes, and saves when it is cancelled', async () => {
    const folder = join(directory, 'forked');
    const child = fork(trainer, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const events: TrainerEvent[] = [];
    child.on('message', (value) => {
      const event = readTrainerEvent(value);
      expect(event, JSON.stringify(value)).not.toBeNull();
      events.push(event!);
    });
    const exit = once(child, 'exit');
    const has = (kind: TrainerEvent['kind']) => events.some((event) => event.kind === kind);
    await until(() => has('ready'));
    child.send({ kind: 'start', configPath: config, runFolder: folder, resume: false });
    await until(() => has('progress'));
    child.send({ kind: 'pause' });
    await until(() => stateIn('forked') === 'paused');
    await until(() => has('heartbeat'));
    expect(events.some((event) => event.kind === 'progress' && event.progress.phase === 'paused')).toBe(true);
    child.send({ kind: 'resume' });
    await until(() => stateIn('forked') === 'running');
    child.send({ kind: 'cancel' });
    await exit;
    expect(events.at(-1)).toMatchObject({ kind: 'ended', state: 'cancelled' });
    const resumed = await run('node', [cli, 'train', '--resume', '-o', folder]);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(weightsHash(folder)).toBe(weightsHash(join(directory, 'whole')));
  });

  test('saves and ends when the editor is gone', async () => {
    const child = fork(trainer, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const exit = once(child, 'exit');
    child.send({ kind: 'start', configPath: config, runFolder: join(directory, 'left'), resume: false });
    await until(() => stateIn('left') === 'running');
    child.disconnect();
    await exit;
    expect(stateIn('left')).toBe('cancelled');
  });

  test('says why it failed', async () => {
    const child = fork(trainer, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const events: (TrainerEvent | null)[] = [];
    child.on('message', (value) => events.push(readTrainerEvent(value)));
    child.send({
      kind: 'start',
      configPath: '/nowhere.yaml',
      runFolder: join(directory, 'y'),
      resume: false,
    });
    const [status] = (await once(child, 'exit')) as [number];
    expect(status).toBe(1);
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/nowhere\.yaml/) as string,
    });
  });
});

/** Lines of the log: one more says that a run begins, or goes on. */
function linesOf(folder: string): number {
  try {
    return readFileSync(join(directory, folder, 'training.log'), 'utf8').split('\n').length;
  } catch {
    return 0;
  }
}

function stateIn(folder: string): string | null {
  try {
    const text = readFileSync(join(directory, folder, 'run.json'), 'utf8');
    return (JSON.parse(text) as { state: string }).state;
  } catch {
    return null;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('It did not come to that in 30 s.');
    await sleep(10);
  }
}
