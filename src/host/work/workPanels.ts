import * as vscode from 'vscode';
import { assertUnreachable } from '../../base/assert.js';
import type { Disposable } from '../../base/disposable.js';
import { PANELS } from '../../manifest.js';
import { parseParams, WORK_PARAMS } from '../../protocol/machineSchemas.js';
import type { WorkRequests } from '../../protocol/machineWorkMessages.js';
import type { Log } from '../log.js';
import { throttled, ViewPanel } from '../viewPanel.js';
import type { Work } from './work.js';

/** Counters change several times a second; more often nobody reads them. */
const UPDATE_INTERVAL_MS = 150;

/** The panels of work on machines, one each. Work goes on when its panel is closed. */
export class WorkPanels implements Disposable {
  readonly #open = new Map<Work, ViewPanel>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly log: Log,
    private readonly openArtifact: (path: string) => Promise<void>,
  ) {}

  isVisible(work: Work): boolean {
    return this.#open.get(work)?.panel.visible === true;
  }

  show(work: Work): void {
    const open = this.#open.get(work);
    if (open !== undefined) {
      open.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(PANELS.work, work.title, vscode.ViewColumn.Active);
    const methods = Object.keys(WORK_PARAMS) as (keyof WorkRequests)[];
    const view = new ViewPanel(panel, this.extensionUri, 'work', methods, (method, params) =>
      this.#answer(work, method as keyof WorkRequests, params),
    );
    this.#open.set(work, view);
    const update = throttled(UPDATE_INTERVAL_MS, () => view.send('workUpdated', work.view));
    view.own(update);
    view.own(work.onChanged(update));
    view.own({ dispose: () => this.#open.delete(work) });
  }

  dispose(): void {
    for (const view of [...this.#open.values()]) view.dispose();
  }

  async #answer(work: Work, method: keyof WorkRequests, params: unknown): Promise<unknown> {
    switch (method) {
      case 'workState':
        return work.view;
      case 'stopWork':
        work.stop();
        return null;
      case 'cancelWork':
        if (await agreesToCancel(work)) work.cancel();
        return null;
      case 'openArtifact': {
        const { path } = parseParams(WORK_PARAMS, method, params);
        // Only what this work made: a view cannot name other files.
        if (work.artifacts.some((artifact) => artifact.path === path)) await this.openArtifact(path);
        return null;
      }
      case 'showWorkLog':
        this.log.show();
        return null;
      default:
        return assertUnreachable(method);
    }
  }
}

/** Dropping minutes of collected events wants a second thought; stopping does not. */
async function agreesToCancel(work: Work): Promise<boolean> {
  const drop = 'Cancel and Drop';
  const choice = await vscode.window.showWarningMessage(
    `Cancel "${work.title}"?`,
    {
      modal: true,
      detail:
        'What is being collected is dropped; files that are finished stay. Stop instead to keep what was collected so far.',
    },
    drop,
  );
  return choice === drop;
}
