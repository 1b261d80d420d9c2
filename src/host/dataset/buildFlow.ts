import { basename, isAbsolute, join, relative } from 'node:path';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { DEFAULT_OPTIONS } from '../../dataset/buildDataSet.js';
import type { Input } from '../../dataset/extract/findInputs.js';
import { META_FILE, type DataSetOptions } from '../../dataset/files/dataSetMeta.js';
import { chooseOne, chooseWhole } from '../askOption.js';
import {
  hasShares,
  heldOutChoices,
  labelOf,
  SEQUENCE_CHOICES,
  shareOf,
  sharesText,
  SPLIT_CHOICES,
  TASK_CHOICES,
  type Choice,
} from './buildChoices.js';

/** What is built, as it was chosen. */
export interface ChosenBuild {
  readonly options: DataSetOptions;
  /** Absolute. */
  readonly output: string;
  /** A data set of that name is there, and may go. */
  readonly replace: boolean;
}

type Draft = Omit<ChosenBuild, 'replace'>;

interface Line extends vscode.QuickPickItem {
  /** Asks for one option; undefined: the user went back. Null: builds. */
  readonly change: ((draft: Draft) => Promise<Draft | undefined>) | null;
}

/**
 * One list of all that can be chosen: Enter builds with what it says, any other line asks and comes back.
 * @param root what relative paths are relative to
 * @returns undefined: the user gave up
 */
export async function chooseBuild(
  title: string,
  inputs: readonly Input[],
  root: string,
): Promise<ChosenBuild | undefined> {
  let draft: Draft = { options: DEFAULT_OPTIONS, output: await freeFolder(join(root, 'data')) };
  const heldOut = heldOutChoices(inputs);
  for (;;) {
    const picked = await vscode.window.showQuickPick(linesOf(draft, title, heldOut, root), {
      title,
      placeHolder: 'Enter builds it like this; choose another line to change it',
      ignoreFocusOut: true,
    });
    if (picked?.change === undefined) return undefined;
    if (picked.change !== null) {
      draft = (await picked.change(draft)) ?? draft;
      continue;
    }
    const replace = await mayWrite(draft.output, root);
    if (replace !== undefined) return { ...draft, replace };
  }
}

function linesOf(draft: Draft, title: string, heldOut: readonly Choice<string>[], root: string): Line[] {
  const { options } = draft;
  const set = (changes: Partial<DataSetOptions>): Draft => ({
    ...draft,
    options: { ...options, ...changes },
  });
  const oneOf =
    <K extends keyof DataSetOptions>(key: K, what: string, choices: readonly Choice<DataSetOptions[K]>[]) =>
    async () => {
      const value = await chooseOne(`${title}: ${what}`, choices, options[key]);
      return value === undefined ? undefined : set({ [key]: value.value });
    };
  return [
    { label: '$(play) Build', description: `into ${shown(draft.output, root)}`, change: null },
    // A separator is never picked.
    { label: 'Options', kind: vscode.QuickPickItemKind.Separator, change: null },
    {
      label: 'Tasks',
      description: labelOf(TASK_CHOICES, options.vocabulary),
      change: oneOf('vocabulary', 'Tasks', TASK_CHOICES),
    },
    {
      label: 'Sequences',
      description: labelOf(SEQUENCE_CHOICES, options.perCpu),
      change: oneOf('perCpu', 'Sequences', SEQUENCE_CHOICES),
    },
    {
      label: 'Parts',
      description: labelOf(SPLIT_CHOICES, options.split),
      change: oneOf('split', 'Parts', SPLIT_CHOICES),
    },
    {
      label: 'Held-out category',
      description: labelOf(heldOut, options.holdOut),
      change: oneOf('holdOut', 'Held-out category', heldOut),
    },
    ...(hasShares(options)
      ? [
          {
            label: 'Shares',
            description: sharesText(options),
            change: async () => {
              const shares = await chooseShares(`${title}: Shares`, options);
              return shares === undefined ? undefined : set(shares);
            },
          },
        ]
      : []),
    {
      label: 'Rare tasks',
      description:
        options.minCount === 1
          ? 'all tasks of the training part are told apart'
          : `those with fewer than ${options.minCount} events in training are UNK`,
      change: async () => {
        const minCount = await chooseWhole(
          `${title}: Rare tasks`,
          'Tasks with fewer events than this in training are UNK, which is never counted as right',
          options.minCount,
          1,
          1e9,
        );
        return minCount === undefined ? undefined : set({ minCount });
      },
    },
    {
      label: 'Seed',
      description: String(options.seed),
      change: async () => {
        const seed = await chooseWhole(
          `${title}: Seed`,
          'The same seed draws the same parts',
          options.seed,
          0,
          4_294_967_295,
        );
        return seed === undefined ? undefined : set({ seed });
      },
    },
    {
      label: 'Folder',
      description: shown(draft.output, root),
      change: async () => {
        const output = await chooseFolder(`${title}: Folder`, draft.output, root);
        return output === undefined ? undefined : { ...draft, output };
      },
    },
  ];
}

