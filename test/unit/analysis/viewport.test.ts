import { describe, expect, it } from 'vitest';
import { asThreadState } from '../../../src/analysis/columnEnums.js';
import type { LaneTimeline } from '../../../src/analysis/laneTimeline.js';
import { TraceAnalysis } from '../../../src/analysis/traceAnalysis.js';
import { ThreadState, type LaneId, type LaneSegments } from '../../../src/protocol/traceMessages.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { fillSyntheticStore, seededRandom } from '../../bench/syntheticTrace.js';
import { TraceBuilder } from './traceBuilder.js';

function randomAnalysis(seed: number, events: number): TraceAnalysis {
  const store = new EventStore();
  fillSyntheticStore(store, { events, cpus: 3, threads: 12, seed, ties: seed % 2 === 0 ? 0.2 : 0 });
  const analysis = new TraceAnalysis(store);
  analysis.advance();
  analysis.finish();
  return analysis;
}

/** A segment of a lane as the analysis knows it: `value` is thread, state or depth. */
interface Part {
  readonly startNs: number;
  readonly endNs: number;
  readonly value: number;
  readonly isDrawn: boolean;
}

function partsOf(analysis: TraceAnalysis, lane: LaneId): Part[] {
  const { model } = analysis;
  const list = (timeline: LaneTimeline, valueOf: (i: number) => number, isDrawn: (i: number) => boolean) =>
    Array.from({ length: timeline.segmentCount }, (_, i) => ({
      startNs: timeline.startOf(i),
      endNs: timeline.endOf(i),
      value: valueOf(i),
      isDrawn: isDrawn(i),
    }));
  if (lane.kind === 'thread') {
    const timeline = model.threads[lane.thread]!;
    return list(
      timeline,
      (i) => timeline.stateOf(i),
      (i) => i > 1 || timeline.stateOf(i) === ThreadState.Running,
    );
  }
  const { timeline, depth } = model.cpus[lane.cpu]!;
  if (lane.kind === 'cpu') {
    return list(
      timeline,
      (i) => timeline.threadOf(i),
      (i) => timeline.threadOf(i) !== 0,
    );
  }
  return list(
    depth,
    (i) => depth.depthOf(i) ?? -1,
    () => true,
  );
}

interface Expected {
  readonly startNs: number;
  readonly endNs: number;
  /** Time by value. */
  readonly times: Map<number, number>;
  readonly isExact: boolean;
  readonly drawn: number;
}

/** The rule of the viewport, in plain words: wide segments as they are, the rest a summary a pixel. */
function expectedSegments(
  parts: readonly Part[],
  startNs: number,
  endNs: number,
  widthPx: number,
): Expected[] {
  const pixelNs = (endNs - startNs) / widthPx;
  const traceEnd = Math.min(endNs, parts.at(-1)!.endNs);
  const isWide = (part: Part) => part.endNs - part.startNs >= pixelNs;
  const result: Expected[] = [];
  let from = Math.max(startNs, parts[0]!.startNs);
  while (from < traceEnd) {
    const here = parts.findLast((part) => part.startNs <= from && part.endNs > from)!;
    if (isWide(here)) {
      const to = Math.min(here.endNs, traceEnd);
      const times = new Map([[here.value, to - from]]);
      result.push({ startNs: from, endNs: to, times, isExact: true, drawn: here.isDrawn ? 1 : 0 });
      from = to;
      continue;
    }
    const pixel = Math.floor((from - startNs) / pixelNs);
    let to = startNs + (pixel + 1) * pixelNs;
    // The division rounds: the pixel found may be the one that ends here.
    if (to <= from) to = startNs + (pixel + 2) * pixelNs;
    to = Math.min(to, traceEnd);
    const wide = parts.find((part) => part.startNs > from && part.startNs <= to && isWide(part));
    if (wide !== undefined) to = wide.startNs;
    const times = new Map<number, number>();
    let drawn = 0;
    for (const part of parts) {
      const overlap = Math.min(part.endNs, to) - Math.max(part.startNs, from);
      if (overlap <= 0) continue;
      times.set(part.value, (times.get(part.value) ?? 0) + overlap);
      if (part.isDrawn) drawn += 1;
    }
    result.push({ startNs: from, endNs: to, times, isExact: false, drawn });
    from = to;
  }
  return result;
}

function timeOf(times: Map<number, number>, accepts: (value: number) => boolean): number {
  return [...times].reduce((sum, [value, ns]) => sum + (accepts(value) ? ns : 0), 0);
}

