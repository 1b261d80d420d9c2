import type * as vscode from 'vscode';
import { registerCommands, traceCommands } from './host/commands.js';
import { Lab } from './host/lab.js';
import { Log } from './host/log.js';
import { RecordingFileSystem } from './host/recordingUri.js';
import { SourceView } from './host/sourceView.js';
import { TraceEditorProvider } from './host/traceEditor.js';

let lab: Lab | undefined;

/** Composition root: constructs and registers, nothing else. */
export function activate(context: vscode.ExtensionContext): void {
  const log = new Log();
  const sourceView = new SourceView();
  const traceEditor = new TraceEditorProvider(context.extensionUri, log, sourceView);
  lab = new Lab(context, log);
  context.subscriptions.push(
    RecordingFileSystem.register(),
    log,
    sourceView,
    traceEditor.register(),
    lab,
    registerCommands({ ...traceCommands(traceEditor, log), ...lab.handlers }, log),
  );
  log.info(`KernelOracle ${(context.extension.packageJSON as { version: string }).version} is ready.`);
}

/** The window closes: whatever runs on test machines is ended first. */
export async function deactivate(): Promise<void> {
  await lab?.shutDown();
}
