import { Failure } from '../../../base/errors.js';
import type { Disposable } from '../../../base/disposable.js';
import type { Engine, Tensor, Variable } from '../../engines/engine.js';
import type { AdamSettings } from '../../models/model.js';
import type { OptimizerState } from './optimizer.js';

/** Adam and AdamW on the engine, with the gradient clipped by its norm over all parameters. */
export class Adam implements Disposable {
  readonly #means = new Map<string, Variable>();
  readonly #squares = new Map<string, Variable>();

  constructor(
    private readonly engine: Engine,
    private readonly parameters: ReadonlyMap<string, Variable>,
    private readonly settings: AdamSettings,
  ) {
    for (const [name, { rows, columns }] of parameters) {
      this.#means.set(name, engine.variable(rows, columns));
      this.#squares.set(name, engine.variable(rows, columns));
    }
  }

  /**
   * Changes the weights; nothing is changed when the gradient is not finite.
   * @param step 1 for the first
   * @returns the norm of the gradient before clipping; `null` where nothing is clipped
   */
  apply(gradients: ReadonlyMap<string, Tensor>, step: number, learningRate: number): number | null {
    const { beta1, beta2, epsilon, weightDecay, clipNorm } = this.settings;
    const norm = clipNorm === null ? null : this.engine.norm([...gradients.values()]);
    if (norm !== null && !Number.isFinite(norm)) return norm;
    // As torch's clip_grad_norm_, but for its 1e-6 under the fraction.
    const gradientScale = norm === null || clipNorm === null || norm <= clipNorm ? 1 : clipNorm / norm;
    for (const [name, variable] of this.parameters) {
      this.engine.adam(variable, gradients.get(name)!, this.#means.get(name)!, this.#squares.get(name)!, {
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        step,
        gradientScale,
      });
    }
    return norm;
  }

  state(): OptimizerState {
    const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
    for (const [kind, variables] of this.#kinds()) {
      for (const [name, variable] of variables) {
        const shape = [variable.rows, variable.columns];
        tensors.set(`${kind}.${name}`, { shape, values: this.engine.read(variable) });
      }
    }
    return tensors;
  }

  /** Failure `bad-input` for a state of another model. */
  restore(state: OptimizerState): void {
    for (const [kind, variables] of this.#kinds()) {
      for (const [name, variable] of variables) {
        const values = state.get(`${kind}.${name}`)?.values;
        if (!(values instanceof Float32Array) || values.length !== variable.rows * variable.columns)
          throw new Failure('bad-input', `optimizer.safetensors has no ${kind}.${name} of this model.`);
        this.engine.write(variable, values);
      }
    }
  }

  dispose(): void {
    for (const variable of [...this.#means.values(), ...this.#squares.values()]) this.engine.drop(variable);
    this.#means.clear();
    this.#squares.clear();
  }

  #kinds(): readonly [string, ReadonlyMap<string, Variable>][] {
    return [
      ['mean', this.#means],
      ['square', this.#squares],
    ];
  }
}
