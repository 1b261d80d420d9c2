import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.js';
import { Failure } from '../../base/errors.js';
import { deploymentStatus } from '../../remote/deploy/deployment.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import type { Handlers } from '../commands.js';
import type { Log } from '../log.js';
import type { MachineChoice } from '../machines/machineChoice.js';
import type { TestMachine } from '../machines/testMachine.js';
import type { TestMachines } from '../machines/testMachines.js';
import { ModelRunCommands } from '../neuralCfs/runCommands.js';
import { RunEditorProvider, type RunActions } from '../neuralCfs/runEditor.js';
import { RunProcesses } from '../neuralCfs/runProcess.js';
import { whereTrusted } from '../work/trust.js';
import type { WorkStarter } from '../work/workStarter.js';
import { DeployCommands } from './deployCommands.js';
import { DeployedModels } from './deployedModels.js';
import { Deployer } from './deployer.js';
import { Measurement } from './measurement.js';
import { Retraining } from './retraining.js';

export type ModelCommand = 'trainMigrationModel' | 'deployModel' | 'deployedStatus' | 'removeDeployed';

export interface ModelDeploymentParts {
  readonly extension: vscode.ExtensionContext;
  readonly machines: TestMachines;
  readonly choice: MachineChoice;
  readonly starter: WorkStarter;
  readonly context: RemoteContext;
  readonly log: Log;
}

/** Names of the machines on which something was deployed, in what the editor keeps of the extension. */
const DEPLOYED_KEY = 'kernelOracle.deployedMachines';

const NOT_DEPLOYED = 'nothing is deployed from it, and what is deployed is left alone';
const NOT_TRAINED = 'no model is trained and nothing is installed from it';

/** Trained models of calls in the editor: their panels, and what is in the kernels of test machines; put together. */
export class ModelDeployment implements vscode.Disposable {
  readonly handlers: Handlers<ModelCommand>;
  readonly #owned = new DisposableStore();

  constructor({ extension, machines, choice, starter, context, log }: ModelDeploymentParts) {
    const { extensionUri, globalState } = extension;
    const processes = new RunProcesses(
      vscode.Uri.joinPath(extensionUri, 'dist', 'neuralCfsTrainer.cjs').fsPath,
      vscode.Uri.joinPath(extensionUri, 'media', 'libml').fsPath,
    );
    const runs = new ModelRunCommands(processes, log);
    const models = this.#owned.add(
      new DeployedModels({
        machines,
        ask: (connection, signal) => deploymentStatus(connection, context, signal),
        memory: {
          read: () => globalState.get<string[]>(DEPLOYED_KEY, []),
          write: (names) => void globalState.update(DEPLOYED_KEY, names),
        },
        now: Date.now,
      }),
    );
    const deployer = new Deployer({ processes, models, choice, context, log });
    const commands = new DeployCommands({
      ...{ deployer, models, choice, context },
      activeRun: () => editor.activeRun,
    });
    const retraining = new Retraining({ runs, processes, models, deployer, starter, context, log });
    const measurement = new Measurement({ models, context, log });
    const machineOf = machineIn(machines);
    const actions: RunActions = {
      emit: (run) => runs.emit(run),
      deploy: trusted((run, machine) =>
        deployer.deploy(run, machine === null ? undefined : machineOf(machine)),
      ),
      ask: trusted(async (name) => {
        const machine = name === null ? await choice.one('Deployed Model: Status', []) : machineOf(name);
        if (machine !== undefined) await models.ask(machine);
      }),
      setMode: trusted((machine, mode) => commands.setMode(machineOf(machine), mode)),
      remove: trusted((machine) => commands.removeFrom(machineOf(machine))),
      retrain: trusted((run, machine) => retraining.retrain(run, machineOf(machine))),
      measure: trusted((machine) => measurement.measure(machineOf(machine))),
    };
    const carry = (run: string, signal: AbortSignal) => processes.carry(run, { signal });
    const editor = new RunEditorProvider({ extensionUri, carry, actions, deployed: models });
    this.#owned.add(editor.register());
    this.handlers = {
      trainMigrationModel: whereTrusted((...args) => runs.train(...args), NOT_TRAINED),
      deployModel: trusted((...args) => commands.deploy(...args)),
      deployedStatus: trusted((...args) => commands.status(...args)),
      removeDeployed: trusted((...args) => commands.remove(...args)),
    };
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

function trusted<Args extends readonly unknown[]>(
  run: (...args: Args) => unknown,
): (...args: Args) => Promise<unknown> {
  return whereTrusted(run, NOT_DEPLOYED);
}

function machineIn(machines: TestMachines): (name: string) => TestMachine {
  return (name) => {
    const machine = machines.find(name);
    if (machine !== undefined) return machine;
    throw new Failure('not-found', `${name} is no test machine any more. Add it to the list again.`);
  };
}
