import type * as vscode from 'vscode';
import { registerCommands } from './host/commands.js';
import { Log } from './host/log.js';
import { RecordingFileSystem } from './host/recordingUri.js';
import { SourceView } from './host/sourceView.js';
import { TraceEditorProvider } from './host/traceEditor.js';

/** Composition root: constructs and registers, nothing else. */
export function activate(context: vscode.ExtensionContext): void {
  const log = new Log();
  const sourceView = new SourceView();
  const traceEditor = new TraceEditorProvider(context.extensionUri, log, sourceView);
  context.subscriptions.push(
    RecordingFileSystem.register(),
    log,
    sourceView,
    traceEditor.register(),
    registerCommands(traceEditor, log),
  );
  log.info(`KernelOracle ${(context.extension.packageJSON as { version: string }).version} is ready.`);
}
