import * as vscode from 'vscode';
import { writeQueuedRun } from './queuedRun.js';
import { chooseConfig, readConfig } from './configChoice.js';
import { newRunFolder } from './newRun.js';
import { isOver, type TrainingJob } from './trainingJob.js';
import type { TrainingQueue } from './trainingQueue.js';
import { progressText } from './trainingText.js';

export interface TrainingCommandOptions {
  readonly queue: TrainingQueue;
  readonly kernelOracleVersion: string;
  /** The run folders that an argument of a command names; none for those that name none. */
  readonly foldersOf: (args: readonly unknown[]) => readonly string[];
  readonly show: (runFolder: string) => void;
}

/** Train, pause, continue, cancel, show. */
export class TrainingCommands {
  constructor(private readonly options: TrainingCommandOptions) {}

  async train(resource: unknown): Promise<void> {
    const uri = await chooseConfig(resource);
    if (uri === undefined) return;
    const config = await readConfig(uri);
    if (config === undefined) return;
    const now = new Date();
    const runFolder = await newRunFolder(uri.fsPath, config, now);
    await writeQueuedRun(runFolder, config, this.options.kernelOracleVersion, now);
    this.enqueue(runFolder, false);
  }

  /** Puts a run into the queue, and says so when it has to wait. */
  enqueue(runFolder: string, resume: boolean): void {
    const { queue } = this.options;
    const ahead = queue.all.filter(({ state }) => !isOver(state)).length;
    const job = queue.add({ runFolder, resume });
    if (ahead === 0) return;
    const what = ahead === 1 ? (queue.current?.title ?? 'another one') : `${ahead} others`;
    void vscode.window.showInformationMessage(`${job.title} waits for ${what}; runs are trained one by one.`);
  }

  pause(...args: unknown[]): void {
    for (const job of this.#jobs(args)) job.pause();
  }

  continue(...args: unknown[]): void {
    for (const job of this.#jobs(args)) job.resume();
  }

  cancel(...args: unknown[]): void {
    for (const job of this.#jobs(args)) job.cancel();
  }

  /** The panel of the run that the argument names, of the one that trains, or that the user chooses. */
  async showTraining(resource: unknown): Promise<void> {
    const { queue, foldersOf, show } = this.options;
    const [given] = typeof resource === 'string' ? [resource] : foldersOf([resource]);
    const current = given ?? queue.current?.runFolder;
    if (current !== undefined) {
      show(current);
      return;
    }
    const { all } = queue;
    if (all.length === 0) {
      void vscode.window.showInformationMessage(
        'Nothing was trained since this window opened. The view Runs has what was trained before.',
      );
      return;
    }
    const picked = await vscode.window.showQuickPick(
      all.map(({ title, state, runFolder, progress }) => ({
        label: title,
        description: isOver(state) ? state : progressText({ state, progress }),
        runFolder,
      })),
      { title: 'Show Training', placeHolder: 'Which run?' },
    );
    if (picked !== undefined) show(picked.runFolder);
  }

  /** Of the runs that the arguments name; without any, what trains. */
  #jobs(args: readonly unknown[]): TrainingJob[] {
    const { queue, foldersOf } = this.options;
    const folders = foldersOf(args);
    const found = folders.length > 0 ? folders.flatMap((folder) => queue.of(folder) ?? []) : [queue.current];
    return found.filter((job): job is TrainingJob => job !== undefined && !isOver(job.state));
  }
}
