import { toDisposable, type Disposable } from '../../base/disposable.js';
import type { MachineOrigin, TestMachine } from './testMachine.js';

/** What names machines. */
export interface MachineSources {
  /** Hosts of the SSH configuration. Throws a `Failure` when that cannot be read. */
  readonly configured: () => readonly string[];
  readonly added: () => readonly string[];
}

/** Makes the machine of a name; `changed` is called whenever its state does. */
export type MakeMachine = (name: string, origin: MachineOrigin, changed: () => void) => TestMachine;

/** All test machines there are: those of the SSH configuration first, then those that the user added. */
export class TestMachines implements Disposable {
  readonly #machines = new Map<string, TestMachine>();
  readonly #listeners = new Set<(machine: TestMachine | undefined) => void>();
  #failure: unknown;

  constructor(
    private readonly sources: MachineSources,
    private readonly make: MakeMachine,
  ) {
    this.refresh();
  }

  get all(): readonly TestMachine[] {
    return [...this.#machines.values()];
  }

  /** Why the SSH configuration could not be read; undefined when it could. */
  get failure(): unknown {
    return this.#failure;
  }

  find(name: string): TestMachine | undefined {
    return this.#machines.get(name);
  }

  /** Called with the machine that changed, or with nothing when others came or went. */
  onChanged(listener: (machine: TestMachine | undefined) => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  /** Reads the sources again. Machines that stay keep their connections, those that went lose them. */
  refresh(): void {
    const names = this.#names();
    const before = new Map(this.#machines);
    this.#machines.clear();
    for (const [name, origin] of names) {
      const known = before.get(name);
      const isSame = known !== undefined && known.origin === origin;
      this.#machines.set(name, isSame ? known : this.#made(name, origin));
      if (isSame) before.delete(name);
    }
    for (const gone of before.values()) gone.dispose();
    this.#changed(undefined);
  }

  dispose(): void {
    for (const machine of this.#machines.values()) machine.dispose();
    this.#machines.clear();
    this.#listeners.clear();
  }

  #names(): Map<string, MachineOrigin> {
    const names = new Map<string, MachineOrigin>();
    this.#failure = undefined;
    try {
      for (const name of this.sources.configured()) names.set(name, 'configured');
    } catch (error) {
      this.#failure = error;
    }
    for (const name of this.sources.added()) if (!names.has(name)) names.set(name, 'added');
    return names;
  }

  #made(name: string, origin: MachineOrigin): TestMachine {
    const machine: TestMachine = this.make(name, origin, () => {
      if (this.#machines.get(name) === machine) this.#changed(machine);
    });
    return machine;
  }

  #changed(machine: TestMachine | undefined): void {
    for (const listener of [...this.#listeners]) listener(machine);
  }
}
