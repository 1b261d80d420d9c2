/** The virtual machine of the run, as a test sees it: logins, what it holds that a collection could leave, its network. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConnectConfig } from 'ssh2';
import { inject } from 'vitest';
import { KERNEL_MACHINE_KEY } from '../../../scripts/lib/kernel-machine-image.mjs';
import { askMonitor, greets } from '../../../scripts/lib/kernel-machine.mjs';
import type { CollectorTarget } from '../../../src/remote/collect/collectorRun.js';
import type { Connection } from '../../../src/remote/connection.js';
import type { RemoteContext } from '../../../src/remote/remoteContext.js';
import { RemotePrograms } from '../../../src/remote/remotePrograms.js';
import { outputOf } from '../../../src/remote/runCommand.js';
import { shellProgram } from '../../../src/remote/shellCommand.js';
import { connectSsh2 } from '../../support/connectSsh2.js';

/** Eight, as the recordings that are compared with; fewer boot faster. */
export const CPUS = Number(process.env['KERNEL_MACHINE_CPUS'] ?? 8);

/** Where it is found, for the processes of the tests. */
export interface MachineAddress {
  readonly port: number;
  readonly monitorSocket: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    kernelMachine: MachineAddress;
  }
}

/** root; sudo without a password; no sudo. */
export type MachineUser = 'root' | 'tracer' | 'guest';

export const CONTEXT: RemoteContext = {
  programs: new RemotePrograms(new URL('../../../media/remote/', import.meta.url).pathname),
  version: '0.0.0-test',
  now: () => new Date(),
};

/** One a test file. */
export class KernelMachine {
  readonly #address = inject('kernelMachine');
  readonly #connections: Connection[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-machine-test-'));

  get port(): number {
    return this.#address.port;
  }

  /** As soon as it answers: it may be booting. */
  async connect(user: MachineUser = 'root', more: ConnectConfig = {}): Promise<Connection> {
    const { port } = this.#address;
    while (!(await greets(port))) await wait(500);
    const connection = await connectSsh2(`${user}@kernel-machine`, {
      host: '127.0.0.1',
      port,
      username: user,
      privateKey: readFileSync(KERNEL_MACHINE_KEY),
      readyTimeout: 60_000,
      ...more,
    });
    this.#connections.push(connection);
    return connection;
  }

  /** A target of its own for a collector. */
  target(): CollectorTarget {
    const folder = mkdtempSync(join(this.folder, 'target-'));
    return { folder, path: join(folder, 'recording') };
  }

  /** Takes the cable out, or puts it back: nothing arrives, and nobody is told. */
  async setNetwork(isOn: boolean): Promise<void> {
    await askMonitor(this.#address.monitorSocket, `set_link net ${isOn ? 'on' : 'off'}`);
  }

  dispose(): void {
    for (const connection of this.#connections) connection.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a program of `sh` prints there. */
export function shell(connection: Connection, program: string, ...args: string[]): Promise<string> {
  return outputOf(connection, 'Running a program of the test', shellProgram(program, args), {
    timeoutMs: 240_000,
  });
}

/**
 * Everything that a collection or a model may change there and must not leave changed; processes by their marks. The kernel
 * keeps 15 characters of the name of a program of eBPF.
 */
export const STATE_PROGRAM = `
cd /sys/kernel/tracing
echo "instances: $(ls instances)"
echo "events: $(cat events/enable)"
echo "tracing: $(cat tracing_on) $(cat current_tracer)"
echo "probes: $(cat kprobe_events)"
echo "programs: $(bpftool prog show 2>/dev/null | grep -cE 'name (can_migrate_tas|entered|left|ask) ')"
echo "schedstats: $(cat /proc/sys/kernel/sched_schedstats)"
echo "migration cost: $(cat /sys/kernel/debug/sched/migration_cost_ns)"
echo "temporary: $(ls -A /tmp /var/tmp /dev/shm /run | grep kernel-oracle)"
echo "processes: $(grep -l -z -s -e '^KO_TOKEN=' -e '^KO_MAIN=' /proc/[0-9]*/environ | wc -l) $(pgrep -c -x 'perf|bpftrace|hackbench|dd')"
`;

/** @param connection as root */
export function stateOf(connection: Connection): Promise<string> {
  return shell(connection, STATE_PROGRAM);
}

/** Waits until the state is again what it was: guards end behind the answer to their client. */
export async function settledState(
  connection: Connection,
  before: string,
  limitMs = 10_000,
): Promise<string> {
  const begun = performance.now();
  for (;;) {
    const now = await stateOf(connection);
    if (now === before || performance.now() - begun > limitMs) return now;
    await wait(250);
  }
}
