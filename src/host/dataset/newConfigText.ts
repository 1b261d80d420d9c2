import * as v from 'valibot';
import { stringify } from 'yaml';
import type { ModelKind, OptimizerSettings } from '../../learning/models/model.js';
import { MODELS } from '../../learning/models/models.js';

/**
 * The text of a new configuration: everything that decides what a run becomes, with its usual value, so that it can be read and
 * changed in its place.
 * @param dataset path of the data set, from the folder of the file
 */
export function newConfigText(kind: ModelKind, dataset: string): string {
  const { optimizer, epochs, batchSize, features } = kind.defaults;
  const others = [...MODELS.keys()].filter((name) => name !== kind.name).join(', ');
  return `# What is trained, on which data set, and how. "KernelOracle: Train Model…", or the button above, starts it.
# Every value here is the usual one: a line can be left out. Hover over a key to read what it does; Ctrl+Space offers what fits.
version: 1

dataset: ${scalar(dataset)}

# ${kind.description}
model:
  name: ${kind.name} # or ${others}
${settingsText(v.parse(kind.settings, {}))}
windows:
  length: 64 # events that the model sees
  stride: 4 # from one window to the next
  features: [${features.join(', ')}] # beside task and state
positions: all # of a window, every event counts in the loss; last: only the last one, as in the TCN paper

${optimizerText(optimizer)}
schedule: # plateau: the rate is multiplied by factor after so many epochs without improvement; or constant
  name: plateau
  factor: 0.5
  patience: 3
epochs: ${epochs} # at most
earlyStopping:
  patience: 5 # epochs without improvement after which the run ends, with the best weights; 0: never
batchSize: ${batchSize} # fewer take less memory
seed: 42 # the same seed, data set and engine give the same weights

engine:
  name: auto # embedded, native where it is installed, or auto
  threads: 0 # as many as there are cores
checkpoints:
  everySeconds: 300 # beside those at the ends of epochs
evaluation:
  maxWindows: 20000 # of a part, evenly spread; metrics of larger parts are estimates
`;
}

function settingsText(settings: unknown): string {
  const entries = Object.entries(settings as Readonly<Record<string, unknown>>);
  if (entries.length === 0) return '';
  return ['  settings:', ...entries.map(([key, value]) => `    ${key}: ${scalar(value)}`), ''].join('\n');
}

function optimizerText(optimizer: OptimizerSettings): string {
  const lines = Object.entries(optimizer).map(
    ([key, value]) => `  ${key}: ${scalar(value)}${NOTES[key] ?? ''}`,
  );
  return ['optimizer:', ...lines].join('\n');
}

const NOTES: Readonly<Record<string, string>> = {
  name: ' # adam, adamw or lbfgs',
  clipNorm: ' # longer gradients are made as short as this; null: never',
  iterations: ' # within a step',
};

/** A value on one line; a path may need quotes. */
function scalar(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}
