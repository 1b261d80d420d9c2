import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../base/cancellation.js';
import { Permutation } from '../../../dataset/chance.js';
import type { Classifier, ClassifierKind, TrainingOptions, TrainingTable } from '../classifier.js';
import { exampleWeights } from './classWeighting.js';
import { BestRound, crossEntropyOf, heldBack, pickedRows } from './heldBack.js';
import { Adam, initialParameters, Perceptron } from './perceptron.js';

/** Units in all, thesis table 5.8: 51, 72, 51, of which 7, 10 and 7 are inputs and one is the output. */
const HIDDEN = { 1: 43, 2: 61, 3: 43 } as const;
/** Table 5.8, too. The optimiser is not told; Adam is our choice. */
const BATCH = 32;
const SETTINGS = { learningRate: 1e-3, weightDecay: 1e-5 };

/** A round is an epoch, or as many as make so many steps: with few rows one epoch changes too little to be judged by. */
const LEAST_STEPS = 200;
const MOST_ROUNDS = 60;
const PATIENCE = 6;

/** The thesis's network by TensorFlow. Epochs are not told there: the best round by a tenth of the rows is kept. */
export const mlp: ClassifierKind = {
  name: 'mlp',
  title: 'MLP (Adam, batch 32)',
  isThesis: true,
  train: trainMlp,
};

async function trainMlp(
  { features, labels }: TrainingTable,
  experiment: 1 | 2 | 3,
  { seed, classWeights, signal }: TrainingOptions,
): Promise<Classifier> {
  const weights = exampleWeights(labels, classWeights);
  const { train, held } = heldBack(labels, seed);
  const inputs = features.names.length;
  const heldValues = pickedRows(features.values, inputs, held);
  const heldLabels = Uint8Array.from(held, (row) => labels[row]!);
  const shape = { inputs, hidden: HIDDEN[experiment] };
  const network = new Perceptron(shape, initialParameters(shape, seed));
  const adam = new Adam(SETTINGS, network.parameters.length);
  const gradient = new Float64Array(network.parameters.length);
  const best = new BestRound<Float64Array>(PATIENCE);
  const epochs = Math.ceil((LEAST_STEPS * BATCH) / train.length);
  for (let round = 0; round < MOST_ROUNDS && !best.isOver; round += 1) {
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      throwIfCancelled(signal);
      const order = new Permutation(train.length, seed, round * epochs + epoch);
      for (let first = 0; first < train.length; first += BATCH) {
        const end = Math.min(train.length, first + BATCH);
        gradient.fill(0);
        for (let place = first; place < end; place += 1) {
          const row = train[order.at(place)]!;
          const label = labels[row]!;
          network.addGradient(features.values, row, label, weights[label]! / (end - first), gradient);
        }
        adam.step(network.parameters, gradient);
      }
      await setImmediate();
    }
    best.offer(crossEntropyOf(scoresOf(network, heldValues), heldLabels, weights), () =>
      network.parameters.slice(),
    );
  }
  const trained = new Perceptron(shape, best.best!);
  return {
    scores: (table) => scoresOf(trained, table.features.values),
    summary: `${inputs}-${shape.hidden}-1, ${trained.parameters.length} parameters`,
    body: () => trained.layers(),
    dispose: () => undefined,
  };
}

function scoresOf(network: Perceptron, values: Float32Array): Float32Array {
  const scores = new Float32Array(values.length / network.shape.inputs);
  for (let row = 0; row < scores.length; row += 1) scores[row] = network.score(values, row);
  return scores;
}
