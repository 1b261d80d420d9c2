import * as v from 'valibot';
import * as vscode from 'vscode';
import { assertUnreachable } from '../../base/assert.js';
import type { Disposable } from '../../base/disposable.js';
import { COMMANDS, PANELS } from '../../manifest.js';
import type { MachineRequests } from '../../protocol/machineMessages.js';
import { MACHINE_PARAMS, parseParams } from '../../protocol/machineSchemas.js';
import type { Log } from '../log.js';
import { throttled, ViewPanel } from '../viewPanel.js';
import { viewOfMachine } from './machineView.js';
import type { TestMachine } from './testMachine.js';
import type { TestMachines } from './testMachines.js';

const UPDATE_INTERVAL_MS = 100;
/** What a view keeps of itself over reloads of the window. */
const kept = v.object({ name: v.string() });

/** The panels with the checklists, one a machine; restored with the window. */
export class MachinePanels implements vscode.WebviewPanelSerializer, Disposable {
  readonly #open = new Map<string, ViewPanel>();
  readonly #registration: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly machines: TestMachines,
    private readonly log: Log,
  ) {
    this.#registration = vscode.window.registerWebviewPanelSerializer(PANELS.machine, this);
  }

  show(machine: TestMachine): void {
    const open = this.#open.get(machine.name);
    if (open !== undefined) open.reveal();
    else
      this.#fill(
        vscode.window.createWebviewPanel(PANELS.machine, machine.name, vscode.ViewColumn.Active),
        machine.name,
      );
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (v.is(kept, state) && this.machines.find(state.name) !== undefined) this.#fill(panel, state.name);
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.#registration.dispose();
    for (const view of [...this.#open.values()]) view.dispose();
  }

  #fill(panel: vscode.WebviewPanel, name: string): void {
    const methods = Object.keys(MACHINE_PARAMS) as (keyof MachineRequests)[];
    const view = new ViewPanel(panel, this.extensionUri, 'machine', methods, (method, params) =>
      this.#answer(this.#machine(name), method as keyof MachineRequests, params),
    );
    this.#open.set(name, view);
    const update = throttled(UPDATE_INTERVAL_MS, () => {
      const machine = this.machines.find(name);
      if (machine !== undefined) view.send('machineUpdated', viewOfMachine(machine, Date.now()));
    });
    view.own(update);
    view.own(this.machines.onChanged(update));
    view.own({ dispose: () => this.#open.delete(name) });
  }

  #machine(name: string): TestMachine {
    const machine = this.machines.find(name);
    if (machine === undefined) throw new Error(`${name} is no test machine any more.`);
    return machine;
  }

  async #answer(machine: TestMachine, method: keyof MachineRequests, params: unknown): Promise<unknown> {
    switch (method) {
      case 'machineState':
        return viewOfMachine(machine, Date.now());
      case 'checkMachine':
        // What goes wrong is shown in the view.
        void machine.check().catch(() => undefined);
        return null;
      case 'installMissing':
        void vscode.commands.executeCommand(COMMANDS.installMissing, machine);
        return null;
      case 'collect':
        void vscode.commands.executeCommand(COMMANDS.collectRecording, machine);
        return null;
      case 'showLog':
        this.log.show();
        return null;
      case 'copyCommand':
        await vscode.env.clipboard.writeText(parseParams(MACHINE_PARAMS, method, params).command);
        vscode.window.setStatusBarMessage('Copied the command.', 3000);
        return null;
      default:
        return assertUnreachable(method);
    }
  }
}
