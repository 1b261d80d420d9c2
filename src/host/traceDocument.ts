import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { messageOf } from '../base/errors.js';
import { Messenger } from '../protocol/messenger.js';
import type { MigrationSummary, RecordsState } from '../protocol/migrationMessages.js';
import type { TimelineMigrations } from '../protocol/timelineMigrations.js';
import type { TraceSummary } from '../protocol/traceMessages.js';
import type {
  TraceWorkerData,
  WorkerDocumentKind,
  WorkerEvents,
  WorkerFile,
  WorkerRequests,
} from '../protocol/traceWorkerMessages.js';
import type { Log } from './log.js';
import { placeOf } from './recordingUri.js';

/** Files that only an editor's file system provider can read are passed to the worker whole, up to this size. */
const MAX_VIRTUAL_BYTES = 512 * 1024 * 1024;

/**
 * A trace or a table of migration records that is open, and the worker thread that owns it. All views of the same file
 * share one. Disposing it ends the thread at once, and with it all memory of the file.
 */
export class TraceDocument implements vscode.CustomDocument {
  readonly #updated = new vscode.EventEmitter<TraceSummary>();
  readonly #migrationsUpdated = new vscode.EventEmitter<TimelineMigrations>();
  readonly #recordsUpdated = new vscode.EventEmitter<RecordsState>();
  readonly #recognised = new vscode.EventEmitter<WorkerDocumentKind>();
  readonly #failed = new vscode.EventEmitter<string>();
  readonly #exporting = new vscode.EventEmitter<number>();
  readonly onUpdated = this.#updated.event;
  /** Migration records were laid on the timeline, or were not. */
  readonly onMigrationsUpdated = this.#migrationsUpdated.event;
  readonly onRecordsUpdated = this.#recordsUpdated.event;
  /** The worker has looked at the file: also anew after `reload`. */
  readonly onRecognised = this.#recognised.event;
  readonly onFailed = this.#failed.event;
  /** How much of an export is written, 0…1. */
  readonly onExporting = this.#exporting.event;
  #worker: Worker | undefined;
  #messenger: Messenger<WorkerRequests, WorkerEvents> | undefined;
  /** What was told of the trace last. */
  summary: TraceSummary | undefined;
  /** The files of the recording; none where a folder is one. */
  readonly files: readonly vscode.Uri[];
  readonly folder: vscode.Uri | undefined;
  /** Which of the files are migration records, laid on the timeline of the others. */
  #recordFiles: readonly number[] = [];
  /** Migration records that were added to the timeline: they come back with `reload`. */
  readonly #added: vscode.Uri[] = [];
  /** The last failure, for views that open after it. */
  failure: string | undefined;
  /** What the file is, as soon as the worker has looked at it. */
  kind: WorkerDocumentKind | undefined;

  constructor(
    readonly uri: vscode.Uri,
    readonly workerPath: string,
    readonly log: Log,
  ) {
    ({ files: this.files, folder: this.folder } = placeOf(uri));
  }

