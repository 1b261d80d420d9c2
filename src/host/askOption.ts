import * as vscode from 'vscode';
import { wholeOf, type Choice } from './dataset/buildChoices.js';

// One option of a list of them: Escape leaves it as it is.

export async function chooseOne<T>(
  title: string,
  choices: readonly Choice<T>[],
  now: T,
): Promise<Choice<T> | undefined> {
  const items = choices.map((choice) => ({
    label: choice.label,
    description: choice.value === now ? 'as it is' : '',
    detail: choice.detail,
    choice,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: 'Escape leaves it as it is',
    ignoreFocusOut: true,
  });
  return picked?.choice;
}

/** Values that are checked, in the order of the choices; undefined: the user went back. */
export async function chooseSome<T>(
  title: string,
  choices: readonly Choice<T>[],
  now: readonly T[],
): Promise<T[] | undefined> {
  const items = choices.map(({ label, detail, value }) => ({
    ...{ label, detail, value },
    picked: now.includes(value),
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: 'Space checks and unchecks; Enter takes what is checked; Escape leaves it as it is',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return picked === undefined
    ? undefined
    : choices.flatMap(({ value }) => (picked.some((each) => each.value === value) ? [value] : []));
}

export async function chooseWhole(
  title: string,
  prompt: string,
  now: number,
  least: number,
  greatest: number,
): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    value: String(now),
    ignoreFocusOut: true,
    validateInput: (typed) =>
      wholeOf(typed, least, greatest) === undefined
        ? `A whole number from ${least} to ${greatest}.`
        : undefined,
  });
  return text === undefined ? undefined : wholeOf(text, least, greatest);
}
