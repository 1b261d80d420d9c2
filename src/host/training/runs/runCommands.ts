import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../../base/errors.js';
import { readRun, runPaths } from '../../../learning/trainer/runFolder.js';
import { writeFileAtomically } from '../../../base/atomicFile.js';
import { configText } from '../../../learning/trainer/config/config.js';
import { readRunConfig } from '../../../learning/trainer/resumedConfig.js';
import { presentState } from '../queuedRun.js';
import { isOver, type TrainingJobs } from '../trainingJob.js';
import type { RunChoice } from './runChoice.js';
import type { RunRow, RowState } from './runRow.js';
import type { RunsIndex } from './runsIndex.js';
import type { RunsTree } from './runsTree.js';

export interface RunCommandParts {
  readonly index: RunsIndex;
  readonly tree: RunsTree;
  readonly choice: RunChoice;
  readonly jobs: TrainingJobs;
  readonly show: (runFolder: string) => void;
  /** Puts a run that is to go on into the queue. */
  readonly enqueue: (runFolder: string) => void;
}

const RESUMABLE: ReadonlySet<RowState> = new Set(['interrupted', 'cancelled', 'failed', 'finished']);
const IN_USE: ReadonlySet<RowState> = new Set(['queued', 'running', 'paused', 'stopping', 'elsewhere']);
const MOST_EPOCHS = 100_000;

/** The commands of the view "Runs" but for comparing and exporting. */
export class RunCommands {
  constructor(private readonly parts: RunCommandParts) {}

  async open(...args: unknown[]): Promise<void> {
    for (const folder of await this.#named('Open Run', args)) this.parts.show(folder);
  }

  async openConfig(...args: unknown[]): Promise<void> {
    for (const folder of await this.#named('Open Configuration of Run', args)) {
      await openText(runPaths(folder).config, 'configuration');
    }
  }

  async openLog(...args: unknown[]): Promise<void> {
    for (const folder of await this.#named('Open Log of Run', args)) {
      const editor = await openText(runPaths(folder).log, 'log');
      // What matters is what it said last.
      const { document } = editor;
      editor.revealRange(document.lineAt(document.lineCount - 1).range);
    }
  }

  async resume(...args: unknown[]): Promise<void> {
    const folders = await this.parts.choice.some('Resume Run', args, ({ state }) => RESUMABLE.has(state));
    for (const folder of folders) {
      const run = await readRun(folder);
      if (run === null) throw new Failure('not-found', `There is no run in ${folder}.`);
      const state = presentState(run);
      if (state === 'running' || state === 'paused') {
        throw new Failure('wrong-usage', `The run ${basename(folder)} is being trained already.`);
      }
      if (run.state === 'finished' && !(await asksForMoreEpochs(folder, run.epochs))) continue;
      this.parts.enqueue(folder);
    }
  }

  async delete(...args: unknown[]): Promise<void> {
    const folders = await this.parts.choice.some('Delete Run', args, ({ state }) => !IN_USE.has(state));
    if (folders.length === 0) return;
    for (const folder of folders) this.#requireUnused(folder);
    const one = folders.length === 1 ? `the run ${basename(folders[0]!)}` : `${folders.length} runs`;
    const remove = 'Move to Trash';
    const detail = folders
      .map((folder) => this.parts.tree.row(folder))
      .map((row, at) => (row === undefined ? folders[at]! : `${row.label}: ${row.description}`))
      .join('\n');
    const choice = await vscode.window.showWarningMessage(
      `Delete ${one}?`,
      { modal: true, detail: `${detail}\n\nIts weights, checkpoints, metrics and log go with it.` },
      remove,
    );
    if (choice !== remove) return;
    const left = await removeAll(folders, true);
    if (left.length > 0 && (await agreesToDeleteForGood(left))) await removeAll(left, false);
    for (const folder of folders) this.parts.index.touch(folder);
  }

  async refresh(): Promise<void> {
    await this.parts.index.refresh();
  }

  /** All that were named, else one that the user chooses. */
  async #named(title: string, args: readonly unknown[]): Promise<readonly string[]> {
    const { choice } = this.parts;
    const given = choice.foldersOf(args);
    if (given.length > 0) return given;
    const chosen = await choice.one(title, []);
    return chosen === undefined ? [] : [chosen];
  }

  #requireUnused(folder: string): void {
    const row: RunRow | undefined = this.parts.tree.row(folder);
    const job = this.parts.jobs.of(folder);
    const isInUse = (job !== undefined && !isOver(job.state)) || (row !== undefined && IN_USE.has(row.state));
    if (!isInUse) return;
    throw new Failure(
      'wrong-usage',
      `The run ${basename(folder)} is ${row?.state === 'queued' ? 'in the queue' : 'being trained'}: cancel it first.`,
    );
  }
}

/** Those that could not be moved to the trash because there is none. */
async function removeAll(folders: readonly string[], useTrash: boolean): Promise<string[]> {
  const left: string[] = [];
  for (const folder of folders) {
    try {
      await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true, useTrash });
    } catch (error) {
      if (await isGone(folder)) continue;
      if (!useTrash) throw error;
      left.push(folder);
    }
  }
  return left;
}

async function agreesToDeleteForGood(folders: readonly string[]): Promise<boolean> {
  const remove = 'Delete for Good';
  const what = folders.length === 1 ? `the run ${basename(folders[0]!)}` : `these ${folders.length} runs`;
  const choice = await vscode.window.showWarningMessage(
    `There is no trash here. Delete ${what} for good?`,
    { modal: true, detail: 'This cannot be undone.' },
    remove,
  );
  return choice === remove;
}

function isGone(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    () => true,
  );
}

/** A run that finished goes on only to more epochs than it has; false: the user gave up. */
async function asksForMoreEpochs(folder: string, epochs: number): Promise<boolean> {
  const answer = await vscode.window.showInputBox({
    title: `Resume ${basename(folder)}`,
    prompt: `It finished its ${epochs} epochs. To how many in all shall it go on?`,
    value: String(Math.min(MOST_EPOCHS, epochs * 2)),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const isMore = /^\d+$/.test(text.trim()) && Number(text) > epochs && Number(text) <= MOST_EPOCHS;
      return isMore ? undefined : `A whole number from ${epochs + 1} to ${MOST_EPOCHS}.`;
    },
  });
  if (answer === undefined) return false;
  const config = await readRunConfig(folder);
  await writeFileAtomically(runPaths(folder).config, [configText({ ...config, epochs: Number(answer) })]);
  return true;
}

async function openText(path: string, what: string): Promise<vscode.TextEditor> {
  if (await isGone(path))
    throw new Failure('not-found', `This run has no ${what} yet: ${path} is not there.`);
  return vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
}
