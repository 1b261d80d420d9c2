import type { Batch } from '../../src/dataset/sequences.js';
import type { Engine, Variable } from '../../src/learning/engines/engine.js';
import type { Model, ModelInputs, ModelKind, StepContext } from '../../src/learning/models/model.js';
import { uniform } from '../../src/learning/layers/chance.js';
import type { ReferenceEngine } from './referenceEngine.js';
import * as v from 'valibot';

export const LITTLE_INPUTS: ModelInputs = { taskCount: 7, stateCount: 3, featureCount: 2 };

/** A batch of events by chance; some targets are unknown. */
export function randomBatch(size: number, length: number, seed: number, inputs = LITTLE_INPUTS): Batch {
  const rows = size * length;
  const below = (limit: number, stream: number) =>
    Int32Array.from({ length: rows }, (_, at) => Math.floor(uniform(seed * 31 + stream, at) * limit));
  return {
    size,
    length,
    task: below(inputs.taskCount, 1),
    state: below(inputs.stateCount, 2),
    nextTask: below(inputs.taskCount, 3),
    features: Float32Array.from(
      { length: rows * inputs.featureCount },
      (_, at) => 2 * uniform(seed * 31 + 4, at) - 1,
    ),
    nextLogDelta: Float32Array.from({ length: rows }, (_, at) => 3 * uniform(seed * 31 + 5, at) - 1.5),
  };
}

export function createModel(
  kind: ModelKind,
  engine: Engine,
  settings: Record<string, unknown>,
  inputs = LITTLE_INPUTS,
  seed = 1,
): Model {
  return kind.create(engine, inputs, v.parse(kind.settings, settings), seed);
}

/**
 * The largest difference between gradients and central differences in float64, relative to the largest gradient of the
 * tensor, over some entries of each tensor.
 */
export function gradientErrors(
  model: Model,
  engine: ReferenceEngine,
  batch: Batch,
  context: StepContext,
  entriesPerTensor = 6,
): Map<string, number> {
  const analytic = engine.scope(() => {
    const { gradients } = model.gradients(batch, context);
    return new Map([...gradients].map(([name, gradient]) => [name, engine.exact(gradient)]));
  });
  const lossNow = () => engine.scope(() => model.gradients(batch, context).loss);
  return new Map(
    [...model.parameters].map(([name, variable]) => {
      const expected = analytic.get(name)!;
      const scale = Math.max(1e-3, ...expected.map(Math.abs));
      let worst = 0;
      for (let draw = 0; draw < entriesPerTensor; draw += 1) {
        const at = Math.floor(uniform(17, draw * 131 + name.length) * expected.length);
        const difference = centralDifference(engine, variable, at, lossNow);
        worst = Math.max(worst, Math.abs(difference - expected[at]!) / scale);
      }
      return [name, worst];
    }),
  );
}

function centralDifference(
  engine: ReferenceEngine,
  variable: Variable,
  at: number,
  lossNow: () => number,
): number {
  const h = 1e-5;
  const values = engine.exact(variable);
  const moved = (by: number) => {
    const changed = values.slice();
    changed[at] = changed[at]! + by;
    engine.write(variable, changed);
    return lossNow();
  };
  const difference = (moved(h) - moved(-h)) / (2 * h);
  engine.write(variable, values);
  return difference;
}
