import { describe, expect, it } from 'vitest';
import type { LaneTimeline } from '../../../src/analysis/laneTimeline.js';
import { TraceAnalysis } from '../../../src/analysis/traceAnalysis.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { fillSyntheticStore, seededRandom } from '../../bench/syntheticTrace.js';
import { Reference, joined, type Stretch } from './reference.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

function randomTrace(seed: number): { analysis: TraceAnalysis; reference: Reference } {
  const store = new EventStore();
  const random = seededRandom(seed * 77);
  fillSyntheticStore(store, {
    events: 200 + Math.floor(random() * 3000),
    cpus: 1 + Math.floor(random() * 5),
    threads: 2 + Math.floor(random() * 20),
    seed,
    waking: seed % 3 !== 0,
    ties: seed % 2 === 0 ? 0.3 : 0,
  });
  const analysis = new TraceAnalysis(store);
  analysis.advance();
  analysis.finish();
  return { analysis, reference: new Reference(store) };
}

function stretchesOf(timeline: LaneTimeline, valueOf: (segment: number) => number): Stretch[] {
  return Array.from({ length: timeline.segmentCount }, (_, segment) => ({
    startNs: timeline.startOf(segment),
    endNs: timeline.endOf(segment),
    value: valueOf(segment),
    cpu: 0,
  }));
}

const bare = (stretches: readonly Stretch[]) =>
  joined(stretches).map(({ startNs, endNs, value }) => [startNs, endNs, value]);

describe.each(SEEDS)('random trace %i, against the plain reading', (seed) => {
  const { analysis, reference } = randomTrace(seed);
  const { model } = analysis;

  it('has the same thread on each CPU at all times', () => {
    for (const { cpu, timeline } of model.cpuRecords()) {
      const found = bare(stretchesOf(timeline, (segment) => timeline.threadOf(segment)));
      const expected = reference.cpus.get(cpu);
      if (expected === undefined) expect(found.every(([, , thread]) => thread === -1)).toBe(true);
      else expect(found).toEqual(bare(expected));
    }
  });

  it('has each thread in the same state at all times', () => {
    for (const [thread, expected] of reference.threads) {
      const timeline = model.threads[thread]!;
      const found = bare(stretchesOf(timeline, (segment) => timeline.stateOf(segment)));
      expect(found).toEqual(bare(expected));
    }
  });

  it('has the same run queue depths', () => {
    for (const { cpu, depth } of model.cpuRecords()) {
      const found = bare(stretchesOf(depth, (segment) => depth.depthOf(segment) ?? -1));
      const expected = reference.depths.get(cpu);
      if (expected !== undefined) expect(found).toEqual(bare(expected));
    }
  });

  it('has the same task table, of the whole and of ranges', () => {
    const random = seededRandom(seed);
    const { endNs } = reference;
    expectTasks(analysis, reference, null);
    for (let i = 0; i < 30; i += 1) {
      const startNs = Math.floor(random() * endNs);
      expectTasks(analysis, reference, {
        startNs,
        endNs: Math.floor(startNs + random() * (endNs - startNs)),
      });
    }
  });

  it('has the same use of the CPUs, of the whole and of ranges', () => {
    const random = seededRandom(seed + 100);
    for (let i = 0; i < 30; i += 1) {
      const startNs = Math.floor(random() * reference.endNs);
      const range = { startNs, endNs: Math.floor(startNs + random() * (reference.endNs - startNs)) };
      for (const row of analysis.cpus({ range }).rows) {
        const lane = reference.cpus.get(row.cpu) ?? [];
        expect(row.busyNs).toBe(timeWhere(lane, range, (thread) => thread > 0));
        expect(row.busyNs + row.idleNs + row.unknownNs).toBe(range.endNs - range.startNs);
        const depths = reference.depths.get(row.cpu) ?? [];
        const knownNs = timeWhere(depths, range, (depth) => depth >= 0);
        const integral = depths.reduce(
          (sum, each) => sum + Math.max(0, each.value) * overlapNs(each, range),
          0,
        );
        if (knownNs === 0) expect(row.depthMean).toBeNull();
        else {
          expect(row.depthMean).toBeCloseTo(integral / knownNs, 9);
          const shown = depths.filter((each) => overlapNs(each, range) > 0);
          expect(row.depthMax).toBe(Math.max(...shown.map((each) => each.value)));
        }
      }
    }
  });
});

interface Range {
  readonly startNs: number;
  readonly endNs: number;
}

function overlapNs(stretch: Stretch, range: Range): number {
  return Math.max(0, Math.min(stretch.endNs, range.endNs) - Math.max(stretch.startNs, range.startNs));
}

function timeWhere(lane: readonly Stretch[], range: Range, accepts: (value: number) => boolean): number {
  return lane.reduce((sum, each) => sum + (accepts(each.value) ? overlapNs(each, range) : 0), 0);
}

/** Nearest rank by sorting. */
function percentile(values: readonly number[], percent: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1]!;
}

function expectTasks(analysis: TraceAnalysis, reference: Reference, range: Range | null): void {
  const whole = { startNs: 0, endNs: Infinity };
  const { startNs, endNs } =
    range !== null && range.endNs < reference.endNs ? range : { ...whole, ...range, endNs: Infinity };
  const { rows } = analysis.tasks({
    range,
    filter: '',
    sort: 'pid',
    descending: false,
    offset: 0,
    limit: 1e6,
  });
  for (const row of rows) {
    const lane = reference.threads.get(row.thread) ?? [];
    expect(row.runtimeNs).toBe(timeWhere(lane, { startNs, endNs }, (state) => state === 1));
    const inRange = (wait: { thread: number; endNs: number }) =>
      wait.thread === row.thread && wait.endNs >= startNs && wait.endNs < endNs;
    const latencies = reference.wakeupLatencies.filter(inRange).map((wait) => wait.endNs - wait.startNs);
    const waits = reference.preemptionWaits.filter(inRange).map((wait) => wait.endNs - wait.startNs);
    expect(row.wakeupLatencyP50Ns).toBe(percentile(latencies, 50));
    expect(row.wakeupLatencyP90Ns).toBe(percentile(latencies, 90));
    expect(row.wakeupLatencyP99Ns).toBe(percentile(latencies, 99));
    expect(row.wakeupLatencyMaxNs).toBe(percentile(latencies, 100));
    expect(row.preemptionWaitMaxNs).toBe(percentile(waits, 100));
    expect(row.preemptionWaitTotalNs).toBe(waits.reduce((sum, each) => sum + each, 0));
    if (range !== null) continue;
    expect(row.switches).toBe(reference.switches.get(row.thread) ?? 0);
    expect(row.wakeups).toBe(reference.wakeups.get(row.thread) ?? 0);
  }
}
