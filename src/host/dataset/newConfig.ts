import { open } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { Failure, messageOf } from '../../base/errors.js';
import { META_FILE, readDataSetMeta } from '../../dataset/files/dataSetMeta.js';
import type { ModelKind } from '../../learning/models/model.js';
import { MODELS } from '../../learning/models/models.js';
import { CONFIG_FILE_NAME } from '../../learning/trainer/config/config.js';
import { COMMANDS } from '../../manifest.js';
import { newConfigText } from './newConfigText.js';

const TITLE = 'New Training Configuration';
const TASK_WORDS = {
  'next-task': 'which task comes next',
  'inter-arrival': 'when the next event comes',
} as const;

/** Asks for data set and model, writes a configuration beside the data set and opens it. One that is there stays. */
export async function newConfig(resource?: unknown): Promise<void> {
  const dataSet = await chooseDataSet(resource);
  if (dataSet === undefined) return;
  const kind = await chooseModel();
  if (kind === undefined) return;
  const folder = folderFor(dataSet);
  const text = newConfigText(kind, relative(folder, dataSet).split(sep).join('/') || '.');
  const path = await writeNew(folder, kind.name, text);
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
}

/** @returns absolute path of a data set; undefined: the user gave up, or was told that there is none */
async function chooseDataSet(resource: unknown): Promise<string | undefined> {
  if (resource instanceof vscode.Uri && resource.scheme === 'file') {
    const path = basename(resource.fsPath) === META_FILE ? dirname(resource.fsPath) : resource.fsPath;
    if (await isDataSet(path)) return path;
  }
  const found = await vscode.workspace.findFiles(`**/${META_FILE}`, '**/node_modules/**', 500);
  const folders = found
    .map(({ fsPath }) => dirname(fsPath))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (folders.length === 0) {
    const build = 'Build Data Set…';
    const browse = 'Browse…';
    const choice = await vscode.window.showInformationMessage(
      'There is no data set in this workspace yet.',
      build,
      browse,
    );
    if (choice === build) await vscode.commands.executeCommand(COMMANDS.buildDataSet);
    return choice === browse ? browseForDataSet() : undefined;
  }
  const items = await Promise.all(folders.map(itemOf));
  const picked = await vscode.window.showQuickPick(
    [...items, { label: '$(folder-opened) Browse…', description: '', detail: '', path: undefined }],
    { title: TITLE, placeHolder: 'Which data set is learnt from?', matchOnDescription: true },
  );
  if (picked === undefined) return undefined;
  return picked.path ?? browseForDataSet();
}

async function itemOf(path: string) {
  const label = vscode.workspace.asRelativePath(path);
  const meta = await readDataSetMeta(path).catch((error: unknown) => messageOf(error));
  if (typeof meta === 'string') return { label, description: 'damaged', detail: meta, path };
  const { parts, vocabulary, recordings } = meta;
  const events = Object.values(parts).reduce((sum, { rows }) => sum + rows, 0);
  return {
    label,
    description: `${events.toLocaleString('en')} events, ${vocabulary.tasks.length.toLocaleString('en')} tasks`,
    detail: `${recordings.length} recordings, tasks by ${vocabulary.kind === 'comm' ? 'name' : 'PID'}, built ${meta.created.slice(0, 16).replace('T', ' ')} UTC`,
    path,
  };
}

async function browseForDataSet(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'Choose the Folder of a Data Set',
    openLabel: 'Choose Data Set',
    canSelectFiles: false,
    canSelectFolders: true,
  });
  const path = chosen?.[0]?.fsPath;
  // Its failure says that it is none, and what to do.
  if (path !== undefined) await readDataSetMeta(path);
  return path;
}

async function chooseModel(): Promise<ModelKind | undefined> {
  const items = [...MODELS.values()].map((kind) => ({
    label: kind.title,
    description: `${kind.name}: ${TASK_WORDS[kind.task]}`,
    detail: kind.description,
    model: kind,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: 'Which model is trained?',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.model;
}

async function isDataSet(path: string): Promise<boolean> {
  return readDataSetMeta(path).then(
    () => true,
    () => false,
  );
}

/** The workspace folder that the data set lies in, else the folder around it. */
function folderFor(dataSet: string): string {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(dataSet))?.uri.fsPath;
  return folder === undefined || folder === dataSet ? dirname(dataSet) : folder;
}

/** Under the first free name: `kernel-oracle.yaml`, `tcn.kernel-oracle.yaml`, `tcn-2.kernel-oracle.yaml`. */
async function writeNew(folder: string, model: string, text: string): Promise<string> {
  for (let number = 0; number < 1000; number += 1) {
    const prefix = number === 0 ? '' : number === 1 ? `${model}.` : `${model}-${number}.`;
    const path = join(folder, `${prefix}${CONFIG_FILE_NAME}`);
    try {
      const file = await open(path, 'wx');
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Failure('write-failed', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }
  throw new Failure(
    'write-failed',
    `${folder} holds a thousand configurations of ${model}. Remove some of them.`,
  );
}
