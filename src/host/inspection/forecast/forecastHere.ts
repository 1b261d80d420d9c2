import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../../base/errors.js';
import type { FoundRun } from '../../../learning/runs/findRuns.js';
import { bestText } from '../../../learning/runs/compareConfigs.js';
import type { ForecastStart } from '../../../protocol/forecastMessages.js';
import type { TraceDocument } from '../../traceDocument.js';
import type { TraceEditorProvider } from '../../traceEditor.js';
import { fittingRuns, type FittingRun } from './fittingRuns.js';
import { startAtCursor } from './startAtCursor.js';

const TITLE = 'Forecast From Here';
/** Tasks with the most switches; the others are a small share of them. */
const MOST_TASKS = 5000;

export interface ForecastHereParts {
  readonly editor: Pick<TraceEditorProvider, 'activeDocument' | 'activeCursor'>;
  /** Runs of the workspace, the newest first. */
  readonly runs: () => Promise<readonly FoundRun[]>;
  readonly show: (folder: string, start: ForecastStart) => void;
}

/** "Forecast From Here…": from the cursor of the trace in front, by a run that fits it. */
export async function forecastHere({ editor, runs, show }: ForecastHereParts): Promise<void> {
  const { activeDocument: document, activeCursor: cursor } = editor;
  if (document === undefined)
    throw new Failure('wrong-usage', 'Open a trace first, and click on a slice of it.');
  const { summary } = document;
  if (summary?.complete !== true) {
    throw new Failure(
      'wrong-usage',
      document.failure ?? 'The trace is still being read. Forecast from it when that is done.',
    );
  }
  if (cursor === null) {
    throw new Failure(
      'wrong-usage',
      'Click on the slice to forecast from, or choose "Forecast From Here…" in the menu of a right click on the timeline.',
    );
  }
  const path = pathOf(document);
  const { rows: tasks } = await document.request('tasks', {
    range: null,
    filter: '',
    sort: 'switches',
    descending: true,
    offset: 0,
    limit: MOST_TASKS,
  });
  const fitting = await fittingRuns(await runs(), { path, tasks });
  if (fitting.length === 0) {
    throw new Failure(
      'not-found',
      `No run of this workspace can forecast from ${summary.name}: it would have to be trained, its data set be there, and know at least half of the switches of the trace. Train a model on recordings like this one.`,
    );
  }
  const chosen = await chooseRun(fitting);
  if (chosen !== undefined) show(chosen.run.folder, startAtCursor(path, cursor, summary));
}

function pathOf({ files, folder }: Pick<TraceDocument, 'files' | 'folder'>): string {
  const uri = folder ?? (files.length === 1 ? files[0] : undefined);
  if (uri?.scheme === 'file') return uri.fsPath;
  throw new Failure(
    'wrong-usage',
    files.length > 1
      ? 'A forecast begins in a recording of one file or folder: open the folder that these files lie in.'
      : 'A forecast begins in a recording on a disk: this one lies on a virtual file system.',
  );
}

async function chooseRun(fitting: readonly FittingRun[]): Promise<FittingRun | undefined> {
  const items = fitting.map((each) => ({ ...itemOf(each), each }));
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: 'Which run? The newest is first.',
    matchOnDescription: true,
  });
  return picked?.each;
}

function itemOf({ run: { folder, run }, knownShare, isOfDataSet }: FittingRun): vscode.QuickPickItem {
  const known = `knows ${Math.floor(knownShare * 100)} % of the switches`;
  return {
    label: basename(folder),
    description: `${run.model} · ${bestText(run)} · ${known}`,
    ...(isOfDataSet ? { detail: 'This trace is in its data set: it may have learned from it.' } : {}),
  };
}
