import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, isFailure } from '../../base/errors.js';
import type { Connection, RemoteProcess } from '../connection.js';
import { printableText } from '../printableText.js';
import type { RemotePrograms } from '../remotePrograms.js';
import type { Rights } from '../shellCommand.js';
import { exists, existsAlready, PartialDownload, type RemoteFileIdentity } from './partialDownload.js';
import { RemoteFile } from './remoteFile.js';
import { requireSame, type Digest } from './digest.js';

/** So often a download goes on over a new connection. */
const USUAL_RETRIES = 5;
/** A machine that sends nothing for so long has stalled. */
const USUAL_SILENCE_MS = 60_000;
const MAX_COMPLAINT_CHARACTERS = 2000;
/** Gathered while the chunks before are written: channels deliver some 32 KiB, and each call wakes a thread. */
const GATHERED_BYTES = 2 * 1024 * 1024;

export interface DownloadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Of `doneBytes`, what an earlier download had brought. */
  readonly resumedBytes: number;
}

export interface DownloadOptions {
  readonly programs: RemotePrograms;
  /** With whose rights the file is read; those of the user who logged in unless said otherwise. */
  readonly rights?: Rights;
  /** A file of that name is replaced; else the failure is `write-failed`. */
  readonly replace?: boolean;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Makes a new connection when this one was lost; without it that ends the download, to be resumed later. */
  readonly reconnect?: (signal: AbortSignal | undefined) => Promise<Connection>;
  readonly retries?: number;
  readonly silenceMs?: number;
}

export interface DownloadResult extends Digest {
  /** Bytes that an earlier, interrupted download had brought. */
  readonly resumedBytes: number;
}

/**
 * Brings a file from a machine. It takes its name once it is here whole and its SHA-256 is the one the machine computes
 * meanwhile. What arrived before the connection was lost stays in a partial file, and the next download of the same state
 * of the same file (size, inode, time of change) goes on behind it.
 *
 * Failures: those of `RemoteFile.identity`, `file-changed` (while it was read; begin again), `bad-input` (damaged on its
 * way), `connection-lost`, `timed-out` (both can be resumed), `write-failed`, `cancelled` (nothing is left).
 */
export async function downloadFile(
  connection: Connection,
  remotePath: string,
  localPath: string,
  options: DownloadOptions,
): Promise<DownloadResult> {
  if (options.replace !== true && (await exists(localPath))) throw existsAlready(localPath);
  const file = new RemoteFile(options.programs, remotePath, options.rights ?? 'own');
  let current = connection;
  for (let retriesLeft = options.retries ?? USUAL_RETRIES; ; retriesLeft -= 1) {
    try {
      return await attempt(current, file, localPath, options);
    } catch (error) {
      const canRetry = isFailure(error, 'connection-lost') && retriesLeft > 0;
      if (!canRetry || options.reconnect === undefined || options.signal?.aborted === true) throw error;
      current = await options.reconnect(options.signal);
    }
  }
}

async function attempt(
  connection: Connection,
  file: RemoteFile,
  localPath: string,
  options: DownloadOptions,
): Promise<DownloadResult> {
  const { signal } = options;
  const before = await file.identity(connection, signal);
  const part = await PartialDownload.open(localPath, before);
  const resumedBytes = part.sizeBytes;
  try {
    const remoteDigest = abortable(signal, (stop) => file.digest(connection, before.sizeBytes, stop));
    await remoteDigest.during(() => transfer(connection, file, part, before, options));
    const sha256 = await remoteDigest.result;
    requireUnchanged(before, await file.identity(connection, signal));
    const digest = { sizeBytes: part.sizeBytes, sha256: part.digest() };
    requireSame(`${file.path} of ${connection.destination}`, digest, { sizeBytes: before.sizeBytes, sha256 });
    throwIfCancelled(signal);
    await part.finish(options.replace === true);
    return { ...digest, resumedBytes };
  } catch (thrown) {
    const error = isFailure(thrown) ? thrown : (connection.lostBecause ?? thrown);
    const canResume = isFailure(error, 'connection-lost') || isFailure(error, 'timed-out');
    if (canResume && signal?.aborted !== true) await part.keep();
    else await part.discard();
    throw error;
  }
}

/** Work that runs beside other work, and is ended when the other fails. */
function abortable<T>(signal: AbortSignal | undefined, work: (stop: AbortSignal) => Promise<T>) {
  const controller = new AbortController();
  const result = work(
    signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
  );
  result.catch(() => undefined);
  return {
    result,
    async during(other: () => Promise<void>): Promise<void> {
      try {
        await other();
      } catch (error) {
        controller.abort();
        throw error;
      }
    },
  };
}

