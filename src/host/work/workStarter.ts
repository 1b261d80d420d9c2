import * as vscode from 'vscode';
import { messageOf } from '../../base/errors.js';
import type { Log } from '../log.js';
import type { Work } from './work.js';
import type { WorkList } from './workList.js';
import type { WorkPanels } from './workPanels.js';

/** Begins work on machines: shows its panel, keeps it in the list, and says when it is over where nobody looks. */
export class WorkStarter {
  constructor(
    private readonly works: WorkList,
    private readonly panels: WorkPanels,
    private readonly log: Log,
    private readonly openArtifact: (path: string) => Promise<void>,
  ) {}

  /** @param run tells `work` how it goes, and ends it */
  start(work: Work, run: () => Promise<void>): void {
    this.works.add(work);
    this.panels.show(work);
    void this.#follow(work, run);
  }

  async #follow(work: Work, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.log.error(work.title, error);
      work.addRemark({ severity: 'error', machine: null, text: messageOf(error) });
    }
    if (!work.isOver) work.end(work.cancelSignal.aborted ? 'cancelled' : 'failed');
    this.log.info(`${work.title}: ${work.status}`);
    if (!this.panels.isVisible(work)) await this.#tell(work);
  }

  async #tell(work: Work): Promise<void> {
    if (work.status === 'cancelled') return;
    const show = 'Show';
    const open = 'Open Recording';
    const recordings = work.artifacts.filter(({ kind }) => kind === 'recording');
    const actions = recordings.length === 1 ? [open, show] : [show];
    const choice =
      work.status === 'failed'
        ? await vscode.window.showErrorMessage(`${work.title}: failed.`, show)
        : await vscode.window.showInformationMessage(`${work.title}: done.`, ...actions);
    if (choice === show) this.panels.show(work);
    if (choice === open) await this.openArtifact(recordings[0]!.path);
  }
}
