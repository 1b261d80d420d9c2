/** What a model of calls can be trained as, as it is offered, and where it goes; without an editor. */
import { basename } from 'node:path';
import type { NeuralCfsRun, RunSplit, ThresholdChoice } from '../../learning/migrations/runs/neuralCfsRun.js';
import type { ModelName } from '../../learning/migrations/models/modelNames.js';
import { isEnough } from '../../libml/emit/agreement.js';
import { shareText } from '../../libml/emit/buildTexts.js';
import type { EmittedSummary, RunSettings, TrainedSummary } from '../../workers/neuralCfsTrainerMessages.js';
import type { Choice } from '../dataset/buildChoices.js';
import { MODEL_CHOICES, WAY_CHOICES } from './studyChoices.js';

/** All but the recordings. */
export type RunChoices = Omit<RunSettings, 'paths'>;

/** What learns nothing, or cannot be carried into a kernel, is no model to keep. */
const KEPT: readonly ModelName[] = ['libml', 'mlp', 'logistic', 'tree'];

export const RUN_MODEL_CHOICES = MODEL_CHOICES.filter(({ value }) => KEPT.includes(value));

export const SPLIT_CHOICES: readonly Choice<RunSplit>[] = WAY_CHOICES.flatMap((choice) =>
  choice.value === 'published' ? [] : [{ ...choice, value: choice.value }],
);

export const THRESHOLD_CHOICES: readonly Choice<ThresholdChoice>[] = [
  {
    value: 'trained',
    label: 'The best on the training rows',
    detail: 'The one with the highest Matthews correlation there; rare positives are found with it',
  },
  { value: 'half', label: 'One half', detail: 'As the thesis' },
];

export const USUAL_RUN: RunChoices = {
  experiment: 2,
  model: 'libml',
  split: 'group',
  columns: null,
  threshold: 'trained',
  seed: 42,
};

/** Columns as they are typed: `delta, cpu_idle`; empty: those of the thesis. */
export function columnsIn(text: string): string[] | null {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  return names.length === 0 ? null : names;
}

/** The same kind with the same settings, from other recordings. */
export function settingsOf({ experiment, model, split, columns, threshold, seed }: NeuralCfsRun): RunChoices {
  return {
    ...{ experiment, seed, model: model.name },
    split: split.by,
    columns: [...columns],
    threshold: threshold.choice,
  };
}

/** Name of the folder that is proposed: `balancer-exp2-libml`. */
export function runFolderName(paths: readonly string[], { experiment, model }: RunChoices): string {
  const stem = paths.length === 1 ? basename(paths[0]!).split('.')[0]! : '';
  return `${stem === '' ? 'migrations' : stem}-exp${experiment}-${model}`;
}

/** The name behind another: `RUN` → `RUN-2` → `RUN-3`. */
export function nextName(name: string): string {
  const numbered = /^(.*)-(\d{1,6})$/.exec(name);
  return numbered === null ? `${name}-2` : `${numbered[1]!}-${Number(numbered[2]) + 1}`;
}

/** `runs/exp2-libml: LibML, 7 inputs, trained on 4,512 calls in 3 s. 1 warning: see the panel.` */
export function trainedText(name: string, summary: TrainedSummary): string {
  const { title, inputs, training, trainingSeconds, warnings } = summary;
  const minds =
    warnings.length === 0
      ? ''
      : ` ${warnings.length} warning${warnings.length === 1 ? '' : 's'}: see the panel.`;
  return `${name}: ${title}, ${inputs.length} inputs, trained on ${training.toLocaleString('en')} calls in ${trainingSeconds.toFixed(0)} s.${minds}`;
}

/** That a form decides otherwise than the model did, where it does so too often. */
export function formWarnings({
  withFloat,
  asTrained,
}: Pick<EmittedSummary, 'withFloat' | 'asTrained'>): string[] {
  const told = withFloat ?? asTrained;
  if (isEnough(told)) return [];
  return withFloat === null
    ? [`It decides as it did where it was trained on ${shareText(told)} sample calls only.`]
    : [
        `In this form it decides as in floating point on ${shareText(told)} recorded calls only, fewer than 99.9 %.`,
      ];
}
