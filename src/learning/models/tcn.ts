import type { InferOutput } from 'valibot';
import { EventInput } from '../layers/eventInput.js';
import { Parameters } from '../layers/layer.js';
import { tcnBody } from './bodies.js';
import type { ModelKind } from './model.js';
import { nextTaskObjective } from './objective.js';
import { SequenceModel } from './sequenceModel.js';
import { dropoutRate, number, settingsOf, whole } from './settingSchemas.js';
import { ADAMW } from './trainingDefaults.js';

const settings = settingsOf('tcn', {
  taskEmbedding: whole('taskEmbedding', 1, 1024, 32),
  stateEmbedding: whole('stateEmbedding', 1, 256, 8),
  projection: whole('projection', 1, 4096, 128),
  blocks: whole('blocks', 1, 12, 6),
  taps: whole('taps', 2, 16, 3),
  dropout: dropoutRate(0.1),
  labelSmoothing: number('labelSmoothing', 0, 0.5, 0),
});

/** The model of the TCN follow-up. */
export const tcn: ModelKind<InferOutput<typeof settings>> = {
  name: 'tcn',
  title: 'Temporal convolutional network',
  description:
    'Next task: six residual blocks of two causal convolutions each, dilation 1 to 32, batch normalisation; the model of the TCN follow-up (Marcotullio et al.).',
  task: 'next-task',
  settings,
  defaults: {
    features: ['cpu', 'logDelta'],
    optimizer: { ...ADAMW, clipNorm: 1 },
    epochs: 5,
    batchSize: 128,
  },
  create: (engine, inputs, chosen, seed) => {
    const parameters = new Parameters(engine, seed);
    const input = new EventInput(parameters, {
      ...inputs,
      taskWidth: chosen.taskEmbedding,
      stateWidth: chosen.stateEmbedding,
    });
    const body = tcnBody(parameters, input.width, chosen);
    return new SequenceModel(
      parameters,
      input,
      body,
      nextTaskObjective(inputs.taskCount, chosen.labelSmoothing),
    );
  },
};
