import type { Client, ClientChannel } from 'ssh2';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import { Failure, messageOf } from '../../base/errors.js';
import type { Connection, RemoteProcess } from '../connection.js';
import { printableText } from '../printableText.js';
import type { ShellCommand } from '../shellCommand.js';
import { ChannelProcess } from './channelProcess.js';

/** sshd keeps the place of a command for a moment after its channel was closed, until it has seen the process end. */
const RELEASE_GRACE_MS = 2_000;
const RETRY_MS = 200;

/** A connection over ssh2, with the connections to the hosts on the way, which end with it. */
export class Ssh2Connection implements Connection {
  lostBecause: Failure | undefined;
  readonly #listeners = new Set<(why: Failure) => void>();
  readonly #processes = new Set<ChannelProcess>();
  /** Called when a channel has become free. */
  readonly #waiting = new Set<() => void>();
  #openings = 0;
  #lastClosedAtMs = -Infinity;

  /**
   * @param client logged in
   * @param hops the clients on the way, nearest first
   * @param channelMs how long the server may take to start a command
   */
  constructor(
    readonly destination: string,
    private readonly client: Client,
    private readonly hops: readonly Client[],
    private readonly channelMs: number,
  ) {
    client.on('error', (error) => {
      this.#lose(`The connection to ${destination} was lost: ${reasonOf(error)}`, error);
    });
    client.on('close', () => {
      this.#lose(`The connection to ${destination} was closed by the other side.`);
    });
    for (const hop of hops) hop.on('error', () => undefined); // Its end closes the channels that stand on it.
  }

  onLost(listener: (why: Failure) => void): Disposable {
    if (this.lostBecause !== undefined) listener(this.lostBecause);
    else this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  /** A server that has no channel left (MaxSessions) is asked again when one of ours has ended. */
  async start(command: ShellCommand, signal?: AbortSignal): Promise<RemoteProcess> {
    const timer = AbortSignal.timeout(this.channelMs);
    const stop = signal === undefined ? timer : AbortSignal.any([timer, signal]);
    for (;;) {
      if (this.lostBecause !== undefined) throw this.lostBecause;
      this.#openings += 1;
      let opened: RemoteProcess | Error;
      try {
        opened = await this.#open(command, stop, signal);
        if (!(opened instanceof Error)) return opened;
      } finally {
        this.#openings -= 1;
      }
      if (!isRefusal(opened) || !this.#mayHaveRoomSoon()) {
        this.#wake();
        throw new Failure(
          'remote-failed',
          `${this.destination} starts no command: ${printableText(messageOf(opened), 300)}`,
          { cause: opened },
        );
      }
      await this.#freeChannel(stop, signal);
    }
  }

  dispose(): void {
    this.#lose(`The connection to ${this.destination} was closed.`);
    this.client.end();
    // The polite way needs the other side; what is left after it goes at once.
    setTimeout(() => {
      this.client.destroy();
    }, 500).unref();
    for (const hop of [...this.hops].reverse()) {
      setTimeout(() => {
        hop.end();
      }, 100).unref();
    }
  }

  #adopt(channel: ClientChannel): RemoteProcess {
    const process = new ChannelProcess(channel, this.destination, () => {
      this.#lose(`${this.destination} sends more than it was allowed to: it is no sound SSH server.`);
      this.client.destroy();
    });
    this.#processes.add(process);
    process.onClosed(() => {
      this.#processes.delete(process);
      this.#lastClosedAtMs = performance.now();
      this.#wake();
    });
    return process;
  }

  /** Without a channel of ours that ends, or has just ended, there is nothing to wait for. */
  #mayHaveRoomSoon(): boolean {
    return (
      this.#processes.size > 0 ||
      this.#openings > 0 ||
      performance.now() - this.#lastClosedAtMs < RELEASE_GRACE_MS
    );
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** @returns an error of the server; throws failures of ours */
  async #open(
    command: ShellCommand,
    stop: AbortSignal,
    signal: AbortSignal | undefined,
  ): Promise<RemoteProcess | Error> {
    const opening = new Promise<RemoteProcess | Error>((resolve) => {
      try {
        this.client.exec(command, (error, channel) => {
          // At once: the exit status of a quick command may come in the same packet, before any promise could tell.
          resolve(error ?? this.#adopt(channel));
        });
      } catch (error) {
        resolve(new Error(messageOf(error)));
      }
    });
    const opened = await this.#orStopped(opening, stop, signal, () => {
      // A channel that comes too late is of no use to anybody.
      void opening.then((late) => {
        if (!(late instanceof Error)) late.close();
      });
    });
    if (this.lostBecause !== undefined) throw this.lostBecause;
    return opened;
  }

  #freeChannel(stop: AbortSignal, signal: AbortSignal | undefined): Promise<void> {
    let wake: () => void = () => undefined;
    const free = new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.add(wake);
    });
    const timer = setTimeout(wake, RETRY_MS);
    return this.#orStopped(free, stop, signal).finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(wake);
    });
  }

  async #orStopped<T>(
    work: Promise<T>,
    stop: AbortSignal,
    signal: AbortSignal | undefined,
    onStopped?: () => void,
  ): Promise<T> {
    let interrupt: () => void = () => undefined;
    let lost: Disposable | undefined;
    const stopped = new Promise<never>((_resolve, reject) => {
      interrupt = () => {
        onStopped?.();
        reject(
          signal?.aborted === true
            ? new Failure('cancelled', `Starting a command on ${this.destination} was cancelled.`)
            : new Failure(
                'timed-out',
                `${this.destination} starts no command within ${this.channelMs / 1000} s.`,
              ),
        );
      };
      lost = this.onLost(reject);
      if (stop.aborted) interrupt();
      else stop.addEventListener('abort', interrupt, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      stop.removeEventListener('abort', interrupt);
      lost?.dispose();
    }
  }

  #lose(message: string, cause?: unknown): void {
    if (this.lostBecause !== undefined) return;
    const why = new Failure('connection-lost', message, { cause });
    this.lostBecause = why;
    for (const process of [...this.#processes]) process.lose(why);
    for (const listener of [...this.#listeners]) listener(why);
    this.#listeners.clear();
  }
}

/** Whether the server has no channel for us now; ssh2 passes its reason on as a number. */
function isRefusal(error: Error): boolean {
  return typeof (error as { reason?: unknown }).reason === 'number';
}

function reasonOf(error: Error): string {
  return (error as { level?: string }).level === 'client-timeout'
    ? 'it does not answer any more'
    : printableText(messageOf(error), 300);
}
