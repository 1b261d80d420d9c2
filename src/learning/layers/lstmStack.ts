import type { LstmOutput, Tensor, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { Dropout } from './dropout.js';
import { doubleUniformByFan, uniformByFan } from './initialisers.js';
import { needed, type Applied, type Gradients, type Layer, type Parameters, type Pass } from './layer.js';

/**
 * LSTM layers on each other, from a zero state, with dropout between them (not behind the last), as torch's LSTM: Hochreiter
 * and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
 */
export class LstmStack implements Layer {
  readonly #weights: readonly Variable[];
  readonly #biases: readonly Variable[];
  readonly #dropouts: readonly Dropout[];

  constructor(
    private readonly parameters: Parameters,
    private readonly name: string,
    inputs: number,
    readonly width: number,
    layers: number,
    rate: number,
  ) {
    const numbers = Array.from({ length: layers }, (_, layer) => layer);
    this.#weights = numbers.map((layer) =>
      parameters.parameter(
        `${this.#nameOf(layer)}.weight`,
        (layer === 0 ? inputs : width) + width,
        4 * width,
        uniformByFan(width),
      ),
    );
    this.#biases = numbers.map((layer) =>
      parameters.parameter(`${this.#nameOf(layer)}.bias`, 1, 4 * width, doubleUniformByFan(width)),
    );
    this.#dropouts = numbers.slice(1).map(() => new Dropout(parameters, rate));
  }

  apply(x: Tensor, pass: Pass): Applied {
    const { engine } = this.parameters;
    const steps: { saved: LstmOutput; dropped: ((x: Tensor) => Tensor) | null }[] = [];
    let output = x;
    this.#weights.forEach((weight, layer) => {
      const saved = engine.lstm(output, weight, this.#biases[layer]!, pass.batch);
      const dropped = this.#dropouts[layer]?.of(pass) ?? null;
      output = dropped === null ? saved.hidden : dropped(saved.hidden);
      steps.push({ saved, dropped });
    });
    return {
      output,
      backward: (dOutput, gradients, wantsInput) => {
        let gradient: Tensor | null = dOutput;
        for (let layer = steps.length - 1; layer >= 0; layer -= 1) {
          const { saved, dropped } = steps[layer]!;
          const dHidden = dropped === null ? needed(gradient) : dropped(needed(gradient));
          gradient = this.#layerBackward(layer, saved, dHidden, gradients, wantsInput || layer > 0);
        }
        return gradient;
      },
    };
  }

  nodes(input: string): readonly GraphNode[] {
    return this.#weights.map((_, layer) => ({
      name: this.#nameOf(layer).replaceAll('.', '/'),
      operation: 'LSTM',
      inputs: [layer === 0 ? input : this.#nameOf(layer - 1).replaceAll('.', '/')],
      shape: [this.width],
    }));
  }

  #layerBackward(
    layer: number,
    saved: LstmOutput,
    dHidden: Tensor,
    gradients: Gradients,
    wantsInput: boolean,
  ): Tensor | null {
    const { engine } = this.parameters;
    const { dX, dW, dB } = engine.lstmGradient(saved, this.#weights[layer]!, dHidden, wantsInput);
    gradients.set(`${this.#nameOf(layer)}.weight`, dW);
    gradients.set(`${this.#nameOf(layer)}.bias`, dB);
    return dX;
  }

  #nameOf(layer: number): string {
    return `${this.name}.layer${layer}`;
  }
}
