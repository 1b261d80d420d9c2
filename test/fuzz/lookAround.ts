/** What views, reports and exports do with a model: it must be safe to look at, however odd it is. */
import { schedLatency } from '../../src/analysis/perf/latency.js';
import { latencyText } from '../../src/analysis/perf/latencyText.js';
import { timehist } from '../../src/analysis/perf/timehist.js';
import { TimehistText } from '../../src/analysis/perf/timehistText.js';
import { TraceAnalysis } from '../../src/analysis/traceAnalysis.js';
import { isFailure } from '../../src/base/errors.js';
import type { LaneId } from '../../src/protocol/traceMessages.js';
import { EXPORT_FORMATS, exportTrace } from '../../src/trace/exporters/exportTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { oneOf, type RandomNumbers } from '../support/randomNumbers.js';
import { DefectError } from './defect.js';

/** Lanes asked for at once: a screen shows no more. */
const LANES = 40;
const WIDTH_PX = 300;

/** Asks everything a view can ask. */
export function lookAt(store: EventStore, random: RandomNumbers): void {
  const analysis = new TraceAnalysis(store);
  analysis.advance();
  analysis.finish();
  const progress = { doneBytes: 1, totalBytes: 1, events: store.length };
  const summary = analysis.summary({ name: 'fuzzed', complete: true, progress });
  expectNumbers(summary, 'summary');
  const { startNs, endNs } = summary;
  const spanNs = endNs - startNs;
  const some = () => startNs + random(1000) * (spanNs / 1000);
  const zoomed = some();
  const ranges = [
    { startNs, endNs },
    { startNs: zoomed, endNs: zoomed + Math.max(1, spanNs / 50) },
    { startNs: startNs - spanNs - 10, endNs: endNs + spanNs + 10 },
  ];
  const lanes = lanesOf(summary.cpus, store.tasks.threadCount);
  for (const range of ranges) {
    expectNumbers(analysis.viewport({ range, widthPx: WIDTH_PX, lanes }), 'viewport');
  }
  const thread = random(store.tasks.threadCount);
  for (const range of [null, ...ranges]) {
    const page = { range, filter: '', offset: 0, limit: 50 };
    expectNumbers(analysis.tasks({ ...page, sort: 'runtimeNs', descending: true }), 'tasks');
    expectNumbers(analysis.cpus({ range }), 'cpus');
    expectNumbers(analysis.histogram({ range, thread: null }), 'histogram');
    expectNumbers(analysis.wakers({ range, thread, limit: 10 }), 'wakers');
  }
  expectNumbers(analysis.threads({ filter: 'a', offset: 0, limit: 50 }), 'threads');
  for (const lane of lanes) expectNumbers(analysis.sliceAt({ lane, atNs: some() }), 'slice');
  expectNumbers(analysis.step({ thread, fromNs: some(), direction: oneOf(random, [1, -1]) }), 'step');
  analysis.tasksCsv({ range: null, filter: '' });
}

function lanesOf(cpus: readonly number[], threads: number): LaneId[] {
  const lanes: LaneId[] = [];
  for (const cpu of cpus.slice(0, LANES)) lanes.push({ kind: 'cpu', cpu }, { kind: 'depth', cpu });
  for (let thread = 0; thread < Math.min(LANES, threads); thread += 1) lanes.push({ kind: 'thread', thread });
  return lanes;
}

/** The reports of the command line that follow perf's. */
export function reportOn(store: EventStore): void {
  for (const compat of ['perf-6.1', 'perf-newer'] as const) {
    const report = schedLatency(store, { compat });
    expectNumbers(report, 'latency');
    latencyText(store, report, compat);
    const text = new TimehistText(store, {
      compat,
      cpuVisual: store.cpuLimit <= 256,
      wakeups: true,
      next: true,
      state: true,
    });
    text.header();
    for (const row of timehist(store, { compat, wakeups: true, migrations: true })) text.line(row);
  }
}

/** Writes every format to nowhere. */
export async function exportAll(store: EventStore): Promise<void> {
  for (const { name } of EXPORT_FORMATS) {
    let bytes = 0;
    try {
      for await (const piece of exportTrace(store, name)) bytes += piece.length;
    } catch (error) {
      // A format that cannot hold this model says so.
      if (isFailure(error, 'wrong-usage')) continue;
      throw error;
    }
    if (bytes === 0) throw new DefectError(`the export as ${name} is empty`);
  }
}

/** No answer holds a number that is none. */
function expectNumbers(value: unknown, where: string): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new DefectError(`${where} is ${value}`);
  } else if (ArrayBuffer.isView(value)) {
    for (const each of value as unknown as Iterable<number>) expectNumbers(each, where);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) expectNumbers(each, `${where}.${key}`);
  }
}
