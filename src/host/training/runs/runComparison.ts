import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../../base/errors.js';
import { compareConfigs } from '../../../learning/runs/compareConfigs.js';
import { readMetrics } from '../../../learning/runs/runFiles.js';
import { readRunConfig } from '../../../learning/trainer/resumedConfig.js';
import { readRun } from '../../../learning/trainer/runFolder.js';
import { RUN_SCHEME } from '../../../manifest.js';
import { presentState } from '../queuedRun.js';
import { comparisonText, type ComparedRun } from './comparisonText.js';
import type { RunChoice } from './runChoice.js';

const TITLE = 'Compare Configurations of Runs';

/** "Compare Configurations of Runs": the editor's own comparison, of what was set and of what came of it. */
export class RunComparison implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(RUN_SCHEME, this);

  constructor(private readonly choice: RunChoice) {}

  async compare(...args: unknown[]): Promise<void> {
    const folders = await this.choice.some(TITLE, args);
    if (folders.length === 0) return;
    const [a, b] = folders;
    if (a === undefined || b === undefined || folders.length > 2) {
      throw new Failure('wrong-usage', 'Select two runs to compare them: Ctrl+click the second one.');
    }
    await vscode.commands.executeCommand(
      'vscode.diff',
      uriOf(a, b, true),
      uriOf(b, a, false),
      `${basename(a)} ↔ ${basename(b)}`,
      { preview: false },
    );
  }

  /** Read when it is shown, also when the editor restores it. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { folder, other, isFirst } = foldersOf(uri);
    const [own, others] = [await read(folder), await read(other)];
    const [a, b] = isFirst ? [own, others] : [others, own];
    return comparisonText(own, compareConfigs(a.config, b.config));
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

async function read(folder: string): Promise<ComparedRun> {
  const run = await readRun(folder);
  if (run === null) throw new Failure('not-found', `There is no run in ${folder}.`);
  const config = await readRunConfig(folder);
  return { folder, run, state: presentState(run), config, metrics: await readMetrics(folder) };
}

/** The path gives the title and the language; the query tells which runs. */
function uriOf(folder: string, other: string, isFirst: boolean): vscode.Uri {
  const query = new URLSearchParams({ folder, other, first: String(isFirst) }).toString();
  return vscode.Uri.from({ scheme: RUN_SCHEME, path: `/${basename(folder)}.yaml`, query });
}

function foldersOf(uri: vscode.Uri): { folder: string; other: string; isFirst: boolean } {
  const query = new URLSearchParams(uri.query);
  const [folder, other] = [query.get('folder'), query.get('other')];
  if (folder === null || other === null) throw new Failure('bad-input', 'This names no runs to compare.');
  return { folder, other, isFirst: query.get('first') === 'true' };
}