  /** Starts reading; again after `reload`. */
  async start(): Promise<void> {
    this.failure = undefined;
    this.summary = undefined;
    const data = await this.#workerData();
    const worker = new Worker(this.workerPath, {
      workerData: data,
      // A 10-million-event trace keeps its columns outside the heap; names and indexes need little of it.
      resourceLimits: { maxOldGenerationSizeMb: 2048 },
    });
    this.#worker = worker;
    const messenger = new Messenger<WorkerRequests, WorkerEvents>({
      post: (message) => worker.postMessage(message),
      receive: (listener) => void worker.on('message', listener),
    });
    this.#messenger = messenger;
    const startedMs = performance.now();
    messenger.on('recognised', ({ kind, recordFiles }) => {
      this.kind = kind;
      this.#recordFiles = recordFiles;
      this.#recognised.fire(kind);
    });
    messenger.on('migrationsUpdated', (migrations) => {
      const newest = migrations.files.at(-1);
      if (newest !== undefined) this.log.info(`${this.uri.toString(true)}: ${newest.text}`);
      this.#migrationsUpdated.fire(migrations);
    });
    messenger.on('recordsUpdated', (state) => {
      if (state.kind === 'ready') this.#logRecords(state.summary, performance.now() - startedMs);
      this.#recordsUpdated.fire(state);
    });
    messenger.on('exporting', ({ share }) => this.#exporting.fire(share));
    messenger.on('updated', (summary) => {
      this.summary = summary;
      if (summary.complete) this.#logComplete(summary, performance.now() - startedMs);
      this.#updated.fire(summary);
    });
    messenger.on('failed', ({ message, code }) => {
      this.log.error(`${this.uri.toString(true)} (${code})`, message);
      this.#fail(message);
    });
    worker.on('error', (error) => {
      this.log.error(`The worker of ${this.uri.toString(true)} ended`, error);
      messenger.close();
      this.#fail(`The trace could not be kept open: ${messageOf(error)}`);
    });
  }

  async reload(): Promise<void> {
    await this.#stop();
    await this.start();
  }

  request<K extends keyof WorkerRequests>(
    method: K,
    params: WorkerRequests[K]['params'],
  ): Promise<WorkerRequests[K]['result']> {
    if (this.#messenger === undefined) return Promise.reject(new Error('The trace is not open yet.'));
    return this.#messenger.request(method, params);
  }

  /** Lays migration records on the timeline; what became of them is told by `onMigrationsUpdated`. */
  async addRecords(uris: readonly vscode.Uri[]): Promise<void> {
    const isKnown = (uri: vscode.Uri) => this.#added.some((each) => each.toString() === uri.toString());
    const added = uris.filter((uri) => !isKnown(uri));
    this.#added.push(...added);
    await this.request('addRecords', { files: await workerFiles(added) });
  }

  /** The file of a line's `source`; in a folder the worker knows it. */
  async fileOf(source: number): Promise<vscode.Uri> {
    const known = this.files.filter((_, index) => !this.#recordFiles.includes(index))[source];
    if (known !== undefined) return known;
    const path = await this.request('sourcePath', { source });
    if (path === null)
      throw new Error('This line is in a file of the folder that has no name of its own here.');
    return vscode.Uri.file(path);
  }

  dispose(): void {
    void this.#stop();
    this.#updated.dispose();
    this.#migrationsUpdated.dispose();
    this.#recordsUpdated.dispose();
    this.#recognised.dispose();
    this.#failed.dispose();
    this.#exporting.dispose();
  }

  async #stop(): Promise<void> {
    this.#messenger?.close();
    this.#messenger = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #fail(message: string): void {
    this.failure = message;
    this.#failed.fire(message);
  }

  #logComplete(summary: TraceSummary, elapsedMs: number): void {
    const seconds = (elapsedMs / 1000).toFixed(2);
    this.log.info(
      `${this.uri.toString(true)}: ${summary.formatLabel}, ${summary.events} events, ${summary.threads} threads, ${summary.lostEvents} lost, ${seconds} s`,
    );
    for (const remark of summary.remarks) {
      const file = remark.source === null ? '' : `, ${summary.sources[remark.source] ?? ''}`;
      const line = remark.line === null ? '' : `, line ${remark.line}`;
      this.log.info(`  ${remark.severity}${file}${line}: ${remark.message}`);
    }
  }

  #logRecords({ rows, migrated, forced, malformed }: MigrationSummary, elapsedMs: number): void {
    const seconds = (elapsedMs / 1000).toFixed(2);
    this.log.info(
      `${this.uri.toString(true)}: migration records, ${rows} rows, ${migrated} migrated, ${forced ?? 'unknown'} forced, ${malformed.count} malformed lines, ${seconds} s`,
    );
    for (const { line, reason } of malformed.lines) this.log.info(`  line ${line} left out: ${reason}`);
  }

  async #workerData(): Promise<TraceWorkerData> {
    const { folder } = this;
    const name = lastSegment(this.uri);
    if (folder !== undefined && folder.scheme !== 'file') {
      throw new Error(`${name} is a folder on a virtual file system. Copy it to a disk and open it there.`);
    }
    return {
      name,
      files: await workerFiles(this.files),
      folder: folder?.fsPath ?? null,
      records: await workerFiles(this.#added),
    };
  }
}

async function workerFiles(uris: readonly vscode.Uri[]): Promise<WorkerFile[]> {
  const files: WorkerFile[] = [];
  let sizeBytes = 0;
  for (const uri of uris) {
    if (uri.scheme === 'file') {
      files.push({ name: uri.fsPath, path: uri.fsPath, bytes: null });
      continue;
    }
    const name = lastSegment(uri);
    sizeBytes += (await vscode.workspace.fs.stat(uri)).size;
    if (sizeBytes > MAX_VIRTUAL_BYTES) {
      throw new Error(
        `${name} is ${(sizeBytes / 1e9).toFixed(1)} GB on a virtual file system, which can only be read as a whole. Copy it to a disk and open it there.`,
      );
    }
    files.push({ name, path: null, bytes: await vscode.workspace.fs.readFile(uri) });
  }
  return files;
}

function lastSegment({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
