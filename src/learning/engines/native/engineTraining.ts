/** A small training by an engine's own operations: whether it computes, and what the other engines compute. */
import type { Engine, Tensor, Variable } from '../engine.js';
import { hash32 } from '../dropoutMask.js';

const BATCH = 8;
const EVENTS = 6;
const ROWS = BATCH * EVENTS;
const TASKS = 7;
const WIDTH = 12;
const SHAPE = { batch: BATCH, taps: 3, dilation: 2 };
const STEPS = 25;

export interface SmallTraining {
  readonly firstLoss: number;
  readonly lastLoss: number;
  /** Logits of the last event of each window. */
  readonly predictions: Float32Array;
}

/**
 * Trains embeddings, a convolution with batch normalisation and dropout, an LSTM and a softmax to tell the task before the
 * last. The same weights and windows each time.
 */
export function smallTraining(engine: Engine): SmallTraining {
  const parameters = new Map<string, readonly [w: Variable, m: Variable, v: Variable]>();
  const parameter = (name: string, rows: number, columns: number, values: Float32Array): Variable => {
    const w = engine.variable(rows, columns, values);
    parameters.set(name, [w, engine.variable(rows, columns), engine.variable(rows, columns)]);
    return w;
  };
  const random = (name: string, rows: number, columns: number) =>
    parameter(name, rows, columns, chance(name, rows * columns, 2 / Math.sqrt(rows)));
  const table = random('table', TASKS, WIDTH);
  const wConv = random('conv', 3 * WIDTH, WIDTH);
  // Not learnt: batch normalisation takes it away, and Adam would make steps of the rounding errors that are its gradient.
  const bConv = engine.variable(1, WIDTH, chance('conv bias', WIDTH, 1));
  const gamma = parameter('gamma', 1, WIDTH, new Float32Array(WIDTH).fill(1));
  const beta = parameter('beta', 1, WIDTH, new Float32Array(WIDTH));
  const runningMean = engine.variable(1, WIDTH);
  const runningVariance = engine.variable(1, WIDTH, new Float32Array(WIDTH).fill(1));
  const state = { gamma, beta, runningMean, runningVariance, momentum: 0.1, epsilon: 1e-5 };
  const [wLstm, bLstm] = [random('lstm', 2 * WIDTH, 4 * WIDTH), random('lstm bias', 1, 4 * WIDTH)];
  const [wHead, bHead] = [random('head', WIDTH, TASKS), random('head bias', 1, TASKS)];
  const tasks = Int32Array.from({ length: ROWS }, (_, row) => hash32(row + 1) % TASKS);
  // The task one event ago; of the first event its own.
  const targets = tasks.map((task, row) => tasks[row - BATCH] ?? task);

  const forward = (isTraining: boolean, seed: number) => {
    const embedded = engine.embedding(table, tasks);
    const convolved = engine.causalConvolution(embedded, wConv, bConv, SHAPE);
    const normed = engine.batchNorm(convolved, state, isTraining);
    const active = engine.relu(normed.output);
    const dropped = isTraining ? engine.dropout(active, 0.1, seed) : active;
    const recurrent = engine.lstm(engine.add(dropped, embedded), wLstm, bLstm, BATCH);
    const logits = engine.dense(recurrent.hidden, wHead, bHead);
    return { embedded, normed, active, recurrent, logits };
  };
  const step = (at: number): number =>
    engine.scope(() => {
      const { embedded, normed, active, recurrent, logits } = forward(true, at);
      const { loss, dX } = engine.softmaxCrossEntropy(logits, targets, null, 0.05);
      const head = engine.denseGradient(recurrent.hidden, wHead, dX, true);
      const lstm = engine.lstmGradient(recurrent, wLstm, head.dX!, true);
      const dActive = engine.reluGradient(active, engine.dropout(lstm.dX!, 0.1, at));
      const norm = engine.batchNormGradient(normed, gamma, dActive);
      const conv = engine.causalConvolutionGradient(embedded, wConv, norm.dX, SHAPE, true);
      const dTable = engine.embeddingGradient(TASKS, tasks, engine.add(conv.dX!, lstm.dX!));
      const gradients: Record<string, Tensor> = {
        ...{ table: dTable, conv: conv.dW, gamma: norm.dGamma, beta: norm.dBeta },
        ...{ lstm: lstm.dW, 'lstm bias': lstm.dB, head: head.dW, 'head bias': head.dB },
      };
      const gradientScale = Math.min(1, 1 / engine.norm(Object.values(gradients)));
      const adam = { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
      for (const [name, [w, m, v]] of parameters)
        engine.adam(w, gradients[name]!, m, v, { ...adam, step: at, gradientScale });
      return loss;
    });
  const losses = Array.from({ length: STEPS }, (_, index) => step(index + 1));
  const predictions = engine.scope(() => {
    const { logits } = forward(false, 0);
    return engine.read(engine.rows(logits, ROWS - BATCH, BATCH));
  });
  for (const variable of [...[...parameters.values()].flat(), bConv, runningMean, runningVariance])
    engine.drop(variable);
  return { firstLoss: losses[0]!, lastLoss: losses.at(-1)!, predictions };
}

/** Uniform in [-size / 2, size / 2), by name and index alone. */
function chance(name: string, count: number, size: number): Float32Array {
  const key = Buffer.from(name).reduce((sum, byte) => hash32(sum ^ byte), 1);
  return Float32Array.from({ length: count }, (_, index) => (hash32(key ^ index) / 2 ** 32 - 0.5) * size);
}
