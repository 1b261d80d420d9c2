import { Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import { Failure, messageOf } from '../../base/errors.js';
import type { Connection, RemoteExit, RemoteProcess } from '../connection.js';
import type { ShellCommand } from '../shellCommand.js';

/** Connects by ssh2. Failures: `connection-failed`, `authentication-failed`, `host-key-refused`, `timed-out`. */
export async function connectSsh2(destination: string, config: ConnectConfig): Promise<Connection> {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('error', (error) => {
      reject(
        new Failure('connection-failed', `${destination} cannot be reached: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    });
    client.connect(config);
  });
  return new Ssh2Connection(destination, client);
}

class Ssh2Connection implements Connection {
  lostBecause: Failure | undefined;
  readonly #listeners = new Set<(why: Failure) => void>();

  constructor(
    readonly destination: string,
    private readonly client: Client,
  ) {
    client.on('error', (error) => {
      this.#lose(`The connection to ${destination} was lost: ${messageOf(error)}`, error);
    });
    client.on('close', () => {
      this.#lose(`The connection to ${destination} was closed.`);
    });
  }

  onLost(listener: (why: Failure) => void): Disposable {
    if (this.lostBecause !== undefined) listener(this.lostBecause);
    else this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  async start(command: ShellCommand): Promise<RemoteProcess> {
    if (this.lostBecause !== undefined) throw this.lostBecause;
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      this.client.exec(command, (error, opened) => {
        if (error === undefined) resolve(opened);
        else
          reject(new Failure('remote-failed', `${this.destination} starts no command: ${messageOf(error)}`));
      });
    });
    const exit = new Promise<RemoteExit>((resolve, reject) => {
      let ended: RemoteExit | undefined;
      channel.on('exit', (code: number | null, signal?: string) => {
        ended = { code, signal: signal?.replace(/^SIG/, '') ?? null };
      });
      channel.on('close', () => {
        if (ended !== undefined) resolve(ended);
        else
          reject(
            this.lostBecause ??
              new Failure('connection-lost', `${this.destination} closed a command without its exit status.`),
          );
      });
    });
    exit.catch(() => undefined);
    return {
      stdin: channel,
      stdout: channel,
      stderr: channel.stderr,
      exit,
      close: () => {
        channel.close();
      },
    };
  }

  dispose(): void {
    this.client.end();
  }

  #lose(message: string, cause?: unknown): void {
    if (this.lostBecause !== undefined) return;
    this.lostBecause = new Failure('connection-lost', message, { cause });
    for (const listener of this.#listeners) listener(this.lostBecause);
    this.#listeners.clear();
  }
}
