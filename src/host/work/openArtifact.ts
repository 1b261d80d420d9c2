import * as vscode from 'vscode';
import { COMMANDS, EDITORS } from '../../manifest.js';

/** Opens what work on machines made: a recording in the trace editor, results in the comparison. */
export async function openArtifact(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  if (path.endsWith('.json')) await vscode.commands.executeCommand(COMMANDS.compareResults, uri);
  else await vscode.commands.executeCommand('vscode.openWith', uri, EDITORS.traceOption, { preview: false });
}
