import * as vscode from 'vscode';
import { messageOf } from '../base/errors.js';
import { COMMANDS, EDITORS } from '../manifest.js';
import { EXPORT_FORMATS } from '../trace/exporters/exportTrace.js';
import type { Log } from './log.js';
import type { TraceEditorProvider } from './traceEditor.js';

/** Registers the extension's commands; their titles stand in package.json. */
export function registerCommands(editor: TraceEditorProvider, log: Log): vscode.Disposable {
  const handlers: Record<keyof typeof COMMANDS, (...args: unknown[]) => unknown> = {
    openTrace: (resource, selected) => openTrace(resource, selected),
    exportTrace: () => exportTrace(editor),
    reloadTrace: () => editor.activeDocument?.reload(),
    showLog: () => log.show(),
  };
  return vscode.Disposable.from(
    ...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]).map((name) =>
      vscode.commands.registerCommand(COMMANDS[name], async (...args: unknown[]) => {
        try {
          await handlers[name](...args);
        } catch (error) {
          log.error(name, error);
          await vscode.window.showErrorMessage(`KernelOracle: ${messageOf(error)}`);
        }
      }),
    ),
  );
}

/** From the explorer the clicked file and the selection come as arguments; from the palette a dialog asks. */
async function openTrace(resource: unknown, selected: unknown): Promise<void> {
  const fromExplorer = Array.isArray(selected) ? selected.filter((each) => each instanceof vscode.Uri) : [];
  const given =
    fromExplorer.length > 0 ? fromExplorer : resource instanceof vscode.Uri ? [resource] : undefined;
  const uris =
    given ??
    (await vscode.window.showOpenDialog({
      title: 'Open Scheduler Trace',
      openLabel: 'Open Trace',
      canSelectMany: true,
      filters: {
        'Scheduler traces': [
          'ftrace',
          'systrace',
          'txt',
          'csv',
          'html',
          'log',
          'gz',
          'zst',
          'xz',
          'dat',
          'data',
        ],
        'All files': ['*'],
      },
    })) ??
    [];
  for (const uri of uris) {
    await vscode.commands.executeCommand('vscode.openWith', uri, EDITORS.traceOption, { preview: false });
  }
}

async function exportTrace(editor: TraceEditorProvider): Promise<void> {
  const document = editor.activeDocument;
  if (document === undefined) {
    await vscode.window.showInformationMessage('Open a trace first: the export is of the trace in front.');
    return;
  }
  const format = await vscode.window.showQuickPick(
    EXPORT_FORMATS.map(({ name, label, extension }) => ({
      label,
      description: `.${extension}`,
      name,
      extension,
    })),
    { title: 'Export Trace As', placeHolder: 'Format' },
  );
  if (format === undefined) return;
  const target = await vscode.window.showSaveDialog({
    title: `Export Trace As ${format.label}`,
    defaultUri: document.uri.with({ path: `${document.uri.path}.${format.extension}` }),
  });
  if (target === undefined) return;
  const written = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Exporting ${format.label}…` },
    () => document.request('export', { format: format.name, path: target.fsPath }),
  );
  vscode.window.setStatusBarMessage(`Exported ${(written.bytes / 1e6).toFixed(1)} MB.`, 5000);
}
