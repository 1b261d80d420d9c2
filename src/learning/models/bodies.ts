import { Chain } from '../layers/chain.js';
import { Dense } from '../layers/dense.js';
import type { Layer, Parameters } from '../layers/layer.js';
import { TemporalBlock } from '../layers/temporalBlock.js';

export interface TcnSettings {
  readonly projection: number;
  readonly blocks: number;
  readonly taps: number;
  readonly dropout: number;
}

/**
 * A projection, then residual blocks whose dilation doubles: 1, 2, 4, … With k taps and n blocks of two convolutions an
 * output sees 1 + 2 (k − 1) (2ⁿ − 1) events.
 */
export function tcnBody(
  parameters: Parameters,
  inputs: number,
  { projection, blocks, taps, dropout }: TcnSettings,
): Layer {
  return new Chain([
    new Dense(parameters, 'projection', inputs, projection),
    ...Array.from(
      { length: blocks },
      (_, at) =>
        new TemporalBlock(parameters, `tcn.block${at}`, {
          inputs: projection,
          width: projection,
          taps,
          dilation: 2 ** at,
          dropout,
        }),
    ),
  ]);
}
