import type { LayerView } from '../../../src/protocol/modelPanelMessages.js';
import { formatCount } from '../../common/format.js';

const OPERATIONS: Readonly<Record<string, string>> = {
  Placeholder: 'input',
  Embedding: 'embedding',
  ConcatV2: 'side by side',
  Dense: 'dense',
  CausalConvolution: 'causal convolution, normalised, ReLU',
  AddRelu: 'sum, ReLU',
  LSTM: 'LSTM',
};

export function operationText({ operation, detail }: LayerView): string {
  const words = OPERATIONS[operation] ?? operation;
  return detail === null ? words : `${words}, ${detail}`;
}

/** `128`, `2 × 64`; one number has none. */
export function shapeText({ shape }: LayerView): string {
  return shape === null ? '1' : shape.join(' × ');
}

export function parametersText({ parameters }: LayerView): string {
  return parameters === 0 ? 'nothing learnt' : `${formatCount(parameters)} parameters`;
}

/** A layer in a sentence, for those who cannot see the drawing. */
export function describeLayer(layer: LayerView): string {
  const { name, inputs } = layer;
  const reads = inputs.length === 0 ? '' : `, reads ${inputs.join(' and ')}`;
  return `${name}: ${operationText(layer)}${reads}, gives ${shapeText(layer)} for an event, ${parametersText(layer)}`;
}

export function totalParameters(layers: readonly LayerView[]): number {
  return layers.reduce((sum, { parameters }) => sum + parameters, 0);
}
