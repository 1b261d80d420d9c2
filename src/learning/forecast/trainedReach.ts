import * as v from 'valibot';
import type { TrainedModel } from '../export/trainedModel.js';
import type { TensorValues } from '../files/safetensors.js';

const settingsSchema = v.object({ taps: v.optional(v.number(), 1) });
const CONVOLUTION = /^tcn\.block(\d+)\.conv[12]\.weight$/;

/** How far back a model looks, and whether all of that was trained. */
export interface Reach {
  /** The model without what was never trained. */
  readonly trained: TrainedModel;
  /** Events that decide an output: of convolutions no more than these, of an LSTM a window. */
  readonly events: number;
  /** Taps of convolutions, by both of a block, that reach further back than a window. */
  readonly untrainedTaps: number;
}

/**
 * Takes out the taps of convolutions that reach further back than the windows of training: all that they ever met was the
 * padding before a window, so their weights are those that they were made with. Within a window nothing changes by it; in a run
 * of events that is longer, they would add noise to all that is predicted.
 */
export function trainedReach(trained: TrainedModel): Reach {
  const { length } = trained.config.windows;
  const { taps } = v.parse(settingsSchema, trained.config.model.settings);
  const weights = new Map<string, TensorValues>(trained.weights);
  let untrainedTaps = 0;
  let reach = 0;
  for (const [name, tensor] of trained.weights) {
    const block = CONVOLUTION.exec(name)?.[1];
    if (block === undefined) continue;
    const dilation = 2 ** Number(block);
    // The last tap is on the event itself.
    const beyond = Math.max(0, taps - 1 - Math.floor((length - 1) / dilation));
    reach += (taps - 1 - beyond) * dilation;
    if (beyond === 0) continue;
    untrainedTaps += beyond;
    const values = Float32Array.from(tensor.values as Float32Array);
    values.fill(0, 0, (values.length / taps) * beyond);
    weights.set(name, { ...tensor, values });
  }
  return { trained: { ...trained, weights }, events: Math.max(length, 1 + reach), untrainedTaps };
}
