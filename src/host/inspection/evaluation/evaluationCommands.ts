import { basename } from 'node:path';
import * as vscode from 'vscode';
import { readRun } from '../../../learning/trainer/runFolder.js';
import type { EvaluatorResult } from '../../../workers/evaluatorMessages.js';
import type { Log } from '../../log.js';
import { findDataSet } from '../../training/runs/findDataSet.js';
import type { RunChoice } from '../../training/runs/runChoice.js';
import type { RunRow } from '../../training/runs/runRow.js';
import { withWorkProgress } from '../../workProgress.js';
import { evaluateInProcess, type EvaluateOptions } from './evaluateProcess.js';
import { progressMessage, resultText } from './evaluationText.js';

export interface EvaluationParts {
  readonly choice: RunChoice;
  /** dist/evaluator.cjs */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
  /** The files of a run changed. */
  readonly touch: (folder: string) => Promise<void>;
  /** Opens the model panel of a run. */
  readonly show: (folder: string) => void;
}

const EVALUATE = 'Evaluate Model';
const AUDIT = 'Audit Run';
const PURPOSE = 'Its events are what the model is judged on.';

/** "Evaluate Model…" and "Audit Run": in a process of their own, one at a time for each run. */
export class EvaluationCommands {
  readonly #underway = new Map<string, Promise<void>>();

  constructor(private readonly parts: EvaluationParts) {}

  async evaluate(...args: unknown[]): Promise<void> {
    for (const folder of await this.#folders(EVALUATE, args)) {
      await this.#once(folder, async () => {
        const dataset = await findDataSet(folder, PURPOSE);
        const recordings = dataset === undefined ? undefined : await chooseEvents(folder);
        if (dataset === undefined || recordings === undefined) return;
        const kind = 'evaluate' as const;
        const command = { kind, folder, dataset: dataset.dataset ?? null, recordings };
        await this.#run(`Evaluating ${basename(folder)}`, command);
      });
    }
  }

  async audit(...args: unknown[]): Promise<void> {
    for (const folder of await this.#folders(AUDIT, args)) {
      await this.#once(folder, async () => {
        const dataset = await findDataSet(folder, 'The audit looks at what the model learnt from.');
        if (dataset === undefined) return;
        const command = { kind: 'audit' as const, folder, dataset: dataset.dataset ?? null };
        await this.#run(`Auditing ${basename(folder)}`, command);
      });
    }
  }

  async #folders(title: string, args: readonly unknown[]): Promise<readonly string[]> {
    const { choice } = this.parts;
    const given = choice.foldersOf(args);
    if (given.length > 0) return given;
    const chosen = await choice.one(title, [], hasWeights);
    return chosen === undefined ? [] : [chosen];
  }

  /** Two processes would write the same files. */
  async #once(folder: string, work: () => Promise<void>): Promise<void> {
    const underway = this.#underway.get(folder);
    if (underway !== undefined) {
      void vscode.window.showInformationMessage(
        `${basename(folder)} is being evaluated already: see its notification.`,
      );
      return underway;
    }
    const running = work().finally(() => this.#underway.delete(folder));
    this.#underway.set(folder, running);
    return running;
  }

  async #run(title: string, command: EvaluateOptions['command']): Promise<void> {
    const { log, touch, show } = this.parts;
    const { folder } = command;
    const result = await this.#withProgress(title, command);
    log.info(`${title}: ${resultText(result)}`);
    for (const warning of result.evaluation?.warnings ?? []) log.info(`${basename(folder)}: ${warning}`);
    await touch(folder);
    show(folder);
    if (result.auditProblem !== null) {
      void vscode.window.showWarningMessage(`KernelOracle: ${basename(folder)}: ${resultText(result)}`);
    }
  }

  #withProgress(title: string, command: EvaluateOptions['command']): Thenable<EvaluatorResult> {
    const { program, environment, log } = this.parts;
    return withWorkProgress(title, log, (show, signal) =>
      evaluateInProcess({
        program,
        environment,
        command,
        signal,
        onProgress: (phase, share) => show(progressMessage(phase, share)),
      }),
    );
  }
}

/** There is something to evaluate. */
export function hasWeights({ contextValue }: RunRow): boolean {
  return contextValue.endsWith('.best');
}

/** `null`: the test parts of the data set; else recordings. Undefined: the user gave up. */
async function chooseEvents(folder: string): Promise<string[] | null | undefined> {
  const run = await readRun(folder);
  const ofDataSet = {
    label: 'Test parts of the data set',
    description: run === null ? '' : vscode.workspace.asRelativePath(run.dataset.path),
    detail: 'Validation, seen and unseen: what the model was not trained on.',
  };
  const others = {
    label: 'Recordings…',
    detail:
      'Files that you choose; tasks that the data set does not know count as unknown, and are never right.',
  };
  const picked = await vscode.window.showQuickPick([ofDataSet, others], {
    title: `${EVALUATE} ${basename(folder)}`,
    placeHolder: 'On which events?',
  });
  if (picked === undefined) return undefined;
  if (picked === ofDataSet) return null;
  const chosen = await vscode.window.showOpenDialog({
    title: 'Evaluate: Choose Recordings',
    openLabel: 'Evaluate on These',
    canSelectMany: true,
  });
  return chosen?.map(({ fsPath }) => fsPath);
}
