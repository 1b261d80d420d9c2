/** A 10-million-event text through the worker thread that the editor uses: first picture, whole, memory, viewports. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Messenger } from '../../src/protocol/messenger.js';
import type { LaneId, TraceSummary } from '../../src/protocol/traceMessages.js';
import type { WorkerEvents, WorkerRequests } from '../../src/protocol/traceWorkerMessages.js';
import { writeBigText } from './bigText.js';
import { cpuLanes, openInEditorWorker } from './editorWorker.js';
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
  const { messenger, summary, firstPictureMs, completeMs, peakBytes, settledBytes, close } =
    await openInEditorWorker(path);
  figure('first picture (viewport of what was read)', seconds(firstPictureMs), 'target: 2 s');
  figure('complete', seconds(completeMs), 'target: 10 s');
  figure(
    'peak memory for the trace',
    megabytes(peakBytes),
    `${(peakBytes / events).toFixed(1)} bytes an event`,
  );
  figure(
    'memory when complete',
    megabytes(settledBytes),
    `${(settledBytes / events).toFixed(1)} bytes an event`,
  );
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
  const { endedMs, leftBytes } = await close();
  figure('closed', `${endedMs.toFixed(0)} ms`, `${megabytes(leftBytes)} more than before opening`);
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
