/** The worker thread that the editor uses, driven as the editor drives it, with its memory watched. */
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Messenger } from '../../src/protocol/messenger.js';
import type { LaneId, TraceSummary } from '../../src/protocol/traceMessages.js';
import type {
  TraceWorkerData,
  WorkerEvents,
  WorkerRequests,
} from '../../src/protocol/traceWorkerMessages.js';

const SAMPLING_MS = 20;

export interface Opened {
  readonly messenger: Messenger<WorkerRequests, WorkerEvents>;
  readonly summary: TraceSummary;
  readonly firstPictureMs: number;
  readonly completeMs: number;
  /** Highest memory of this process while the trace was opened, above what it had before. */
  readonly peakBytes: number;
  /** The same when everything is read. */
  readonly settledBytes: number;
  /** Ends the worker; resolves with the ms that took and the memory above that of the start, some time later. */
  readonly close: () => Promise<{ readonly endedMs: number; readonly leftBytes: number }>;
}

/** Opens a file, asks for the first picture as soon as there is one, and waits until everything is read. */
export async function openInEditorWorker(path: string): Promise<Opened> {
  const beforeBytes = process.memoryUsage.rss();
  const started = performance.now();
  const { worker, messenger } = startEditorWorker(path);
  let peakBytes = 0;
  const sampling = setInterval(
    () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())),
    SAMPLING_MS,
  );
  const first = await nextSummary(messenger, (summary) => summary.events > 0);
  await messenger.request('viewport', wholeView(first, 2000));
  const firstPictureMs = performance.now() - started;
  const summary = await nextSummary(messenger, (each) => each.complete);
  await messenger.request('viewport', wholeView(summary, 2000));
  const completeMs = performance.now() - started;
  clearInterval(sampling);
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  return {
    messenger,
    summary,
    firstPictureMs,
    completeMs,
    peakBytes: peakBytes - beforeBytes,
    settledBytes: process.memoryUsage.rss() - beforeBytes,
    close: () => endWorker(worker, beforeBytes),
  };
}

export function startEditorWorker(path: string) {
  const data: TraceWorkerData = {
    name: path,
    files: [{ name: path, path, bytes: null }],
    folder: null,
    records: [],
  };
  const worker = new Worker(resolve('dist/traceWorker.cjs'), { workerData: data });
  const messenger = new Messenger<WorkerRequests, WorkerEvents>({
    post: (message) => worker.postMessage(message),
    receive: (listener) => void worker.on('message', listener),
  });
  return { worker, messenger };
}

/** Ends a worker as closing the editor does. */
export async function endWorker(worker: Worker, beforeBytes: number) {
  const started = performance.now();
  await worker.terminate();
  const endedMs = performance.now() - started;
  await new Promise((done) => setTimeout(done, 500));
  return { endedMs, leftBytes: process.memoryUsage.rss() - beforeBytes };
}

export function cpuLanes(summary: TraceSummary): LaneId[] {
  return summary.cpus.flatMap((cpu): LaneId[] => [
    { kind: 'cpu', cpu },
    { kind: 'depth', cpu },
  ]);
}

function wholeView(summary: TraceSummary, widthPx: number) {
  return { range: { startNs: summary.startNs, endNs: summary.endNs }, widthPx, lanes: cpuLanes(summary) };
}

export function nextSummary(
  messenger: Messenger<WorkerRequests, WorkerEvents>,
  wanted: (summary: TraceSummary) => boolean,
): Promise<TraceSummary> {
  return new Promise((done, fail) => {
    messenger.on('updated', (summary) => {
      if (wanted(summary)) done(summary);
    });
    messenger.on('failed', ({ message }) => fail(new Error(message)));
  });
}
