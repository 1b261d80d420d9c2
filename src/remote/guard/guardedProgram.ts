import type { Readable } from 'node:stream';
import type { Connection } from '../connection.js';
import type { RemotePrograms } from '../remotePrograms.js';
import type { Rights } from '../shellCommand.js';

/**
 * A program that runs on a machine under the guard (`media/remote/guard.sh`): when it ends, is stopped, or when we are not
 * heard of any more, the guard ends its processes, undoes what it registered and removes its folder.
 */
export interface GuardedProgram {
  /** Completes "… on HOST": `Collecting by tracefs`. */
  readonly what: string;
  readonly rights: Rights;
  /** Name in `media/remote/`; it finds what the guard offers it in `media/remote/README.md`. */
  readonly program: string;
  readonly args: readonly string[];
}

/** A line `KIND KEY=VALUE …` that a guarded program says; values are strings, printable, at most 4,000 characters each. */
export interface GuardStatus {
  readonly kind: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface GuardedEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** What the guard could not restore, in words; empty: the machine is as it was. */
  readonly leftBehind: readonly string[];
  /** SHA-256 (hex) and size of what the program wrote to its output, as counted on the machine. */
  readonly outputSha256: string | null;
  readonly outputBytes: number | null;
}

export interface GuardedRun {
  /** What the program writes to its output, as it comes: the artifact. It must be read, or the machine waits. */
  readonly output: Readable;
  /** What it writes to its error output beside status lines: printable, the last 64 KiB. */
  readonly complaints: string;
  /** Statuses said before are repeated to a new listener, the last 1,000 of them. */
  onStatus(listener: (status: GuardStatus) => void): void;
  /**
   * The first status of this kind. Rejects after the limit (`timed-out`) and when the program ends without it
   * (`remote-failed`, with the reason that it gave or the last it complained of).
   */
  untilStatus(kind: string, timeoutMs: number): Promise<GuardStatus>;
  /** Asks the program to finish: it flushes what it has, then ends. `ended` tells. What takes too long is to be aborted. */
  stop(): void;
  /** Drops it at once: the guard ends its processes; `ended` still tells what was restored. */
  abort(): void;
  /** Rejects with `connection-lost` when the connection is lost: the guard restores the machine by itself then. */
  readonly ended: Promise<GuardedEnd>;
}

export interface GuardOptions {
  /**
   * How often we give a sign of life, and after how long without one the guard ends everything (whole seconds). They come
   * from this process's event loop: work that blocks it for longer ends what runs on machines.
   */
  readonly heartbeatMs?: number;
  readonly silenceMs?: number;
  /** Until the guard stands; and until the end is told, once the program is dropped or all is restored. */
  readonly startMs?: number;
  readonly endMs?: number;
}

export type StartGuarded = (
  connection: Connection,
  programs: RemotePrograms,
  program: GuardedProgram,
  options?: GuardOptions,
) => Promise<GuardedRun>;
