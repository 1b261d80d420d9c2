import { DEFAULT_OPTIONS } from '../../dataset/buildDataSet.js';
import type { DataSetOptions } from '../../dataset/files/dataSetMeta.js';
import { categoryOf, factsOfName } from '../../dataset/category.js';
import type { Input } from '../../dataset/extract/findInputs.js';
import type { SplitKind } from '../../dataset/splits.js';
import type { BuildSummary } from '../../workers/dataSetBuilderMessages.js';
import { basename } from 'node:path';

/** One of a few, as it is offered. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly detail: string;
}

export const TASK_CHOICES: readonly Choice<DataSetOptions['vocabulary']>[] = [
  {
    value: 'comm',
    label: 'By name',
    detail:
      'The comm without numbers: kworker/3:1 is kworker. Means the same after a reboot and on another machine.',
  },
  {
    value: 'pid',
    label: 'By PID',
    detail: 'As the earlier systems did. A model of it is of use only for the very boot that was recorded.',
  },
];

export const SEQUENCE_CHOICES: readonly Choice<boolean>[] = [
  {
    value: false,
    label: 'All CPUs merged',
    detail: 'The switches of all CPUs in one sequence, in order of time.',
  },
  {
    value: true,
    label: 'A sequence for each CPU',
    detail: 'What one CPU runs next, from what that CPU ran before.',
  },
];

export const SPLIT_CHOICES: readonly Choice<SplitKind>[] = [
  {
    value: 'recording',
    label: 'Whole recordings, drawn',
    detail: 'Runs of each workload are drawn by the seed for training, validation and the seen test.',
  },
  {
    value: 'run',
    label: 'Whole recordings, the last runs for the test',
    detail: 'Runs of each workload in their order.',
  },
  {
    value: 'walk-forward',
    label: 'Each recording cut by time',
    detail: 'The beginning for training, then validation, then test, with gaps between them.',
  },
  {
    value: '80-10-10',
    label: 'Each recording cut 80/10/10',
    detail: 'As the enhancement report did: without gaps, so that tests resemble training.',
  },
];

/** Categories that can be held out, as far as names tell before anything is read. */
export function heldOutChoices(inputs: readonly Input[]): Choice<string>[] {
  const names = inputs.flatMap(({ path, folder }) => {
    const { workload } = factsOfName(basename(path));
    const category = folder ?? (workload === undefined ? undefined : categoryOf(workload));
    return category === undefined || category.startsWith('.') ? [] : [category];
  });
  const categories = [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return [
    {
      value: 'auto',
      label: 'Drawn, if there are three categories',
      detail: 'One category that training never sees tells how well a model does on work that is new to it.',
    },
    { value: 'none', label: 'None', detail: 'There is no unseen test then.' },
    ...(categories.length < 2 ? [] : categories.slice(0, 50)).map((category) => ({
      value: category,
      label: category,
      detail: 'By the name of files or folders.',
    })),
  ];
}

/** What a value is called. */
export function labelOf<T>(choices: readonly Choice<T>[], value: T): string {
  return choices.find((each) => each.value === value)?.label ?? String(value);
}

/** Whether shares are asked for: a split of fixed shares has none to choose. */
export function hasShares({ split }: DataSetOptions): boolean {
  return split !== '80-10-10';
}

export function sharesText(options: DataSetOptions): string {
  const { seen, validation, gap, split } = options;
  const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;
  const gaps = split === 'walk-forward' ? `, gaps of ${percent(gap)}` : '';
  return `seen test ${percent(seen)}, validation ${percent(validation)}${gaps}`;
}

/** A share as it is typed, in per cent: `20`, `12.5 %`. Undefined: it is none from 0 to below 100. */
export function shareOf(text: string): number | undefined {
  const match = /^\s*(\d{1,2}(?:\.\d+)?)\s*%?\s*$/.exec(text);
  return match === null ? undefined : Number(match[1]) / 100;
}

/** A whole number as it is typed. */
export function wholeOf(text: string, least: number, greatest: number): number | undefined {
  const value = Number(text.trim());
  return /^\s*\d{1,10}\s*$/.test(text) && value >= least && value <= greatest ? value : undefined;
}

/** In how many options this is other than usual, and which: for the log. */
export function changesOf(options: DataSetOptions): string {
  const keys = Object.keys(DEFAULT_OPTIONS) as (keyof DataSetOptions)[];
  const changed = keys.filter((key) => options[key] !== DEFAULT_OPTIONS[key]);
  return changed.length === 0
    ? 'usual options'
    : changed.map((key) => `${key} ${String(options[key])}`).join(', ');
}

/** `Built data/shop: 71,204 events of 12 recordings, 88 tasks. Training 50,000, validation 5,000, …` */
export function builtText(name: string, { rows, recordings, tasks, parts, ...rest }: BuildSummary): string {
  const count = (value: number, one: string) =>
    `${value.toLocaleString('en')} ${value === 1 ? one : `${one}s`}`;
  const sizes = [
    `training ${parts.train.toLocaleString('en')}`,
    `validation ${parts.validation.toLocaleString('en')}`,
    `seen test ${parts.seen.toLocaleString('en')}`,
    ...(rest.heldOut === null ? [] : [`unseen test ${parts.unseen.toLocaleString('en')} (${rest.heldOut})`]),
  ];
  const minds = rest.warnings.length + (rest.leftOut > 0 ? 1 : 0);
  const mind =
    minds === 0 ? '' : ` There ${minds === 1 ? 'is 1 thing' : `are ${minds} things`} to mind: see Show.`;
  return `Built ${name}: ${count(rows, 'event')} of ${count(recordings, 'recording')}, ${count(tasks, 'task')}; ${sizes.join(', ')}.${mind}`;
}