function expectLane(lane: LaneSegments, expected: readonly Expected[]): void {
  const shown = expected.filter((each) => isShown(lane.lane, each));
  expect([...lane.startNs]).toEqual(shown.map((each) => each.startNs));
  expect([...lane.endNs]).toEqual(shown.map((each) => each.endNs));
  shown.forEach((each, i) => {
    const value = lane.value[i]!;
    const state = asThreadState(lane.state[i]!);
    const durationNs = each.endNs - each.startNs;
    if (each.isExact) expect(lane.count[i]).toBe(1);
    else expect(lane.count[i]).toBeGreaterThanOrEqual(each.drawn);
    if (lane.lane.kind === 'cpu') {
      const busyNs = timeOf(each.times, (thread) => thread > 0);
      const unknownNs = timeOf(each.times, (thread) => thread < 0);
      expect(lane.fill[i]).toBeCloseTo(busyNs / durationNs, 4);
      expect(state).toBe(unknownNs > busyNs ? ThreadState.Unknown : ThreadState.Running);
      const majority = [...each.times].find(([thread, ns]) => thread > 0 && ns > busyNs * 0.50001);
      if (state === ThreadState.Running && majority !== undefined) expect(value).toBe(majority[0]);
    } else if (lane.lane.kind === 'depth') {
      const knownNs = timeOf(each.times, (depth) => depth >= 0);
      expect(state).toBe(knownNs === 0 ? ThreadState.Unknown : ThreadState.Running);
      if (knownNs === 0) return;
      expect(value).toBe(Math.max(...each.times.keys()));
      const integral = [...each.times].reduce((sum, [depth, ns]) => sum + Math.max(0, depth) * ns, 0);
      expect(lane.fill[i]).toBeCloseTo(integral / knownNs, 3);
    } else {
      expect(lane.fill[i]).toBeCloseTo((each.times.get(ThreadState.Running) ?? 0) / durationNs, 4);
      // Equal to 7 digits: either may be called the longer one.
      expect(each.times.get(state)).toBeGreaterThan(Math.max(...each.times.values()) * 0.99999);
    }
  });
}

function isShown(lane: LaneId, expected: Expected): boolean {
  if (lane.kind === 'cpu') return timeOf(expected.times, (thread) => thread !== 0) > 0;
  return lane.kind === 'depth' || expected.drawn > 0;
}

const LANES: LaneId[] = [
  { kind: 'cpu', cpu: 0 },
  { kind: 'cpu', cpu: 2 },
  { kind: 'depth', cpu: 1 },
  { kind: 'thread', thread: 1 },
  { kind: 'thread', thread: 7 },
];

describe.each([1, 2, 3, 4])('viewports of random trace %i', (seed) => {
  const analysis = randomAnalysis(seed, 4000);
  const { endNs } = analysis.model;
  const parts = LANES.map((lane) => partsOf(analysis, lane));
  const random = seededRandom(seed * 31);
  const ranges = Array.from({ length: 40 }, () => {
    const length = endNs * 10 ** (-4 * random()) * 1.2;
    const startNs = Math.floor((random() * 1.2 - 0.1) * endNs);
    return {
      startNs,
      endNs: startNs + Math.max(10, Math.floor(length)),
      widthPx: 1 + Math.floor(random() * 300),
    };
  });

  it.each([{ startNs: 0, endNs, widthPx: 200 }, { startNs: 0, endNs, widthPx: 1 }, ...ranges])(
    'equals the rule applied plainly: $startNs … $endNs in $widthPx px',
    ({ widthPx, ...range }) => {
      analysis.viewport({ range, widthPx, lanes: LANES }).lanes.forEach((lane, i) => {
        expect(lane.startNs.length).toBeLessThanOrEqual(2 * widthPx + 2);
        const whole = range.startNs < endNs && range.endNs > 0;
        const expected = whole ? expectedSegments(parts[i]!, range.startNs, range.endNs, widthPx) : [];
        expectLane(lane, expected);
      });
    },
  );
});

