import type { InferOutput } from 'valibot';
import { EventInput } from '../layers/eventInput.js';
import { Parameters } from '../layers/layer.js';
import { LstmStack } from '../layers/lstmStack.js';
import type { ModelKind } from './model.js';
import { nextTaskObjective } from './objective.js';
import { SequenceModel } from './sequenceModel.js';
import { dropoutRate, number, settingsOf, whole } from './settingSchemas.js';
import { ADAMW } from './trainingDefaults.js';

const settings = settingsOf('lstm-next-task', {
  taskEmbedding: whole('taskEmbedding', 1, 1024, 64),
  stateEmbedding: whole('stateEmbedding', 1, 256, 16),
  hidden: whole('hidden', 1, 4096, 256),
  layers: whole('layers', 1, 16, 3),
  dropout: dropoutRate(0.2),
  labelSmoothing: number('labelSmoothing', 0, 0.5, 0.05),
});

/** What the TCN follow-up compares its network with. */
export const lstmNextTask: ModelKind<InferOutput<typeof settings>> = {
  name: 'lstm-next-task',
  title: 'LSTM for the next task',
  description:
    'Next task: three LSTM layers of 256 units on embeddings of task and state; what the TCN follow-up compares its network with.',
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
    const { hidden, layers, dropout, labelSmoothing } = chosen;
    const body = new LstmStack(parameters, 'lstm', input.width, hidden, layers, dropout);
    return new SequenceModel(parameters, input, body, nextTaskObjective(inputs.taskCount, labelSmoothing));
  },
};
