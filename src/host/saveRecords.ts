import * as vscode from 'vscode';
import type { RecordFilter } from '../protocol/migrationMessages.js';
import type { TraceDocument } from './traceDocument.js';

/** Leaves all records. */
export const ALL_RECORDS: RecordFilter = {
  text: '',
  outcome: 'any',
  type: null,
  srcCpu: null,
  dstCpu: null,
};

export interface SavedRecords {
  readonly rows: number;
  readonly bytes: number;
  readonly path: string;
}

/** Asks where to, and writes the records that the filter leaves; null when the user gave up. */
export async function saveRecords(
  document: TraceDocument,
  filter: RecordFilter,
): Promise<SavedRecords | null> {
  const target = await vscode.window.showSaveDialog({
    title: 'Export Migration Records As CSV',
    saveLabel: 'Export',
    defaultUri: document.uri.with({ path: proposedPath(document.uri.path, filter) }),
    filters: { CSV: ['csv'] },
  });
  if (target === undefined) return null;
  const written = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Exporting migration records…' },
    () => document.request('exportRecords', { filter, path: target.fsPath }),
  );
  return { ...written, path: target.fsPath };
}

/** `run.csv.gz` becomes `run.forced.csv`: a name of its own, beside the source. */
function proposedPath(path: string, { text, outcome, type, srcCpu, dstCpu }: RecordFilter): string {
  const stem = path.replace(/(\.csv)?(\.(gz|zst|xz))?$/i, '');
  const isFiltered = text !== '' || type !== null || srcCpu !== null || dstCpu !== null;
  const what = outcome === 'any' ? (isFiltered ? 'filtered' : 'copy') : outcome;
  return `${stem}.${what}.csv`;
}
