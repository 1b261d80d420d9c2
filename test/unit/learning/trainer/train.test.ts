import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { readRun, runPaths } from '../../../../src/learning/trainer/runFolder.js';
import { PauseSwitch } from '../../../../src/learning/trainer/pauseSwitch.js';
import { train, type TrainOptions } from '../../../../src/learning/trainer/train.js';
import type { TrainingConfig } from '../../../../src/learning/trainer/config/config.js';
import type { TrainingProgress } from '../../../../src/protocol/trainerMessages.js';
import { readTfRecords } from '../../../../src/learning/files/tfRecord.js';
import { littleDataSet, NO_SEQUENCES } from '../../../support/littleDataSet.js';
import { littleConfig, weightsHash } from '../../../support/trainingRuns.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-train-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const makeEngine = () => EmbeddedEngine.create({ threads: 1, maxMemoryBytes: 256 * 1024 * 1024 });

/** Each run has an engine of its own, as one in a new process has. */
async function run(config: TrainingConfig, name: string, options: Partial<TrainOptions> = {}) {
  const engine = options.engine ?? (await makeEngine());
  try {
    const needed = { engine, kernelOracleVersion: '0', dataSet: littleDataSet() };
    return await train(config, join(folder, name), { ...needed, ...options });
  } finally {
    engine.dispose();
  }
}

/** Ends a run when it has come so far, once. */
function stopAt(step: number) {
  const controller = new AbortController();
  const onProgress = (progress: TrainingProgress) => {
    if (progress.step >= step) controller.abort();
  };
  return { signal: controller.signal, onProgress };
}

