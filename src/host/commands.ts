import * as vscode from 'vscode';
import { isFailure, messageOf } from '../base/errors.js';
import { COMMANDS, EDITORS } from '../manifest.js';
import { addMigrationRecords } from './addMigrationRecords.js';
import { exportTrace } from './exportTrace.js';
import type { Log } from './log.js';
import { uriOfFiles, uriOfFolder } from './recordingUri.js';
import { ALL_RECORDS, saveRecords } from './saveRecords.js';
import type { TraceEditorProvider } from './traceEditor.js';

type CommandName = keyof typeof COMMANDS;
type Handler = (...args: unknown[]) => unknown;

/** What each of these commands does. */
export type Handlers<Names extends CommandName = CommandName> = Readonly<Record<Names, Handler>>;

/** Registers the extension's commands, all of them; their titles stand in package.json. */
export function registerCommands(handlers: Handlers, log: Log): vscode.Disposable {
  return vscode.Disposable.from(
    ...(Object.keys(COMMANDS) as CommandName[]).map((name) =>
      vscode.commands.registerCommand(COMMANDS[name], async (...args: unknown[]) => {
        try {
          await handlers[name](...args);
        } catch (error) {
          // What the user gave up is no news.
          if (isFailure(error, 'cancelled')) return;
          log.error(name, error);
          // What may be an attack is not left in a corner of the window, cut off after a line.
          if (isFailure(error, 'host-key-refused')) {
            await vscode.window.showErrorMessage('The connection was refused for its host key.', {
              modal: true,
              detail: error.message,
            });
          } else await vscode.window.showErrorMessage(`KernelOracle: ${messageOf(error)}`);
        }
      }),
    ),
  );
}

type TraceCommand =
  | 'openTrace'
  | 'openAsOne'
  | 'openFolder'
  | 'addMigrationRecords'
  | 'exportTrace'
  | 'exportRange'
  | 'reloadTrace'
  | 'showLog';

export function traceCommands(editor: TraceEditorProvider, log: Log): Handlers<TraceCommand> {
  return {
    openTrace: (resource, selected) => openTrace(resource, selected),
    openAsOne: (resource, selected) => openAsOne(resource, selected),
    openFolder: (resource) => openFolder(resource),
    addMigrationRecords: () => addRecords(editor),
    exportTrace: () => exportAll(editor),
    exportRange: () => exportRange(editor),
    reloadTrace: () => editor.activeDocument?.reload(),
    showLog: () => log.show(),
  };
}

/** From the explorer the clicked file and the selection come as arguments. */
function givenUris(resource: unknown, selected: unknown): vscode.Uri[] | undefined {
  const fromExplorer = Array.isArray(selected) ? selected.filter((each) => each instanceof vscode.Uri) : [];
  if (fromExplorer.length > 0) return fromExplorer;
  return resource instanceof vscode.Uri ? [resource] : undefined;
}

/** From the palette a dialog asks. */
async function openTrace(resource: unknown, selected: unknown): Promise<void> {
  const uris =
    givenUris(resource, selected) ?? (await askForFiles('Open Scheduler Trace', 'Open Trace')) ?? [];
  for (const uri of uris) await openEditor(uri);
}

async function openAsOne(resource: unknown, selected: unknown): Promise<void> {
  const uris =
    givenUris(resource, selected) ??
    (await askForFiles('Choose All Files of the Recording', 'Open as One')) ??
    [];
  const files = [...new Map(uris.map((uri) => [uri.toString(), uri])).values()];
  if (files.length === 0) return;
  await openEditor(files.length === 1 ? files[0]! : uriOfFiles(files));
}

async function openFolder(resource: unknown): Promise<void> {
  const chosen =
    resource instanceof vscode.Uri
      ? resource
      : (
          await vscode.window.showOpenDialog({
            title: 'Open the Folder of a Recording',
            openLabel: 'Open Recording',
            canSelectFiles: false,
            canSelectFolders: true,
          })
        )?.[0];
  if (chosen !== undefined) await openEditor(uriOfFolder(chosen));
}

function askForFiles(title: string, openLabel: string): Thenable<vscode.Uri[] | undefined> {
  const extensions =
    'ftrace systrace txt csv html log gz zst xz dat data perfetto-trace pftrace pb ctrace tgz'.split(' ');
  return vscode.window.showOpenDialog({
    title,
    openLabel,
    canSelectMany: true,
    filters: { 'Scheduler traces': extensions, 'All files': ['*'] },
  });
}

async function openEditor(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, EDITORS.traceOption, { preview: false });
}

async function addRecords({ activeDocument }: TraceEditorProvider): Promise<void> {
  if (activeDocument?.kind !== 'trace') {
    await vscode.window.showInformationMessage(
      'Open a trace first: migration records are added to the timeline of the trace in front.',
    );
    return;
  }
  await addMigrationRecords(activeDocument);
}

async function exportAll({ activeDocument }: TraceEditorProvider): Promise<void> {
  if (activeDocument === undefined) {
    await vscode.window.showInformationMessage('Open a trace first: the export is of the trace in front.');
    return;
  }
  // Migration records have one form, and the view offers the rows that its filter leaves.
  if (activeDocument.kind === 'migrationRecords') await saveRecords(activeDocument, ALL_RECORDS);
  else await exportTrace(activeDocument, null);
}

async function exportRange({ activeDocument, activeRange }: TraceEditorProvider): Promise<void> {
  if (activeDocument === undefined || activeRange === null) {
    await vscode.window.showInformationMessage(
      'Select a range first: drag on the ruler above the timeline, or hold Shift and drag in it.',
    );
    return;
  }
  await exportTrace(activeDocument, activeRange);
}
