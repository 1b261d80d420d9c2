/** A real sshd on loopback for one test file, with keys and files of its own in a temporary folder. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const SSHD = '/usr/sbin/sshd';

/** Why no sshd can be started here; undefined when one can. For `describe.skipIf`, said loudly. */
export function noSshServer(): string | undefined {
  return existsSync(SSHD) ? undefined : 'sshd is not installed (package openssh-server)';
}

export interface SshServerOptions {
  /** Further lines of sshd_config. They come first, and the first value counts. */
  readonly config?: readonly string[];
  readonly hostKeyType?: 'ed25519' | 'rsa' | 'ecdsa';
}

export class SshServer {
  readonly port: number;
  readonly user = userInfo().username;
  /** A private key that the server lets in, without a passphrase; its path, and `.pub` beside it. */
  readonly clientKey: string;
  readonly folder: string;
  #daemon: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.clientKey = join(folder, 'client_key');
  }

  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-sshd-'));
    const server = new SshServer(folder, await freePort());
    makeKey(server.clientKey, 'ed25519');
    makeKey(server.#hostKey, options.hostKeyType ?? 'ed25519');
    const authorized = join(folder, 'authorized_keys');
    writeFileSync(authorized, readFileSync(`${server.clientKey}.pub`));
    chmodSync(authorized, 0o600);
    const config = [
      ...(options.config ?? []),
      `Port ${server.port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${server.#hostKey}`,
      `AuthorizedKeysFile ${authorized}`,
      `PidFile ${join(folder, 'sshd.pid')}`,
      'StrictModes no',
      'UsePAM no',
    ];
    writeFileSync(server.#configFile, `${config.join('\n')}\n`);
    await server.up();
    return server;
  }

  /** `ssh-ed25519 AAAA…` */
  get hostPublicKey(): string {
    return readFileSync(`${this.#hostKey}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  }

  /** Starts the daemon, after `down` on the same port. */
  async up(): Promise<void> {
    mkdirSync('/run/sshd', { recursive: true });
    this.#daemon = spawn(SSHD, ['-D', '-e', '-f', this.#configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    this.#daemon.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    for (let tries = 0; tries < 100; tries += 1) {
      if (await accepts(this.port)) return;
      if (this.#daemon.exitCode !== null) break;
      await wait(50);
    }
    throw new Error(`sshd does not start: ${complaints}`);
  }

  /** Ends the daemon; connections that stand go on. */
  down(): void {
    this.#daemon?.kill();
    this.#daemon = undefined;
  }

  /** Processes of sshd that serve connections of this server: to be killed or stopped in tests of faults. */
  connectionPids(): number[] {
    const daemon = this.#daemon?.pid;
    if (daemon === undefined) return [];
    const children = spawnSync('ps', ['--ppid', String(daemon), '-o', 'pid='], { encoding: 'utf8' }).stdout;
    return children.split('\n').filter(Boolean).map(Number);
  }

  /** Gives it another host key, as a reinstalled machine has. */
  async changeHostKey(type = 'ed25519'): Promise<void> {
    this.down();
    rmSync(this.#hostKey);
    rmSync(`${this.#hostKey}.pub`);
    makeKey(this.#hostKey, type);
    await this.up();
  }

  dispose(): void {
    for (const pid of this.connectionPids()) {
      try {
        process.kill(pid);
      } catch {
        // It has just ended.
      }
    }
    this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #hostKey(): string {
    return join(this.folder, 'host_key');
  }

  get #configFile(): string {
    return join(this.folder, 'sshd_config');
  }
}

export function makeKey(path: string, type: string, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path]);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
