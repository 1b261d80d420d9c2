import { UNKNOWN, type Batch } from '../../dataset/sequences.js';
import type { Engine, Loss, Tensor } from '../engines/engine.js';
import type { LossPositions, ModelOutputs, Task } from './model.js';

/** What the outputs of a model are compared with. */
export interface Objective {
  readonly outputs: ModelOutputs;
  /** Columns that the head has. */
  readonly width: number;
  readonly task: Task;
  /** @param firstRow of the batch's events to which the first row of `output` belongs */
  loss(engine: Engine, output: Tensor, batch: Batch, firstRow: number): Loss;
}

/** Cross entropy over the vocabulary. A target that is UNK has no weight. */
export function nextTaskObjective(taskCount: number, labelSmoothing: number): Objective {
  return {
    task: 'next-task',
    outputs: { kind: 'logits' },
    width: taskCount,
    loss: (engine, output, { nextTask }, firstRow) => {
      const targets = nextTask.subarray(firstRow);
      return engine.softmaxCrossEntropy(output, targets, knownTargets(targets), labelSmoothing);
    },
  };
}

/** Squared error of the logarithm of the time to the next event. */
export function pointObjective(): Objective {
  return {
    task: 'inter-arrival',
    outputs: { kind: 'point' },
    width: 1,
    loss: (engine, output, { nextLogDelta }, firstRow) =>
      engine.squaredError(output, nextLogDelta.subarray(firstRow), null),
  };
}

/** Pinball loss of quantiles of that logarithm. */
export function quantileObjective(quantiles: readonly number[]): Objective {
  return {
    task: 'inter-arrival',
    outputs: { kind: 'quantiles', quantiles },
    width: quantiles.length,
    loss: (engine, output, { nextLogDelta }, firstRow) =>
      engine.quantileLoss(output, nextLogDelta.subarray(firstRow), null, quantiles),
  };
}

/** First row of those that count. */
export function firstCountedRow({ size, length }: Batch, positions: LossPositions): number {
  return positions === 'all' ? 0 : (length - 1) * size;
}

/** How many targets of a batch count in its mean loss; batches are joined by these weights. */
export function targetCount(batch: Batch, positions: LossPositions, task: Task): number {
  const first = firstCountedRow(batch, positions);
  if (task === 'inter-arrival') return batch.nextTask.length - first;
  let count = 0;
  for (let row = first; row < batch.nextTask.length; row += 1) {
    if (batch.nextTask[row] !== UNKNOWN) count += 1;
  }
  return count;
}

/** Weights of rows; `null` when all targets are known. */
function knownTargets(targets: Int32Array): Float32Array | null {
  if (!targets.includes(UNKNOWN)) return null;
  return Float32Array.from(targets, (target) => (target === UNKNOWN ? 0 : 1));
}
