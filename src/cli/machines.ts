import { fileURLToPath } from 'node:url';
import { Machine } from '../remote/machine.js';
import type { RemoteContext } from '../remote/remoteContext.js';
import { RemotePrograms } from '../remote/remotePrograms.js';
import { openConnection } from '../remote/ssh/openConnection.js';
import { TerminalPrompter } from './terminalPrompter.js';
import packageJson from '../../package.json' with { type: 'json' };

/** Options that every command which reaches a machine has. */
export interface MachineOptions {
  /** In place of the user's and the system's configuration of SSH. */
  readonly sshConfig?: string;
}

/** What work on machines needs; the programs for them lie beside the built command line. */
export function remoteContext(): RemoteContext {
  return {
    programs: new RemotePrograms(fileURLToPath(new URL('../media/remote', import.meta.url))),
    version: packageJson.version,
    now: () => new Date(),
  };
}

/** A machine that asks on the terminal what it needs to connect. */
export function machineNamed(name: string, { sshConfig }: MachineOptions): Machine {
  const prompter = new TerminalPrompter();
  const config = sshConfig === undefined ? {} : { configFile: sshConfig };
  return new Machine(name, (signal) => openConnection(name, { ...config, prompter }, signal));
}

/** Gives the work the machines and ends their connections afterwards, whatever came of it. */
export async function withMachines<T>(
  names: readonly string[],
  options: MachineOptions,
  work: (machines: readonly Machine[]) => Promise<T>,
): Promise<T> {
  const machines = names.map((name) => machineNamed(name, options));
  try {
    return await work(machines);
  } finally {
    for (const machine of machines) machine.dispose();
  }
}

/**
 * The user's wish to end. The first Ctrl+C asks to finish and keep what there is, where the work can; the second drops
 * everything. SIGTERM and SIGHUP drop it at once. The guard restores machines in each case.
 */
export class Interruption {
  readonly #stop = new AbortController();
  readonly #cancel = new AbortController();

  readonly stop = this.#stop.signal;
  readonly cancel = this.#cancel.signal;

  constructor(private readonly say: (text: string) => void) {
    process.on('SIGINT', this.#interrupted);
    process.on('SIGTERM', this.#ended);
    process.on('SIGHUP', this.#ended);
  }

  dispose(): void {
    process.off('SIGINT', this.#interrupted);
    process.off('SIGTERM', this.#ended);
    process.off('SIGHUP', this.#ended);
  }

  readonly #interrupted = () => {
    if (this.#stop.signal.aborted) this.#cancel.abort();
    else this.say('Finishing; what was collected is kept. Ctrl+C again drops it.');
    this.#stop.abort();
  };

  readonly #ended = () => {
    this.#stop.abort();
    this.#cancel.abort();
  };
}
