import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Failure, isFailure } from '../../base/errors.js';
import { readNeuralCfsRun } from '../../learning/migrations/runs/runFolder.js';
import type { DeployedModel, DeployedStatus } from '../../protocol/deployment.js';
import { setDeployedMode, swapDeployed, swapOf } from '../../remote/deploy/deployment.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import type { Log } from '../log.js';
import type { TestMachine } from '../machines/testMachine.js';
import { nextName, settingsOf } from '../neuralCfs/runChoices.js';
import { openRun, type ModelRunCommands } from '../neuralCfs/runCommands.js';
import { freeFolder } from '../neuralCfs/runFlow.js';
import type { RunProcesses } from '../neuralCfs/runProcess.js';
import type { WorkStarter } from '../work/workStarter.js';
import { withWorkProgress } from '../workProgress.js';
import { inputObjection } from './deployChoices.js';
import type { Deployer } from './deployer.js';
import type { DeployedModels } from './deployedModels.js';
import { withEmittedFolder } from './emittedFolder.js';
import { recordsForRetraining } from './recordsForRetraining.js';

export interface RetrainingParts {
  readonly runs: ModelRunCommands;
  readonly processes: RunProcesses;
  readonly models: DeployedModels;
  readonly deployer: Deployer;
  readonly starter: WorkStarter;
  readonly context: RemoteContext;
  readonly log: Log;
}

/** The same kind of model from other recordings, swapped in without unloading what is deployed. */
export class Retraining {
  constructor(private readonly parts: RetrainingParts) {}

  /**
   * @param run folder of the run that is trained once more; it stays as it is, and the new one gets a folder beside it
   * Failures: those of training, collecting and `swapDeployed`; `wrong-usage` (nothing is deployed there); `cancelled`.
   */
  async retrain(run: string, machine: TestMachine): Promise<void> {
    const title = `Retrain and Swap: ${basename(run)} on ${machine.name}`;
    const { info } = await readNeuralCfsRun(run);
    await this.#deployedOn(machine);
    const paths = await recordsForRetraining(title, info, machine, {
      starter: this.parts.starter,
      context: this.parts.context,
      leaveActive: () => this.#leaveActive(machine),
    });
    if (paths === undefined || paths.length === 0) return;
    const output = await freeFolder(join(dirname(run), nextName(basename(run))));
    await this.parts.runs.trainInto({ ...settingsOf(info), paths: [...paths] }, output);
    await this.#swap(output, machine);
  }

  async #swap(run: string, machine: TestMachine): Promise<void> {
    // It may have gone while the new one was trained.
    const deployed = await this.#deployedOn(machine);
    const { info, model } = await readNeuralCfsRun(run);
    const features = model.features.map(({ name }) => name);
    const objection = inputObjection(deployed, { features, experiment: info.experiment });
    if (objection !== null) {
      await this.#offerDeploy(run, machine, objection);
      return;
    }
    try {
      await this.#swapNow(run, machine, deployed);
    } catch (error) {
      // Of another shape, or it failed its test there: the one that is deployed goes on.
      if (!isFailure(error, 'remote-failed') && !isFailure(error, 'wrong-usage')) throw error;
      await this.#offerDeploy(run, machine, error.message);
      return;
    }
    await tellSwapped(run, machine.name);
  }

  #swapNow(run: string, machine: TestMachine, { bits }: DeployedModel): Promise<unknown> {
    const { processes, models, context, log } = this.parts;
    const way = models.status(machine.name)?.way;
    const name = basename(run);
    return withEmittedFolder((folder) =>
      Promise.resolve(
        withWorkProgress(`Swapping in ${name} on ${machine.name}`, log, async (show, signal) => {
          const target = way === 'ebpf' ? 'ebpf' : 'module';
          await processes.emit({ run, target, bits, output: folder }, { signal, onProgress: show });
          show('giving it to the kernel');
          const swap = await swapOf(folder, context);
          return models.change(
            machine,
            `swapping in ${name}`,
            (connection, stop) => swapDeployed(connection, context, swap, stop),
            signal,
          );
        }),
      ),
    );
  }

  /** Failure `wrong-usage`: nothing runs there. */
  async #deployedOn(machine: TestMachine): Promise<DeployedModel> {
    const { model, state }: DeployedStatus = await this.parts.models.ask(machine);
    if (state === 'running' && model !== null) return model;
    throw new Failure(
      'wrong-usage',
      `There is no model in the kernel of ${machine.name} that another could take the place of. Deploy this one first.`,
    );
  }

  /** Records of a kernel in which a model decides would tell the model what it said itself. */
  async #leaveActive(machine: TestMachine): Promise<boolean> {
    const { models, context } = this.parts;
    if (models.status(machine.name)?.stats?.mode !== 'active') return true;
    const shadow = 'Switch to Shadow and Collect';
    const choice = await vscode.window.showWarningMessage(
      `The model decides on ${machine.name}.`,
      {
        modal: true,
        detail:
          'Records of that would tell what the model said, and not what the kernel would have done: a model that learns from them learns from itself. In shadow the kernel decides, and the model is only asked.',
      },
      shadow,
    );
    if (choice !== shadow) return false;
    await models.change(machine, 'switching to shadow', (connection, stop) =>
      setDeployedMode(connection, context, 'shadow', stop),
    );
    return true;
  }

  async #offerDeploy(run: string, machine: TestMachine, why: string): Promise<void> {
    const [deployIt, open] = ['Deploy…', 'Open Model'];
    const choice = await vscode.window.showWarningMessage(
      `${basename(run)} is trained, but cannot take the place of the model on ${machine.name}.`,
      {
        modal: true,
        detail: `${why}\n\nThe model that is there goes on. The new one can be deployed instead: it is built anew, and the one that is there makes room.`,
      },
      deployIt,
      open,
    );
    if (choice === deployIt) await this.parts.deployer.deploy(run, machine);
    if (choice === open) await openRun(run);
  }
}

async function tellSwapped(run: string, machine: string): Promise<void> {
  const open = 'Open Model';
  const choice = await vscode.window.showInformationMessage(
    `${basename(run)} took the place of the model on ${machine}, without unloading. Its counts begin anew.`,
    open,
  );
  if (choice === open) await openRun(run);
}
