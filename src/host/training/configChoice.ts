import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../base/errors.js';
import { openDataSet } from '../../dataset/dataSet.js';
import { META_FILE } from '../../dataset/files/dataSetMeta.js';
import { configProblems, parseConfig, type TrainingConfig } from '../../learning/trainer/config/config.js';
import { COMMANDS } from '../../manifest.js';
import { CONFIG_GLOB, isConfigPath, isOfRun } from './newRun.js';

const MOST_FOUND = 200;
/** Larger ones are not read here: it would hold up the editor. */
const MAX_META_BYTES = 4 * 1024 * 1024;

/** The configuration that a command was called on, that is in front, or that the user chooses; undefined: none. */
export async function chooseConfig(resource: unknown): Promise<vscode.Uri | undefined> {
  if (resource instanceof vscode.Uri) return resource;
  const inFront = vscode.window.activeTextEditor?.document.uri;
  if (inFront?.scheme === 'file' && isConfigPath(inFront.fsPath)) return inFront;
  const found = await findConfigs();
  if (found.length === 0) {
    const create = 'New Training Configuration';
    const choice = await vscode.window.showInformationMessage(
      'There is no kernel-oracle.yaml in this workspace: it says what to train on which data set.',
      create,
    );
    if (choice === create) await vscode.commands.executeCommand(COMMANDS.newTrainingConfig);
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })),
    { title: 'Train Model', placeHolder: 'Which configuration?', matchOnDescription: true },
  );
  return picked?.uri;
}

/** Those of the workspace that are not a run's own. */
async function findConfigs(): Promise<vscode.Uri[]> {
  const found = await vscode.workspace.findFiles(CONFIG_GLOB, '**/node_modules/**', MOST_FOUND);
  const ofRuns = await Promise.all(found.map(({ fsPath }) => isOfRun(fsPath)));
  return found
    .filter(({ scheme }, at) => scheme === 'file' && ofRuns[at] !== true)
    .sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

/** Reads a configuration as it is in the editor, saved. Undefined: it is none, which the user was told and shown. */
export async function readConfig(uri: vscode.Uri): Promise<TrainingConfig | undefined> {
  if (uri.scheme !== 'file') throw new Failure('wrong-usage', 'Save the configuration to a file first.');
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isDirty && !(await document.save())) {
    throw new Failure('write-failed', `${uri.fsPath} cannot be saved: the run would not be what you see.`);
  }
  const text = document.getText();
  const [problem, ...more] = configProblems(text, uri.fsPath);
  if (problem === undefined) {
    const config = parseConfig(text, uri.fsPath);
    await requireDataSet(config.dataset);
    return config;
  }
  const show = 'Show';
  const choice = await vscode.window.showErrorMessage(
    `${vscode.workspace.asRelativePath(uri)}, line ${problem.line}: ${problem.message}${
      more.length === 0 ? '' : `; and ${more.length} more`
    }.`,
    show,
  );
  if (choice === show) {
    const at = new vscode.Position(problem.line - 1, problem.column - 1);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
  }
  return undefined;
}

/** Says what is wrong with a data set now, and not in an hour when the turn of the run comes. */
async function requireDataSet(folder: string): Promise<void> {
  const meta = await stat(join(folder, META_FILE)).catch(() => null);
  if (meta === null || meta.size <= MAX_META_BYTES) await openDataSet(folder);
}
