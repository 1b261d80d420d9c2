import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { Failure } from '../../base/errors.js';
import { RUN_FILE_NAME } from '../../learning/migrations/runs/runFolder.js';
import type { DeployedMode } from '../../protocol/deployment.js';
import { removeDeployment, setDeployedMode } from '../../remote/deploy/deployment.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import { givenPaths } from '../givenPaths.js';
import type { MachineChoice } from '../machines/machineChoice.js';
import type { TestMachine } from '../machines/testMachine.js';
import { workspaceRoot } from '../work/collectCommand.js';
import { ACTIVE_TEXT, deployedThere, modeText } from './deployChoices.js';
import type { DeployedModels } from './deployedModels.js';
import type { Deployer } from './deployer.js';
import { statusText } from './statusText.js';

export interface DeployCommandsParts {
  readonly deployer: Deployer;
  readonly models: DeployedModels;
  readonly choice: MachineChoice;
  readonly context: RemoteContext;
  /** Folder of the run whose panel is in front. */
  readonly activeRun: () => string | undefined;
}

/** What the palette, the view "Test Machines" and the panel of a model do with what is deployed. */
export class DeployCommands {
  constructor(private readonly parts: DeployCommandsParts) {}

  /** "Deploy Model…": of the explorer's run, of the panel in front, or of a folder that is asked for; on the machine that was clicked. */
  async deploy(...args: unknown[]): Promise<void> {
    const clicked = givenPaths(args[0], args[1]);
    const run =
      clicked === undefined ? (this.parts.activeRun() ?? (await askForRun())) : await runAt(clicked[0]!);
    if (run === undefined) return;
    const isOfMachine = clicked === undefined && args.length > 0;
    const machine = isOfMachine ? await this.parts.choice.one('Deploy Model', args) : undefined;
    if (isOfMachine && machine === undefined) return;
    await this.parts.deployer.deploy(run, machine);
  }

  /** "Deployed Model: Status" */
  async status(...args: unknown[]): Promise<void> {
    const machine = await this.parts.choice.one('Deployed Model: Status', args);
    if (machine === undefined) return;
    const status = await this.parts.models.ask(machine);
    const [first, ...more] = statusText(status);
    const show =
      status.trouble.length > 0 || status.state === 'rebooted'
        ? vscode.window.showWarningMessage
        : vscode.window.showInformationMessage;
    await show(first!, { modal: true, detail: more.join('\n') });
  }

  /** "Deployed Model: Remove" */
  async remove(...args: unknown[]): Promise<void> {
    const machine = await this.parts.choice.one('Deployed Model: Remove', args);
    if (machine !== undefined) await this.removeFrom(machine);
  }

  async removeFrom(machine: TestMachine): Promise<void> {
    const { models, context } = this.parts;
    const known = models.status(machine.name);
    const there = known === null ? null : deployedThere(known);
    const remove = 'Remove';
    const choice = await vscode.window.showWarningMessage(
      `Remove the deployed model from ${machine.name}?`,
      {
        modal: true,
        detail: `${there === null ? 'What is deployed there' : there} is taken out of the kernel, and its folder off the disk. The kernel decides as it was built to.`,
      },
      remove,
    );
    if (choice !== remove) return;
    await models.change(machine, 'removing the model', (connection, signal) =>
      removeDeployment(connection, context, signal),
    );
    void vscode.window.setStatusBarMessage(`No model is deployed on ${machine.name} any more.`, 10_000);
  }

  /** Asks before a model decides. */
  async setMode(machine: TestMachine, mode: DeployedMode): Promise<void> {
    if (mode === 'active' && !(await agreesToActive(machine.name))) return;
    const { models, context } = this.parts;
    await models.change(machine, `switching to ${modeText(mode).toLowerCase()}`, (connection, signal) =>
      setDeployedMode(connection, context, mode, signal),
    );
  }
}

async function agreesToActive(machine: string): Promise<boolean> {
  const agree = 'Let It Decide';
  const choice = await vscode.window.showWarningMessage(
    `Let the model decide on ${machine}?`,
    { modal: true, detail: ACTIVE_TEXT },
    agree,
  );
  return choice === agree;
}

async function askForRun(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: `Deploy Model: Choose the Folder of a Trained Model, or Its ${RUN_FILE_NAME}`,
    openLabel: 'Deploy',
    canSelectFiles: true,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(workspaceRoot()),
  });
  return chosen?.[0] === undefined ? undefined : runAt(chosen[0].fsPath);
}

/** The folder of a run, from itself or its info file. */
async function runAt(path: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Failure('not-found', `${path} is not there any more.`, { cause });
  });
  if (found.isDirectory()) return path;
  if (basename(path) === RUN_FILE_NAME) return dirname(path);
  throw new Failure(
    'wrong-usage',
    `${path} is no trained model: choose its folder, or its ${RUN_FILE_NAME}.`,
  );
}
