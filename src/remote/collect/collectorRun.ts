import type { Connection } from '../connection.js';
import type { RemoteContext } from '../remoteContext.js';
import type { Rights } from '../shellCommand.js';
import type { CollectionCounters } from './collection.js';

/** Where a collector puts what it collects. */
export interface CollectorTarget {
  /** The recording. The collector makes this file; `collect` gives it its final name once all was verified. */
  readonly path: string;
  /**
   * An empty folder on the same file system, for whatever else the collector needs until it is finished (it may hold
   * `path`). Whoever started the collector removes it, whatever happens.
   */
  readonly folder: string;
}

/** What a collector knows once its recording is whole and verified. Null: it cannot tell. */
export interface CollectorFacts {
  /** Of the recording as it is at `CollectorTarget.path`. */
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** What crossed the connection and was compared with the machine's own count and digest; the recording may be made of it. */
  readonly transfer: { readonly sizeBytes: number; readonly sha256: string };
  readonly events: number | null;
  readonly lostEvents: number | null;
  /** Empty when the collector counts no losses by CPU. */
  readonly lostByCpu: readonly { readonly cpu: number; readonly lostEvents: number }[];
  /** What it ran there and which version: `{ perf: '6.1.174' }`. */
  readonly tools: Readonly<Record<string, string>>;
  /** Those that mattered while it recorded, by name: `{ migration_cost_ns: '500000' }`. */
  readonly kernelParameters: Readonly<Record<string, string>>;
  /** What the user should know: lost events, a variant that was chosen because another is not allowed there. */
  readonly remarks: readonly string[];
  /** What the guard could not restore, in words (`GuardedEnd.leftBehind`). */
  readonly leftBehind: readonly string[];
}

/**
 * A collector that works on a machine. It never ends by itself but by `stop`, `abort` or a failure; all of these settle
 * both promises, which may be left unobserved (implementations keep them from being reported as unhandled).
 */
export interface CollectorRun {
  /** Resolves when events are recorded from now on. Rejects with a `Failure` when the collector ends before. */
  readonly ready: Promise<void>;
  /** Asks it to finish: what was recorded is kept, `finished` tells when it is all here. Harmless when repeated. */
  stop(): void;
  /** Drops everything at once. `finished` rejects with the failure `cancelled`, after the machine was restored if it can be reached. */
  abort(): void;
  /** As of now; cheap, it is asked several times a second. `elapsedMs` counts from `ready`, and is 0 before. */
  counters(): CollectionCounters;
  /**
   * The recording is at its path, whole, synced and verified, and the machine is restored. Rejects with a `Failure`
   * otherwise: `connection-lost`, `remote-failed`, `write-failed` (local disk full), `bad-input` (size or digest differ),
   * `cancelled`.
   */
  readonly finished: Promise<CollectorFacts>;
}

/**
 * Starts a collector; it is not ready then.
 * @param rights with which it runs there: those that `rootRights` found
 */
export type StartCollector<Settings> = (
  connection: Connection,
  context: RemoteContext,
  settings: Settings,
  rights: Rights,
  target: CollectorTarget,
) => Promise<CollectorRun>;
