/**
 * How long training takes to the accuracy of the published TCN recipe: `npm run bench -- timeToAccuracy`.
 * The recordings lie beside the checkout: run 0 of each workload trains, run 1 tests, tasks by name. The peer is the recipe in torch
 * (BENCH_EPOCHS, 5 unless told otherwise); both are judged on the same events of the test part, outside their clocks, and UNK is
 * never right. One after the other, each with all threads; with BENCH_THREADS=1 their CPU time counts, which other work on the
 * machine disturbs less.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildDataSet, DEFAULT_OPTIONS } from '../../src/dataset/buildDataSet.js';
import { openDataSet, type DataSet } from '../../src/dataset/dataSet.js';
import { exportDataSet } from '../../src/dataset/exportDataSet.js';
import { taskBaselineMetrics } from '../../src/learning/baselines/evaluateBaselines.js';
import { EmbeddedEngine } from '../../src/learning/engines/embedded/embeddedEngine.js';
import { readSafetensors } from '../../src/learning/files/safetensors.js';
import { parseConfig, modelKindOf, type TrainingConfig } from '../../src/learning/trainer/config/config.js';
import { evaluate } from '../../src/learning/trainer/evaluation.js';
import { runPaths } from '../../src/learning/trainer/runFolder.js';
import { train } from '../../src/learning/trainer/train.js';
import { askedRows, evaluationBatches, TrainingData } from '../../src/learning/trainer/trainingData.js';
import { pythonWithTorch } from './peers.js';
import { cannotMeasure, figure, heading } from './report.js';

const RECORDINGS = '../shared/traces/next-task';
const TEST_WINDOWS = 128 * 128;
const RECIPE_EPOCHS = Number(process.env['BENCH_EPOCHS'] ?? 5);
const THREADS = Number(process.env['BENCH_THREADS'] ?? availableParallelism());

/** Ours: the same kind of network, smaller, with a loss on every event, so that its windows need not overlap. */
const OURS = `
windows: { length: 64, stride: 64 }
epochs: 12
batchSize: 32
optimizer: { learningRate: 0.003 }
schedule: { patience: 1 }
model: { name: tcn, settings: { projection: 64, dropout: 0 } }
evaluation: { maxWindows: 2048 }
`;

interface Point {
  readonly epoch: number;
  readonly seconds: number;
  readonly accuracy: number;
  /** How many events were asked about, and the sum of what was right: both sides must have the same. */
  readonly asked: number;
  readonly checksum: number;
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
const directory = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));
try {
  await measure();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  if (!existsSync(RECORDINGS)) {
    cannotMeasure('time to accuracy', `no recordings at ${RECORDINGS}`);
    return;
  }
  const folder = join(directory, 'data');
  await buildDataSet({
    paths: [RECORDINGS],
    output: folder,
    options: { ...DEFAULT_OPTIONS, split: 'run', holdOut: 'none' },
    replace: false,
    kernelOracleVersion: 'bench',
    now: () => new Date(),
  });
  const dataSet = await openDataSet(folder);
  heading(`Time to the accuracy of the published recipe, ${THREADS} threads`);
  const config = parseConfig(`dataset: ${folder}\n${OURS}`, join(directory, 'kernel-oracle.yaml'));
  await countingBaselines(dataSet, config);
  const ours = await trainOurs(dataSet, config);
  for (const { epoch, accuracy, seconds } of ours)
    figure(`ours, epoch ${epoch}: ${percent(accuracy)}`, `${seconds.toFixed(1)} s`);
  const python = pythonWithTorch();
  if (python === undefined) {
    cannotMeasure('the recipe', 'no python with torch (.cache/torch or python3)');
    return;
  }
  const npz = join(directory, 'npz');
  await exportDataSet({ folder, to: 'npz', output: npz, length: 64, stride: 4 });
  await trainRecipe(python, npz, (theirs) => {
    const [{ asked, checksum }] = ours as [Point];
    if (theirs.asked !== asked || theirs.checksum !== checksum)
      throw new Error('The two sides were not asked about the same events.');
    const reached = ours.find(({ accuracy }) => accuracy >= theirs.accuracy);
    const ratio =
      reached === undefined
        ? 'ours did not come there'
        : `${(theirs.seconds / reached.seconds).toFixed(1)} × the time of ours (epoch ${reached.epoch})`;
    figure(
      `recipe in torch, epoch ${theirs.epoch}: ${percent(theirs.accuracy)}`,
      `${theirs.seconds.toFixed(1)} s`,
      ratio,
    );
  });
}

