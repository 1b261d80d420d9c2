import { describe, expect, it } from 'vitest';
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
  expect(rows.map((row) => model.threads[row.thread]!.runtimeNs)).toEqual(rows.map((row) => row.runtimeNs));
  for (const timeline of [
    ...model.threads,
    ...model.cpuRecords().flatMap((record) => [record.timeline, record.depth]),
  ]) {
    for (let segment = 0; segment < timeline.segmentCount; segment += 1) {
      expect(timeline.endOf(segment)).toBeGreaterThanOrEqual(timeline.startOf(segment));
    }
  }
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

const SEEDS = Array.from({ length: 24 }, (_, i) => i + 1);

describe.each(SEEDS)('reported losses, trace %i', (seed) => {
  const { whole, damaged } = damagedTrace(seed, true);
  const truth = new Reference(whole);
  const analysis = analysed(damaged);
  const { model } = analysis;

  it('adds up', () => expectConsistent(analysis));

  it('says of a CPU only what is true', () => {
    for (const { cpu, timeline } of model.cpuRecords()) {
      const lane = truth.cpus.get(cpu) ?? [];
      for (let segment = 0; segment < timeline.segmentCount; segment += 1) {
        const thread = timeline.threadOf(segment);
        if (thread === -1) continue;
        const [startNs, endNs] = [timeline.startOf(segment), timeline.endOf(segment)];
        expect(timeHolding(lane, thread, startNs, endNs)).toBe(endNs - startNs);
      }
    }
  });

  it('knows everything of CPUs without losses after their first event', () => {
    for (const { cpu } of model.cpuRecords()) {
      if (damaged.losses.some((loss) => loss.cpu === cpu)) continue;
      const row = analysis.cpus({ range: null }).rows.find((each) => each.cpu === cpu)!;
      const first = damaged.cpu.indexOf(cpu);
      expect(row.unknownNs).toBeLessThanOrEqual(damaged.timeNs[first]!);
    }
  });

  it('says of a thread that it runs or waits only when it does', () => {
    for (const [thread, lane] of truth.threads) {
      const timeline = model.threads[thread]!;
      for (let segment = 0; segment < timeline.segmentCount; segment += 1) {
        const state = timeline.stateOf(segment);
        const [startNs, endNs] = [timeline.startOf(segment), timeline.endOf(segment)];
        if (state === ThreadState.Running)
          expect(timeHolding(lane, state, startNs, endNs)).toBe(endNs - startNs);
      }
    }
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
      if (loss?.beforeNs === again.timeNs[row] && loss?.cpu === again.cpu[row]) {
        pieces.addLoss(loss.cpu, loss.count, 1);
        losses += 1;
        if (random() < 0.5) inPieces.advance();
      }
      write(
        again.type[row]!,
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

  it('reports only latencies that are true', () => {
    for (const [thread] of truth.threads) {
      const timeline = model.threads[thread]!;
      const ends = new Map(
        truth.wakeupLatencies
          .filter((wait) => wait.thread === thread)
          .map((wait) => [wait.endNs, wait.startNs]),
      );
      for (let segment = 2; segment + 1 < timeline.segmentCount; segment += 1) {
        if (timeline.stateOf(segment) !== ThreadState.Runnable) continue;
        if (timeline.stateOf(segment + 1) !== ThreadState.Running) continue;
        // The waking itself may be lost with its CPU's events: then the latency counts from the wakeup, as it says.
        expect(ends.get(timeline.endOf(segment))).toBeLessThanOrEqual(timeline.startOf(segment));
      }
    }
  });
});

describe.each(SEEDS)('losses nobody reported, trace %i', (seed) => {
  it('adds up', () => expectConsistent(analysed(damagedTrace(seed, false).damaged)));
});
