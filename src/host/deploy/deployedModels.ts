import { toDisposable, type Disposable } from '../../base/disposable.js';
import { isFailure, messageOf } from '../../base/errors.js';
import type { DeployedStatus } from '../../protocol/deployment.js';
import type { DeployedMachineView } from '../../protocol/neuralCfsRunMessages.js';
import type { Connection } from '../../remote/connection.js';
import { stateText } from '../machines/stateText.js';
import { ASKING_MODEL, type TestMachine } from '../machines/testMachine.js';
import type { TestMachines } from '../machines/testMachines.js';

type Ask = (connection: Connection, signal: AbortSignal) => Promise<DeployedStatus>;

export interface DeployedModelsParts {
  readonly machines: Pick<TestMachines, 'all' | 'find' | 'onChanged'>;
  /** Asks a machine what it has in its kernel. */
  readonly ask: Ask;
  /** Names of machines that something was deployed on, over windows. */
  readonly memory: { read(): readonly string[]; write(names: readonly string[]): unknown };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Between two questions while somebody looks. */
export const ASK_EVERY_MS = 5000;

interface Known {
  status: DeployedStatus | null;
  askedAtMs: number | null;
  /** Why what the user wanted last went wrong: stays until something goes well that the user wants. */
  failure: string | null;
  /** Why it could not be asked in passing. */
  askFailure: string | null;
  doing: string | null;
  /** It is shown although nothing is deployed there, and asked again. */
  isWanted: boolean;
}

/**
 * What the test machines have in their kernels, as far as it is known: asked when the user wants to know and, while somebody
 * watches, every few seconds of those that are connected and idle. Watching never connects a machine.
 */
export class DeployedModels implements Disposable {
  readonly #known = new Map<string, Known>();
  readonly #listeners = new Set<() => void>();
  readonly #following: Disposable;
  #watchers = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: DeployedModelsParts) {
    for (const name of parts.memory.read()) this.#of(name).isWanted = true;
    this.#following = parts.machines.onChanged(() => this.#changed());
  }

  /** Machines that have one, had one, or were asked; in the order of the list of machines. */
  get views(): readonly DeployedMachineView[] {
    return this.parts.machines.all.flatMap((machine) => {
      const known = this.#known.get(machine.name);
      return known === undefined || !isShown(known) ? [] : [viewOf(machine, known, this.parts.now())];
    });
  }

  /** As it was told last. */
  status(machine: string): DeployedStatus | null {
    return this.#known.get(machine)?.status ?? null;
  }

  onChanged(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  /** Asks now and then until the result is disposed of. */
  watch(): Disposable {
    this.#watchers += 1;
    this.#timer ??= setInterval(() => this.#askIdle(), ASK_EVERY_MS);
    this.#askIdle();
    return toDisposable(() => {
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  /** The user wants to know: connects when needed. Failures: those of `deploymentStatus` and of connecting. */
  ask(machine: TestMachine, signal?: AbortSignal): Promise<DeployedStatus> {
    return this.change(machine, ASKING_MODEL, this.parts.ask, signal);
  }

  /**
   * Does something with what is deployed, in the machine's queue; what it comes to, and what went wrong, is shown.
   * @param what for the state: `swapping the model`
   * Failures: those of the work and of connecting.
   */
  async change(
    machine: TestMachine,
    what: string,
    work: (connection: Connection, signal: AbortSignal) => Promise<DeployedStatus>,
    signal?: AbortSignal,
  ): Promise<DeployedStatus> {
    const known = this.#of(machine.name);
    known.isWanted = true;
    known.doing = what;
    this.#changed();
    try {
      const status = this.#accept(machine, await machine.run(what, work, signal));
      known.failure = null;
      return status;
    } catch (error) {
      if (!isFailure(error, 'cancelled')) known.failure = messageOf(error);
      // It may have come to something all the same, or have been taken back.
      if (machine.machine.state.kind === 'ready') void this.#askQuietly(machine);
      throw error;
    } finally {
      known.doing = null;
      this.#remember();
      this.#changed();
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#following.dispose();
    this.#listeners.clear();
  }

  #askIdle(): void {
    for (const machine of this.parts.machines.all) {
      const known = this.#known.get(machine.name);
      const isWorthIt = known === undefined || (isShown(known) && known.doing === null);
      if (isWorthIt && machine.machine.state.kind === 'ready') void this.#askQuietly(machine);
    }
  }

  /** Not a word in the log: that would be one every few seconds. */
  async #askQuietly(machine: TestMachine): Promise<void> {
    const known = this.#of(machine.name);
    try {
      this.#accept(machine, await machine.machine.run(ASKING_MODEL, this.parts.ask));
      this.#remember();
    } catch (error) {
      if (!isFailure(error, 'cancelled')) known.askFailure = messageOf(error);
    }
    this.#changed();
  }

  /** It is shown by the name that the user gave it, not by its address. */
  #accept({ name }: TestMachine, told: DeployedStatus): DeployedStatus {
    const [known, status] = [this.#of(name), { ...told, machine: name }];
    known.status = status;
    known.askedAtMs = this.parts.now();
    known.askFailure = null;
    return status;
  }

  #of(name: string): Known {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const made: Known = {
      ...{ status: null, askedAtMs: null, doing: null, isWanted: false },
      ...{ failure: null, askFailure: null },
    };
    this.#known.set(name, made);
    return made;
  }

  /** Those with a deployment, and those that may have one and did not tell yet. */
  #remember(): void {
    const names = [...this.#known].flatMap(([name, { status, isWanted }]) =>
      (status === null ? isWanted : status.state !== 'none') ? [name] : [],
    );
    this.parts.memory.write(names);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function isShown({ isWanted, status }: Known): boolean {
  return isWanted || (status !== null && status.state !== 'none');
}

function viewOf(
  { name, machine: { state } }: TestMachine,
  { status, askedAtMs, failure, askFailure, doing }: Known,
  nowMs: number,
): DeployedMachineView {
  // That it is asked every few seconds is no news.
  const isAsked = state.kind === 'busy' && state.what === ASKING_MODEL && doing === null;
  const shown = isAsked ? ({ kind: 'ready' } as const) : state;
  return {
    machine: name,
    state: { kind: shown.kind, text: stateText(shown, nowMs).long },
    ...{ status, askedAtMs, doing },
    failure: failure ?? askFailure,
  };
}
