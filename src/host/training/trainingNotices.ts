import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { messageOf } from '../../base/errors.js';
import { readMetrics } from '../../learning/runs/runFiles.js';
import { readRun } from '../../learning/trainer/runFolder.js';
import { COMMANDS } from '../../manifest.js';
import type { Log } from '../log.js';
import { throttled } from '../viewPanel.js';
import type { TrainingJob } from './trainingJob.js';
import type { TrainingQueue } from './trainingQueue.js';
import { doneShare, outcomeText, progressText } from './trainingText.js';

const INTERVAL_MS = 500;

/** A notification with progress for what trains, and one that says what came of it. */
export class TrainingNotices implements Disposable {
  readonly #owned = new DisposableStore();
  #shown: TrainingJob | undefined;

  constructor(
    private readonly queue: TrainingQueue,
    private readonly log: Log,
  ) {
    this.#owned.add(queue.onChanged(() => this.#look()));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** Says what came of a job, and does what the user chooses then. */
  async tellEnd(job: TrainingJob): Promise<void> {
    const open = 'Open Run';
    const openLog = 'Open Log';
    const resume = 'Resume';
    const run = { [open]: COMMANDS.openRun, [openLog]: COMMANDS.openRunLog, [resume]: COMMANDS.resumeRun };
    const choice =
      job.state === 'failed'
        ? await vscode.window.showErrorMessage(
            `Training ${job.title} failed. ${job.message ?? ''}`,
            open,
            openLog,
          )
        : job.state === 'cancelled'
          ? await vscode.window.showInformationMessage(
              `Training ${job.title} was cancelled. What it learnt is saved: it can be resumed.`,
              resume,
              open,
            )
          : await vscode.window.showInformationMessage(await this.#finishedText(job), open);
    if (choice !== undefined)
      await vscode.commands.executeCommand(run[choice], vscode.Uri.file(job.runFolder));
  }

  async #finishedText({ title, runFolder, message }: TrainingJob): Promise<string> {
    const early = message === null ? '' : ` ${message}`;
    try {
      const run = await readRun(runFolder);
      if (run === null) return `Training ${title} is finished.${early}`;
      return `Training ${title} is finished: ${outcomeText(run, await readMetrics(runFolder))}.${early}`;
    } catch (error) {
      this.log.error(`Reading ${runFolder}`, error);
      return `Training ${title} is finished. ${messageOf(error)}`;
    }
  }

  #look(): void {
    const { current } = this.queue;
    if (current === undefined || current === this.#shown) return;
    this.#shown = current;
    const argument = encodeURIComponent(JSON.stringify([current.runFolder]));
    // Notifications with progress have no buttons but Cancel; links they have.
    const title = `Training ${current.title} ([Show](command:${COMMANDS.showTraining}?${argument}))`;
    const location = vscode.ProgressLocation.Notification;
    void vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) =>
      this.#follow(current, progress, token),
    );
  }

  #follow(
    job: TrainingJob,
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const owned = this.#owned.add(new DisposableStore());
    return new Promise((resolve) => {
      let donePercent = 0;
      const tell = owned.add(
        throttled(INTERVAL_MS, () => {
          const percent = job.progress === null ? 0 : doneShare(job.progress) * 100;
          progress.report({ message: progressText(job), increment: Math.max(0, percent - donePercent) });
          donePercent = Math.max(donePercent, percent);
        }),
      );
      owned.add(
        job.onChanged(() => {
          if (this.queue.current === job) tell();
          else owned.dispose();
        }),
      );
      owned.add(token.onCancellationRequested(() => job.cancel()));
      owned.add({ dispose: resolve });
      tell();
    });
  }
}