async function chooseShares(
  title: string,
  { seen, validation }: DataSetOptions,
): Promise<Pick<DataSetOptions, 'seen' | 'validation'> | undefined> {
  const ask = async (prompt: string, now: number, most: number) => {
    const text = await vscode.window.showInputBox({
      title,
      prompt,
      value: String(Number((now * 100).toFixed(2))),
      ignoreFocusOut: true,
      validateInput: (typed) => {
        const share = shareOf(typed);
        return share !== undefined && share < most
          ? undefined
          : `A share in per cent, from 0 to below ${Number((most * 100).toFixed(2))}.`;
      },
    });
    return text === undefined ? undefined : shareOf(text);
  };
  const newSeen = await ask('Seen test, per cent of what is not held out', seen, 1);
  if (newSeen === undefined) return undefined;
  const newValidation = await ask('Validation, per cent of what is not held out', validation, 1 - newSeen);
  return newValidation === undefined ? undefined : { seen: newSeen, validation: newValidation };
}

async function chooseFolder(title: string, now: string, root: string): Promise<string | undefined> {
  const value = shown(now, root);
  const text = await vscode.window.showInputBox({
    title,
    prompt: 'Folder to write; relative to the workspace, or absolute',
    value,
    valueSelection: [value.length - basename(value).length, value.length],
    ignoreFocusOut: true,
    validateInput: async (typed) => {
      if (typed.trim() === '') return 'Type a name.';
      const what = await kindOf(absolute(typed, root));
      if (what === 'other') return 'That is there already and is no data set. Choose another name.';
      return what === 'data set'
        ? {
            message: 'A data set of that name is there: you will be asked.',
            severity: vscode.InputBoxValidationSeverity.Warning,
          }
        : undefined;
    },
  });
  return text === undefined ? undefined : absolute(text, root);
}

/** @returns whether it replaces one; undefined: the user chooses another folder first */
async function mayWrite(output: string, root: string): Promise<boolean | undefined> {
  const what = await kindOf(output);
  if (what === 'nothing') return false;
  const name = shown(output, root);
  if (what === 'other') {
    await vscode.window.showWarningMessage(
      `${name} is there already and is no data set. Choose another folder.`,
    );
    return undefined;
  }
  const replace = 'Replace';
  const choice = await vscode.window.showWarningMessage(
    `Replace the data set ${name}?`,
    { modal: true, detail: 'Runs that were trained on it can then no longer be resumed.' },
    replace,
  );
  return choice === replace ? true : undefined;
}

async function kindOf(path: string): Promise<'nothing' | 'data set' | 'other'> {
  const isThere = (each: string) =>
    stat(each).then(
      () => true,
      () => false,
    );
  if (await isThere(join(path, META_FILE))) return 'data set';
  return (await isThere(path)) ? 'other' : 'nothing';
}

async function freeFolder(path: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    if ((await kindOf(candidate)) === 'nothing') return candidate;
  }
}

function absolute(text: string, root: string): string {
  const path = text.trim();
  return isAbsolute(path) ? path : join(root, path);
}

function shown(path: string, root: string): string {
  const below = relative(root, path);
  return below === '' || below.startsWith('..') ? path : below;
}
