import * as vscode from 'vscode';
import { CONTEXTS, VIEWS } from '../../manifest.js';
import type { MachineStateKind } from '../../protocol/machineMessages.js';
import type { Check } from '../../remote/preflight/check.js';
import { messageOf } from '../../base/errors.js';
import { factsOf } from './machineView.js';
import { stateText } from './stateText.js';
import type { TestMachine } from './testMachine.js';
import type { TestMachines } from './testMachines.js';

export type MachineNode =
  | { readonly kind: 'machine'; readonly machine: TestMachine }
  | { readonly kind: 'fact'; readonly machine: TestMachine; readonly label: string; readonly value: string }
  | { readonly kind: 'check'; readonly machine: TestMachine; readonly check: Check };

const icons: Readonly<Record<MachineStateKind, vscode.ThemeIcon>> = {
  disconnected: new vscode.ThemeIcon('vm-outline'),
  connecting: new vscode.ThemeIcon('loading~spin'),
  ready: new vscode.ThemeIcon('vm-active', new vscode.ThemeColor('charts.green')),
  busy: new vscode.ThemeIcon('vm-running', new vscode.ThemeColor('charts.blue')),
  lost: new vscode.ThemeIcon('vm-connect', new vscode.ThemeColor('testing.iconFailed')),
};

/** Facts below a machine: enough to tell machines apart, the rest is in its panel. */
const SHOWN_FACTS = ['Kernel', 'CPUs', 'Distribution'];

/** The view "Test Machines". States change live: each machine is drawn anew when it says that it changed. */
export class MachinesTree implements vscode.TreeDataProvider<MachineNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<MachineNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #nodes = new WeakMap<TestMachine, MachineNode & { readonly kind: 'machine' }>();
  readonly #unfolded = new WeakSet<TestMachine>();
  readonly #view: vscode.TreeView<MachineNode>;
  readonly #following: { dispose(): void };

  constructor(private readonly machines: TestMachines) {
    this.#view = vscode.window.createTreeView(VIEWS.machines, {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.#following = machines.onChanged((machine) => {
      this.#changed.fire(machine === undefined ? undefined : this.#node(machine));
      if (machine !== undefined) this.#unfold(machine);
      this.#tell();
    });
    this.#tell();
  }

  /** The machines that are selected, in the order of the tree. */
  get selection(): readonly TestMachine[] {
    return [...new Set(this.#view.selection.map(({ machine }) => machine))];
  }

  getTreeItem(node: MachineNode): vscode.TreeItem {
    switch (node.kind) {
      case 'machine':
        return machineItem(node.machine);
      case 'fact':
        return factItem(node.machine, node.label, node.value);
      case 'check':
        return checkItem(node.machine, node.check);
    }
  }

  getChildren(node?: MachineNode): MachineNode[] {
    if (node === undefined) return this.machines.all.map((machine) => this.#node(machine));
    return node.kind === 'machine' ? childrenOf(node.machine) : [];
  }

  getParent(node: MachineNode): MachineNode | undefined {
    return node.kind === 'machine' ? undefined : this.#node(node.machine);
  }

  dispose(): void {
    this.#following.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  /** Shows what is known of a machine once it is known: the editor keeps a row that had nothing below it closed. */
  #unfold(machine: TestMachine): void {
    if (childrenOf(machine).length === 0) this.#unfolded.delete(machine);
    else if (!this.#unfolded.has(machine) && this.#view.visible) {
      this.#unfolded.add(machine);
      void this.#view.reveal(this.#node(machine), { select: false, focus: false, expand: true });
    }
  }

  /** The same object each time: the editor knows by it which row to draw anew. */
  #node(machine: TestMachine): MachineNode & { readonly kind: 'machine' } {
    let node = this.#nodes.get(machine);
    if (node === undefined) {
      node = { kind: 'machine', machine };
      this.#nodes.set(machine, node);
    }
    return node;
  }

  /** What is not a row: why hosts are missing, and whether there are connections. */
  #tell(): void {
    const { failure, all } = this.machines;
    this.#view.message =
      failure === undefined ? '' : `The SSH configuration cannot be read: ${messageOf(failure)}`;
    const hasConnections = all.some(({ machine }) => machine.state.kind !== 'disconnected');
    void vscode.commands.executeCommand('setContext', CONTEXTS.hasConnections, hasConnections);
  }
}

function isConnected({ machine }: TestMachine): boolean {
  return machine.state.kind === 'ready' || machine.state.kind === 'busy';
}

function childrenOf(machine: TestMachine): MachineNode[] {
  const { report } = machine;
  if (report === undefined || !isConnected(machine)) return [];
  const facts = factsOf(report.facts).filter(({ label }) => SHOWN_FACTS.includes(label));
  return [
    ...facts.map(({ label, value }) => ({ kind: 'fact' as const, machine, label, value })),
    ...report.checks
      .filter(({ status }) => status === 'failed')
      .map((check) => ({ kind: 'check' as const, machine, check })),
  ];
}

function machineItem(machine: TestMachine): vscode.TreeItem {
  const { state } = machine.machine;
  const { short, long } = stateText(state, Date.now());
  const hasChildren = childrenOf(machine).length > 0;
  const item = new vscode.TreeItem(
    machine.name,
    hasChildren ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  item.id = machine.name;
  item.description = short;
  item.iconPath = icons[state.kind];
  item.contextValue = `machine.${state.kind}.${machine.origin}`;
  // Plain text: what a machine says is no Markdown.
  item.tooltip = [
    machine.name,
    long,
    machine.origin === 'configured' ? 'From the SSH configuration' : 'Added by you',
  ].join('\n');
  item.accessibilityInformation = { label: `${machine.name}, ${long}` };
  return item;
}

function factItem(machine: TestMachine, label: string, value: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.id = `${machine.name} fact ${label}`;
  // All of them run Linux; the row has little room.
  item.description = value.replace(/^Linux /, '');
  item.tooltip = `${label}: ${value}`;
  item.contextValue = 'fact';
  item.iconPath = new vscode.ThemeIcon(label === 'CPUs' ? 'chip' : 'info');
  return item;
}

function checkItem(machine: TestMachine, check: Check): vscode.TreeItem {
  const item = new vscode.TreeItem(check.title);
  item.id = `${machine.name} check ${check.id}`;
  item.description = check.detail;
  item.tooltip = [check.title, check.detail, check.remedy?.text ?? ''].filter(Boolean).join('\n');
  item.contextValue = 'check';
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
  item.accessibilityInformation = { label: `Failed: ${check.title}, ${check.detail}` };
  return item;
}
