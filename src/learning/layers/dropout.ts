import type { Tensor } from '../engines/engine.js';
import { dropoutSeed } from './chance.js';
import type { Parameters, Pass } from './layer.js';

/** Dropout as part of a layer: the way back is the same operation with the same seed. */
export class Dropout {
  readonly #layer: number;

  constructor(
    private readonly parameters: Parameters,
    private readonly rate: number,
  ) {
    this.#layer = parameters.nextLayer();
  }

  /** The operation for this pass; `null` where nothing is dropped. */
  of(pass: Pass): ((x: Tensor) => Tensor) | null {
    if (!pass.isTraining || this.rate === 0) return null;
    const seed = dropoutSeed(pass.seed, pass.step, this.#layer);
    return (x) => this.parameters.engine.dropout(x, this.rate, seed);
  }
}
