import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { messageOf } from '../base/errors.js';
import { Messenger } from '../protocol/messenger.js';
import type { TraceSummary } from '../protocol/traceMessages.js';
import type { TraceWorkerData, WorkerEvents, WorkerRequests } from '../protocol/traceWorkerMessages.js';
import type { Log } from './log.js';

/** Files that only an editor's file system provider can read are passed to the worker whole, up to this size. */
const MAX_VIRTUAL_BYTES = 512 * 1024 * 1024;

/**
 * A trace that is open, and the worker thread that owns it. All views of the same file share one. Disposing it ends
 * the thread at once, and with it all memory of the trace.
 */
export class TraceDocument implements vscode.CustomDocument {
  readonly #updated = new vscode.EventEmitter<TraceSummary>();
  readonly #failed = new vscode.EventEmitter<string>();
  readonly onUpdated = this.#updated.event;
  readonly onFailed = this.#failed.event;
  #worker: Worker | undefined;
  #messenger: Messenger<WorkerRequests, WorkerEvents> | undefined;
  /** The last failure, for views that open after it. */
  failure: string | undefined;

  constructor(
    readonly uri: vscode.Uri,
    readonly workerPath: string,
    readonly log: Log,
  ) {}

  /** Starts reading; again after `reload`. */
  async start(): Promise<void> {
    this.failure = undefined;
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
    messenger.on('updated', (summary) => {
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

  dispose(): void {
    void this.#stop();
    this.#updated.dispose();
    this.#failed.dispose();
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
      this.log.info(
        `  ${remark.severity}${remark.line === null ? '' : `, line ${remark.line}`}: ${remark.message}`,
      );
    }
  }

  async #workerData(): Promise<TraceWorkerData> {
    const name = this.uri.path.slice(this.uri.path.lastIndexOf('/') + 1);
    if (this.uri.scheme === 'file') return { name, path: this.uri.fsPath, bytes: null };
    const { size } = await vscode.workspace.fs.stat(this.uri);
    if (size > MAX_VIRTUAL_BYTES) {
      throw new Error(
        `${name} is ${(size / 1e9).toFixed(1)} GB on a virtual file system, which can only be read as a whole. Copy it to a disk and open it there.`,
      );
    }
    return { name, path: null, bytes: await vscode.workspace.fs.readFile(this.uri) };
  }
}
