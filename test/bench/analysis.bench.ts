/**
 * Cost of the analysis on a synthetic trace: `node <bundle of this file> [events]`.
 * Bundle: npx esbuild test/bench/analysis.bench.ts --bundle --platform=node --format=esm --outfile=….mjs
 */
import { TraceAnalysis } from '../../src/analysis/traceAnalysis.js';
import type { LaneId } from '../../src/protocol/traceMessages.js';
import { EventStore } from '../../src/trace/model/eventStore.js';
import { fillSyntheticStore, seededRandom } from './syntheticTrace.js';

const events = Number(process.argv[2] ?? 5_000_000);
const CPUS = 16;
const WIDTH_PX = 2000;

/** CPU time of this process: on a shared machine steadier than the clock. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timed<T>(what: string, work: () => T): T {
  const start = cpuMs();
  const result = work();
  console.log(`${what.padEnd(56)} ${(cpuMs() - start).toFixed(1)} ms`);
  return result;
}

const store = new EventStore();
timed(`generate ${events} events`, () =>
  fillSyntheticStore(store, { events, cpus: CPUS, threads: 2000, seed: 1 }),
);
const analysis = new TraceAnalysis(store);
const start = cpuMs();
analysis.advance();
analysis.finish();
const advanceMs = cpuMs() - start;
const { model } = analysis;
console.log(`advance: ${((advanceMs * 1e6) / events).toFixed(1)} ns an event (${advanceMs.toFixed(0)} ms)`);
console.log(`lists: ${(model.allocatedBytes() / events).toFixed(2)} bytes an event`);

const whole = { startNs: model.startNs, endNs: model.endNs };
const cpuLanes = Array.from({ length: CPUS }, (_, cpu): LaneId => ({ kind: 'cpu', cpu }));
const depthLanes = Array.from({ length: CPUS }, (_, cpu): LaneId => ({ kind: 'depth', cpu }));
const threadLanes = Array.from({ length: 40 }, (_, i): LaneId => ({ kind: 'thread', thread: i + 1 }));
const mixed = [...cpuLanes.slice(0, 4), ...depthLanes.slice(0, 2), ...threadLanes.slice(0, 4)];
const view = (lanes: readonly LaneId[], range = whole) =>
  analysis.viewport({ range, widthPx: WIDTH_PX, lanes });
timed('first viewport, all CPU and depth lanes (builds them)', () => view([...cpuLanes, ...depthLanes]));
timed('first viewport, 40 threads (builds them)', () => view(threadLanes));
timed('thread order', () => analysis.threads({ filter: '', offset: 0, limit: 50 }));
console.log(
  `with the pyramids of what was shown: ${(model.allocatedBytes() / events).toFixed(2)} bytes an event`,
);

const random = seededRandom(7);
for (const share of [1, 0.1, 0.01, 0.001, 0.00001]) {
  const costs: number[] = [];
  for (let i = 0; i < 60; i += 1) {
    const length = (whole.endNs - whole.startNs) * share;
    const startNs = whole.startNs + random() * (whole.endNs - whole.startNs - length);
    const before = cpuMs();
    view(mixed, { startNs, endNs: startNs + length });
    costs.push(cpuMs() - before);
  }
  costs.sort((a, b) => a - b);
  const [median, p95] = [costs[30]!.toFixed(2), costs[57]!.toFixed(2)];
  console.log(
    `viewport ${WIDTH_PX} px × ${mixed.length} lanes, ${share * 100} %: median ${median} ms, p95 ${p95} ms`,
  );
}

const tasks = (range: { startNs: number; endNs: number } | null) =>
  analysis.tasks({ range, filter: '', sort: 'runtimeNs', descending: true, offset: 0, limit: 50 });
timed('tasks, whole', () => tasks(null));
timed('tasks, whole, again', () => tasks(null));
const tenth = { startNs: whole.endNs * 0.4, endNs: whole.endNs * 0.5 };
timed('tasks, a tenth', () => tasks(tenth));
timed('cpus, whole', () => analysis.cpus({ range: null }));
timed('histogram, whole', () => analysis.histogram({ range: null, thread: null }));
timed('wakers, whole', () => analysis.wakers({ range: null, thread: null, limit: 50 }));
timed('sliceAt × 1000', () => {
  for (let i = 0; i < 1000; i += 1)
    analysis.sliceAt({ lane: mixed[i % mixed.length]!, atNs: random() * whole.endNs });
});
