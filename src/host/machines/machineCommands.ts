import { homedir } from 'node:os';
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { isFailure, messageOf } from '../../base/errors.js';
import type { MachineStateKind } from '../../protocol/machineMessages.js';
import { downloadFile } from '../../remote/artifacts/download.js';
import type { InstallPlan } from '../../remote/preflight/install.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import { parseDestination } from '../../remote/ssh/destination.js';
import { rootRights } from '../../remote/rootRights.js';
import type { Config } from '../config.js';
import type { Log } from '../log.js';
import type { MachineChoice } from './machineChoice.js';
import type { MachinePanels } from './machinePanels.js';
import type { SavedSecrets } from './savedSecrets.js';
import { ASKING_MODEL, CHECKING, type TestMachine } from './testMachine.js';
import type { TestMachines } from './testMachines.js';

/** The commands of the view "Test Machines". */
export class MachineCommands {
  constructor(
    private readonly machines: TestMachines,
    private readonly choice: MachineChoice,
    private readonly panels: MachinePanels,
    private readonly config: Config,
    private readonly secrets: SavedSecrets,
    private readonly context: RemoteContext,
    private readonly log: Log,
  ) {}

  /** Adds a machine to the list and connects to it, so that a typing error shows at once. */
  async add(): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: 'Add Test Machine',
      prompt: 'user@host, user@host:port, or a name of the SSH configuration',
      placeHolder: 'root@test-machine:22',
      ignoreFocusOut: true,
      validateInput: (text) => this.#objection(text),
    });
    if (name === undefined) return;
    const trimmed = name.trim();
    await this.config.setMachines([...this.config.machines, trimmed]);
    this.machines.refresh();
    const machine = this.machines.find(trimmed);
    if (machine !== undefined) await this.#connect(machine);
  }

  async remove(...args: unknown[]): Promise<void> {
    const added = (machine: TestMachine) => machine.origin === 'added';
    const chosen = await this.choice.some('Remove Test Machines', args, { only: added });
    if (chosen === undefined) return;
    const names = new Set(chosen.map(({ name }) => name));
    await this.config.setMachines(this.config.machines.filter((name) => !names.has(name)));
    this.machines.refresh();
  }

  async connect(...args: unknown[]): Promise<void> {
    const chosen = await this.choice.some('Connect to Test Machines', args, {
      only: ({ machine }) => !CONNECTED.includes(machine.state.kind),
    });
    await Promise.all((chosen ?? []).map((machine) => this.#connect(machine)));
  }

  async disconnect(...args: unknown[]): Promise<void> {
    const chosen = await this.choice.some('Disconnect Test Machines', args, {
      only: ({ machine }) => machine.state.kind !== 'disconnected',
    });
    const running = (chosen ?? []).flatMap(({ name, machine: { state } }) =>
      state.kind === 'busy' && state.what !== CHECKING && state.what !== ASKING_MODEL
        ? [`${name}: ${state.what}`]
        : [],
    );
    if (running.length > 0 && !(await agreesToInterrupt(running))) return;
    for (const machine of chosen ?? []) machine.disconnect();
  }

  async check(...args: unknown[]): Promise<void> {
    const chosen = await this.choice.some('Check Test Machines', args);
    for (const machine of chosen ?? []) {
      this.panels.show(machine);
      // The panel says what goes wrong.
      void machine.check().catch(() => undefined);
    }
  }

  /** Shows the exact command, and runs it only when the user agrees. */
  async install(...args: unknown[]): Promise<void> {
    const machine = await this.choice.one('Install What Is Missing', args);
    if (machine === undefined) return;
    if (machine.report === undefined) await machine.check();
    const plan = machine.missing;
    if (plan === undefined) {
      await vscode.window.showInformationMessage(
        `Nothing is missing on ${machine.name} that a package would bring.`,
      );
      return;
    }
    const commands = machine.commandsOf(plan);
    const run = 'Run on the Machine';
    const choice = await vscode.window.showWarningMessage(
      `Install ${plan.packages.length === 1 ? 'a package' : `${plan.packages.length} packages`} on ${machine.name}?`,
      {
        modal: true,
        detail: [`This is what will be run there:\n\n${commands}`, ...plan.remarks].join('\n\n'),
      },
      run,
    );
    if (choice === run) await this.#install(machine, plan);
  }

  refresh(): void {
    this.machines.refresh();
  }

  async download(...args: unknown[]): Promise<void> {
    const machine = await this.choice.one('Download File', args);
    if (machine === undefined) return;
    const path = await vscode.window.showInputBox({
      title: `Download a File of ${machine.name}`,
      prompt: 'Absolute path on the machine; read as root when your user may not',
      placeHolder: '/var/tmp/trace.dat',
      ignoreFocusOut: true,
      validateInput: (text) => (text.startsWith('/') ? undefined : 'The path begins with /.'),
    });
    if (path === undefined) return;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
    const target = await vscode.window.showSaveDialog({
      title: `Save ${posix.basename(path)}`,
      defaultUri: vscode.Uri.joinPath(folder, posix.basename(path)),
    });
    if (target === undefined) return;
    if (target.scheme !== 'file') throw new Error('Choose a file on a disk: downloads are written there.');
    await this.#download(machine, path, target);
  }

  async forgetSecrets(): Promise<void> {
    const all = this.secrets.all();
    if (all.length === 0) {
      await vscode.window.showInformationMessage('No passwords or passphrases are saved.');
      return;
    }
    const chosen = await vscode.window.showQuickPick(
      all.map((subject) => ({ label: subject.of, description: subject.kind, picked: true, subject })),
      { title: 'Forget Saved Secrets', canPickMany: true },
    );
    for (const { subject } of chosen ?? []) await this.secrets.forget(subject);
  }

  #objection(text: string): string | undefined {
    const name = text.trim();
    if (name === '') return 'Type the name or address of a machine.';
    if (this.machines.find(name) !== undefined) return `${name} is in the list.`;
    try {
      parseDestination(name);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Connects, then looks what the machine is and allows: the tree shows it. */
  async #connect(machine: TestMachine): Promise<void> {
    await machine.connect();
    // Not awaited: a slow check is no reason to keep the command busy. The tree and the log tell how it went.
    void machine.check().catch(() => undefined);
  }

  async #install(machine: TestMachine, plan: InstallPlan): Promise<void> {
    this.log.show();
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `Installing ${plan.packages.join(', ')} on ${machine.name}`,
        cancellable: true,
      },
      (_progress, token) => machine.install(plan, signalOf(token)),
    );
  }

  async #download(machine: TestMachine, path: string, target: vscode.Uri): Promise<void> {
    const result = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `Downloading ${posix.basename(path)} from ${machine.name}`,
        cancellable: true,
      },
      (progress, token) =>
        machine.run(
          `downloading ${path}`,
          async (connection, signal) => {
            let shown = 0;
            return downloadFile(connection, path, target.fsPath, {
              programs: this.context.programs,
              // The dialog asked whether a file of that name is replaced.
              replace: true,
              rights: await rightsToRead(() => rootRights(connection, signal)),
              signal,
              onProgress: ({ doneBytes, totalBytes }) => {
                const percent = totalBytes === 0 ? 100 : (doneBytes / totalBytes) * 100;
                progress.report({ increment: percent - shown, message: `${Math.floor(percent)} %` });
                shown = percent;
              },
            });
          },
          signalOf(token),
        ),
    );
    const open = 'Open';
    const choice = await vscode.window.showInformationMessage(
      `Downloaded ${posix.basename(path)} (${result.sizeBytes.toLocaleString('en-US')} bytes, SHA-256 the same on both sides).`,
      open,
    );
    if (choice === open) await vscode.commands.executeCommand('vscode.open', target, { preview: false });
  }
}

const CONNECTED: readonly MachineStateKind[] = ['connecting', 'ready', 'busy'];

/** A token of the editor as a signal. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** Root's where there are some: recordings that tools made there are root's. */
async function rightsToRead(asRoot: () => Promise<'own' | 'sudo'>): Promise<'own' | 'sudo'> {
  try {
    return await asRoot();
  } catch (error) {
    if (isFailure(error, 'remote-failed')) return 'own';
    throw error;
  }
}

/** @param running `lab: collecting by tracefs` */
async function agreesToInterrupt(running: readonly string[]): Promise<boolean> {
  const disconnect = 'Disconnect';
  const choice = await vscode.window.showWarningMessage(
    'Something is running there.',
    {
      modal: true,
      detail: `${running.join('\n')}\n\nIt is given up when the connection ends; the guard on the machine restores what it changed.`,
    },
    disconnect,
  );
  return choice === disconnect;
}
