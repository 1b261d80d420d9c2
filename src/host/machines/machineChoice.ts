import * as vscode from 'vscode';
import { stateText } from './stateText.js';
import { TestMachine } from './testMachine.js';
import type { MachineNode } from './machinesTree.js';
import type { TestMachines } from './testMachines.js';

interface ChoiceOptions {
  /** Leaves out machines for which the command makes no sense. */
  readonly only?: (machine: TestMachine) => boolean;
}

/**
 * Which machines a command is for: those it was called on in the tree, else the user is asked. Where only one comes into
 * question nobody is asked.
 */
export class MachineChoice {
  /** Names chosen last: proposed the next time. */
  #last: readonly string[] = [];

  constructor(
    private readonly machines: TestMachines,
    /** What is selected in the tree: proposed first. */
    private readonly selection: () => readonly TestMachine[],
    private readonly add: () => Thenable<unknown>,
  ) {}

  /** Undefined: the user gave up. */
  async some(
    title: string,
    args: readonly unknown[],
    { only = () => true }: ChoiceOptions = {},
  ): Promise<readonly TestMachine[] | undefined> {
    const rows = machinesIn(args);
    const given = this.machines.all.filter((machine) => rows.includes(machine) && only(machine));
    if (given.length > 0) return given;
    const candidates = await this.#candidates(only);
    if (candidates.length <= 1) return candidates.length === 0 ? undefined : candidates;
    const proposed = this.#proposed(candidates);
    const picked = await vscode.window.showQuickPick(
      candidates.map((machine) => ({ ...itemOf(machine), picked: proposed.includes(machine) })),
      { title, placeHolder: 'On which machines?', canPickMany: true, ignoreFocusOut: true },
    );
    if (picked === undefined || picked.length === 0) return undefined;
    this.#last = picked.map(({ machine }) => machine.name);
    return picked.map(({ machine }) => machine);
  }

  /** Undefined: the user gave up. */
  async one(title: string, args: readonly unknown[]): Promise<TestMachine | undefined> {
    const [given] = machinesIn(args);
    if (given !== undefined) return given;
    const candidates = await this.#candidates(() => true);
    if (candidates.length <= 1) return candidates[0];
    const [first] = this.#proposed(candidates);
    const ordered = [...candidates].sort((a, b) => Number(b === first) - Number(a === first));
    const picked = await vscode.window.showQuickPick(ordered.map(itemOf), {
      title,
      placeHolder: 'Which machine?',
      ignoreFocusOut: true,
    });
    if (picked === undefined) return undefined;
    this.#last = [picked.machine.name];
    return picked.machine;
  }

  async #candidates(only: (machine: TestMachine) => boolean): Promise<readonly TestMachine[]> {
    if (this.machines.all.length === 0) await this.add();
    const candidates = this.machines.all.filter(only);
    if (candidates.length === 0 && this.machines.all.length > 0) {
      await vscode.window.showInformationMessage('There is no test machine for which this could be done.');
    }
    return candidates;
  }

  /** Those selected in the tree, else those chosen last, else those that are connected, else the first. */
  #proposed(candidates: readonly TestMachine[]): readonly TestMachine[] {
    const selected = this.selection().filter((machine) => candidates.includes(machine));
    if (selected.length > 0) return selected;
    const last = candidates.filter(({ name }) => this.#last.includes(name));
    if (last.length > 0) return last;
    const connected = candidates.filter(({ machine }) => machine.state.kind === 'ready');
    return connected.length > 0 ? connected : candidates.slice(0, 1);
  }
}

function itemOf(machine: TestMachine): vscode.QuickPickItem & { readonly machine: TestMachine } {
  return {
    label: machine.name,
    description: stateText(machine.machine.state, Date.now()).short,
    machine,
  };
}

/**
 * What the tree hands to a command: the row it was called on, and all rows that are selected; or a machine itself. The row
 * it was called on comes first, and is the only one when it is not among those selected.
 */
function machinesIn([clicked, selected]: readonly unknown[]): readonly TestMachine[] {
  const first = machineOf(clicked);
  const others = Array.isArray(selected) ? selected.flatMap((row: unknown) => machineOf(row) ?? []) : [];
  if (first === undefined) return [...new Set(others)];
  return others.includes(first) ? [...new Set([first, ...others])] : [first];
}

function machineOf(value: unknown): TestMachine | undefined {
  if (value instanceof TestMachine) return value;
  if (typeof value !== 'object' || value === null || !('machine' in value)) return undefined;
  const { machine } = value as MachineNode;
  return machine instanceof TestMachine ? machine : undefined;
}
