import type { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { Failure } from '../../base/errors.js';
import type { RemoteExit, RemoteProcess } from '../connection.js';

/**
 * ssh2 takes what a server sends beyond the window that it was given, and hands out new window for one output when the
 * other is read. An honest server leaves a few megabytes unread at most; one with more than this is cut off.
 */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const UNREAD_CHECK_MS = 250;

/** A command on a channel of ssh2. */
export class ChannelProcess implements RemoteProcess {
  readonly exit: Promise<RemoteExit>;
  readonly #listeners: (() => void)[] = [];
  #isClosed = false;
  readonly #unreadCheck: NodeJS.Timeout;
  #reject: (why: Failure) => void = () => undefined;

  constructor(
    private readonly channel: ClientChannel,
    destination: string,
    onFlood: () => void,
  ) {
    this.#unreadCheck = setInterval(() => {
      if (channel.readableLength + channel.stderr.readableLength > MAX_UNREAD_BYTES) onFlood();
    }, UNREAD_CHECK_MS).unref();
    // Writing to a command that has ended is no fault of the connection; the exit tells.
    channel.on('error', () => undefined);
    this.exit = new Promise((resolve, reject) => {
      this.#reject = reject;
      // It tells the exit status, too, also one that came before anybody listened; undefined when none came.
      channel.on('close', (code?: number | null, signal?: string) => {
        clearInterval(this.#unreadCheck);
        const ended = code === undefined ? undefined : { code, signal: signal?.replace(/^SIG/, '') ?? null };
        for (const listener of this.#listeners.splice(0)) listener();
        void errorsRead(channel.stderr).then(() => {
          if (ended !== undefined) resolve(ended);
          else if (this.#isClosed) reject(new Failure('cancelled', `A command on ${destination} was ended.`));
          else
            reject(new Failure('connection-lost', `${destination} ended a command without its exit status.`));
        });
      });
    });
    this.exit.catch(() => undefined);
  }

  get stdin(): Writable {
    return this.channel;
  }

  get stdout(): Readable {
    return this.channel;
  }

  get stderr(): Readable {
    return this.channel.stderr;
  }

  /** Called when the server has given the channel back. */
  onClosed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.channel.close();
    // What nobody reads any more would keep the channel from ending.
    this.channel.resume();
    this.channel.stderr.resume();
  }

  /** The connection is gone: whoever waits learns it now, not when a reader gets to the end. */
  lose(why: Failure): void {
    clearInterval(this.#unreadCheck);
    this.#reject(why);
  }
}

/** Settles once what the command complained with was read, if anybody reads it. */
function errorsRead(stderr: Readable): Promise<void> {
  if (stderr.readableEnded || stderr.destroyed || stderr.readableFlowing === null) return Promise.resolve();
  return new Promise((resolve) => {
    stderr.once('end', resolve);
    stderr.once('close', resolve);
  });
}