/** What counting comes to on the same events: no network need be trained for less. */
async function countingBaselines(dataSet: DataSet, config: TrainingConfig): Promise<void> {
  const data = await TrainingData.open(dataSet, testing(config));
  const { sequences, windows } = await data.windows('seen');
  const { sequences: trained } = await data.windows('train');
  const begun = performance.now();
  const found = await taskBaselineMetrics(
    {
      taskCount: data.inputs.taskCount,
      train: trained,
      quantiles: [],
      breathe: () => Promise.resolve(),
    },
    [askedRows(sequences, windows, 64, 128, TEST_WINDOWS)],
  );
  for (const [name, [metrics]] of found) figure(`${name}: ${percent(metrics!.accuracy ?? 0)}`, '');
  figure('all of these together', `${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

/** The configuration with which models are judged: the recipe's windows of the test part, evenly spread. */
function testing(config: TrainingConfig): TrainingConfig {
  return {
    ...config,
    windows: { ...config.windows, stride: 4 },
    batchSize: 128,
    evaluation: { maxWindows: TEST_WINDOWS },
  };
}

/** Seconds by the clock, or of the processor when there is one thread; with validation and checkpoints. */
async function trainOurs(dataSet: DataSet, config: TrainingConfig): Promise<Point[]> {
  const run = join(directory, 'run');
  const engine = await EmbeddedEngine.create({ threads: THREADS });
  try {
    const clock = () =>
      THREADS === 1 ? (process.cpuUsage().user + process.cpuUsage().system) / 1e6 : performance.now() / 1000;
    const begun = clock();
    const times: number[] = [];
    await train(config, run, {
      engine,
      kernelOracleVersion: 'bench',
      onEpoch: ({ epoch }) => {
        times.push(clock() - begun);
        copyFileSync(join(runPaths(run).latest, 'weights.safetensors'), join(directory, `epoch${epoch}`));
      },
    });
    const data = await TrainingData.open(dataSet, testing(config));
    const { windows } = await data.windows('seen');
    const model = modelKindOf(config).create(engine, data.inputs, config.model.settings, config.seed);
    let checksum = 0;
    for (const { batch } of evaluationBatches(windows, 128, TEST_WINDOWS))
      for (const task of batch.nextTask.subarray((batch.length - 1) * batch.size)) checksum += task;
    const points: Point[] = [];
    for (const [at, seconds] of times.entries()) {
      const { tensors } = await readSafetensors(join(directory, `epoch${at + 1}`));
      for (const [name, variable] of [...model.parameters, ...model.statistics])
        engine.write(variable, Float32Array.from(tensors.get(name)!.values));
      const metrics = await evaluate(model, windows, {
        config: testing(config),
        logDelta: data.logDelta,
        breathe: () => Promise.resolve(),
      });
      if (metrics.task !== 'next-task') throw new Error('No next-task model.');
      points.push({
        epoch: at + 1,
        seconds,
        accuracy: metrics.accuracy ?? 0,
        asked: metrics.windows,
        checksum,
      });
    }
    return points;
  } finally {
    engine.dispose();
  }
}

async function trainRecipe(python: string, npz: string, onEpoch: (point: Point) => void): Promise<void> {
  const args = ['test/bench/timeToAccuracy_peer.py', npz, String(RECIPE_EPOCHS), String(THREADS)];
  const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) onEpoch(JSON.parse(line) as Point);
}
