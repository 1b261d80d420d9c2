import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { findInputs } from '../../dataset/extract/findInputs.js';
import type { BuildProgress } from '../../dataset/buildDataSet.js';
import { stepText, type BuildSummary } from '../../workers/dataSetBuilderMessages.js';
import { givenPaths } from '../givenPaths.js';
import type { Log } from '../log.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { withWorkProgress } from '../workProgress.js';
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
    const paths = givenPaths(resource, selected) ?? (await askForRecordings());
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
    return withWorkProgress(
      `Building data set ${vscode.workspace.asRelativePath(chosen.output)}`,
      this.log,
      (show, signal) =>
        buildInProcess({
          program: join(__dirname, PROGRAM),
          command: { kind: 'build', paths: [...paths], ...chosen },
          signal,
          onProgress: (now) => show(stepText(now), shareOf(now)),
        }),
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
