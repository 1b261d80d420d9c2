import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { STUDY_ENDING } from '../../learning/migrations/study/studyName.js';
import { USUAL_STUDY, type StudyChoices } from '../../learning/migrations/study/studySettings.js';
import { chooseOne, chooseSome, chooseWhole } from '../askOption.js';
import { labelOf } from '../dataset/buildChoices.js';
import { shownPath } from '../work/shownPath.js';
import {
  BALANCE_CHOICES,
  EXPERIMENT_CHOICES,
  experimentsText,
  MODEL_CHOICES,
  modelsText,
  objectionTo,
  ONE_MODEL_CHOICES,
  oneModelText,
  studyFileName,
  WAY_CHOICES,
  waysText,
} from './studyChoices.js';

/** What is studied, as it was chosen. */
export interface ChosenStudy {
  readonly choices: StudyChoices;
  /** Absolute; what is there may be replaced. */
  readonly output: string;
}

interface Line extends vscode.QuickPickItem {
  /** Asks for one option; undefined: the user went back. Null: begins. */
  readonly change: ((draft: ChosenStudy) => Promise<ChosenStudy | undefined>) | null;
}

const MOST_SEED = 4_294_967_295;

/**
 * One list of all that can be chosen: Enter begins with what it says, any other line asks and comes back.
 * @param paths recordings and folders of them
 * @param root what relative paths are relative to
 * @returns undefined: the user gave up
 */
export async function chooseStudy(
  title: string,
  paths: readonly string[],
  root: string,
): Promise<ChosenStudy | undefined> {
  let draft: ChosenStudy = { choices: USUAL_STUDY, output: await freeFile(paths, root) };
  for (;;) {
    const picked = await vscode.window.showQuickPick(linesOf(draft, title, root), {
      title,
      placeHolder: 'Enter begins like this; choose another line to change it',
      ignoreFocusOut: true,
    });
    if (picked?.change === undefined) return undefined;
    if (picked.change !== null) {
      draft = (await picked.change(draft)) ?? draft;
      continue;
    }
    const objection = objectionTo(draft.choices);
    if (objection !== null) await vscode.window.showWarningMessage(objection);
    else if (await mayWrite(draft.output, root)) return draft;
  }
}

function linesOf(draft: ChosenStudy, title: string, root: string): Line[] {
  const { choices, output } = draft;
  const set = (changes: Partial<StudyChoices>): ChosenStudy => ({
    ...draft,
    choices: { ...choices, ...changes },
  });
  const asking =
    <K extends keyof StudyChoices>(key: K, ask: () => Promise<StudyChoices[K] | undefined>) =>
    async () => {
      const value = await ask();
      return value === undefined ? undefined : set({ [key]: value });
    };
  const oneModel = (key: 'importanceOf' | 'transferOf', what: string) =>
    asking(key, async () => (await chooseOne(`${title}: ${what}`, ONE_MODEL_CHOICES, choices[key]))?.value);
  return [
    { label: '$(play) Study', description: `into ${shownPath(output, root)}`, change: null },
    // A separator is never picked.
    { label: 'Options', kind: vscode.QuickPickItemKind.Separator, change: null },
    {
      label: 'Experiments',
      description: experimentsText(choices),
      change: asking('experiments', () =>
        chooseSome(`${title}: Experiments`, EXPERIMENT_CHOICES, choices.experiments),
      ),
    },
    {
      label: 'Splits',
      description: waysText(choices),
      change: asking('ways', () => chooseSome(`${title}: Splits`, WAY_CHOICES, choices.ways)),
    },
    {
      label: 'Models',
      description: modelsText(choices),
      change: asking('models', () => chooseSome<string>(`${title}: Models`, MODEL_CHOICES, choices.models)),
    },
    {
      label: 'Importance of columns',
      description: oneModelText(choices.importanceOf),
      detail: 'What this model loses when a column is shuffled',
      change: oneModel('importanceOf', 'Importance of columns'),
    },
    {
      label: 'Transfer',
      description: oneModelText(choices.transferOf),
      detail: 'This model, trained on one workload or machine and tested on every other',
      change: oneModel('transferOf', 'Transfer'),
    },
    {
      label: 'Scores of columns',
      description: labelOf(BALANCE_CHOICES, choices.balance),
      change: asking('balance', async () => {
        const chosen = await chooseOne(`${title}: Scores of columns`, BALANCE_CHOICES, choices.balance);
        return chosen?.value;
      }),
    },
    {
      label: 'Seed',
      description: String(choices.seed),
      change: asking('seed', () =>
        chooseWhole(`${title}: Seed`, 'Of splits, draws and initial weights', choices.seed, 0, MOST_SEED),
      ),
    },
    {
      label: 'File',
      description: shownPath(output, root),
      change: async () => {
        const chosen = await chooseFile(`${title}: File`, output, root);
        return chosen === undefined ? undefined : { ...draft, output: chosen };
      },
    },
  ];
}

async function chooseFile(title: string, now: string, root: string): Promise<string | undefined> {
  const value = shownPath(now, root);
  const text = await vscode.window.showInputBox({
    title,
    prompt: `File to write, ending in ${STUDY_ENDING}; relative to the workspace, or absolute`,
    value,
    valueSelection: [value.length - basename(value).length, value.length - STUDY_ENDING.length],
    ignoreFocusOut: true,
    validateInput: async (typed) => {
      const path = absolute(typed, root);
      if (basename(path) === STUDY_ENDING || typed.trim() === '') return 'Type a name.';
      return (await isThere(path))
        ? {
            message: 'A file of that name is there: you will be asked.',
            severity: vscode.InputBoxValidationSeverity.Warning,
          }
        : undefined;
    },
  });
  return text === undefined ? undefined : absolute(text, root);
}

async function mayWrite(output: string, root: string): Promise<boolean> {
  if (!(await isThere(output))) return true;
  const replace = 'Replace';
  const choice = await vscode.window.showWarningMessage(
    `Replace ${shownPath(output, root)}?`,
    { modal: true, detail: 'The study that it holds is lost once the new one is done.' },
    replace,
  );
  return choice === replace;
}

async function freeFile(paths: readonly string[], root: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const candidate = join(root, studyFileName(paths, number));
    if (!(await isThere(candidate))) return candidate;
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** With the ending by which the editor knows a study. */
function absolute(text: string, root: string): string {
  const typed = text.trim();
  const path = isAbsolute(typed) ? typed : join(root, typed);
  return path.endsWith(STUDY_ENDING) ? path : `${path.replace(/\.json$/, '')}${STUDY_ENDING}`;
}
