import type { Tensor } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { Dense } from './dense.js';
import { needed, type Applied, type Layer, type Parameters, type Pass } from './layer.js';
import { NormalisedConvolution } from './normalisedConvolution.js';

export interface TemporalBlockSettings {
  readonly inputs: number;
  readonly width: number;
  readonly taps: number;
  readonly dilation: number;
  readonly dropout: number;
}

/**
 * Two causal convolutions and a way around them (Bai et al. 2018, arXiv:1803.01271, figure 1b, with batch normalisation in
 * place of weight normalisation): relu(x' + conv2(conv1(x))), where x' is x, or a product with a matrix where widths differ.
 */
export class TemporalBlock implements Layer {
  readonly width: number;
  readonly #first: NormalisedConvolution;
  readonly #second: NormalisedConvolution;
  readonly #around: Dense | null;
  /** What its convolutions see, in words. */
  readonly #detail: string;

  constructor(
    private readonly parameters: Parameters,
    private readonly name: string,
    { inputs, width, taps, dilation, dropout }: TemporalBlockSettings,
  ) {
    this.width = width;
    this.#detail = `${taps} taps, dilation ${dilation}`;
    this.#first = new NormalisedConvolution(
      parameters,
      `${name}.conv1`,
      inputs,
      width,
      taps,
      dilation,
      dropout,
    );
    this.#second = new NormalisedConvolution(
      parameters,
      `${name}.conv2`,
      width,
      width,
      taps,
      dilation,
      dropout,
    );
    this.#around = inputs === width ? null : new Dense(parameters, `${name}.around`, inputs, width);
  }

  apply(x: Tensor, pass: Pass): Applied {
    const { engine } = this.parameters;
    const first = this.#first.apply(x, pass);
    const second = this.#second.apply(first.output, pass);
    const around = this.#around?.apply(x) ?? null;
    const output = engine.relu(engine.add(around?.output ?? x, second.output));
    return {
      output,
      backward: (dOutput, gradients, wantsInput) => {
        const dSum = engine.reluGradient(output, dOutput);
        const dFirst = second.backward(dSum, gradients, true);
        const dThrough = first.backward(needed(dFirst), gradients, wantsInput);
        const dAround = around === null ? dSum : around.backward(dSum, gradients, wantsInput);
        return wantsInput ? engine.add(needed(dThrough), needed(dAround)) : null;
      },
    };
  }

  nodes(input: string): readonly GraphNode[] {
    const name = this.name.replaceAll('.', '/');
    const shape = [this.width];
    const detail = this.#detail;
    return [
      { name: `${name}/conv1`, operation: 'CausalConvolution', inputs: [input], shape, detail },
      { name: `${name}/conv2`, operation: 'CausalConvolution', inputs: [`${name}/conv1`], shape, detail },
      ...(this.#around === null
        ? []
        : [{ name: `${name}/around`, operation: 'Dense', inputs: [input], shape }]),
      {
        name: `${name}/sum`,
        operation: 'AddRelu',
        inputs: [this.#around === null ? input : `${name}/around`, `${name}/conv2`],
        shape,
      },
    ];
  }
}