async function transfer(
  connection: Connection,
  file: RemoteFile,
  part: PartialDownload,
  { sizeBytes: totalBytes }: RemoteFileIdentity,
  options: DownloadOptions,
): Promise<void> {
  const resumedBytes = part.sizeBytes;
  const report = () => options.onProgress?.({ doneBytes: part.sizeBytes, totalBytes, resumedBytes });
  report();
  const process = await connection.start(file.content(resumedBytes), options.signal);
  const complaints = listen(process);
  const watch = new SilenceWatch(process, connection, file, options);
  try {
    const take = async (chunks: readonly Buffer[]) => {
      watch.heard('busy');
      const arrivedBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      // A file that grows, or a machine that never ends: neither is the file that was asked for.
      if (part.sizeBytes + arrivedBytes > totalBytes) throw changed(file, connection);
      await part.append(chunks);
      watch.heard('waiting');
      report();
    };
    await pipeline(process.stdout, gathering(take));
    await part.flush();
    const { code } = await process.exit;
    if (code !== 0) {
      const why = printableText(complaints(), 300).trim() || `exit status ${code ?? 'unknown'}`;
      throw new Failure('remote-failed', `${file.path} cannot be read on ${connection.destination}: ${why}`);
    }
  } catch (error) {
    process.close();
    throw watch.why ?? error;
  } finally {
    watch.dispose();
  }
  if (watch.why !== undefined) throw watch.why;
}

/** Passes on all that arrived while the last was taken. Reading the stream by hand would join these chunks: a copy. */
function gathering(take: (chunks: readonly Buffer[]) => Promise<void>): Writable {
  const taken = (chunks: readonly Buffer[], done: (error?: Error) => void) => {
    take(chunks).then(() => {
      done();
    }, done);
  };
  return new Writable({
    highWaterMark: GATHERED_BYTES,
    write: (chunk: Buffer, _encoding, done) => {
      taken([chunk], done);
    },
    writev: (entries, done) => {
      taken(
        entries.map(({ chunk }) => chunk as Buffer),
        done,
      );
    },
  });
}

/** What the command complains, the beginning of it. */
function listen(process: RemoteProcess): () => string {
  let complaints = '';
  process.stdin.on('error', () => undefined);
  process.stdin.end();
  process.stderr.on('data', (chunk: Buffer) => {
    if (complaints.length < MAX_COMPLAINT_CHARACTERS) complaints += chunk.toString('utf8');
  });
  return () => complaints;
}

/** Ends the transfer when nothing arrives for long, or when the user cancels. */
class SilenceWatch {
  why: Failure | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #cancel: () => void;
  #isBusy = false;

  constructor(
    private readonly process: RemoteProcess,
    connection: Connection,
    file: RemoteFile,
    private readonly options: DownloadOptions,
  ) {
    const silenceMs = options.silenceMs ?? USUAL_SILENCE_MS;
    const place = `${file.path} from ${connection.destination}`;
    this.#timer = setTimeout(() => {
      if (this.#isBusy) this.#timer.refresh();
      else
        this.#end(
          new Failure(
            'timed-out',
            `Downloading ${place}: nothing arrived for ${silenceMs / 1000} s. Download it again to go on.`,
          ),
        );
    }, silenceMs);
    this.#cancel = () => {
      this.#end(new Failure('cancelled', `Downloading ${place} was cancelled.`));
    };
    if (options.signal?.aborted === true) this.#cancel();
    else options.signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  /** @param state `busy`: with what arrived. The machine is not to blame for that. */
  heard(state: 'busy' | 'waiting'): void {
    this.#isBusy = state === 'busy';
    this.#timer.refresh();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener('abort', this.#cancel);
  }

  #end(why: Failure): void {
    this.why ??= why;
    this.process.close();
    this.process.stdout.destroy(why);
  }
}

function requireUnchanged(before: RemoteFileIdentity, after: RemoteFileIdentity): void {
  if (
    before.sizeBytes !== after.sizeBytes ||
    before.inode !== after.inode ||
    before.modified !== after.modified
  ) {
    throw new Failure(
      'file-changed',
      `${before.source} was changed while it was downloaded. Download it again when nothing writes to it any more.`,
    );
  }
}

function changed(file: RemoteFile, connection: Connection): Failure {
  return new Failure(
    'file-changed',
    `${file.path} on ${connection.destination} became longer while it was downloaded. Download it again when nothing writes to it any more.`,
  );
}
