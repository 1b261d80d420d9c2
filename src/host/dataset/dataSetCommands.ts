import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { Failure } from '../../base/errors.js';
import { findInputs } from '../../dataset/extract/findInputs.js';
import type { BuildProgress } from '../../dataset/buildDataSet.js';
import { stepText, type BuildSummary } from '../../workers/dataSetBuilderMessages.js';
import type { Log } from '../log.js';
import { EventLoopDelay } from '../training/eventLoopDelay.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { builtText, changesOf } from './buildChoices.js';
import { chooseBuild, type ChosenBuild } from './buildFlow.js';
import { buildInProcess } from './buildProcess.js';
import { DataSetText } from './dataSetText.js';
import { newConfig } from './newConfig.js';

/** In `dist`, beside the extension. */
const PROGRAM = 'dataSetBuilder.cjs';

/** "Build Data Set…" and "New Training Configuration". */
export class DataSetCommands implements Disposable {
  #text: DataSetText | undefined;

  constructor(private readonly log: Log) {}

  /**
   * From recordings to a data set, in a process of its own.
   * @param resource file or folder of the explorer
   * @param selected all that are selected there
   */
  async build(resource?: unknown, selected?: unknown): Promise<void> {
    const paths = pathsOf(resource, selected) ?? (await askForRecordings());
    if (paths === undefined || paths.length === 0) return;
    const inputs = await findInputs(paths);
    const what = inputs.length === 1 ? '1 recording' : `${inputs.length} files`;
    const root = workspaceRoot();
    const chosen = await chooseBuild(`Build Data Set of ${what}`, inputs, root);
    if (chosen === undefined) return;
    const summary = await this.#build(paths, chosen);
    const name = vscode.workspace.asRelativePath(chosen.output);
    const text = builtText(name, summary);
    this.log.info(`${text} ${changesOf(chosen.options)}.`);
    for (const warning of summary.warnings) this.log.info(`${name}: ${warning}`);
    void this.#tell(text, chosen.output);
  }

  /** @param resource folder of a data set; else one of the workspace is chosen */
  newConfig(resource?: unknown): Promise<void> {
    return newConfig(resource);
  }

  dispose(): void {
    this.#text?.dispose();
  }

  async #build(paths: readonly string[], chosen: ChosenBuild): Promise<BuildSummary> {
    return vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `Building data set ${vscode.workspace.asRelativePath(chosen.output)}`,
        cancellable: true,
      },
      async (progress, token) => {
        const cancellation = new AbortController();
        token.onCancellationRequested(() => cancellation.abort());
        const delay = new EventLoopDelay();
        delay.begin();
        let doneShare = 0;
        return buildInProcess({
          program: join(__dirname, PROGRAM),
          command: { kind: 'build', paths: [...paths], ...chosen },
          signal: cancellation.signal,
          onProgress: (now) => {
            const share = shareOf(now);
            progress.report({ message: stepText(now), increment: Math.max(0, share - doneShare) });
            doneShare = Math.max(doneShare, share);
          },
        }).finally(() => {
          const measured = delay.end();
          if (measured === null) return;
          const { p99Ms, maxMs } = measured;
          this.log.info(
            `While it was built, the extension host's event loop was delayed ${p99Ms.toFixed(1)} ms at the 99th percentile, ${maxMs.toFixed(1)} ms at most.`,
          );
        });
      },
    );
  }

  async #tell(text: string, output: string): Promise<void> {
    const configure = 'New Training Configuration';
    const show = 'Show';
    const choice = await vscode.window.showInformationMessage(text, configure, show);
    if (choice === configure) await newConfig(vscode.Uri.file(output));
    if (choice === show) {
      this.#text ??= new DataSetText();
      await this.#text.show(output);
    }
  }
}

/** Reading takes most of the time. In per cent. */
function shareOf({ step, done, total }: BuildProgress): number {
  const share = total === 0 ? 0 : done / total;
  return step === 'reading' ? share * 80 : 80 + share * 20;
}

/** Failure `wrong-usage` for what lies on no disk. */
function pathsOf(resource: unknown, selected: unknown): string[] | undefined {
  const given = Array.isArray(selected) && selected.length > 0 ? selected : [resource];
  const uris = given.filter((each): each is vscode.Uri => each instanceof vscode.Uri);
  if (uris.length === 0) return undefined;
  const elsewhere = uris.find(({ scheme }) => scheme !== 'file');
  if (elsewhere !== undefined) {
    throw new Failure(
      'wrong-usage',
      `${elsewhere.toString()} lies on no disk of this machine. Copy it to one first.`,
    );
  }
  return [...new Set(uris.map(({ fsPath }) => fsPath))];
}

async function askForRecordings(): Promise<string[] | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'Build Data Set: Choose Recordings, or Folders of Them',
    openLabel: 'Choose Recordings',
    canSelectMany: true,
    canSelectFiles: true,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(workspaceRoot()),
  });
  return chosen?.map(({ fsPath }) => fsPath);
}
