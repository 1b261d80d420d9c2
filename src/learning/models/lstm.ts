import type { InferOutput } from 'valibot';
import { EventInput } from '../layers/eventInput.js';
import { Parameters } from '../layers/layer.js';
import { LstmStack } from '../layers/lstmStack.js';
import type { ModelKind } from './model.js';
import { pointObjective } from './objective.js';
import { SequenceModel } from './sequenceModel.js';
import { dropoutRate, settingsOf, whole } from './settingSchemas.js';
import { ADAM } from './trainingDefaults.js';

const settings = settingsOf('lstm', {
  taskEmbedding: whole('taskEmbedding', 1, 1024, 32),
  stateEmbedding: whole('stateEmbedding', 1, 256, 8),
  // The report does not tell its own; that of the system it improves is 51.
  hidden: whole('hidden', 1, 4096, 51),
  layers: whole('layers', 1, 16, 2),
  dropout: dropoutRate(0.2),
});

/** The batched LSTM of the enhancement report, which forecasts inter-arrival times. */
export const lstm: ModelKind<InferOutput<typeof settings>> = {
  name: 'lstm',
  title: 'Batched LSTM',
  description:
    'Time to the next event: two batched LSTM layers with dropout, squared error, Adam; the model of the enhancement report (Shen), on the logarithm of the time.',
  task: 'inter-arrival',
  settings,
  defaults: { features: ['logDelta'], optimizer: ADAM, epochs: 17, batchSize: 128 },
  create: (engine, inputs, chosen, seed) => {
    const parameters = new Parameters(engine, seed);
    const input = new EventInput(parameters, {
      ...inputs,
      taskWidth: chosen.taskEmbedding,
      stateWidth: chosen.stateEmbedding,
    });
    const body = new LstmStack(parameters, 'lstm', input.width, chosen.hidden, chosen.layers, chosen.dropout);
    return new SequenceModel(parameters, input, body, pointObjective());
  },
};
