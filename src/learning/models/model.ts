import type { GenericSchema } from 'valibot';
import type { Batch } from '../../dataset/sequences.js';
import type { Engine, Tensor, Variable } from '../engines/engine.js';

/** What a model predicts from a window. */
export type Task = 'next-task' | 'inter-arrival';

/** What the data set tells a model before it is made. */
export interface ModelInputs {
  /** Entries of the vocabularies, UNK included. */
  readonly taskCount: number;
  readonly stateCount: number;
  /** Columns of `Batch.features`. */
  readonly featureCount: number;
}

/** A row of the table of models (`models.ts`). */
export interface ModelKind<S = unknown> {
  readonly name: string;
  readonly title: string;
  /** Where it comes from and what it is, one or two sentences. */
  readonly description: string;
  readonly task: Task;
  /** Of its settings; every one has a default. */
  readonly settings: GenericSchema<unknown, S>;
  create(engine: Engine, inputs: ModelInputs, settings: S, seed: number): Model;
}

/** Which events of a window count in the loss: of each one the next, or of the last alone as in the TCN paper. */
export type LossPositions = 'all' | 'last';

export interface StepContext {
  readonly isTraining: boolean;
  /** Number of this step in the run; dropout follows from it and the seed. */
  readonly step: number;
  readonly positions: LossPositions;
}

/** A model on an engine. Its tensors live until `dispose`. */
export interface Model {
  /** What is learnt, by name: `tcn.block0.conv1.weight`. The order is fixed. */
  readonly parameters: ReadonlyMap<string, Variable>;
  /** What is not learnt but belongs to it: running means and variances. */
  readonly statistics: ReadonlyMap<string, Variable>;
  /** Forward and backward. Within a scope of the engine; the gradients are tensors of that scope, by the parameters' names. */
  gradients(
    batch: Batch,
    context: StepContext,
  ): { readonly loss: number; readonly gradients: ReadonlyMap<string, Tensor> };
  /** Mean loss without learning. */
  loss(batch: Batch, positions: LossPositions): number;
  /**
   * For the last event of each window: [size, taskCount] logits of a next-task model, or [size, outputs] of a forecaster in
   * the unit of `nextLogDelta`.
   */
  predict(batch: Batch): Float32Array;
  dispose(): void;
}
