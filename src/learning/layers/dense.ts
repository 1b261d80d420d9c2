import type { Tensor, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { uniformByFan } from './initialisers.js';
import type { Applied, Gradients, Layer, Parameters } from './layer.js';

/** y = x · W + b. */
export class Dense implements Layer {
  readonly #weight: Variable;
  readonly #bias: Variable;

  constructor(
    private readonly parameters: Parameters,
    private readonly name: string,
    inputs: number,
    readonly width: number,
  ) {
    this.#weight = parameters.parameter(`${name}.weight`, inputs, width, uniformByFan(inputs));
    this.#bias = parameters.parameter(`${name}.bias`, 1, width, uniformByFan(inputs));
  }

  apply(x: Tensor): Applied {
    const { engine } = this.parameters;
    return {
      output: engine.dense(x, this.#weight, this.#bias),
      backward: (dOutput, gradients: Gradients, wantsInput) => {
        const { dX, dW, dB } = engine.denseGradient(x, this.#weight, dOutput, wantsInput);
        gradients.set(`${this.name}.weight`, dW);
        gradients.set(`${this.name}.bias`, dB);
        return dX;
      },
    };
  }

  nodes(input: string): readonly GraphNode[] {
    return [{ name: this.name, operation: 'Dense', inputs: [input], shape: [this.width] }];
  }
}
