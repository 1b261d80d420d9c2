/**
 * Steps of training on both engines: `npm run bench -- engine`. Forward, backward and Adam of the models that the earlier
 * systems used, at their sizes, and products alone. The peer is torch on the same machine (`.cache/torch` or the python3 on
 * PATH): they take turns, and the best of each counts, because whatever else runs here slows all. Each number of threads has
 * a process of its own, because TensorFlow keeps that with which it began.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Engine, Tensor, Variable } from '../../src/learning/engines/engine.js';
import { messageOf } from '../../src/base/errors.js';
import { EmbeddedEngine } from '../../src/learning/engines/embedded/embeddedEngine.js';
import { openNativeEngine } from '../../src/learning/engines/engines.js';
import { pythonWithTorch } from './peers.js';
import { cannotMeasure, figure, heading } from './report.js';
import { seededRandom } from './syntheticTrace.js';

const BATCH = 128;
const EVENTS = 64;
const CLASSES = 3803;
const ROUNDS = 6;
/** Where scripts/native-engine.mjs installs it; else the user's is measured. */
const TEST_ENGINE = '.cache/native-engine';
const THREADS = /^--threads=(\d+)$/;
/** Models to measure, by the start of their names; all when none is given. */
const wanted = process.argv.slice(2).filter((argument) => !THREADS.test(argument));
const random = seededRandom(7);

const values = (count: number, size: number) =>
  Float32Array.from({ length: count }, () => (random() - 0.5) * size);
const indices = (count: number, below: number) =>
  Int32Array.from({ length: count }, () => Math.floor(random() * below));

/** A parameter with what Adam keeps of it. */
interface Parameter {
  readonly w: Variable;
  readonly m: Variable;
  readonly v: Variable;
}

function parameter(engine: Engine, rows: number, columns: number): Parameter {
  const w = engine.variable(rows, columns, values(rows * columns, 2 / Math.sqrt(rows)));
  return { w, m: engine.variable(rows, columns), v: engine.variable(rows, columns) };
}

function learn(engine: Engine, gradients: readonly (readonly [Parameter, Tensor])[]): void {
  const norm = engine.norm(gradients.map(([, gradient]) => gradient));
  const settings = {
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
    step: 1,
  };
  for (const [{ w, m, v }, gradient] of gradients)
    engine.adam(w, gradient, m, v, { ...settings, gradientScale: Math.min(1, 1 / norm) });
}

/** A step of layers × units LSTM; next task at the last event, or (no classes) the numbers of all events. */
function lstmStep(
  engine: Engine,
  layers: number,
  inputs: number,
  units: number,
  classes: number,
): () => void {
  const weights = Array.from({ length: layers }, (_, layer) => [
    parameter(engine, (layer === 0 ? inputs : units) + units, 4 * units),
    parameter(engine, 1, 4 * units),
  ]);
  const head = [parameter(engine, units, classes), parameter(engine, 1, classes)] as const;
  const input = values(EVENTS * BATCH * inputs, 2);
  const targets = indices(BATCH, classes);
  return () =>
    engine.scope(() => {
      let x = engine.tensor(EVENTS * BATCH, inputs, input);
      const outputs = weights.map(([w, b]) => {
        const output = engine.lstm(x, w!.w, b!.w, BATCH);
        x = output.hidden;
        return output;
      });
      const last = engine.rows(x, (EVENTS - 1) * BATCH, BATCH);
      const { dX } = engine.softmaxCrossEntropy(
        engine.dense(last, head[0].w, head[1].w),
        targets,
        null,
        0.05,
      );
      const top = engine.denseGradient(last, head[0].w, dX, true);
      const gradients: [Parameter, Tensor][] = [
        [head[0], top.dW],
        [head[1], top.dB],
      ];
      let dHidden = engine.rowsGradient(EVENTS * BATCH, (EVENTS - 1) * BATCH, top.dX!);
      for (let layer = layers - 1; layer >= 0; layer -= 1) {
        const [w, b] = weights[layer]!;
        const own = engine.lstmGradient(outputs[layer]!, w!.w, dHidden, layer > 0);
        gradients.push([w!, own.dW], [b!, own.dB]);
        if (own.dX !== null) dHidden = own.dX;
      }
      learn(engine, gradients);
    });
}

