import type { TensorValues } from '../../files/safetensors.js';

/** What an optimizer carries from step to step, for `optimizer.safetensors`. */
export type OptimizerState = ReadonlyMap<string, TensorValues>;

/** Loss and gradient at the present weights; the gradient in the order of the parameters, one behind the other. */
export interface Evaluation {
  readonly loss: number;
  readonly gradient: Float64Array;
}
