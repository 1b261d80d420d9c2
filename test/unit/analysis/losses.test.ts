import { describe, expect, it } from 'vitest';
import { asEventType } from '../../../src/analysis/columnEnums.js';
import { threadRuntimes } from '../../../src/analysis/threadNames.js';
import { TraceAnalysis } from '../../../src/analysis/traceAnalysis.js';
import type { LaneTimeline } from '../../../src/analysis/laneTimeline.js';
import { ThreadState, type LaneId } from '../../../src/protocol/traceMessages.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { playMachine, rowWriter, seededRandom, type EventSink } from '../../bench/syntheticTrace.js';
import { Reference, type Stretch } from './reference.js';
import { TraceBuilder } from './traceBuilder.js';

type Row = Parameters<EventSink>;

/** A random trace, and the same with stretches of events of single CPUs missing, reported as lost or not. */
function damagedTrace(seed: number, isReported: boolean) {
  const random = seededRandom(seed);
  const whole = new EventStore();
  whole.metadata.overwrittenEvents = 0;
  const damaged = new EventStore();
  damaged.metadata.overwrittenEvents = seed % 2 === 0 ? 0 : 5;
  const rows: Row[] = [];
  const cpus = 2 + Math.floor(random() * 4);
  const options = { events: 3000, cpus, threads: 4 + Math.floor(random() * 20), seed };
  playMachine(whole, options, (...row) => rows.push(row));
  // The same names get the same numbers when they are interned in the same order.
  playMachine(damaged, { ...options, events: 0 }, () => undefined);
  const writeWhole = rowWriter(whole);
  const writeDamaged = rowWriter(damaged);
  const missing = new Map<number, number>();
  for (const row of rows) {
    writeWhole(...row);
    const cpu = row[2];
    const left = missing.get(cpu) ?? 0;
    if (left === 0 && random() < 0.004) missing.set(cpu, 1 + Math.floor(random() * 30));
    else if (left > 0) {
      missing.set(cpu, left - 1);
      if (left === 1 && isReported) damaged.addLoss(cpu, undefined, 1);
    }
    if ((missing.get(cpu) ?? 0) > 0) continue;
    writeDamaged(...row);
  }
  for (const [cpu, left] of missing) if (left > 0 && isReported) damaged.addLoss(cpu, undefined, 1);
  return { whole, damaged };
}

function analysed(store: EventStore): TraceAnalysis {
  const analysis = new TraceAnalysis(store);
  analysis.advance();
  analysis.finish();
  return analysis;
}

function expectConsistent(analysis: TraceAnalysis): void {
  const { model } = analysis;
  const durationNs = model.endNs - model.startNs;
  const cpus = analysis.cpus({ range: null }).rows;
  for (const row of cpus) expect(row.busyNs + row.idleNs + row.unknownNs).toBe(durationNs);
  const { rows } = analysis.tasks({
    range: null,
    filter: '',
    sort: 'pid',
    descending: false,
    offset: 0,
    limit: 1e6,
  });
  const runtimeNs = rows.reduce((sum, row) => sum + row.runtimeNs, 0);
  expect(runtimeNs).toBe(cpus.reduce((sum, row) => sum + row.busyNs, 0));
  const runtimes = threadRuntimes(model);
  expect(rows.map((row) => runtimes[row.thread])).toEqual(rows.map((row) => row.runtimeNs));
  let backwards = 0;
  for (const timeline of [
    ...model.threads,
    ...model.cpuRecords().flatMap((record) => [record.timeline, record.depth]),
  ]) {
    for (let segment = 0; segment < timeline.segmentCount; segment += 1) {
      if (timeline.endOf(segment) < timeline.startOf(segment)) backwards += 1;
    }
  }
  expect(backwards).toBe(0);
}

/** What is shown of a trace: CPUs and all lanes at a coarse and a fine scale. */
function look(analysis: TraceAnalysis) {
  const { model } = analysis;
  const lanes: LaneId[] = [
    ...model.cpuRecords().flatMap(({ cpu }): LaneId[] => [
      { kind: 'cpu', cpu },
      { kind: 'depth', cpu },
    ]),
    ...model.threads.map((_, thread): LaneId => ({ kind: 'thread', thread })),
  ];
  const range = { startNs: 0, endNs: model.endNs };
  return [
    analysis.cpus({ range: null }),
    analysis.viewport({ range, widthPx: 20, lanes }),
    analysis.viewport({ range, widthPx: 500, lanes }),
  ];
}

function entriesOf(timeline: LaneTimeline): Uint32Array {
  return timeline.entries.values.slice(0, timeline.entries.length);
}