/** Of a residual block's two convolutions each: convolution, batch normalisation, relu, dropout. */
function tcnStep(engine: Engine, channels: number, blocks: number): () => void {
  const layers = Array.from({ length: 2 * blocks }, (_, layer) => ({
    shape: { batch: BATCH, taps: 3, dilation: 2 ** Math.floor(layer / 2) },
    w: parameter(engine, 3 * channels, channels),
    b: parameter(engine, 1, channels),
    gamma: parameter(engine, 1, channels),
    beta: parameter(engine, 1, channels),
    runningMean: engine.variable(1, channels),
    runningVariance: engine.variable(1, channels),
  }));
  const head = [parameter(engine, channels, CLASSES), parameter(engine, 1, CLASSES)] as const;
  const input = values(EVENTS * BATCH * channels, 2);
  const targets = indices(BATCH, CLASSES);
  const forward = (layer: (typeof layers)[number], x: Tensor, seed: number) => {
    const convolved = engine.causalConvolution(x, layer.w.w, layer.b.w, layer.shape);
    const { gamma, beta, runningMean, runningVariance } = layer;
    const state = {
      gamma: gamma.w,
      beta: beta.w,
      runningMean,
      runningVariance,
      momentum: 0.1,
      epsilon: 1e-5,
    };
    const normed = engine.batchNorm(convolved, state, true);
    const active = engine.relu(normed.output);
    return { layer, x, normed, active, seed, output: engine.dropout(active, 0.1, seed) };
  };
  const backward = (made: ReturnType<typeof forward>, dOutput: Tensor) => {
    const dActive = engine.reluGradient(made.active, engine.dropout(dOutput, 0.1, made.seed));
    const { layer } = made;
    const norm = engine.batchNormGradient(made.normed, layer.gamma.w, dActive);
    const own = engine.causalConvolutionGradient(made.x, layer.w.w, norm.dX, layer.shape, true);
    const gradients: [Parameter, Tensor][] = [
      [layer.w, own.dW],
      [layer.b, own.dB],
      [layer.gamma, norm.dGamma],
      [layer.beta, norm.dBeta],
    ];
    return { dX: own.dX!, gradients };
  };
  return () =>
    engine.scope(() => {
      let x = engine.tensor(EVENTS * BATCH, channels, input);
      const made: ReturnType<typeof forward>[] = [];
      const sums: Tensor[] = [];
      for (let block = 0; block < blocks; block += 1) {
        const first = forward(layers[2 * block]!, x, 2 * block);
        const second = forward(layers[2 * block + 1]!, first.output, 2 * block + 1);
        made.push(first, second);
        x = engine.relu(engine.add(x, second.output));
        sums.push(x);
      }
      const last = engine.rows(x, (EVENTS - 1) * BATCH, BATCH);
      const { dX } = engine.softmaxCrossEntropy(engine.dense(last, head[0].w, head[1].w), targets, null, 0);
      const top = engine.denseGradient(last, head[0].w, dX, true);
      const gradients: [Parameter, Tensor][] = [
        [head[0], top.dW],
        [head[1], top.dB],
      ];
      let slope = engine.rowsGradient(EVENTS * BATCH, (EVENTS - 1) * BATCH, top.dX!);
      for (let block = blocks - 1; block >= 0; block -= 1) {
        const dSum = engine.reluGradient(sums[block]!, slope);
        const second = backward(made[2 * block + 1]!, dSum);
        const first = backward(made[2 * block]!, second.dX);
        gradients.push(...second.gradients, ...first.gradients);
        slope = engine.add(first.dX, dSum);
      }
      learn(engine, gradients);
    });
}

/** Names are those of engine_peer.py. */
const STEPS: readonly [string, string, (engine: Engine) => () => void][] = [
  ['lstm-3x256', 'LSTM 3 × 256, 82 inputs, 3,803 classes', (engine) => lstmStep(engine, 3, 82, 256, CLASSES)],
  ['lstm-2x128', 'LSTM 2 × 128, 30 inputs, 30 classes', (engine) => lstmStep(engine, 2, 30, 128, 30)],
  ['lstm-2x51', 'LSTM 2 × 51, 30 inputs, 30 classes', (engine) => lstmStep(engine, 2, 30, 51, 30)],
  ['tcn', 'TCN 6 × 2 convolutions, 128 channels, 3,803 classes', (engine) => tcnStep(engine, 128, 6)],
];

