import { basename } from 'node:path';
import * as vscode from 'vscode';
import { assertUnreachable } from '../../../base/assert.js';
import type { Disposable } from '../../../base/disposable.js';
import { PANELS } from '../../../manifest.js';
import type { TrainingPanelRequests } from '../../../protocol/trainingPanelMessages.js';
import { readTrainingMemory, TRAINING_PARAMS } from '../../../protocol/trainingPanelSchemas.js';
import type { Log } from '../../log.js';
import { throttled, ViewPanel } from '../../viewPanel.js';
import type { TrainingJobs } from '../trainingJob.js';
import { ShownRun } from './shownRun.js';

/** Progress comes five times a second; epochs of a small model more often than anybody can look. */
const UPDATE_INTERVAL_MS = 200;
const RESULTS_INTERVAL_MS = 500;
/** How often the files of a run are looked at that another process may train. */
const LOOK_INTERVAL_MS = 1500;

/** What the buttons of a panel do beside what the job itself can. */
export interface TrainingActions {
  openLog(folder: string): unknown;
  openConfig(folder: string): unknown;
  resume(folder: string): unknown;
}

/** The views of runs, one each. They come back with the window; a run goes on whether one shows it or not. */
export class TrainingPanels implements vscode.WebviewPanelSerializer, Disposable {
  readonly #open = new Map<string, ViewPanel>();
  readonly #registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly jobs: TrainingJobs,
    private readonly actions: TrainingActions,
    private readonly log: Log,
  ) {
    this.#registration = vscode.window.registerWebviewPanelSerializer(PANELS.training, this);
  }

  /** Opens the view of a run, or brings it to the front. */
  show(runFolder: string): void {
    const open = this.#open.get(runFolder);
    if (open !== undefined) {
      open.reveal();
      return;
    }
    const title = basename(runFolder);
    this.#fill(vscode.window.createWebviewPanel(PANELS.training, title, vscode.ViewColumn.Active), runFolder);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const memory = readTrainingMemory(state);
    if (memory === null || this.#open.has(memory.runFolder)) panel.dispose();
    else this.#fill(panel, memory.runFolder);
    return Promise.resolve();
  }

  dispose(): void {
    this.#registration.dispose();
    for (const view of [...this.#open.values()]) view.dispose();
  }

  #fill(panel: vscode.WebviewPanel, folder: string): void {
    const methods = Object.keys(TRAINING_PARAMS) as (keyof TrainingPanelRequests)[];
    const update = throttled(UPDATE_INTERVAL_MS, () => view.send('trainingUpdated', run.view));
    const tellResults = throttled(RESULTS_INTERVAL_MS, () => view.send('trainingHistory', run.results));
    const run = new ShownRun(
      folder,
      this.jobs,
      {
        changed: () => panel.visible && update(),
        resultsChanged: () => panel.visible && tellResults(),
      },
      (path) => vscode.workspace.asRelativePath(path),
    );
    const view: ViewPanel = new ViewPanel(panel, this.extensionUri, 'training', methods, (method) =>
      this.#answer(run, method as keyof TrainingPanelRequests),
    );
    this.#open.set(folder, view);
    const look = () => {
      if (panel.visible && !run.isOurs)
        run.look().catch((error: unknown) => this.log.error(`Reading ${folder}`, error));
    };
    const timer = setInterval(look, LOOK_INTERVAL_MS);
    view.own({ dispose: () => clearInterval(timer) });
    view.own(update);
    view.own(tellResults);
    view.own(run);
    view.own({ dispose: () => this.#open.delete(folder) });
  }

  async #answer(run: ShownRun, method: keyof TrainingPanelRequests): Promise<unknown> {
    switch (method) {
      case 'trainingState':
        return run.state();
      case 'pauseTraining':
        run.job?.pause();
        return null;
      case 'continueTraining':
        run.job?.resume();
        return null;
      case 'cancelTraining':
        run.job?.cancel();
        return null;
      case 'resumeTraining':
        await this.actions.resume(run.folder);
        return null;
      case 'openTrainingLog':
        await this.actions.openLog(run.folder);
        return null;
      case 'openTrainingConfig':
        await this.actions.openConfig(run.folder);
        return null;
      default:
        return assertUnreachable(method);
    }
  }
}
