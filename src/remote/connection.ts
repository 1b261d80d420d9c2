import type { Readable, Writable } from 'node:stream';
import type { Disposable } from '../base/disposable.js';
import type { Failure } from '../base/errors.js';
import type { ShellCommand } from './shellCommand.js';

/** How a command ended: one of the two is known. */
export interface RemoteExit {
  readonly code: number | null;
  /** Without SIG: `KILL`. */
  readonly signal: string | null;
}

/** A command that runs on a test machine. What it writes is untrusted. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once all output was read. Rejects with the failure `connection-lost` when the connection was lost. */
  readonly exit: Promise<RemoteExit>;
  /** Closes the channel: the command sees the end of its input and loses its readers. */
  close(): void;
}

/**
 * A connection to a test machine, through however many hops; by ssh2 or by the system's `ssh`. Several commands may run at
 * once. Files cross as the output and input of commands, so that both ways need nothing but a shell there.
 */
export interface Connection extends Disposable {
  /** `user@host`, `user@host:2222`: for messages. */
  readonly destination: string;
  /** Undefined as long as it stands; then why it does not. */
  readonly lostBecause: Failure | undefined;
  /** Called once, when the connection is lost or closed; at once when that was before. */
  onLost(listener: (why: Failure) => void): Disposable;
  /**
   * Starts a command.
   * Failures: `connection-lost`, `remote-failed` (the server refuses another channel), `timed-out`, `cancelled`.
   */
  start(command: ShellCommand, signal?: AbortSignal): Promise<RemoteProcess>;
}
