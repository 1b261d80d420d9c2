import type { ConvolutionShape, Tensor, Variable } from '../engines/engine.js';
import { Dropout } from './dropout.js';
import { ones, uniformByFan, zeros } from './initialisers.js';
import type { Applied, Parameters, Pass } from './layer.js';

const MOMENTUM = 0.1;
export const EPSILON = 1e-5;

/** A causal convolution with dilation, batch normalisation, ReLU and dropout: half of a temporal block. */
export class NormalisedConvolution {
  readonly #weight: Variable;
  readonly #bias: Variable;
  readonly #gamma: Variable;
  readonly #beta: Variable;
  readonly #runningMean: Variable;
  readonly #runningVariance: Variable;
  readonly #dropout: Dropout;

  constructor(
    private readonly parameters: Parameters,
    private readonly name: string,
    inputs: number,
    width: number,
    private readonly taps: number,
    private readonly dilation: number,
    rate: number,
  ) {
    const fan = uniformByFan(taps * inputs);
    this.#weight = parameters.parameter(`${name}.weight`, taps * inputs, width, fan);
    this.#bias = parameters.parameter(`${name}.bias`, 1, width, fan);
    this.#gamma = parameters.parameter(`${name}.gamma`, 1, width, ones);
    this.#beta = parameters.parameter(`${name}.beta`, 1, width, zeros);
    this.#runningMean = parameters.statistic(`${name}.mean`, 1, width, zeros);
    this.#runningVariance = parameters.statistic(`${name}.variance`, 1, width, ones);
    this.#dropout = new Dropout(parameters, rate);
  }

  apply(x: Tensor, pass: Pass): Applied {
    const { engine } = this.parameters;
    const shape: ConvolutionShape = { batch: pass.batch, taps: this.taps, dilation: this.dilation };
    const convolved = engine.causalConvolution(x, this.#weight, this.#bias, shape);
    const normed = engine.batchNorm(
      convolved,
      {
        gamma: this.#gamma,
        beta: this.#beta,
        runningMean: this.#runningMean,
        runningVariance: this.#runningVariance,
        momentum: MOMENTUM,
        epsilon: EPSILON,
      },
      pass.isTraining,
    );
    const active = engine.relu(normed.output);
    const drop = this.#dropout.of(pass);
    return {
      output: drop === null ? active : drop(active),
      backward: (dOutput, gradients, wantsInput) => {
        const dActive = drop === null ? dOutput : drop(dOutput);
        const dNormed = engine.reluGradient(active, dActive);
        const norm = engine.batchNormGradient(normed, this.#gamma, dNormed);
        gradients.set(`${this.name}.gamma`, norm.dGamma);
        gradients.set(`${this.name}.beta`, norm.dBeta);
        const { dX, dW, dB } = engine.causalConvolutionGradient(x, this.#weight, norm.dX, shape, wantsInput);
        gradients.set(`${this.name}.weight`, dW);
        gradients.set(`${this.name}.bias`, dB);
        return dX;
      },
    };
  }
}