describe('a run', () => {
  test('leaves all files that a run has', async () => {
    const outcome = await run(littleConfig(), 'a');
    expect(outcome.state).toBe('finished');
    const paths = runPaths(join(folder, 'a'));
    const history = readFileSync(paths.history, 'utf8').trim().split('\n');
    expect(history.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([1, 2, 3]);
    expect(readFileSync(paths.log, 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z INFO tcn, \d+ parameters/);
    const info = await readRun(join(folder, 'a'));
    expect(info).toMatchObject({ state: 'finished', epoch: 3, process: null, model: 'tcn' });
    expect(readdirSync(paths.checkpoints).sort()).toEqual(['best', 'latest']);
    const [events] = readdirSync(join(folder, 'a')).filter((name) => name.startsWith('events.out.tfevents.'));
    const records = [...readTfRecords(readFileSync(join(folder, 'a', events!)), 'events')];
    // Version, graph, and one an epoch at least.
    expect(records.length).toBeGreaterThanOrEqual(5);
    const metrics = JSON.parse(readFileSync(paths.metrics, 'utf8')) as Record<
      string,
      { model: object; baselines: object }
    >;
    expect(Object.keys(metrics)).toEqual(['validation', 'seen', 'unseen']);
    expect(metrics['seen']!.model).toMatchObject({ task: 'next-task', windows: 24 });
    expect(Object.keys(metrics['seen']!.baselines)).toEqual([
      'constant',
      'last',
      'most frequent successor',
      'Markov 1, online',
      'Markov 2, online',
      'Markov 3, online',
    ]);
  });

  test('the same seed gives the same weights, another one others', async () => {
    await run(littleConfig({ epochs: 1 }), 'a');
    await run(littleConfig({ epochs: 1 }), 'b');
    await run(littleConfig({ epochs: 1, seed: 7 }), 'c');
    const hash = weightsHash(join(folder, 'a'));
    expect(weightsHash(join(folder, 'b'))).toBe(hash);
    expect(weightsHash(join(folder, 'c'))).not.toBe(hash);
  });

  test('learns what follows what', async () => {
    const seen: number[] = [];
    const config = littleConfig({ epochs: 12, optimizer: { learningRate: 0.02 } });
    await run(config, 'a', { onEpoch: ({ validationLoss }) => seen.push(validationLoss!) });
    expect(Math.min(...seen)).toBeLessThan(seen[0]! * 0.9);
  });

  test.each(['lstm', 'inter-arrival-lstm', 'inter-arrival-tcn', 'lstm-next-task', 'kernel-oracle-2019'])(
    '%s',
    async (name) => {
      const size = name.endsWith('tcn') ? { projection: 4, blocks: 1 } : { hidden: 4 };
      const config = littleConfig({
        model: { name, settings: size },
        epochs: 2,
        windows: { length: 6, stride: 24 },
      });
      const outcome = await run(config, name, { dataSet: littleDataSet(160) });
      expect(outcome.state).toBe('finished');
      const { metrics } = outcome as Extract<typeof outcome, { state: 'finished' }>;
      const numbers = Object.entries(metrics!['seen']!.model).filter(
        ([, value]) => typeof value === 'number',
      );
      expect(numbers.length).toBeGreaterThanOrEqual(4);
    },
  );
});

describe('going on', () => {
  test.each([
    ['tcn', 1],
    ['tcn', 8],
    ['lstm-next-task', 11],
    ['kernel-oracle-2019', 2],
  ])('%s, stopped behind step %i, ends with the bytes of a run that was not', async (name, step) => {
    const size = name === 'tcn' ? { projection: 6, blocks: 2 } : { hidden: 4 };
    const config = littleConfig({ model: { name, settings: size } });
    await run(config, 'whole');
    const stopped = await run(config, 'cut', eagerly(stopAt(step)));
    expect(stopped.state).toBe('cancelled');
    expect(stopped.run.state).toBe('cancelled');
    const resumed = await run(config, 'cut', { resume: true });
    expect(resumed.state).toBe('finished');
    for (const checkpoint of ['best', 'latest'] as const)
      expect(weightsHash(join(folder, 'cut'), checkpoint)).toBe(
        weightsHash(join(folder, 'whole'), checkpoint),
      );
    const history = (which: string) =>
      readFileSync(runPaths(join(folder, which)).history, 'utf8')
        .trim()
        .split('\n')
        .map((line) => {
          const { trainLoss, validationLoss, epoch } = JSON.parse(line) as Record<string, number>;
          return { trainLoss, validationLoss, epoch };
        });
    expect(history('cut')).toEqual(history('whole'));
    const metrics = (which: string) => readFileSync(runPaths(join(folder, which)).metrics, 'utf8');
    expect(metrics('cut')).toBe(metrics('whole'));
  });

  test('a run that is there is not overwritten, a finished one is left alone, another configuration is refused', async () => {
    const config = littleConfig({ epochs: 1 });
    await run(config, 'a');
    await expect(run(config, 'a')).rejects.toThrow(/holds a run already \(finished\)/);
    expect((await run(config, 'a', { resume: true })).state).toBe('finished');
    await expect(run(littleConfig({ batchSize: 4, epochs: 1 }), 'a', { resume: true })).rejects.toThrow(
      /other values of batchSize/,
    );
  });

  test('a finished run goes on for more epochs, as if they had been asked for at once', async () => {
    await run(littleConfig({ epochs: 3 }), 'whole');
    await run(littleConfig({ epochs: 1 }), 'a');
    await run(littleConfig({ epochs: 3 }), 'a', { resume: true });
    expect(weightsHash(join(folder, 'a'))).toBe(weightsHash(join(folder, 'whole')));
  });

  test('another data set is refused', async () => {
    const config = littleConfig({ epochs: 2 });
    await run(config, 'a', eagerly(stopAt(2)));
    await expect(run(config, 'a', { resume: true, dataSet: littleDataSet(440) })).rejects.toThrow(
      /is not the data set that this run began with/,
    );
  });

  test('a pause waits, tells of itself and changes nothing', async () => {
    await run(littleConfig(), 'whole');
    const pause = new PauseSwitch();
    const states: string[] = [];
    pause.pause();
    const onProgress = ({ phase }: TrainingProgress) => {
      states.push(phase);
      if (phase !== 'paused') return;
      expect(JSON.parse(readFileSync(runPaths(join(folder, 'a')).run, 'utf8'))).toMatchObject({
        state: 'paused',
      });
      setTimeout(() => pause.resume(), 30);
    };
    await run(littleConfig(), 'a', { pause, onProgress });
    expect(states).toContain('paused');
    expect(weightsHash(join(folder, 'a'))).toBe(weightsHash(join(folder, 'whole')));
  });
});

describe('what goes wrong', () => {
  test('a loss that is not finite ends the run; the best checkpoint survives', async () => {
    const model = { name: 'lstm', settings: { hidden: 4 } };
    const config = littleConfig({ model, epochs: 2 });
    await run(config, 'good', eagerly(stopAt(9)));
    const best = weightsHash(join(folder, 'good'), 'best');
    const engine = await makeEngine();
    engine.squaredError = (x) => ({ loss: NaN, dX: x });
    await expect(run(config, 'good', { resume: true, engine })).rejects.toThrow(
      /loss is not finite any more \(epoch 2.*learningRate smaller \(it is 0.001\) or set optimizer.clipNorm/,
    );
    expect(await readRun(join(folder, 'good'))).toMatchObject({ state: 'failed' });
    expect(weightsHash(join(folder, 'good'), 'best')).toBe(best);
    // And it can be resumed from where it was still well.
    expect((await run(config, 'good', { resume: true })).state).toBe('finished');
  });

  test('memory that does not suffice ends it with what to make smaller', async () => {
    const engine = await EmbeddedEngine.create({ threads: 1, maxMemoryBytes: 24 * 1024 * 1024 });
    const settings = { taskEmbedding: 64, projection: 512, blocks: 6 };
    const config = littleConfig({ model: { name: 'tcn', settings } });
    await expect(run(config, 'a', { engine })).rejects.toThrow(/Make batchSize \(now 8\) or windows.length/);
    expect(await readRun(join(folder, 'a'))).toMatchObject({ state: 'failed' });
  });

  test('a data set without a window says what to change', async () => {
    const dataSet = littleDataSet(400, { train: NO_SEQUENCES });
    await expect(run(littleConfig(), 'a', { dataSet })).rejects.toThrow(/windows.length smaller/);
    expect(await readRun(join(folder, 'a'))).toMatchObject({ state: 'failed', step: 0 });
    // Nothing has begun: the folder may be used.
    expect((await run(littleConfig({ epochs: 1 }), 'a')).state).toBe('finished');
  });

  test('without validation and test parts the training loss decides', async () => {
    const none = { validation: NO_SEQUENCES, seen: NO_SEQUENCES, unseen: NO_SEQUENCES };
    const outcome = await run(littleConfig({ epochs: 1 }), 'a', { dataSet: littleDataSet(400, none) });
    expect(outcome).toMatchObject({ state: 'finished', metrics: {} });
    expect(existsSync(runPaths(join(folder, 'a')).best)).toBe(true);
    expect(readFileSync(runPaths(join(folder, 'a')).log, 'utf8')).toContain('WARN The validation part');
  });

  test('early stopping ends with the best weights', async () => {
    const config = littleConfig({
      epochs: 30,
      earlyStopping: { patience: 2 },
      optimizer: { learningRate: 0.5 },
    });
    const outcome = await run(config, 'a');
    expect(outcome.run.epoch).toBeLessThan(30);
    expect(outcome.run.message).toMatch(/2 epochs without improvement/);
    expect(outcome.run.best!.epoch).toBe(outcome.run.epoch - 2);
  });
});

/** Progress is told five times a second; a test of a moment looks at each step. */
function eagerly(options: ReturnType<typeof stopAt>): Partial<TrainOptions> {
  return { ...options, progressMs: 0 };
}
