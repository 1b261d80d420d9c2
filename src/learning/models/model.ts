import type { GenericSchema } from 'valibot';
import type { Batch, Feature } from '../../dataset/sequences.js';
import type { Engine, Tensor, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';

/** What a model predicts from a window. */
export type Task = 'next-task' | 'inter-arrival';

/** What the data set tells a model before it is made. */
export interface ModelInputs {
  /** Entries of the vocabularies, UNK included. */
  readonly taskCount: number;
  readonly stateCount: number;
  /** Columns of `Batch.features`. */
  readonly featureCount: number;
  /** Of each of these columns in the training part, standardised; for models that scale by the range. */
  readonly featureRanges?: readonly FeatureRange[];
}

export interface FeatureRange {
  readonly least: number;
  readonly greatest: number;
  /** The largest time of the training part is read as 0 ns (`largestTimeToZero`). */
  readonly zeroed?: ZeroedTime;
}

/** Standardised values from `from` on, a float32, are read as `as`. */
export interface ZeroedTime {
  readonly from: number;
  readonly as: number;
}

/** How the gradient changes the weights. Formulas: `Engine.adam`, `trainer/lbfgs.ts`. */
export type OptimizerSettings = AdamSettings | LbfgsSettings;

export interface AdamSettings {
  /** `adamw` has decoupled weight decay; that of `adam` is 0. */
  readonly name: 'adam' | 'adamw';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** The gradient is made as short as this when it is longer; `null`: never. */
  readonly clipNorm: number | null;
}

export interface LbfgsSettings {
  readonly name: 'lbfgs';
  readonly learningRate: number;
  /** Within a step. */
  readonly iterations: number;
  /** How many steps and gradients are kept. */
  readonly history: number;
}

/** What training uses unless the configuration says otherwise. */
export interface TrainingDefaults {
  readonly features: readonly Feature[];
  readonly optimizer: OptimizerSettings;
  readonly epochs: number;
  readonly batchSize: number;
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
  readonly defaults: TrainingDefaults;
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

/** What the columns of `Model.predict` are. */
export type ModelOutputs =
  | { readonly kind: 'logits' }
  | { readonly kind: 'point' }
  | { readonly kind: 'quantiles'; readonly quantiles: readonly number[] };

/** A model on an engine. Its tensors live until `dispose`. */
export interface Model {
  /** What is learnt, by name: `tcn.block0.conv1.weight`. The order is fixed. */
  readonly parameters: ReadonlyMap<string, Variable>;
  /** What is not learnt but belongs to it: running means and variances. */
  readonly statistics: ReadonlyMap<string, Variable>;
  readonly outputs: ModelOutputs;
  /** What reads what, for TensorBoard. */
  readonly graph: readonly GraphNode[];
  /** Forward and backward. Within a scope of the engine; the gradients are tensors of that scope, by the parameters' names. */
  gradients(
    batch: Batch,
    context: StepContext,
  ): { readonly loss: number; readonly gradients: ReadonlyMap<string, Tensor> };
  /** Over how many targets the mean loss of a batch is: batches are joined by it. */
  lossWeight(batch: Batch, positions: LossPositions): number;
  /** Without learning: the mean loss, and what `predict` gives. */
  assess(batch: Batch, positions: LossPositions): { readonly loss: number; readonly predicted: Float32Array };
  /**
   * For the last event of each window: [size, taskCount] logits of a next-task model, or [size, outputs] of a forecaster in
   * the unit of `nextLogDelta`.
   */
  predict(batch: Batch): Float32Array;
  dispose(): void;
}