/** ms: by the clock, or of one thread its CPU time, which other work on the machine disturbs less. */
function timed(threads: number, work: () => void): number {
  const now = () => (threads === 1 ? process.cpuUsage().user / 1000 : performance.now());
  const begun = now();
  work();
  return now() - begun;
}

const clockOf = (threads: number): string => (threads === 1 ? 'CPU time' : 'by the clock');

const best = (times: readonly number[]): number => Math.min(...times);

/** ms of each of some steps of the peer. */
function peerTimes(python: string, name: string, threads: number): number[] {
  const args = ['test/bench/engine_peer.py', name, String(threads)];
  return execFileSync(python, args, { encoding: 'utf8' }).trim().split(' ').map(Number);
}

function products(engine: Engine, threads: number): void {
  heading(`Products, ${engine.description}, ${clockOf(threads)}`);
  for (const [rows, depth, columns] of [
    [8192, 384, 128],
    [8192, 256, 1024],
    [128, 128, CLASSES],
  ] as const) {
    engine.scope(() => {
      const x = engine.tensor(rows, depth, values(rows * depth, 1));
      const w = engine.tensor(depth, columns, values(depth * columns, 1));
      const dOutput = engine.tensor(rows, columns, values(rows * columns, 1));
      const work = 2 * rows * depth * columns;
      const rate = (ms: number, count: number) => `${((count * work) / ms / 1e6).toFixed(1)} GFLOP/s`;
      const times = (once: () => unknown) =>
        best(Array.from({ length: 5 }, () => timed(threads, () => engine.scope(() => void once()))));
      figure(
        `dense ${rows} × ${depth} × ${columns}`,
        rate(
          times(() => engine.dense(x, w, null)),
          1,
        ),
      );
      figure(
        '  its gradients',
        rate(
          times(() => engine.denseGradient(x, w, dOutput, true)),
          2,
        ),
      );
    });
  }
}

function steps(engines: readonly Engine[], threads: number, python: string | undefined): void {
  heading(`A step of training, batch ${BATCH} × ${EVENTS} events, ${clockOf(threads)}`);
  for (const [name, title, make] of STEPS) {
    if (wanted.length > 0 && !wanted.some((start) => name.startsWith(start))) continue;
    const works = engines.map((engine) => ({ engine, step: make(engine), times: [] as number[] }));
    for (const { step } of works) step();
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { step, times } of works) times.push(timed(threads, step), timed(threads, step));
      if (python !== undefined) theirs.push(...peerTimes(python, name, threads));
    }
    for (const { engine, times } of works) {
      const ratio =
        python === undefined
          ? 'no peer'
          : `${(best(times) / best(theirs)).toFixed(2)} × torch, ${best(theirs).toFixed(0)} ms`;
      figure(`${title}, ${engine.name}`, `${best(times).toFixed(0)} ms`, ratio);
    }
  }
}

/** Both engines, the native one where it is installed. */
async function enginesWith(threads: number): Promise<Engine[]> {
  const engines: Engine[] = [await EmbeddedEngine.create({ threads })];
  try {
    engines.push(await openNativeEngine(threads, existsSync(TEST_ENGINE) ? TEST_ENGINE : undefined));
  } catch (error) {
    cannotMeasure('the native engine', messageOf(error));
  }
  return engines;
}

async function measure(threads: number): Promise<void> {
  const python = pythonWithTorch();
  if (python === undefined)
    cannotMeasure('torch beside it', 'no python3 with torch here, nor in .cache/torch');
  const engines = await enginesWith(threads);
  if (wanted.length === 0) for (const engine of engines) products(engine, threads);
  steps(engines, threads, python);
  for (const engine of engines) engine.dispose();
}

const told = process.argv.map((argument) => THREADS.exec(argument)?.[1]).find((count) => count !== undefined);
if (told !== undefined) await measure(Number(told));
else {
  for (const threads of new Set([availableParallelism(), 1])) {
    const args = [process.argv[1]!, `--threads=${threads}`, ...wanted];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    process.exitCode = process.exitCode === 1 ? 1 : (status ?? 1);
  }
}
