import * as vscode from 'vscode';
import type { TimeRange, TraceSummary } from '../protocol/traceMessages.js';
import { EXPORT_FORMATS, type ExportFormat } from '../trace/exporters/exportTrace.js';
import type { TraceDocument } from './traceDocument.js';

/** Asks for format and file, and writes the trace there, or the events of a range of it. */
export async function exportTrace(document: TraceDocument, range: TimeRange | null): Promise<void> {
  const { summary } = document;
  if (summary?.complete !== true) {
    await vscode.window.showInformationMessage(
      document.failure ?? 'The trace is still being read. Export it when that is done.',
    );
    return;
  }
  const what = range === null ? 'Export Trace' : 'Export Selected Range';
  const format = await chooseFormat(what);
  if (format === undefined) return;
  const cpu = format.oneCpu === true ? await chooseCpu(what, summary) : null;
  if (cpu === undefined) return;
  const target = await vscode.window.showSaveDialog({
    title: `${what} As ${format.label}`,
    defaultUri: suggestion(document, format, range !== null, cpu),
  });
  if (target === undefined) return;
  if (target.scheme !== 'file') throw new Error('Choose a file on a disk: exports are written there.');
  const written = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Exporting ${format.label}…`,
      cancellable: true,
    },
    (progress, token) =>
      write(document, format, target.fsPath, withLast(range, summary), cpu, progress, token),
  );
  if (written !== undefined) await tell(target, format, written);
}

function chooseFormat(what: string): Thenable<ExportFormat | undefined> {
  const items = EXPORT_FORMATS.map((format) => ({
    label: format.label,
    description: `.${format.extension}`,
    detail: format.leavesOut === undefined ? 'holds everything' : `without ${format.leavesOut}`,
    format,
  }));
  return vscode.window
    .showQuickPick(items, { title: `${what} As`, placeHolder: 'Format' })
    .then((item) => item?.format);
}

/** Null where the recording has one CPU only; undefined when the user gives up. */
async function chooseCpu(what: string, { cpus }: TraceSummary): Promise<number | null | undefined> {
  if (cpus.length < 2) return null;
  const items = cpus.map((cpu) => ({ label: `CPU ${cpu}`, cpu }));
  const item = await vscode.window.showQuickPick(items, {
    title: what,
    placeHolder: 'The format has no CPU column: of which CPU?',
  });
  return item?.cpu;
}

/** Beside the trace, named after it. */
function suggestion(
  document: TraceDocument,
  { extension }: ExportFormat,
  isPart: boolean,
  cpu: number | null,
): vscode.Uri {
  const beside = document.folder ?? document.files[0] ?? document.uri;
  const part = `${cpu === null ? '' : `-cpu${cpu}`}${isPart ? '-part' : ''}`;
  return beside.with({ path: `${beside.path}${part}.${extension}` });
}

/** A range that reaches to the last event includes it: nobody can select beyond it. */
function withLast(range: TimeRange | null, { endNs }: TraceSummary): TimeRange | null {
  return range === null || range.endNs < endNs ? range : { startNs: range.startNs, endNs: endNs + 1 };
}

/** Undefined: the user gave up. */
async function write(
  document: TraceDocument,
  format: ExportFormat,
  path: string,
  range: TimeRange | null,
  cpu: number | null,
  progress: vscode.Progress<{ increment?: number }>,
  token: vscode.CancellationToken,
): Promise<{ bytes: number; events: number } | undefined> {
  let shown = 0;
  const following = document.onExporting((share) => {
    progress.report({ increment: (share - shown) * 100 });
    shown = share;
  });
  const cancelling = token.onCancellationRequested(() => void document.request('cancelExport', {}));
  try {
    return await document.request('export', { format: format.name, path, range, cpu });
  } catch (error) {
    if (token.isCancellationRequested) return undefined;
    throw error;
  } finally {
    following.dispose();
    cancelling.dispose();
  }
}

async function tell(
  target: vscode.Uri,
  { name }: ExportFormat,
  { bytes, events }: { bytes: number; events: number },
): Promise<void> {
  const file = target.path.slice(target.path.lastIndexOf('/') + 1);
  const size = bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const message = `Exported ${events.toLocaleString('en-US')} events to ${file} (${size}).`;
  // No editor shows Parquet.
  const actions = name === 'parquet' ? [] : ['Open'];
  const choice = await vscode.window.showInformationMessage(message, ...actions);
  if (choice === 'Open') await vscode.commands.executeCommand('vscode.open', target, { preview: false });
}
