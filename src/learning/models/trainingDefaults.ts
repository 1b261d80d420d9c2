import type { AdamSettings, LbfgsSettings } from './model.js';

/** Adam of the paper (Kingma and Ba 2015), which is also torch's default. */
export const ADAM: AdamSettings = {
  name: 'adam',
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: null,
};

/** With torch's default decay. */
export const ADAMW: AdamSettings = { ...ADAM, name: 'adamw', weightDecay: 0.01 };

/** Torch's defaults but for the learning rate, which KernelOracle set. */
export const LBFGS: LbfgsSettings = { name: 'lbfgs', learningRate: 0.8, iterations: 20, history: 100 };
