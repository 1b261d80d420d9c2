import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform, type Readable, type Writable } from 'node:stream';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import { Failure } from '../../base/errors.js';
import type { Connection, RemoteExit, RemoteProcess } from '../connection.js';
import type { Prompter } from '../prompter.js';
import { printableText } from '../printableText.js';
import type { ShellCommand } from '../shellCommand.js';
import type { ResolvedHost } from './resolvedHost.js';
import { SshMaster } from './sshMaster.js';
import type { SshSurroundings } from './sshOptions.js';

/** With the 17 characters that ssh adds while it makes the socket, this leaves room in the 108 of a socket's path. */
const MAX_FOLDER_LENGTH = 70;
/** The system takes no longer argument (MAX_ARG_STRLEN of Linux). */
const MAX_COMMAND_BYTES = 128 * 1024 - 1;
/** Below the ten of sshd's MaxSessions; ssh does not say apart from a command's failure that there was no channel. */
const MAX_COMMANDS = 8;
/** How long after a command the end of the connection, which ended it, may be noticed. */
const LOSS_GRACE_MS = 300;
const MAX_COMPLAINT_LENGTH = 4_000;

/**
 * A connection through the system's `ssh`: for certificates, security keys, ProxyCommand and what else ssh2 lacks. One
 * ssh stays logged in at each host of the way; the way from one to the next goes through its socket, so that every host
 * key is checked under the same rules. Each command is an ssh of its own over the last socket.
 *
 * ssh does not pass on which signal ended a command: such a one ends with code 255.
 */
export class SystemSshConnection implements Connection {
  lostBecause: Failure | undefined;
  readonly #listeners = new Set<(why: Failure) => void>();
  readonly #processes = new Set<CommandProcess>();
  readonly #waiting: (() => void)[] = [];

  private constructor(
    readonly destination: string,
    private readonly masters: readonly SshMaster[],
    private readonly folder: string,
  ) {
    const last = masters.at(-1)!;
    for (const master of masters) {
      void master.ended.then(() => {
        const why = master.complaint;
        this.#lose(`The connection to ${destination} was lost: ${why === '' ? 'ssh has ended' : why}`);
      });
    }
    this.#socketPath = last.socketPath;
  }

  readonly #socketPath: string;

  /**
   * @param route the hosts on the way and the machine, nearest first
   * Failures: `connection-failed`, `host-key-refused`, `authentication-failed`, `timed-out`, `cancelled`.
   */
  static async open(
    route: readonly ResolvedHost[],
    prompter: Prompter,
    surroundings: SshSurroundings,
    signal?: AbortSignal,
  ): Promise<SystemSshConnection> {
    const base = tmpdir().length > MAX_FOLDER_LENGTH ? '/tmp' : tmpdir();
    const folder = mkdtempSync(join(base, 'ko-ssh-'));
    const masters: SshMaster[] = [];
    try {
      for (const [index, host] of route.entries()) {
        const own = mkdtempSync(join(folder, 'h'));
        const through = masters[index - 1]?.socketPath;
        masters.push(await SshMaster.open({ host, folder: own, through, prompter, surroundings }, signal));
      }
      return new SystemSshConnection(route.at(-1)!.destination, masters, folder);
    } catch (error) {
      for (const master of masters.reverse()) master.dispose();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  onLost(listener: (why: Failure) => void): Disposable {
    if (this.lostBecause !== undefined) listener(this.lostBecause);
    else this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  async start(command: ShellCommand, signal?: AbortSignal): Promise<RemoteProcess> {
    if (Buffer.byteLength(command) > MAX_COMMAND_BYTES) {
      throw new Failure(
        'too-large',
        `A command for ${this.destination} is longer than ${MAX_COMMAND_BYTES} bytes.`,
      );
    }
    while (this.lostBecause === undefined && this.#processes.size >= MAX_COMMANDS)
      await this.#freePlace(signal);
    if (signal?.aborted === true) throw this.#cancelled();
    if (this.lostBecause !== undefined) throw this.lostBecause;
    const child = spawn('ssh', commandArguments(this.#socketPath, command), {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const process = new CommandProcess(child, this);
    this.#processes.add(process);
    child.once('close', () => {
      this.#release(process);
    });
    child.once('error', () => {
      this.#release(process);
    });
    return process;
  }

  dispose(): void {
    this.#lose(`The connection to ${this.destination} was closed.`);
  }

  #release(process: CommandProcess): void {
    this.#processes.delete(process);
    this.#waiting.shift()?.();
  }

  #freePlace(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const cancel = () => {
        const at = this.#waiting.indexOf(wake);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(this.#cancelled());
      };
      if (signal?.aborted === true) cancel();
      else {
        signal?.addEventListener('abort', cancel, { once: true });
        this.#waiting.push(wake);
      }
    });
  }

  #cancelled(): Failure {
    return new Failure('cancelled', `Starting a command on ${this.destination} was cancelled.`);
  }

