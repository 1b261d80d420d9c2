import { basename } from 'node:path';
import * as vscode from 'vscode';
import { isFailure, messageOf } from '../../base/errors.js';
import { builtInSuite } from '../../remote/benchmarks/catalogue.js';
import type { Suite } from '../../remote/benchmarks/suite.js';
import { parseSuite, SUITE_FILE_NAME } from '../../remote/benchmarks/suiteFile.js';

/**
 * Which suite, which of its benchmarks, and how often each. Undefined: the user gave up, or was told what is wrong.
 * @param args the file that the command was called on comes first
 */
export async function chooseSuite(title: string, args: readonly unknown[]): Promise<Suite | undefined> {
  const suite = await suiteFrom(title, args);
  if (suite === undefined) return undefined;
  const picked = await vscode.window.showQuickPick(
    suite.benchmarks.map((benchmark) => ({
      label: benchmark.name,
      detail: benchmark.title,
      picked: true,
      benchmark,
    })),
    { title, placeHolder: 'Which benchmarks?', canPickMany: true, ignoreFocusOut: true, matchOnDetail: true },
  );
  if (picked === undefined || picked.length === 0) return undefined;
  const repeats = await vscode.window.showInputBox({
    title,
    prompt: 'Repeats of each benchmark; with fewer than 5 on each side hardly a difference can be seen',
    value: String(suite.repeats),
    ignoreFocusOut: true,
    validateInput: (text) => (/^[1-9]\d{0,3}$/.test(text.trim()) ? undefined : 'A number from 1 to 9999.'),
  });
  if (repeats === undefined) return undefined;
  return { ...suite, benchmarks: picked.map(({ benchmark }) => benchmark), repeats: Number(repeats) };
}

/** The file that the command was called on; else one of the workspace or the built-in suite. */
async function suiteFrom(title: string, [resource]: readonly unknown[]): Promise<Suite | undefined> {
  if (resource instanceof vscode.Uri) return readSuite(resource);
  const found = await vscode.workspace.findFiles(`**/${SUITE_FILE_NAME}`, '**/node_modules/**', 100);
  if (found.length === 0) return builtInSuite();
  const items: readonly (vscode.QuickPickItem & { readonly uri?: vscode.Uri })[] = [
    ...found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })),
    { label: 'Built-in suite', detail: 'hackbench, sysbench, nginx under ab, zstd' },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: 'Which suite?',
    ignoreFocusOut: true,
  });
  if (picked === undefined) return undefined;
  return picked.uri === undefined ? builtInSuite() : readSuite(picked.uri);
}

/** Undefined: it is no suite; the user was told, and sees where. */
async function readSuite(uri: vscode.Uri): Promise<Suite | undefined> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isDirty) await document.save();
  try {
    return parseSuite(document.getText(), uri.fsPath);
  } catch (error) {
    if (!isFailure(error, 'bad-input')) throw error;
    await vscode.window.showTextDocument(document);
    const [first = ''] = messageOf(error).split('\n');
    const shown = first.replace(uri.fsPath, basename(uri.path));
    await vscode.window.showErrorMessage(`The suite has errors. ${shown}`);
    return undefined;
  }
}
