import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { chooseOne, chooseWhole } from '../askOption.js';
import { labelOf } from '../dataset/buildChoices.js';
import { shownPath } from '../work/shownPath.js';
import {
  columnsIn,
  nextName,
  RUN_MODEL_CHOICES,
  runFolderName,
  SPLIT_CHOICES,
  THRESHOLD_CHOICES,
  USUAL_RUN,
  type RunChoices,
} from './runChoices.js';
import { EXPERIMENT_CHOICES } from './studyChoices.js';

/** What is trained, as it was chosen. */
export interface ChosenRun {
  readonly choices: RunChoices;
  /** Absolute; nothing is there. */
  readonly output: string;
}

interface Draft extends ChosenRun {
  /** The folder was named by the user, and does not follow the choices any more. */
  readonly isNamed: boolean;
}

interface Line extends vscode.QuickPickItem {
  /** Asks for one option; undefined: the user went back. Null: begins. */
  readonly change: ((draft: Draft) => Promise<Draft | undefined>) | null;
}

const MOST_SEED = 4_294_967_295;

/**
 * One list of all that can be chosen: Enter begins with what it says, any other line asks and comes back.
 * @param paths recordings and folders of them
 * @param root what relative paths are relative to
 * @returns undefined: the user gave up
 */
export async function chooseRun(
  title: string,
  paths: readonly string[],
  root: string,
): Promise<ChosenRun | undefined> {
  const proposed = (choices: RunChoices) => freeFolder(join(root, runFolderName(paths, choices)));
  let draft: Draft = { choices: USUAL_RUN, output: await proposed(USUAL_RUN), isNamed: false };
  for (;;) {
    const picked = await vscode.window.showQuickPick(linesOf(draft, title, root), {
      title,
      placeHolder: 'Enter begins like this; choose another line to change it',
      ignoreFocusOut: true,
    });
    if (picked?.change === undefined) return undefined;
    if (picked.change === null) return draft;
    draft = (await picked.change(draft)) ?? draft;
    if (!draft.isNamed) draft = { ...draft, output: await proposed(draft.choices) };
  }
}

/** The first of `RUN`, `RUN-2`, … that is not there. */
export async function freeFolder(wanted: string): Promise<string> {
  let path = wanted;
  while (await isThere(path)) path = join(path, '..', nextName(basename(path)));
  return path;
}

function linesOf(draft: Draft, title: string, root: string): Line[] {
  const { choices, output } = draft;
  const { experiment, model, split, threshold, columns, seed } = choices;
  const asking =
    <K extends keyof RunChoices>(key: K, ask: () => Promise<{ readonly value: RunChoices[K] } | undefined>) =>
    async () => {
      const chosen = await ask();
      return chosen === undefined ? undefined : { ...draft, choices: { ...choices, [key]: chosen.value } };
    };
  return [
    { label: '$(play) Train', description: `into ${shownPath(output, root)}`, change: null },
    // A separator is never picked.
    { label: 'Options', kind: vscode.QuickPickItemKind.Separator, change: null },
    {
      label: 'Experiment',
      description: labelOf(EXPERIMENT_CHOICES, experiment),
      change: asking('experiment', () => chooseOne(`${title}: Experiment`, EXPERIMENT_CHOICES, experiment)),
    },
    {
      label: 'Model',
      description: labelOf<string>(RUN_MODEL_CHOICES, model),
      change: asking('model', () => chooseOne<string>(`${title}: Model`, RUN_MODEL_CHOICES, model)),
    },
    {
      label: 'Split',
      description: labelOf(SPLIT_CHOICES, split),
      change: asking('split', () => chooseOne(`${title}: Split`, SPLIT_CHOICES, split)),
    },
    {
      label: 'Threshold',
      description: labelOf(THRESHOLD_CHOICES, threshold),
      change: asking('threshold', () => chooseOne(`${title}: Threshold`, THRESHOLD_CHOICES, threshold)),
    },
    {
      label: 'Inputs',
      description: columns === null ? 'those of the thesis' : columns.join(', '),
      change: asking('columns', () => chooseColumns(`${title}: Inputs`, columns)),
    },
    {
      label: 'Seed',
      description: String(seed),
      change: asking('seed', async () => {
        const value = await chooseWhole(
          `${title}: Seed`,
          'Of splits, draws and initial weights',
          seed,
          0,
          MOST_SEED,
        );
        return value === undefined ? undefined : { value };
      }),
    },
    {
      label: 'Folder',
      description: shownPath(output, root),
      change: async () => {
        const chosen = await chooseFolder(`${title}: Folder`, output, root);
        return chosen === undefined ? undefined : { ...draft, output: chosen, isNamed: true };
      },
    },
  ];
}

async function chooseColumns(
  title: string,
  now: readonly string[] | null,
): Promise<{ readonly value: string[] | null } | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'Columns of the records, separated by commas; empty: those of the thesis for the experiment',
    value: now?.join(', ') ?? '',
    ignoreFocusOut: true,
  });
  return text === undefined ? undefined : { value: columnsIn(text) };
}

async function chooseFolder(title: string, now: string, root: string): Promise<string | undefined> {
  const value = shownPath(now, root);
  const absolute = (typed: string) => (isAbsolute(typed.trim()) ? typed.trim() : join(root, typed.trim()));
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'Folder to make; relative to the workspace, or absolute',
    value,
    valueSelection: [value.length - basename(value).length, value.length],
    ignoreFocusOut: true,
    validateInput: async (typed) => {
      if (typed.trim() === '') return 'Type a name.';
      return (await isThere(absolute(typed))) ? 'Something of that name is there.' : undefined;
    },
  });
  return text === undefined ? undefined : absolute(text);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
