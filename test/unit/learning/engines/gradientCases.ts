/** Gradients of an engine against differences of the reference, which is float64: 1e-4 of the largest slope. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine, Tensor } from '../../../../src/learning/engines/engine.js';
import { randomNumbers } from '../../../support/randomNumbers.js';
import { ReferenceEngine } from '../../../support/referenceEngine.js';
import { numbers, whole } from './engineCases.js';

/** Central differences in float64: their own error is about the square of it. */
const STEP = 1e-5;
const TOLERANCE = 1e-4;

type Shape = readonly [rows: number, columns: number];

interface Operation {
  readonly name: string;
  readonly inputs: readonly Shape[];
  /** A table, or a loss. */
  forward(engine: Engine, inputs: readonly Tensor[]): Tensor | number;
  /** By each input; `dOutput` has the shape of the output (of a loss: [1, 1], always 1). */
  backward(engine: Engine, inputs: readonly Tensor[], dOutput: Tensor): readonly (Tensor | null)[];
}

const IDS = Int32Array.of(3, 0, 3, 2, 3);
const TARGETS = Int32Array.of(2, 0, 6, 2);
const WEIGHTS = Float32Array.of(1, 0, 2, 0.5);
const VALUES = numbers(randomNumbers(5), 28);
const QUANTILES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

const norm = (engine: Engine, [x, gamma, beta]: readonly Tensor[], isTraining: boolean) =>
  engine.batchNorm(
    x!,
    {
      ...{ gamma: gamma!, beta: beta!, momentum: 0.1, epsilon: 1e-3 },
      runningMean: engine.variable(1, 5, Float32Array.of(0.1, 0, -0.2, 0.3, 0)),
      runningVariance: engine.variable(1, 5, Float32Array.of(1, 0.5, 2, 1, 0.1)),
    },
    isTraining,
  );

function normOperation(isTraining: boolean): Operation {
  return {
    name: `batchNorm, ${isTraining ? 'training' : 'evaluation'}`,
    inputs: [
      [9, 5],
      [1, 5],
      [1, 5],
    ],
    forward: (engine, inputs) => norm(engine, inputs, isTraining).output,
    backward(engine, inputs, dOutput) {
      const { dX, dGamma, dBeta } = engine.batchNormGradient(
        norm(engine, inputs, isTraining),
        inputs[1]!,
        dOutput,
      );
      return [dX, dGamma, dBeta];
    },
  };
}

function convolution(events: number, batch: number, taps: number, dilation: number): Operation {
  const shape = { batch, taps, dilation };
  return {
    name: `convolution of ${events} events × ${batch}, ${taps} taps by ${dilation}`,
    inputs: [
      [events * batch, 3],
      [taps * 3, 5],
      [1, 5],
    ],
    forward: (engine, [x, w, b]) => engine.causalConvolution(x!, w!, b!, shape),
    backward(engine, [x, w], dOutput) {
      const { dX, dW, dB } = engine.causalConvolutionGradient(x!, w!, dOutput, shape, true);
      return [dX, dW, dB];
    },
  };
}

function lstm(events: number, batch: number, inputs: number, units: number): Operation {
  return {
    name: `lstm of ${events} events × ${batch}, ${inputs} inputs, ${units} units`,
    inputs: [
      [events * batch, inputs],
      [inputs + units, 4 * units],
      [1, 4 * units],
      [batch, units],
      [batch, units],
    ],
    forward: (engine, [x, w, b, hidden, cell]) =>
      engine.lstm(x!, w!, b!, batch, { hidden: hidden!, cell: cell! }).hidden,
    backward(engine, [x, w, b, hidden, cell], dOutput) {
      const saved = engine.lstm(x!, w!, b!, batch, { hidden: hidden!, cell: cell! });
      const { dX, dW, dB } = engine.lstmGradient(saved, w!, dOutput, true);
      return [dX, dW, dB, null, null];
    },
  };
}

function dense(rows: number, inputs: number, outputs: number): Operation {
  return {
    name: `dense ${rows} × ${inputs} × ${outputs}`,
    inputs: [
      [rows, inputs],
      [inputs, outputs],
      [1, outputs],
    ],
    forward: (engine, [x, w, b]) => engine.dense(x!, w!, b!),
    backward(engine, [x, w], dOutput) {
      const { dX, dW, dB } = engine.denseGradient(x!, w!, dOutput, true);
      return [dX, dW, dB];
    },
  };
}

function loss(name: string, of: (engine: Engine, x: Tensor) => { loss: number; dX: Tensor }): Operation {
  return {
    name,
    inputs: [[4, 7]],
    forward: (engine, [x]) => of(engine, x!).loss,
    backward: (engine, [x]) => [of(engine, x!).dX],
  };
}

