import type { DeployableModel } from '../../learning/migrations/deployableModel.js';
import type { NeuralCfsRun } from '../../learning/migrations/runs/neuralCfsRun.js';
import { columnText } from '../../libml/emit/columnTexts.js';
import type { ModelRun } from '../../protocol/neuralCfsRunMessages.js';

/** A run as its panel shows it. */
export function modelRunOf({
  info,
  model,
}: {
  readonly info: NeuralCfsRun;
  readonly model: DeployableModel;
}): ModelRun {
  const { kernelOracleVersion, made, experiment, seed, recordings, rows, training, test, refusal, warnings } =
    info;
  const inputs = model.features.map((feature) => ({ ...columnText(feature.name), ...feature }));
  const names = inputs.map(({ name }) => name);
  return {
    ...{ kernelOracleVersion, made, experiment, seed, recordings, rows, training, test, refusal, warnings },
    split: info.split.note,
    inputs,
    leftOut: info.columns.filter((name) => !names.includes(name)),
    model: info.model,
    threshold: { ...info.threshold, logit: model.threshold },
  };
}
