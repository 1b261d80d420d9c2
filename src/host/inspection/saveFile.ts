import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { FileToSave } from '../../protocol/inspectionMessages.js';

/** Asks where to, and writes; `null` when the user gave up. @param folder of the run: what is proposed lies beside it */
export async function saveFile(
  { name, content }: FileToSave,
  folder: string,
): Promise<{ readonly path: string } | null> {
  const target = await vscode.window.showSaveDialog({
    title: content.kind === 'csv' ? 'Save Table As CSV' : 'Save Chart As PNG',
    saveLabel: 'Save',
    defaultUri: vscode.Uri.file(join(dirname(folder), name)),
    filters: content.kind === 'csv' ? { CSV: ['csv'] } : { PNG: ['png'] },
  });
  if (target === undefined) return null;
  const bytes = content.kind === 'csv' ? Buffer.from(content.text) : Buffer.from(content.base64, 'base64');
  await vscode.workspace.fs.writeFile(target, bytes);
  return { path: target.fsPath };
}