describe('cost of a viewport', () => {
  /** Entries and blocks looked at for one CPU, one depth and one thread lane, once they are built. */
  function visits(analysis: TraceAnalysis, widthPx: number): number {
    const { model } = analysis;
    const lanes: LaneId[] = [
      { kind: 'cpu', cpu: 0 },
      { kind: 'depth', cpu: 0 },
      { kind: 'thread', thread: 1 },
    ];
    const range = { startNs: model.startNs, endNs: model.endNs };
    const count = () =>
      model.cpus[0]!.timeline.visited + model.cpus[0]!.depth.visited + model.threads[1]!.visited;
    analysis.viewport({ range, widthPx, lanes });
    const before = count();
    analysis.viewport({ range, widthPx, lanes });
    return count() - before;
  }

  it('depends on the pixels, hardly on the number of events', () => {
    const small = randomAnalysis(1, 50_000);
    const large = randomAnalysis(1, 800_000);
    for (const widthPx of [50, 200, 800]) {
      expect(visits(large, widthPx)).toBeLessThan(3 * 100 * widthPx);
      expect(visits(large, widthPx)).toBeLessThan(4 * visits(small, widthPx));
    }
  });
});

describe('a viewport', () => {
  const trace = new TraceBuilder()
    .switch(0, 0, 0, 'R', 1)
    .switch(100, 0, 1, 'S', 0)
    .waking(150, 0, 1, 0)
    .switch(160, 0, 0, 'R', 1)
    .switch(200, 0, 1, 'R+', 2)
    .switch(300, 0, 2, 'D', 0);
  const analysis = trace.analyse();
  const lane = (id: LaneId, range = { startNs: 0, endNs: 300 }, widthPx = 300) =>
    analysis.viewport({ range, widthPx, lanes: [id] }).lanes[0]!;

  it('shows the slices of a CPU exactly, and nothing where it idles', () => {
    const { startNs, endNs, value, state, fill, count } = lane({ kind: 'cpu', cpu: 0 });
    expect([...startNs]).toEqual([0, 160, 200]);
    expect([...endNs]).toEqual([100, 200, 300]);
    expect([...value]).toEqual([trace.thread(1), trace.thread(1), trace.thread(2)]);
    expect([...state]).toEqual([1, 1, 1]);
    expect([...fill]).toEqual([1, 1, 1]);
    expect([...count]).toEqual([1, 1, 1]);
  });

  it('shows the states of a thread', () => {
    const { startNs, state, value } = lane({ kind: 'thread', thread: trace.thread(1) });
    expect([...startNs]).toEqual([0, 100, 150, 160, 200]);
    const { Running, Sleeping, Runnable, Preempted } = ThreadState;
    expect([...state]).toEqual([Running, Sleeping, Runnable, Running, Preempted]);
    expect([...value]).toEqual([0, 65535, 0, 0, 0]);
  });

  it('clips to the range', () => {
    const { startNs, endNs } = lane({ kind: 'cpu', cpu: 0 }, { startNs: 50, endNs: 180 });
    expect([...startNs]).toEqual([50, 160]);
    expect([...endNs]).toEqual([100, 180]);
  });

  it('sums up what is narrower than a pixel', () => {
    const { startNs, endNs, value, fill, count } = lane(
      { kind: 'cpu', cpu: 0 },
      { startNs: 0, endNs: 300 },
      1,
    );
    expect([startNs[0], endNs[0], count[0]]).toEqual([0, 300, 3]);
    expect(value[0]).toBe(trace.thread(1));
    expect(fill[0]).toBeCloseTo(240 / 300, 6);
  });

  it('is empty for lanes that do not exist and ranges outside the recording', () => {
    expect(lane({ kind: 'cpu', cpu: 9 }).startNs).toHaveLength(0);
    expect(lane({ kind: 'thread', thread: 99 }).startNs).toHaveLength(0);
    expect(lane({ kind: 'cpu', cpu: 0 }, { startNs: 400, endNs: 500 }).startNs).toHaveLength(0);
    expect(lane({ kind: 'cpu', cpu: 0 }, { startNs: 100, endNs: 100 }).startNs).toHaveLength(0);
    const nothing = new TraceAnalysis(new EventStore());
    nothing.advance();
    const range = { startNs: 0, endNs: 1 };
    expect(
      nothing.viewport({ range, widthPx: 10, lanes: LANES }).lanes.map((each) => each.startNs.length),
    ).toEqual([0, 0, 0, 0, 0]);
  });

  it('has no depth in a trace without wakeups', () => {
    const bare = new TraceBuilder().switch(0, 0, 0, 'R', 1).switch(100, 0, 1, 'S', 0).analyse();
    const range = { startNs: 0, endNs: 100 };
    const depth = bare.viewport({ range, widthPx: 10, lanes: [{ kind: 'depth', cpu: 0 }] }).lanes[0]!;
    expect([...depth.state].every((state) => asThreadState(state) === ThreadState.Unknown)).toBe(true);
    expect([...depth.fill].every((fill) => fill === 0)).toBe(true);
  });
});
