import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../../base/errors.js';
import { META_FILE } from '../../../dataset/files/dataSetMeta.js';
import { readRun } from '../../../learning/trainer/runFolder.js';

/**
 * Where a run's data set is, when it is not where it was: the user is asked. Undefined: the user gave up.
 * @param purpose what it is needed for, a sentence
 */
export async function findDataSet(
  folder: string,
  purpose: string,
): Promise<{ readonly dataset?: string } | undefined> {
  const run = await readRun(folder);
  if (run === null) throw new Failure('not-found', `There is no run in ${folder}.`);
  const isThere = await stat(join(run.dataset.path, META_FILE)).then(
    () => true,
    () => false,
  );
  if (isThere) return {};
  const choose = 'Choose Folder…';
  const choice = await vscode.window.showWarningMessage(
    `The data set of this run is not in ${run.dataset.path} any more.`,
    { modal: true, detail: `${purpose} Where is it now?` },
    choose,
  );
  if (choice !== choose) return undefined;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Data Set of the Run',
      openLabel: 'Use This Data Set',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  return chosen === undefined ? undefined : { dataset: chosen.fsPath };
}
