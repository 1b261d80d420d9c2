/** A 10-million-event text through the worker thread that the editor uses: first picture, whole, memory, viewports. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Messenger } from '../../src/protocol/messenger.js';
import type { LaneId, TraceSummary } from '../../src/protocol/traceMessages.js';
import type {
  TraceWorkerData,
  WorkerEvents,
  WorkerRequests,
} from '../../src/protocol/traceWorkerMessages.js';
import { writeBigText } from './bigText.js';
import { figure, heading, megabytes, percentile, seconds } from './report.js';

const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 10_000_000);
const directory = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));

try {
  await bench();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const path = join(directory, 'big.ftrace');
  const events = await writeBigText(path, EVENTS);
  heading(`${events} events, ${megabytes(statSync(path).size)} of tracefs text, in the editor's worker`);
  const baselineBytes = process.memoryUsage.rss();
  const started = performance.now();
  const data: TraceWorkerData = { name: 'big.ftrace', path, bytes: null };
  const worker = new Worker(resolve('dist/traceWorker.cjs'), { workerData: data });
  const messenger = new Messenger<WorkerRequests, WorkerEvents>({
    post: (message) => worker.postMessage(message),
    receive: (listener) => void worker.on('message', listener),
  });
  let peakBytes = 0;
  const sampling = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 20);
  const first = await nextSummary(messenger, (summary) => summary.events > 0);
  await messenger.request('viewport', wholeView(first, 2000));
  figure('first picture (viewport of what was read)', seconds(performance.now() - started), 'target: 2 s');
  const summary = await nextSummary(messenger, (each) => each.complete);
  await messenger.request('viewport', wholeView(summary, 2000));
  figure('complete', seconds(performance.now() - started), 'target: 10 s');
  clearInterval(sampling);
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  figure(
    'peak memory of the process',
    megabytes(peakBytes),
    `${megabytes(peakBytes - baselineBytes)} of it for the trace; target: 900 MB`,
  );
  figure('per event', `${((peakBytes - baselineBytes) / events).toFixed(1)} bytes`);
  await viewports(messenger, summary);
  const tableStarted = performance.now();
  const sort = 'runtimeNs' as const;
  await messenger.request('tasks', {
    range: null,
    filter: '',
    sort,
    descending: true,
    offset: 0,
    limit: 100,
  });
  figure('task table of the whole trace', seconds(performance.now() - tableStarted));
  await worker.terminate();
}

/** Random ranges of all widths, as zooming and panning ask for them. */
async function viewports(
  messenger: Messenger<WorkerRequests, WorkerEvents>,
  summary: TraceSummary,
): Promise<void> {
  const { rows } = await messenger.request('threads', { filter: '', offset: 0, limit: 20 });
  const threadLanes = rows.map(({ thread }): LaneId => ({ kind: 'thread', thread }));
  const timesMs: number[] = [];
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff;
  for (let i = 0; i < 300; i += 1) {
    const span = (summary.endNs - summary.startNs) * 10 ** (-6 * random());
    const startNs = summary.startNs + random() * (summary.endNs - summary.startNs - span);
    const started = performance.now();
    await messenger.request('viewport', {
      range: { startNs, endNs: startNs + span },
      widthPx: 2000,
      lanes: [...cpuLanes(summary), ...threadLanes],
    });
    timesMs.push(performance.now() - started);
  }
  const lanes = cpuLanes(summary).length + threadLanes.length;
  figure(`viewport of 2000 px and ${lanes} lanes, median`, `${percentile(timesMs, 0.5).toFixed(1)} ms`);
  figure(
    `viewport of 2000 px and ${lanes} lanes, 95th percentile`,
    `${percentile(timesMs, 0.95).toFixed(1)} ms`,
  );
}

function cpuLanes(summary: TraceSummary): LaneId[] {
  return summary.cpus.flatMap((cpu): LaneId[] => [
    { kind: 'cpu', cpu },
    { kind: 'depth', cpu },
  ]);
}

function wholeView(summary: TraceSummary, widthPx: number) {
  return { range: { startNs: summary.startNs, endNs: summary.endNs }, widthPx, lanes: cpuLanes(summary) };
}

function nextSummary(
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
