import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../base/disposable.js';
import { Failure } from '../base/errors.js';
import { COMMANDS } from '../manifest.js';
import { Machine } from '../remote/machine.js';
import type { RemoteContext } from '../remote/remoteContext.js';
import { RemotePrograms } from '../remote/remotePrograms.js';
import { configuredHosts } from '../remote/ssh/configuredHosts.js';
import { openConnection } from '../remote/ssh/openConnection.js';
import { BenchmarkCommands } from './benchmarks/benchmarkCommands.js';
import type { Handlers } from './commands.js';
import { Config } from './config.js';
import { ModelDeployment, type ModelCommand } from './deploy/modelDeployment.js';
import { LatencyPanels } from './latency/latencyPanels.js';
import type { Log } from './log.js';
import { EditorPrompter } from './machines/editorPrompter.js';
import { MachineChoice } from './machines/machineChoice.js';
import { MachineCommands } from './machines/machineCommands.js';
import { MachinePanels } from './machines/machinePanels.js';
import { MachinesTree } from './machines/machinesTree.js';
import { SavedSecrets } from './machines/savedSecrets.js';
import { TestMachine, type MachineOrigin } from './machines/testMachine.js';
import { TestMachines } from './machines/testMachines.js';
import { PlanCommands } from './plan/planCommands.js';
import { CollectCommand } from './work/collectCommand.js';
import { openArtifact } from './work/openArtifact.js';
import { whereTrusted } from './work/trust.js';
import { WorkList } from './work/workList.js';
import { WorkPanels } from './work/workPanels.js';
import { WorkStarter } from './work/workStarter.js';
import { showWorkInStatusBar } from './work/workStatusBar.js';

type LabCommand =
  | ModelCommand
  | 'addMachine'
  | 'removeMachine'
  | 'connectMachine'
  | 'disconnectMachine'
  | 'checkMachine'
  | 'installMissing'
  | 'refreshMachines'
  | 'downloadFile'
  | 'forgetSecrets'
  | 'collectRecording'
  | 'newPlan'
  | 'runPlan'
  | 'showWork'
  | 'stopWork'
  | 'runBenchmarks'
  | 'compareResults'
  | 'showLatencies';

/** How long the window's end waits for machines to be left in order; the editor kills us after 5 s. */
const SHUT_DOWN_MS = 4000;

/** Everything about test machines in the editor, put together. */
export class Lab implements vscode.Disposable {
  readonly handlers: Handlers<LabCommand>;
  readonly #owned = new DisposableStore();
  readonly #works = new WorkList();

  constructor(extension: vscode.ExtensionContext, log: Log) {
    const { extensionUri } = extension;
    const mediaPath = vscode.Uri.joinPath(extensionUri, 'media').fsPath;
    const context: RemoteContext = {
      programs: new RemotePrograms(join(mediaPath, 'remote')),
      version: (extension.extension.packageJSON as { version: string }).version,
      now: () => new Date(),
    };
    const config = new Config();
    const secrets = new SavedSecrets(extension.secrets, extension.globalState);
    const works = this.#works;

    const machines = this.#owned.add(
      new TestMachines(
        {
          configured: () => configuredHosts(config.ssh).map(({ name }) => name),
          added: () => config.machines,
        },
        (name, origin, changed) => makeMachine(name, origin, changed, { config, secrets, context, log }),
      ),
    );
    const tree = this.#owned.add(new MachinesTree(machines));
    this.#owned.add(followConfiguration(machines, config));
    const panels = this.#owned.add(new MachinePanels(extensionUri, machines, log));
    const workPanels = this.#owned.add(new WorkPanels(extensionUri, log, openArtifact));
    this.#owned.add(showWorkInStatusBar(works));

    const choice = new MachineChoice(
      machines,
      () => tree.selection,
      () => vscode.commands.executeCommand(COMMANDS.addMachine),
    );
    const machineCommands = new MachineCommands(machines, choice, panels, config, secrets, context, log);
    const starter = new WorkStarter(works, workPanels, log, openArtifact);
    const collect = new CollectCommand(choice, starter, context);
    const plans = new PlanCommands(machines, choice, starter, context);
    const benchmarks = this.#owned.add(new BenchmarkCommands(extensionUri, choice, starter, context, log));
    const latencies = this.#owned.add(new LatencyPanels(extensionUri, log));
    const deployment = this.#owned.add(
      new ModelDeployment({ extension, machines, choice, starter, context, log }),
    );
    this.handlers = {
      addMachine: () => machineCommands.add(),
      removeMachine: (...args) => machineCommands.remove(...args),
      connectMachine: (...args) => machineCommands.connect(...args),
      disconnectMachine: (...args) => machineCommands.disconnect(...args),
      checkMachine: (...args) => machineCommands.check(...args),
      installMissing: whereTrusted((...args) => machineCommands.install(...args)),
      refreshMachines: () => machines.refresh(),
      downloadFile: (...args) => machineCommands.download(...args),
      forgetSecrets: () => machineCommands.forgetSecrets(),
      collectRecording: whereTrusted((...args) => collect.run(...args)),
      newPlan: () => plans.create(),
      runPlan: whereTrusted((...args) => plans.run(...args)),
      showWork: () => {
        const work = works.running.at(-1) ?? works.newest;
        if (work !== undefined) workPanels.show(work);
        else
          void vscode.window.showInformationMessage('Nothing ran on test machines since this window opened.');
      },
      stopWork: () => {
        for (const work of works.running) work.stop();
      },
      runBenchmarks: whereTrusted((...args) => benchmarks.run(...args)),
      compareResults: (...args) => benchmarks.compare(...args),
      showLatencies: (...args) => latencies.show(...args),
      ...deployment.handlers,
    };
  }

  /** Drops what runs on machines, and waits until they are left in order, but not for ever. */
  async shutDown(): Promise<void> {
    this.#works.dispose();
    const deadline = Date.now() + SHUT_DOWN_MS;
    while (this.#works.running.length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  dispose(): void {
    this.#works.dispose();
    this.#owned.dispose();
  }
}

interface MachineParts {
  readonly config: Config;
  readonly secrets: SavedSecrets;
  readonly context: RemoteContext;
  readonly log: Log;
}

function makeMachine(
  name: string,
  origin: MachineOrigin,
  changed: () => void,
  { config, secrets, context, log }: MachineParts,
): TestMachine {
  const machine = new Machine(name, async (signal) => {
    const prompter = new EditorPrompter(secrets);
    try {
      const connection = await openConnection(name, { ...config.ssh, prompter }, signal);
      void prompter.offerToKeep();
      return connection;
    } catch (error) {
      if (!prompter.wasDeclined) throw error;
      throw new Failure('cancelled', `Connecting to ${name} was cancelled.`, { cause: error });
    }
  });
  return new TestMachine(name, origin, machine, context, log, changed);
}

/** Reads the list of machines anew when a setting changed, or when a file of the SSH configuration was saved here. */
function followConfiguration(machines: TestMachines, config: Config): vscode.Disposable {
  return vscode.Disposable.from(
    config.onMachinesChanged(() => machines.refresh()),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      const isSsh =
        uri.fsPath === config.ssh.configFile || uri.fsPath.startsWith(join(homedir(), '.ssh') + sep);
      if (isSsh) machines.refresh();
    }),
  );
}
