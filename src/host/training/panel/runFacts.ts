import { localTimeToSecond } from '../../../base/localTime.js';
import { MODELS } from '../../../learning/models/models.js';
import type { TrainingConfig } from '../../../learning/trainer/config/config.js';
import type { RunInfo } from '../../../learning/trainer/runFolder.js';
import type { LabelledText } from '../../../protocol/trainingPanelMessages.js';

/**
 * What is to know of a run beside its course. What is not known yet is left out.
 * @param shown makes a path short
 */
export function runFacts(
  run: RunInfo | null,
  config: TrainingConfig | null,
  shown: (path: string) => string,
): LabelledText[] {
  const facts: LabelledText[] = [];
  const add = (label: string, value: string | null) => {
    if (value !== null && value !== '') facts.push({ label, value });
  };
  const model = run?.model ?? config?.model.name ?? null;
  add('Model', model === null ? null : titleOf(model));
  const parameters = run?.parameters ?? 0;
  add('Parameters', parameters === 0 ? null : parameters.toLocaleString('en'));
  const path = run?.dataset.path ?? config?.dataset ?? null;
  add('Data set', path === null ? null : shown(path));
  add('Engine', run?.engine.description ?? run?.engine.name ?? null);
  if (config !== null) {
    const { optimizer, batchSize, seed, windows } = config;
    add('Optimizer', `${optimizer.name}, learning rate ${optimizer.learningRate}`);
    add('Batches', `${batchSize} windows of ${windows.length} events`);
    add('Seed', String(seed));
  }
  // Of a run that waits it is the time at which it was asked for.
  add(
    run?.state === 'queued' ? 'Asked for' : 'Started',
    run === null ? null : localTimeToSecond(run.started),
  );
  add('Ended', run?.ended == null ? null : localTimeToSecond(run.ended));
  return facts;
}

function titleOf(model: string): string {
  const kind = MODELS.get(model);
  return kind === undefined || kind.title === model ? model : `${kind.title} (${model})`;
}
