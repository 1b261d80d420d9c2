import type { Engine } from '../engines/engine.js';
import type { TrainedModel } from '../export/trainedModel.js';
import type { Model } from '../models/model.js';
import { modelKindOf } from '../trainer/config/config.js';
import { loadWeights } from '../trainer/trainingRun.js';

/** A trained model on an engine, with its best weights. Failure `bad-input` when these are another model's. */
export function modelOf(engine: Engine, { config, inputs, weights }: TrainedModel): Model {
  const kind = modelKindOf(config);
  const model = kind.create(engine, inputs, config.model.settings, config.seed);
  try {
    loadWeights(engine, model, weights, kind.name);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
