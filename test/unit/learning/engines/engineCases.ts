/**
 * Every operation of an engine on several shapes: what comes out, as plain arrays, so that engines can be compared. The widths
 * that are no multiple of 4 or 8, the single rows and the blocks that end early are on purpose.
 */
import type { Engine, Tensor, Variable } from '../../../../src/learning/engines/engine.js';
import { randomNumbers, type RandomNumbers } from '../../../support/randomNumbers.js';

export interface EngineCase {
  readonly name: string;
  readonly run: (engine: Engine) => Float32Array[];
}

/** Float32 in [-1, 1), never near 0, where relu and quantiles have a corner. */
export function numbers(random: RandomNumbers, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => {
    const value = random(2_000_000) / 1e6 - 1;
    return Math.abs(value) < 0.01 ? 0.25 : value;
  });
}

export const whole = (random: RandomNumbers, count: number, below: number): Int32Array =>
  Int32Array.from({ length: count }, () => random(below));

/** The largest difference as a share of the largest value expected. */
export function difference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Infinity;
  let [largest, size] = [0, 1e-3];
  expected.forEach((value, index) => {
    const apart = Math.abs(value - found[index]!);
    // What is not a number compares with nothing: it must not pass for no difference.
    largest = Number.isNaN(apart) ? Infinity : Math.max(largest, apart);
    size = Math.max(size, Math.abs(value));
  });
  return largest / size;
}

type Make = (rows: number, columns: number) => Tensor;

const cases: EngineCase[] = [];

/** @param work gets tensors of random numbers and gives those to compare */
function add(
  name: string,
  work: (engine: Engine, make: Make, random: RandomNumbers) => readonly (Tensor | number | null)[],
): void {
  const run = (engine: Engine): Float32Array[] => {
    const random = randomNumbers(cases.length + 17);
    const make: Make = (rows, columns) => engine.tensor(rows, columns, numbers(random, rows * columns));
    return engine.scope(() =>
      work(engine, make, random).flatMap((each) => {
        if (each === null) return [];
        return typeof each === 'number' ? Float32Array.of(each) : engine.read(each);
      }),
    );
  };
  cases.push({ name, run });
}

const variableOf = (engine: Engine, random: RandomNumbers, columns: number, rows = 1): Variable =>
  engine.variable(rows, columns, numbers(random, rows * columns));

add('rows and rowsGradient', (engine, make) => {
  const view = engine.rows(make(9, 5), 2, 4);
  return [view, engine.rows(view, 1, 2), engine.rowsGradient(9, 3, view)];
});

add('concat and split', (engine, make) => {
  const joined = engine.concat([make(7, 3), make(7, 1), make(7, 8)]);
  return [joined, ...engine.split(joined, [5, 6, 1])];
});

for (const [rows, columns] of [
  [1, 1],
  [3, 7],
  [170, 203],
] as const) {
  add(`elements ${rows}×${columns}`, (engine, make) => {
    const x = make(rows, columns);
    const positive = engine.relu(x);
    return [
      ...[engine.add(x, make(rows, columns)), engine.scale(x, -0.3)],
      ...[positive, engine.reluGradient(positive, x)],
      ...[engine.dropout(x, 0.4, 123), engine.dropout(x, 0, 5), engine.dropout(x, 0.9, -7)],
    ];
  });
}

for (const [rows, inputs, outputs] of [
  [1, 1, 1],
  [1, 5, 9],
  [6, 3, 8],
  [130, 51, 67],
  [521, 300, 12],
  [40, 7, 331],
] as const) {
  add(`dense ${rows}×${inputs}×${outputs}`, (engine, make) => {
    const [x, w, dOutput] = [make(rows, inputs), make(inputs, outputs), make(rows, outputs)];
    const { dX, dW, dB } = engine.denseGradient(x, w, dOutput, true);
    const without = engine.denseGradient(x, w, dOutput, false);
    return [engine.dense(x, w, make(1, outputs)), engine.dense(x, w, null), dX, dW, dB, without.dX];
  });
}

add('embedding', (engine, make, random) => {
  const ids = whole(random, 60, 11);
  return [engine.embedding(make(11, 6), ids), engine.embeddingGradient(11, ids, make(60, 6))];
});

