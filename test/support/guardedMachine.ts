/** A machine for tests of what runs under the guard: a real sshd, programs of the test beside the real ones, its state. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ConnectConfig } from 'ssh2';
import type { Connection } from '../../src/remote/connection.js';
import { RemotePrograms } from '../../src/remote/remotePrograms.js';
import { connectSsh2 } from './connectSsh2.js';
import { SshServer } from './sshServer.js';

const MEDIA = fileURLToPath(new URL('../../media/remote/', import.meta.url));
/** In the environment of all that runs on a machine of a test. */
export const MARK = 'MACHINE_OF_TEST';
export const TRACING = '/sys/kernel/tracing';

export class GuardedMachine {
  /** TMPDIR of what runs there. */
  readonly temporary: string;
  readonly programs: RemotePrograms;
  readonly #connections: Connection[] = [];
  readonly #tokens = new Set<string>();
  readonly #old = new Set<string>();

  private constructor(
    readonly server: SshServer,
    private readonly folder: string,
    temporary: string,
    programs: Readonly<Record<string, string>>,
  ) {
    this.temporary = temporary;
    this.programs = new RemotePrograms(programFolder(folder, programs));
  }

  /**
   * @param programs program texts by name, beside those in media/remote
   * @param environment more variables, as in sshd_config: `PATH=/some/where`
   */
  static async start(
    programs: Readonly<Record<string, string>> = {},
    { environment = '', temporary }: { environment?: string; temporary?: string } = {},
  ): Promise<GuardedMachine> {
    const folder = mkdtempSync(join(tmpdir(), 'ko-machine-'));
    const own = temporary ?? join(folder, 'tmp');
    mkdirSync(own, { recursive: true });
    const server = await SshServer.start({ config: [`SetEnv TMPDIR=${own} ${MARK}=${own} ${environment}`] });
    return new GuardedMachine(server, folder, own, programs);
  }

  async connect(more: ConnectConfig = {}): Promise<Connection> {
    const connection = await connectSsh2(`${this.server.user}@localhost:${this.server.port}`, {
      host: '127.0.0.1',
      port: this.server.port,
      username: this.server.user,
      privateKey: readFileSync(this.server.clientKey),
      ...more,
    });
    this.#connections.push(connection);
    return connection;
  }

  /** Marked processes of it: pid and command. */
  processes(): string[] {
    return ourProcesses(this.temporary)
      .map(({ text }) => text)
      .filter((text) => !this.#old.has(text));
  }

  /** From now on: so that one test that leaves something does not make those after it fail. */
  forgetWhatIsLeft(): void {
    const { processes, temporary, instances } = this.state();
    for (const name of [...processes, ...temporary, ...instances]) this.#old.add(name);
  }

  /** To be called while something runs, so that its traces are known later. */
  noteRuns(): void {
    for (const { token } of ourProcesses(this.temporary)) if (token !== undefined) this.#tokens.add(token);
  }

  state(): MachineState {
    const ours = (folder: string) =>
      readdirSync(folder).filter(
        (name) => this.#tokens.has(name.replace(/^kernel-oracle-/, '')) && !this.#old.has(name),
      );
    const own = readdirSync(this.temporary).filter((name) => !this.#old.has(name));
    return {
      instances: existsSync(`${TRACING}/instances`) ? ours(`${TRACING}/instances`) : [],
      eventsEnabled: read(`${TRACING}/events/enable`),
      tracingOn: read(`${TRACING}/tracing_on`),
      tracer: read(`${TRACING}/current_tracer`),
      processes: this.processes(),
      temporary: [...own, ...ours('/tmp'), ...ours('/var/tmp'), ...ours('/dev/shm')],
      sysctls: Object.fromEntries(SYSCTLS.map((name) => [name, read(`/proc/sys/kernel/${name}`)])),
    };
  }

  /** Where `media/remote` and the test's programs lie together. */
  get programFolder(): string {
    return join(this.folder, 'programs');
  }

  dispose(): void {
    for (const connection of this.#connections) connection.dispose();
    // What a test that fails has left: nobody else would end it.
    for (const { pid } of ourProcesses(this.temporary)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
    this.server.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function programFolder(folder: string, programs: Readonly<Record<string, string>>): string {
  const path = join(folder, 'programs');
  mkdirSync(path);
  for (const name of readdirSync(MEDIA)) {
    if (name.endsWith('.sh')) copyFileSync(join(MEDIA, name), join(path, name));
  }
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(path, `${name}.sh`), text);
  return path;
}

/** What a guarded run may not change, without what other tests do here meanwhile. */
export interface MachineState {
  readonly instances: readonly string[];
  readonly eventsEnabled: string;
  readonly tracingOn: string;
  readonly tracer: string;
  readonly processes: readonly string[];
  readonly temporary: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
}

/** Of tracing, as far as no other test changes them meanwhile. */
const SYSCTLS = ['ftrace_enabled', 'perf_event_paranoid', 'kptr_restrict'];

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}

interface OurProcess {
  readonly pid: number;
  readonly text: string;
  readonly token: string | undefined;
}

/** All with this mark in their environment are this machine's (TMPDIR does not pass sudo), whatever the guard knows of them. */
function ourProcesses(temporary: string): OurProcess[] {
  const found: OurProcess[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
      // It ended between the two: what ends has no command line any more.
      if (command.join('') === '') continue;
      const mark = environment.find((each) => /^KO_(?:MAIN|TOKEN)=/.test(each));
      if (!environment.includes(`${MARK}=${temporary}`)) continue;
      // busybox's limit of time leaves somebody for up to a second.
      if (command.slice(0, 4).join(' ') === 'timeout -s KILL 9') continue;
      const text = `${pid} ${command.filter((word) => word.length < 100).join(' ')}`;
      found.push({ pid: Number(pid), text, token: mark?.split('=')[1] });
    } catch {
      // It has just ended.
    }
  }
  return found;
}

/** Waits until a condition holds; returns after how many ms. */
export async function until(condition: () => boolean, limitMs: number, what: string): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > limitMs) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await wait(20);
  }
  return Math.round(performance.now() - start);
}
