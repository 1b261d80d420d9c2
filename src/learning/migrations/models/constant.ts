import type { ClassifierKind } from '../classifier.js';
import { exampleWeights } from './classWeighting.js';

/** Every row is as likely as all of them together: what a model must beat. */
export const constant: ClassifierKind = {
  name: 'constant',
  title: 'Constant',
  isThesis: false,
  train({ labels }, _experiment, { classWeights }) {
    const weights = exampleWeights(labels, classWeights);
    const positives = labels.reduce((sum, label) => sum + label, 0);
    const share = (positives * weights[1]) / labels.length;
    return Promise.resolve({
      scores: (table) => new Float32Array(table.features.rows).fill(share),
      summary: `${share.toPrecision(3)} for every call`,
      dispose: () => undefined,
    });
  },
};
