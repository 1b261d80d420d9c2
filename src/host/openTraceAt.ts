import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { Failure } from '../base/errors.js';
import { EDITORS } from '../manifest.js';
import { uriOfFolder } from './recordingUri.js';
import type { TraceEditorProvider } from './traceEditor.js';
import type { TraceMoment } from './traceMoment.js';

/**
 * Opens a recording beside what is shown, or brings its tab to the front, at a moment of it.
 * Failure `not-found`: it is not there any more.
 */
export async function openTraceAt(
  editor: TraceEditorProvider,
  path: string,
  moment: TraceMoment,
): Promise<void> {
  const uri = await uriOfRecording(path, 'the data set was built');
  editor.showMoment(uri, moment);
  await showRecording(uri);
}

/**
 * Opens a recording beside what is shown, or brings its tab to the front. Failure `not-found`: it is not there any more.
 * @param since when it was there: `the study was made`
 */
export async function openRecording(path: string, since: string): Promise<void> {
  await showRecording(await uriOfRecording(path, since));
}

async function showRecording(uri: vscode.Uri): Promise<void> {
  const tab = openTab(uri);
  await vscode.commands.executeCommand('vscode.openWith', uri, tab?.viewType ?? EDITORS.traceOption, {
    viewColumn: tab?.column ?? vscode.ViewColumn.Beside,
    preview: false,
  });
}

async function uriOfRecording(path: string, since: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.file(path);
  const found = await stat(path).catch((cause: unknown) => {
    throw new Failure(
      'not-found',
      `The recording ${path} is not there any more: it was moved or deleted since ${since}.`,
      { cause },
    );
  });
  return found.isDirectory() ? uriOfFolder(uri) : uri;
}

function openTab(
  uri: vscode.Uri,
): { readonly viewType: string; readonly column: vscode.ViewColumn } | undefined {
  const viewTypes: readonly string[] = Object.values(EDITORS);
  for (const { tabs, viewColumn } of vscode.window.tabGroups.all) {
    for (const { input } of tabs) {
      if (!(input instanceof vscode.TabInputCustom) || input.uri.toString() !== uri.toString()) continue;
      if (viewTypes.includes(input.viewType)) return { viewType: input.viewType, column: viewColumn };
    }
  }
  return undefined;
}
