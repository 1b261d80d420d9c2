import { basename } from 'node:path';
import * as vscode from 'vscode';
import { readNeuralCfsRun } from '../../learning/migrations/runs/runFolder.js';
import {
  deploy,
  installForDeployment,
  planDeployment,
  type DeploymentPlan,
} from '../../remote/deploy/deployment.js';
import { printableText } from '../../remote/printableText.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import type { Log } from '../log.js';
import type { MachineChoice } from '../machines/machineChoice.js';
import type { TestMachine } from '../machines/testMachine.js';
import type { RunProcesses } from '../neuralCfs/runProcess.js';
import { withWorkProgress } from '../workProgress.js';
import { formWarnings } from '../neuralCfs/runChoices.js';
import { missingText, modeText, planText, wayText } from './deployChoices.js';
import { chooseDeployment, type ChosenDeployment } from './deployFlow.js';
import type { DeployedModels } from './deployedModels.js';
import { withEmittedFolder } from './emittedFolder.js';

/** Of a piece of output that goes to the log. */
const MAX_OUTPUT = 4000;

export interface DeployerParts {
  readonly processes: RunProcesses;
  readonly models: DeployedModels;
  readonly choice: MachineChoice;
  readonly context: RemoteContext;
  readonly log: Log;
}

/** From a run to a model in the kernel of a machine: chosen, planned, agreed to, done. */
export class Deployer {
  constructor(private readonly parts: DeployerParts) {}

  /**
   * @param run folder of the run
   * @param machine the one that was clicked; undefined: the user is asked
   * Failures: those of reading the run, of emitting, planning and deploying it; `cancelled`.
   */
  async deploy(run: string, machine?: TestMachine): Promise<void> {
    const name = basename(run);
    const title = `Deploy Model: ${name}`;
    // A run that cannot be read is told before anything is asked.
    const { model } = await readNeuralCfsRun(run);
    const first = machine ?? (await this.parts.choice.one(title, []));
    if (first === undefined) return;
    const isTree = model.body.kind === 'tree';
    const chosen = await chooseDeployment(title, first, isTree, this.parts.choice);
    if (chosen === undefined) return;
    await withEmittedFolder(async (folder) => {
      const { plan, mind } = await this.#plan(run, chosen, folder);
      const possible = await this.#possible(plan, chosen.machine);
      if (possible === undefined) return;
      const warnings = [...mind, ...possible.warnings];
      const shown = { ...possible, warnings, machine: chosen.machine.name };
      if (await agreesTo(shown, name)) await this.#carryOut(possible, chosen.machine, name);
    });
  }

  /** `mind`: what its form costs it. */
  #plan(
    run: string,
    { machine, choices }: ChosenDeployment,
    folder: string,
  ): Thenable<{ readonly plan: DeploymentPlan; readonly mind: readonly string[] }> {
    const { way, mode, bits } = choices;
    const { log, processes, context } = this.parts;
    return withWorkProgress(
      `Planning the deployment of ${basename(run)} on ${machine.name}`,
      log,
      async (show, signal) => {
        show('writing the sources');
        const work = { signal, onProgress: show };
        const emitted = await processes.emit({ run, target: way, bits, output: folder }, work);
        show('asking the machine');
        const plan = await machine.run(
          'planning a deployment',
          (connection, stop) => planDeployment(connection, context, { way, mode, emitted: folder }, stop),
          signal,
        );
        return { plan, mind: formWarnings(emitted) };
      },
    );
  }

  /** Offers to bring what is missing; undefined: something still is. */
  async #possible(plan: DeploymentPlan, machine: TestMachine): Promise<DeploymentPlan | undefined> {
    if (plan.missing.length === 0) return plan;
    const run = 'Run on the Machine';
    const actions = plan.install === null ? [] : [run];
    const choice = await vscode.window.showWarningMessage(
      `Something is missing on ${machine.name}.`,
      { modal: true, detail: missingText(plan) },
      ...actions,
    );
    if (choice !== run) return undefined;
    const after = await this.#install(plan, machine);
    // Once is enough: what the packages did not bring they will not bring.
    if (after.missing.length === 0) return after;
    await vscode.window.showWarningMessage(`Something is still missing on ${machine.name}.`, {
      modal: true,
      detail: missingText({ ...after, installText: '' }),
    });
    return undefined;
  }

  #install(plan: DeploymentPlan, machine: TestMachine): Thenable<DeploymentPlan> {
    const { context, log } = this.parts;
    const packages = plan.install?.packages.join(', ') ?? '';
    log.show();
    return withWorkProgress(`Installing ${packages} on ${machine.name}`, log, (_show, signal) =>
      machine.run(
        `installing ${packages}`,
        (connection, stop) =>
          installForDeployment(connection, context, plan, {
            onOutput: (text) => log.info(`${machine.name}: ${printableText(text.trimEnd(), MAX_OUTPUT)}`),
            signal: stop,
          }),
        signal,
      ),
    );
  }

  async #carryOut(plan: DeploymentPlan, machine: TestMachine, name: string): Promise<void> {
    const { context, log, models } = this.parts;
    await withWorkProgress(`Deploying ${name} on ${machine.name}`, log, (show, signal) =>
      models.change(
        machine,
        `deploying ${name}`,
        (connection, stop) =>
          deploy(connection, context, plan, {
            onStep: ({ number, count, text }) => {
              show(text, (100 * (number - 1)) / count);
              log.info(`${machine.name}: ${number} of ${count}: ${text}`);
            },
            signal: stop,
          }),
        signal,
      ),
    );
    const how = `${wayText(plan.way)}, ${modeText(plan.mode).toLowerCase()}`;
    void vscode.window.setStatusBarMessage(`${name} is deployed on ${machine.name}: ${how}.`, 10_000);
  }
}

async function agreesTo(plan: DeploymentPlan, name: string): Promise<boolean> {
  const agree = plan.mode === 'active' ? 'Deploy and Let It Decide' : 'Deploy';
  const choice = await vscode.window.showWarningMessage(
    `Deploy ${name} on ${plan.machine}?`,
    { modal: true, detail: planText(plan) },
    agree,
  );
  return choice === agree;
}