for (const [rows, columns] of [
  [1, 3],
  [5, 1],
  [300, 37],
] as const) {
  add(`batchNorm ${rows}×${columns}`, (engine, make, random) => {
    const state = {
      ...{ gamma: make(1, columns), beta: make(1, columns), momentum: 0.1, epsilon: 1e-2 },
      runningMean: variableOf(engine, random, columns),
      runningVariance: engine.variable(1, columns, numbers(random, columns).map(Math.abs)),
    };
    const x = make(rows, columns);
    const dOutput = make(rows, columns);
    return [false, true, false].flatMap((isTraining) => {
      const normed = engine.batchNorm(x, state, isTraining);
      const { dX, dGamma, dBeta } = engine.batchNormGradient(normed, state.gamma, dOutput);
      return [normed.output, dX, dGamma, dBeta, state.runningMean, state.runningVariance];
    });
  });
}

for (const [events, batch, inputs, outputs, taps, dilation] of [
  [1, 1, 1, 1, 1, 1],
  [7, 3, 5, 6, 3, 2],
  [9, 20, 13, 10, 2, 4],
  [5, 2, 4, 3, 3, 8],
  [40, 16, 24, 17, 3, 16],
] as const) {
  const shape = { batch, taps, dilation };
  add(`convolution ${events}·${batch}×${inputs}×${outputs}, ${taps} taps by ${dilation}`, (engine, make) => {
    const [x, w] = [make(events * batch, inputs), make(taps * inputs, outputs)];
    const dOutput = make(events * batch, outputs);
    const { dX, dW, dB } = engine.causalConvolutionGradient(x, w, dOutput, shape, true);
    return [engine.causalConvolution(x, w, make(1, outputs), shape), dX, dW, dB];
  });
}

for (const [events, batch, inputs, units] of [
  [1, 1, 1, 1],
  [4, 3, 2, 5],
  [6, 37, 9, 51],
  [3, 70, 67, 72],
  [3, 33, 10, 193],
] as const) {
  for (const hasInitial of [false, true]) {
    add(`lstm ${events}·${batch}×${inputs}×${units}${hasInitial ? ', with a state' : ''}`, (engine, make) => {
      const [x, w, b] = [make(events * batch, inputs), make(inputs + units, 4 * units), make(1, 4 * units)];
      const initial = hasInitial ? { hidden: make(batch, units), cell: make(batch, units) } : undefined;
      const out = engine.lstm(x, w, b, batch, initial);
      const { dX, dW, dB } = engine.lstmGradient(out, w, make(events * batch, units), true);
      return [out.hidden, out.last.hidden, out.last.cell, dX, dW, dB];
    });
  }
}

for (const [rows, columns] of [
  [1, 1],
  [2, 6],
  [37, 301],
] as const) {
  add(`losses ${rows}×${columns}`, (engine, make, random) => {
    const x = engine.scale(make(rows, columns), 8);
    const weights = Float32Array.from({ length: rows }, (_, row) => (row % 3 === 1 ? 0 : 1 + (row % 2)));
    const targets = whole(random, rows, columns);
    const values = numbers(random, rows * columns);
    const quantiles = Array.from({ length: columns }, (_, column) => (column + 1) / (columns + 1));
    const all = [
      engine.softmaxCrossEntropy(x, targets, null, 0),
      engine.softmaxCrossEntropy(x, targets, weights, 0.1),
      engine.softmaxCrossEntropy(x, targets, new Float32Array(rows), 0.1),
      engine.squaredError(x, values, null),
      engine.squaredError(x, values, weights),
      engine.quantileLoss(x, values.slice(0, rows), null, quantiles),
      engine.quantileLoss(x, values.slice(0, rows), weights, quantiles),
    ];
    return all.flatMap(({ loss, dX }) => [loss, dX]);
  });
}

add('norm and adam', (engine, make, random) => {
  const [w, gradient] = [variableOf(engine, random, 301, 67), make(67, 301)];
  const [m, v] = [engine.variable(67, 301), engine.variable(67, 301)];
  const settings = { learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, gradientScale: 0.5 };
  for (const step of [1, 2, 3])
    engine.adam(w, gradient, m, v, { ...settings, weightDecay: step === 3 ? 0 : 0.1, step });
  return [engine.norm([gradient, make(3, 3)]), w, m, v];
});

export const ENGINE_CASES: readonly EngineCase[] = cases;
