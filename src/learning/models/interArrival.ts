import type * as v from 'valibot';
import { EventInput } from '../layers/eventInput.js';
import { Parameters, type Layer } from '../layers/layer.js';
import { LstmStack } from '../layers/lstmStack.js';
import { tcnBody } from './bodies.js';
import type { ModelKind } from './model.js';
import { pointObjective, quantileObjective, type Objective } from './objective.js';
import { SequenceModel } from './sequenceModel.js';
import { choice, dropoutRate, quantiles, settingsOf, whole } from './settingSchemas.js';
import { ADAMW } from './trainingDefaults.js';

const common = {
  taskEmbedding: whole('taskEmbedding', 1, 1024, 32),
  stateEmbedding: whole('stateEmbedding', 1, 256, 8),
  head: choice('head', ['quantiles', 'point'], 'quantiles'),
  /** Of the head `quantiles`. */
  quantiles: quantiles([0.05, 0.25, 0.5, 0.75, 0.95]),
};
const lstmSettings = settingsOf('inter-arrival-lstm', {
  ...common,
  hidden: whole('hidden', 1, 4096, 128),
  layers: whole('layers', 1, 16, 2),
  dropout: dropoutRate(0.2),
});
const tcnSettings = settingsOf('inter-arrival-tcn', {
  ...common,
  projection: whole('projection', 1, 4096, 64),
  blocks: whole('blocks', 1, 12, 6),
  taps: whole('taps', 2, 16, 3),
  dropout: dropoutRate(0.1),
});

interface CommonSettings {
  readonly taskEmbedding: number;
  readonly stateEmbedding: number;
  readonly head: 'quantiles' | 'point';
  readonly quantiles: readonly number[];
}

export const interArrivalLstm = forecaster(
  'inter-arrival-lstm',
  'LSTM for inter-arrival times',
  'Time to the next event, on the logarithm: two LSTM layers with quantiles, or one value.',
  lstmSettings,
  (parameters, width, { hidden, layers, dropout }) =>
    new LstmStack(parameters, 'lstm', width, hidden, layers, dropout),
);

export const interArrivalTcn = forecaster(
  'inter-arrival-tcn',
  'TCN for inter-arrival times',
  'Time to the next event, on the logarithm: causal convolutions with quantiles, or one value.',
  tcnSettings,
  tcnBody,
);

function forecaster<S extends CommonSettings>(
  name: string,
  title: string,
  description: string,
  settings: v.GenericSchema<unknown, S>,
  body: (parameters: Parameters, width: number, settings: S) => Layer,
): ModelKind<S> {
  return {
    name,
    title,
    description,
    task: 'inter-arrival',
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
      return new SequenceModel(parameters, input, body(parameters, input.width, chosen), objectiveOf(chosen));
    },
  };
}

function objectiveOf({ head, quantiles: levels }: CommonSettings): Objective {
  return head === 'point' ? pointObjective() : quantileObjective(levels);
}