const OPERATIONS: readonly Operation[] = [
  dense(1, 1, 1),
  dense(5, 3, 9),
  dense(9, 10, 4),
  convolution(1, 1, 1, 1),
  convolution(6, 2, 3, 1),
  convolution(7, 3, 2, 3),
  convolution(3, 2, 3, 4),
  lstm(1, 1, 1, 1),
  lstm(4, 3, 2, 5),
  lstm(5, 2, 6, 4),
  normOperation(true),
  normOperation(false),
  loss('cross entropy', (engine, x) => engine.softmaxCrossEntropy(x, TARGETS, null, 0)),
  loss('cross entropy, weighted and smoothed', (engine, x) =>
    engine.softmaxCrossEntropy(x, TARGETS, WEIGHTS, 0.1),
  ),
  loss('squared error', (engine, x) => engine.squaredError(x, VALUES, WEIGHTS)),
  loss('quantile loss', (engine, x) => engine.quantileLoss(x, VALUES.slice(0, 4), WEIGHTS, QUANTILES)),
  {
    name: 'embedding',
    inputs: [[4, 3]],
    forward: (engine, [table]) => engine.embedding(table!, IDS),
    backward: (engine, _inputs, dOutput) => [engine.embeddingGradient(4, IDS, dOutput)],
  },
  {
    name: 'relu',
    inputs: [[4, 7]],
    forward: (engine, [x]) => engine.relu(x!),
    backward: (engine, [x], dOutput) => [engine.reluGradient(engine.relu(x!), dOutput)],
  },
  {
    name: 'dropout',
    inputs: [[4, 7]],
    forward: (engine, [x]) => engine.dropout(x!, 0.3, 99),
    backward: (engine, _inputs, dOutput) => [engine.dropout(dOutput, 0.3, 99)],
  },
  {
    name: 'rows',
    inputs: [[6, 3]],
    forward: (engine, [x]) => engine.rows(x!, 2, 3),
    backward: (engine, _inputs, dOutput) => [engine.rowsGradient(6, 2, dOutput)],
  },
  {
    name: 'concat',
    inputs: [
      [3, 2],
      [3, 5],
    ],
    forward: (engine, inputs) => engine.concat(inputs),
    backward: (engine, _inputs, dOutput) => engine.split(dOutput, [2, 5]),
  },
];

const reference = new ReferenceEngine();

/** Σ output · factors; a loss as it is. */
function scalar(operation: Operation, inputs: readonly ArrayLike<number>[], factors: Float32Array): number {
  return reference.scope(() => {
    const tensors = operation.inputs.map(([rows, columns], index) =>
      reference.tensor(rows, columns, inputs[index]!),
    );
    const output = operation.forward(reference, tensors);
    if (typeof output === 'number') return output;
    return reference.exact(output).reduce((sum, value, index) => sum + value * factors[index]!, 0);
  });
}

function differences(
  operation: Operation,
  inputs: readonly Float32Array[],
  which: number,
  factors: Float32Array,
) {
  return Float64Array.from(inputs[which]!, (value, index) => {
    const at = (moved: number) => {
      const changed = inputs.map((input) => Float64Array.from(input));
      changed[which]![index] = moved;
      return scalar(operation, changed, factors);
    };
    return (at(value + STEP) - at(value - STEP)) / (2 * STEP);
  });
}

/** Tests for all engines. */
export function gradientTests(create: () => Engine | Promise<Engine>): void {
  let engine: Engine;

  beforeAll(async () => {
    engine = await create();
  });

  afterAll(() => engine.dispose());

  it.each(OPERATIONS)('$name', (operation) => {
    const random = randomNumbers(31);
    const inputs = operation.inputs.map(([rows, columns]) => numbers(random, rows * columns));
    const results = engine.scope(() => {
      const tensors = operation.inputs.map(([rows, columns], index) =>
        engine.tensor(rows, columns, inputs[index]!),
      );
      const output = operation.forward(engine, tensors);
      const [rows, columns] = typeof output === 'number' ? [1, 1] : [output.rows, output.columns];
      const factors = typeof output === 'number' ? Float32Array.of(1) : numbers(random, rows * columns);
      const slopes = operation.backward(engine, tensors, engine.tensor(rows, columns, factors));
      return { factors, slopes: slopes.map((slope) => slope && engine.read(slope)) };
    });
    results.slopes.forEach((found, which) => {
      if (found === null) return;
      const expected = differences(operation, inputs, which, results.factors);
      const size = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      expect(size, `input ${which} matters`).toBeGreaterThan(0);
      expected.forEach((value, index) => {
        expect(Math.abs(found[index]! - value), `input ${which}, element ${index}`).toBeLessThan(
          TOLERANCE * size,
        );
      });
    });
  });

  it('ids of a table that are used often gather all that comes back', () => {
    const ids = whole(randomNumbers(3), 9000, 2);
    const counts = [0, 1].map((id) => ids.filter((each) => each === id).length);
    const ones = new Float32Array(9000 * 5).fill(1);
    const sums = engine.scope(() =>
      engine.read(engine.embeddingGradient(2, ids, engine.tensor(9000, 5, ones))),
    );
    expect([...sums]).toEqual([...Array<number>(5).fill(counts[0]!), ...Array<number>(5).fill(counts[1]!)]);
  });
}
