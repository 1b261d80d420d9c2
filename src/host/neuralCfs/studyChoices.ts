/** What a study can be asked to do, as it is offered, and what is said of it; without an editor. */
import { basename } from 'node:path';
import type { ExperimentNumber, WayName } from '../../protocol/neuralCfs.js';
import { MODEL_NAMES, type ModelName } from '../../learning/migrations/models/modelNames.js';
import { STUDY_ENDING } from '../../learning/migrations/study/studyName.js';
import type { StudyChoices } from '../../learning/migrations/study/studySettings.js';
import type { StudiedSummary } from '../../workers/neuralCfsStudentMessages.js';
import { labelOf, type Choice } from '../dataset/buildChoices.js';

export const EXPERIMENT_CHOICES: readonly Choice<ExperimentNumber>[] = [
  { value: 1, label: '1: is the task migrated?', detail: 'The label is what can_migrate_task() returned.' },
  {
    value: 2,
    label: '2: does its history end in a forced migration?',
    detail: 'The one that counts: split by history group, nothing in the inputs gives the answer away.',
  },
  {
    value: 3,
    label: '3: is this migration forced?',
    detail: 'The kernel works the label out from two of the inputs: the rule alone answers nearly all.',
  },
];

export const WAY_CHOICES: readonly Choice<WayName>[] = [
  {
    value: 'published',
    label: 'As published',
    detail: 'Classes half and half, split by row: to compare with the thesis, not to believe.',
  },
  {
    value: 'group',
    label: 'By history group',
    detail: 'Classes as they come; no history of a task is in training and test.',
  },
  { value: 'recording', label: 'By recording', detail: 'No recording is in training and test.' },
  {
    value: 'workload',
    label: 'By workload',
    detail: 'No workload is in training and test: the hardest. There have to be two.',
  },
];

const MODEL_TEXTS: Readonly<Record<ModelName, Omit<Choice<ModelName>, 'value'>>> = {
  mlp: { label: 'MLP', detail: 'The network of the thesis, in floating point' },
  libml: { label: 'LibML', detail: 'The small network of the thesis that later runs in the kernel' },
  constant: {
    label: 'Constant',
    detail: 'The share of positives for every call: what knowing nothing comes to',
  },
  rule: {
    label: 'The kernel’s rule',
    detail: 'sd_nr_balance_failed > sd_cache_nice_tries: what the kernel itself asks',
  },
  logistic: { label: 'Logistic regression', detail: 'A weighted sum of the inputs' },
  tree: { label: 'Decision tree', detail: 'A few questions that a person can read' },
  boosting: {
    label: 'Gradient boosting',
    detail: 'Many small trees; the strongest baseline on most recordings',
  },
};

export const MODEL_CHOICES: readonly Choice<ModelName>[] = MODEL_NAMES.map((value) => ({
  value,
  ...MODEL_TEXTS[value],
}));

/** A model, or none of this. */
export const ONE_MODEL_CHOICES: readonly Choice<string | null>[] = [
  ...MODEL_CHOICES,
  { value: null, label: 'None', detail: 'This part is left out: it takes less time.' },
];

export const BALANCE_CHOICES: readonly Choice<StudyChoices['balance']>[] = [
  { value: 'half', label: 'Classes half and half', detail: 'As the tables 5.4, 5.6 and 5.7 of the thesis.' },
  { value: 'natural', label: 'As they come', detail: 'All calls that were recorded.' },
];

/** `1, 2, 3` */
export function experimentsText({ experiments }: StudyChoices): string {
  return experiments.join(', ');
}

/** `as published, by history group`; `none` */
export function waysText({ ways }: StudyChoices): string {
  if (ways.length === 0) return 'none: no model is judged';
  return ways
    .map((way) => labelOf(WAY_CHOICES, way))
    .map((label) => label.charAt(0).toLowerCase() + label.slice(1))
    .join(', ');
}

export function modelsText({ models }: StudyChoices): string {
  if (models.length === MODEL_NAMES.length) return `all ${MODEL_NAMES.length}`;
  if (models.length === 0) return 'none: no model is judged';
  return models.map((name) => labelOf<string>(MODEL_CHOICES, name)).join(', ');
}

/** `MLP`, or `none`. */
export function oneModelText(name: string | null): string {
  return name === null ? 'none' : labelOf<string>(MODEL_CHOICES, name);
}

/** Why nothing could come of it; null where something can. */
export function objectionTo({ experiments }: StudyChoices): string | null {
  return experiments.length === 0 ? 'Check at least one experiment.' : null;
}

/** Name of the file that is proposed for a study of these: that of the one recording or folder. */
export function studyFileName(paths: readonly string[], number = 1): string {
  const stem = paths.length === 1 ? basename(paths[0]!).split('.')[0]! : 'migrations';
  return `${stem === '' ? 'migrations' : stem}${number === 1 ? '' : `-${number}`}${STUDY_ENDING}`;
}

/** `shop.neural-cfs.json: 57,520 calls of 23 recordings, studied in 61 s. 2 files were left out: see its data.` */
export function studiedText(name: string, summary: StudiedSummary): string {
  const { rows, recordings, leftOut, warnings, elapsedSeconds } = summary;
  const count = (value: number, one: string) =>
    `${value.toLocaleString('en')} ${value === 1 ? one : `${one}s`}`;
  const out = leftOut === 0 ? '' : ` ${count(leftOut, 'file')} ${leftOut === 1 ? 'was' : 'were'} left out.`;
  const minds = warnings.length === 0 ? '' : ` ${count(warnings.length, 'warning')}: see the view.`;
  return `${name}: ${count(rows, 'call')} of ${count(recordings, 'recording')}, studied in ${elapsedSeconds.toFixed(0)} s.${out}${minds}`;
}