  #lose(message: string): void {
    if (this.lostBecause !== undefined) return;
    const why = new Failure('connection-lost', message);
    this.lostBecause = why;
    for (const process of [...this.#processes]) process.lose(why);
    for (const wake of this.#waiting.splice(0)) wake();
    for (const master of [...this.masters].reverse()) master.dispose();
    void Promise.all(this.masters.map(({ ended }) => ended)).then(() => {
      rmSync(this.folder, { recursive: true, force: true });
    });
    for (const listener of [...this.#listeners]) listener(why);
    this.#listeners.clear();
  }
}

/** Without the socket it must not connect on its own: the way that it would take then does not work. */
function commandArguments(socketPath: string, command: ShellCommand): string[] {
  const options = ['ControlMaster=no', 'BatchMode=yes', 'ProxyCommand=false', 'LogLevel=ERROR'];
  return [
    '-F',
    'none',
    '-S',
    socketPath,
    '-T',
    ...options.flatMap((each) => ['-o', each]),
    '--',
    'machine',
    command,
  ];
}

class CommandProcess implements RemoteProcess {
  readonly exit: Promise<RemoteExit>;
  readonly stderr: Readable;
  #reject: (why: Failure) => void = () => undefined;
  #complaints = '';
  #isClosed = false;

  constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly connection: SystemSshConnection,
  ) {
    child.stdin.on('error', () => undefined); // It may end without reading its input; the exit tells.
    this.exit = new Promise((resolve, reject) => {
      this.#reject = reject;
      child.once('error', (error) => {
        reject(new Failure('remote-failed', `ssh cannot be run here: ${error.message}`, { cause: error }));
      });
      child.once('exit', (code) => {
        void this.#outputRead().then(() => this.#settle(code, resolve, reject));
      });
    });
    this.exit.catch(() => undefined);
    // Read on the way to whoever wants it: ssh complains there about its socket.
    this.stderr = child.stderr.pipe(
      new Transform({
        transform: (chunk: Buffer, _encoding, pass) => {
          this.#complaints = (this.#complaints + chunk.toString('latin1')).slice(-MAX_COMPLAINT_LENGTH);
          pass(null, chunk);
        },
      }),
    );
  }

  get stdin(): Writable {
    return this.child.stdin;
  }

  get stdout(): Readable {
    return this.child.stdout;
  }

  close(): void {
    this.#isClosed = true;
    this.child.kill();
    this.child.stdout.resume();
    this.stderr.resume();
  }

  lose(why: Failure): void {
    this.#reject(why);
    this.child.kill();
  }

  async #settle(
    code: number | null,
    resolve: (exit: RemoteExit) => void,
    reject: (why: Failure) => void,
  ): Promise<void> {
    const { connection } = this;
    // 255 is what ssh itself ends with, but also what a command may end with.
    if (code === 255 || code === null) await new Promise((wake) => setTimeout(wake, LOSS_GRACE_MS));
    if (connection.lostBecause !== undefined) reject(connection.lostBecause);
    else if (this.#isClosed) {
      reject(new Failure('cancelled', `A command on ${connection.destination} was ended.`));
    } else if (code === 255 && /^mux_client_request_session: /m.test(this.#complaints)) {
      reject(
        new Failure(
          'remote-failed',
          `${connection.destination} starts no command: ${printableText(this.#complaints.trim(), 300)}`,
        ),
      );
    } else if (code === null) {
      reject(
        new Failure('connection-lost', `The ssh that ran a command on ${connection.destination} was ended.`),
      );
    } else resolve({ code, signal: null });
  }

  async #outputRead(): Promise<void> {
    const { stdout } = this.child;
    const read = (stream: Readable) =>
      stream.readableEnded || stream.destroyed
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            stream.once('end', resolve);
            stream.once('close', resolve);
          });
    await read(stdout);
    if (this.stderr.readableFlowing !== null) await read(this.stderr);
  }
}
