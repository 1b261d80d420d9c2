import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Failure, isFailure } from '../../../base/errors.js';
import { RUN_EXPORT_KINDS, RUN_EXPORTS, type RunExport } from '../../../learning/export/exportKinds.js';
import { exportRun, type ExportRunOptions, type WrittenFile } from '../../../learning/export/exportRun.js';
import { findDataSet } from './findDataSet.js';
import type { RunChoice } from './runChoice.js';

const TITLE = 'Export Model of Run';

/** "Export Model of Run…": the best weights, in a form for other programs. */
export class RunExporter {
  constructor(
    private readonly choice: RunChoice,
    private readonly kernelOracleVersion: string,
  ) {}

  async export(...args: unknown[]): Promise<void> {
    const folder = await this.choice.one(TITLE, args, ({ contextValue }) => contextValue.endsWith('.best'));
    if (folder === undefined) return;
    const to = await chooseKind(folder);
    if (to === undefined) return;
    const dataset = await findDataSet(folder, 'The export holds its names of tasks and its scale.');
    if (dataset === undefined) return;
    const target = await chooseTarget(folder, to);
    if (target === undefined) return;
    if (target.scheme !== 'file') {
      throw new Failure('wrong-usage', 'Choose a place on a disk: exports are written there.');
    }
    const { kernelOracleVersion } = this;
    const options: ExportRunOptions = {
      folder,
      to,
      output: target.fsPath,
      // The dialog asked about what was there.
      replace: true,
      kernelOracleVersion,
      ...dataset,
    };
    const files = await write(options);
    if (files !== undefined) await tell(target, to, files);
  }
}

async function chooseKind(folder: string): Promise<RunExport | undefined> {
  const items = RUN_EXPORTS.map((name) => {
    const { title, description, extension } = RUN_EXPORT_KINDS[name];
    return { label: title, description: extension ?? 'folder', detail: description, name };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: `Export the Best Model of ${basename(folder)}`,
    placeHolder: 'In which form?',
  });
  return picked?.name;
}

/** Beside the run and named after it. */
async function chooseTarget(folder: string, to: RunExport): Promise<vscode.Uri | undefined> {
  const { title, extension } = RUN_EXPORT_KINDS[to];
  const name = `${basename(folder)}${extension ?? `-${to}`}`;
  return vscode.window.showSaveDialog({
    title: extension === null ? `Folder for ${title}` : `Export as ${title}`,
    saveLabel: 'Export',
    defaultUri: vscode.Uri.file(join(dirname(folder), name)),
  });
}

/** Undefined: the user gave up. */
async function write(options: ExportRunOptions): Promise<readonly WrittenFile[] | undefined> {
  const { title } = RUN_EXPORT_KINDS[options.to];
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress(
    { location, title: `Exporting ${title}…`, cancellable: true },
    async (_progress, token) => {
      const cancellation = new AbortController();
      const listening = token.onCancellationRequested(() => cancellation.abort());
      try {
        return await exportRun({ ...options, signal: cancellation.signal });
      } catch (error) {
        if (isFailure(error, 'cancelled')) return undefined;
        throw error;
      } finally {
        listening.dispose();
      }
    },
  );
}

async function tell(target: vscode.Uri, to: RunExport, files: readonly WrittenFile[]): Promise<void> {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const size = bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const reveal = 'Show in Explorer';
  const isInWorkspace = vscode.workspace.getWorkspaceFolder(target) !== undefined;
  const choice = await vscode.window.showInformationMessage(
    `Exported ${basename(target.fsPath)} as ${RUN_EXPORT_KINDS[to].title} (${size}).`,
    ...(isInWorkspace ? [reveal] : []),
  );
  if (choice === reveal) await vscode.commands.executeCommand('revealInExplorer', target);
}