/** Share of `[startNs, endNs)` in which the stretches hold this value. */
function timeHolding(lane: readonly Stretch[], value: number, startNs: number, endNs: number): number {
  return lane
    .filter((each) => each.value === value)
    .reduce(
      (sum, each) => sum + Math.max(0, Math.min(each.endNs, endNs) - Math.max(each.startNs, startNs)),
      0,
    );
}

const SEEDS = Array.from({ length: 16 }, (_, i) => i + 1);

describe.each(SEEDS)('reported losses, trace %i', (seed) => {
  const { whole, damaged } = damagedTrace(seed, true);
  const truth = new Reference(whole);
  const analysis = analysed(damaged);
  const { model } = analysis;

  it('adds up', () => expectConsistent(analysis));

  it('says of a CPU only what is true', () => {
    const wrong: number[][] = [];
    for (const { cpu, timeline } of model.cpuRecords()) {
      const lane = truth.cpus.get(cpu) ?? [];
      for (let segment = 0; segment < timeline.segmentCount; segment += 1) {
        const thread = timeline.threadOf(segment);
        if (thread === -1) continue;
        const [startNs, endNs] = [timeline.startOf(segment), timeline.endOf(segment)];
        if (timeHolding(lane, thread, startNs, endNs) !== endNs - startNs) wrong.push([cpu, startNs, endNs]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('knows everything of CPUs without losses after their first event', () => {
    for (const { cpu } of model.cpuRecords()) {
      if (damaged.losses.some((loss) => loss.cpu === cpu)) continue;
      const row = analysis.cpus({ range: null }).rows.find((each) => each.cpu === cpu)!;
      const first = damaged.cpu.indexOf(cpu);
      expect(row.unknownNs).toBeLessThanOrEqual(damaged.timeNs[first]!);
    }
  });

  it('says of a thread that it runs only when it does', () => {
    const wrong: number[][] = [];
    for (const [thread, lane] of truth.threads) {
      const timeline = model.threads[thread]!;
      for (let segment = 0; segment < timeline.segmentCount; segment += 1) {
        const state = timeline.stateOf(segment);
        const [startNs, endNs] = [timeline.startOf(segment), timeline.endOf(segment)];
        if (state !== ThreadState.Running) continue;
        if (timeHolding(lane, state, startNs, endNs) !== endNs - startNs)
          wrong.push([thread, startNs, endNs]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('gives the same whether rows come at once or in pieces', () => {
    const again = damagedTrace(seed, true).damaged;
    const random = seededRandom(seed);
    const pieces = new EventStore();
    playMachine(pieces, { events: 0, cpus: 1, threads: again.tasks.threadCount - 1, seed }, () => undefined);
    pieces.metadata.overwrittenEvents = again.metadata.overwrittenEvents;
    const inPieces = new TraceAnalysis(pieces);
    const write = rowWriter(pieces);
    let losses = 0;
    for (let row = 0; row < again.length; row += 1) {
      const loss = again.losses[losses];
      if (loss !== undefined && loss.beforeNs === again.timeNs[row] && loss.cpu === again.cpu[row]) {
        pieces.addLoss(loss.cpu, loss.count, 1);
        losses += 1;
        if (random() < 0.5) inPieces.advance();
      }
      write(
        asEventType(again.type[row]!),
        again.timeNs[row]! + Number(again.baseNs),
        again.cpu[row]!,
        again.actor[row]!,
        again.subject[row]!,
        again.state[row]!,
        again.arg[row]!,
      );
      if (random() < 0.05) inPieces.advance();
      if (random() < 0.01) look(inPieces);
    }
    for (const loss of again.losses.slice(losses)) pieces.addLoss(loss.cpu, loss.count, 1);
    expect(losses).toBe(again.losses.filter((loss) => loss.beforeNs !== undefined).length);
    inPieces.advance();
    inPieces.finish();
    expect(look(inPieces)).toEqual(look(analysis));
    expect(inPieces.model.threads.map(entriesOf)).toEqual(model.threads.map(entriesOf));
  });
});

/** Waits that end with a sched-in, as the analysis reports them: thread, start, end. */
function reportedLatencies(analysis: TraceAnalysis) {
  return analysis.model.threads.flatMap((timeline, thread) =>
    Array.from({ length: Math.max(0, timeline.segmentCount - 1) }, (_, segment) => segment)
      .filter((segment) => timeline.stateOf(segment) === ThreadState.Runnable)
      .filter((segment) => timeline.stateOf(segment + 1) === ThreadState.Running)
      .map((segment) => ({ thread, startNs: timeline.startOf(segment), endNs: timeline.endOf(segment) })),
  );
}

it('reports latencies across losses that are true, but for runs no event tells of', () => {
  let inDoubt = 0;
  let wrong = 0;
  let wrongForSure = 0;
  for (const seed of SEEDS) {
    const { whole, damaged } = damagedTrace(seed, true);
    const truth = new Map(
      new Reference(whole).wakeupLatencies.map((wait) => [`${wait.thread} ${wait.endNs}`, wait.startNs]),
    );
    for (const { thread, startNs, endNs } of reportedLatencies(analysed(damaged))) {
      const isInDoubt = damaged.losses.some(
        (loss) => (loss.afterNs ?? 0) < endNs && (loss.beforeNs ?? endNs) > startNs,
      );
      const trueStartNs = truth.get(`${thread} ${endNs}`);
      // The waking itself may be lost with its CPU's events: then the latency counts from the wakeup, as it says.
      const isTrue = trueStartNs !== undefined && trueStartNs <= startNs;
      if (isInDoubt) inDoubt += 1;
      else if (!isTrue) wrongForSure += 1;
      if (!isTrue) wrong += 1;
    }
  }
  expect(wrongForSure).toBe(0);
  // Pulled away, run and put back entirely within another CPU's loss: nothing tells.
  expect(inDoubt).toBeGreaterThan(1000);
  expect(wrong / inDoubt).toBeLessThan(0.01);
});

describe.each(SEEDS)('losses nobody reported, trace %i', (seed) => {
  it('adds up', () => expectConsistent(analysed(damagedTrace(seed, false).damaged)));
});

describe('a wait and a loss', () => {
  const rowOf = (trace: TraceBuilder, pid: number) =>
    trace
      .analyse()
      .tasks({ range: null, filter: String(pid), sort: 'pid', descending: false, offset: 0, limit: 1 })
      .rows[0]!;

  const wokenBefore = () =>
    new TraceBuilder()
      .switch(0, 0, 0, 'R', 1)
      .switch(0, 1, 0, 'R', 2)
      .switch(10, 0, 1, 'S', 0)
      .waking(100, 1, 1, 0);

  it('is known when nothing was lost', () => {
    expect(rowOf(wokenBefore().switch(150, 0, 0, 'R', 1), 1).wakeupLatencyMaxNs).toBe(50);
  });

  it('is unknown when its CPU lost events after the wakeup', () => {
    const trace = wokenBefore().tick(110, 0, 0).loss(0).tick(140, 0, 0).switch(150, 0, 0, 'R', 1);
    expect(rowOf(trace, 1)).toMatchObject({ wakeupLatencyMaxNs: null, wakeups: 1 });
  });

  it('is unknown when the wakeup came while its CPU lost events', () => {
    const trace = wokenBefore().loss(0).tick(140, 0, 0).switch(150, 0, 0, 'R', 1);
    expect(rowOf(trace, 1).wakeupLatencyMaxNs).toBeNull();
  });

  it('is unknown when it ends on another CPU that lost events', () => {
    const trace = wokenBefore().switch(120, 1, 2, 'S', 0).loss(1).tick(140, 1, 0).switch(150, 1, 0, 'R', 1);
    expect(rowOf(trace, 1).wakeupLatencyMaxNs).toBeNull();
  });

  it('is unknown when its CPU lost events before another one pulled it over', () => {
    const trace = wokenBefore().loss(0).tick(140, 0, 0).switch(150, 1, 2, 'S', 1);
    expect(rowOf(trace, 1).wakeupLatencyMaxNs).toBeNull();
  });

  it('that lasts to the end is unknown from the loss on', () => {
    const trace = wokenBefore().tick(110, 0, 0).loss(0).tick(140, 0, 0).tick(200, 1, 2);
    const analysis = trace.analyse();
    const at = (atNs: number) =>
      analysis.sliceAt({ lane: { kind: 'thread', thread: trace.thread(1) }, atNs })?.state;
    expect([at(105), at(120), at(190)]).toEqual([ThreadState.Runnable, undefined, undefined]);
  });

  it('is known when another CPU lost events that has nothing to do with it', () => {
    const trace = wokenBefore().tick(105, 1, 2).loss(1).tick(140, 1, 2).switch(150, 0, 0, 'R', 1);
    expect(rowOf(trace, 1).wakeupLatencyMaxNs).toBe(50);
  });

  it('is known when the loss was over before it began', () => {
    const trace = new TraceBuilder()
      .switch(0, 0, 0, 'R', 1)
      .switch(10, 0, 1, 'S', 0)
      .loss(0)
      .tick(90, 0, 0)
      .waking(100, 0, 1, 0)
      .switch(150, 0, 0, 'R', 1);
    expect(rowOf(trace, 1).wakeupLatencyMaxNs).toBe(50);
  });

  it('starts again when a second waking shows that the thread ran unseen', () => {
    const trace = wokenBefore().waking(130, 1, 1, 0).switch(150, 0, 0, 'R', 1);
    expect(rowOf(trace, 1)).toMatchObject({ wakeupLatencyMaxNs: 20, wakeups: 2 });
  });

  it('is unknown for a preemption, too', () => {
    const trace = new TraceBuilder()
      .switch(0, 0, 0, 'R', 1)
      .switch(10, 0, 1, 'R+', 2)
      .loss(0)
      .tick(50, 0, 2)
      .switch(60, 0, 2, 'S', 1);
    expect(rowOf(trace, 1)).toMatchObject({ preemptionWaitMaxNs: null, preemptionWaitTotalNs: 0 });
  });
});

describe('the CPU of a loss', () => {
  const trace = new TraceBuilder()
    .switch(0, 0, 0, 'R', 1)
    .switch(0, 1, 0, 'R', 3)
    .waking(30, 0, 4, 1)
    .tick(40, 0, 1)
    .loss(0, 7)
    .tick(60, 0, 2)
    .switch(80, 0, 2, 'S', 1)
    .switch(100, 0, 1, 'S', 0);
  const analysis = trace.analyse();
  const laneOf = (kind: 'cpu' | 'depth') =>
    analysis.viewport({ range: { startNs: 0, endNs: 100 }, widthPx: 100, lanes: [{ kind, cpu: 0 }] })
      .lanes[0]!;

  it('is neither busy nor idle in the gap, and known again from its first event on', () => {
    expect(analysis.cpus({ range: null }).rows[0]).toMatchObject({ busyNs: 80, unknownNs: 20, idleNs: 0 });
  });

  it('is drawn as unknown there', () => {
    const lane = laneOf('cpu');
    expect([...lane.startNs]).toEqual([0, 40, 60, 80]);
    const { Running, Unknown } = ThreadState;
    expect([...lane.state]).toEqual([Running, Unknown, Running, Running]);
    expect(lane.value[2]).toBe(trace.thread(2));
  });

  it('has no depth until the next switch', () => {
    const lane = laneOf('depth');
    const { Running, Unknown } = ThreadState;
    expect([...lane.startNs]).toEqual([0, 40, 80]);
    expect([...lane.state]).toEqual([Running, Unknown, Running]);
  });

  it('does not count threads after it that waited before it', () => {
    const lost = new TraceBuilder()
      .switch(0, 0, 0, 'R', 1)
      .waking(10, 0, 2, 0)
      .switch(20, 0, 1, 'R', 3)
      .loss(0)
      .tick(60, 0, 3)
      .switch(80, 0, 3, 'R', 4)
      .tick(100, 0, 4);
    const range = { startNs: 0, endNs: 100 };
    const { lanes } = lost.analyse().viewport({ range, widthPx: 100, lanes: [{ kind: 'depth', cpu: 0 }] });
    expect([...lanes[0]!.startNs]).toEqual([0, 10, 20, 80]);
    expect([...lanes[0]!.fill]).toEqual([1, 2, 0, 2]);
  });

  it('tells no slice in the gap', () => {
    expect(analysis.sliceAt({ lane: { kind: 'cpu', cpu: 0 }, atNs: 50 })).toBeNull();
    expect(analysis.sliceAt({ lane: { kind: 'thread', thread: trace.thread(1) }, atNs: 50 })).toBeNull();
  });
});

describe('a loss that nothing follows', () => {
  it('lasts to the end of the recording', () => {
    const trace = new TraceBuilder().switch(0, 0, 0, 'R', 1).switch(10, 1, 0, 'R', 2).loss(0).tick(100, 1, 2);
    expect(trace.analyse().cpus({ range: null }).rows[0]).toMatchObject({ busyNs: 0, unknownNs: 100 });
  });
});

describe('switches that are missing without a report', () => {
  // 1 was switched in, but 2 leaves; an event at 40 says that 2 ran by then.
  const trace = new TraceBuilder()
    .switch(0, 0, 0, 'R', 1)
    .tick(20, 0, 1)
    .tick(40, 0, 2)
    .switch(100, 0, 2, 'S', 0)
    .tick(120, 0, 0);
  const analysis = trace.analyse();

  it('are unknown from when the one was seen last to when the other was seen first', () => {
    expect(analysis.cpus({ range: null }).rows[0]).toMatchObject({ busyNs: 80, unknownNs: 20, idleNs: 20 });
  });

  it('are told in a remark', () => {
    const { remarks } = analysis.summary({
      name: 'trace',
      complete: true,
      progress: { doneBytes: 0, totalBytes: undefined, events: 0 },
    });
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatchObject({ severity: 'warning', line: null });
  });
});
