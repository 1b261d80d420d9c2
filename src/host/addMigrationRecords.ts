import * as vscode from 'vscode';
import type { TraceDocument } from './traceDocument.js';

/** Asks for migration records and lays them on the timeline of a trace; the view tells what became of them. */
export async function addMigrationRecords(document: TraceDocument): Promise<void> {
  const [first] = document.files;
  const beside = first ?? document.folder;
  const chosen = await vscode.window.showOpenDialog({
    title: 'Migration Records of the Same Recording',
    openLabel: 'Add to Timeline',
    canSelectMany: true,
    filters: { 'Migration records': ['csv', 'gz', 'zst', 'xz'], 'All files': ['*'] },
    ...(beside === undefined ? {} : { defaultUri: vscode.Uri.joinPath(beside, '..') }),
  });
  if (chosen !== undefined) await document.addRecords(chosen);
}
