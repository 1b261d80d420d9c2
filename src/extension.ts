import * as vscode from 'vscode';
import { registerCommands, traceCommands } from './host/commands.js';
import { Lab } from './host/lab.js';
import { Learning } from './host/learning.js';
import { Log } from './host/log.js';
import { RecordingFileSystem } from './host/recordingUri.js';
import { SourceView } from './host/sourceView.js';
import { TraceEditorProvider } from './host/traceEditor.js';
import { yamlFiles } from './host/yaml/yamlFiles.js';

let lab: Lab | undefined;
let learning: Learning | undefined;

/** Composition root: constructs and registers, nothing else. */
export function activate(context: vscode.ExtensionContext): void {
  const log = new Log();
  const sourceView = new SourceView();
  const traceEditor = new TraceEditorProvider(context.extensionUri, log, sourceView);
  lab = new Lab(context, log);
  learning = new Learning(context, log, traceEditor);
  context.subscriptions.push(
    RecordingFileSystem.register(),
    log,
    sourceView,
    traceEditor.register(),
    lab,
    learning,
    yamlFiles(vscode.Uri.joinPath(context.extensionUri, 'media').fsPath),
    registerCommands({ ...traceCommands(traceEditor, log), ...lab.handlers, ...learning.handlers }, log),
  );
  log.info(`KernelOracle ${(context.extension.packageJSON as { version: string }).version} is ready.`);
}

/** The window closes: whatever runs on test machines is ended first, and runs of training are saved. */
export async function deactivate(): Promise<void> {
  await Promise.all([lab?.shutDown(), learning?.shutDown()]);
}
