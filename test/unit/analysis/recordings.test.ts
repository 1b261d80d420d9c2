import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asEventType } from '../../../src/analysis/columnEnums.js';
import { TraceAnalysis } from '../../../src/analysis/traceAnalysis.js';
import { fileSource } from '../../../src/base/byteSource.js';
import type { LaneId } from '../../../src/protocol/traceMessages.js';
import { importTrace } from '../../../src/trace/importTrace.js';
import { EventType } from '../../../src/trace/model/eventType.js';

const SAMPLES = join(import.meta.dirname, '../../../samples');
const recordings = readdirSync(SAMPLES).filter((name) => !/README|\.migrations\.|\.yaml$/.test(name));

describe.each(recordings)('recording %s', async (name) => {
  const store = await importTrace(await fileSource(join(SAMPLES, name)));
  const analysis = new TraceAnalysis(store);
  analysis.advance();
  analysis.finish();
  const { model } = analysis;
  const durationNs = model.endNs - model.startNs;
  const cpus = analysis.cpus({ range: null }).rows;
  const { rows: tasks } = analysis.tasks({
    range: null,
    filter: '',
    sort: 'runtimeNs',
    descending: true,
    offset: 0,
    limit: 1e9,
  });

  it('has every CPU busy, idle or unknown at all times', () => {
    for (const row of cpus) expect(row.busyNs + row.idleNs + row.unknownNs).toBe(durationNs);
  });

  it('has threads running for as long as CPUs are busy', () => {
    const runtimeNs = tasks.reduce((sum, row) => sum + row.runtimeNs, 0);
    expect(runtimeNs).toBe(cpus.reduce((sum, row) => sum + row.busyNs, 0));
    expect(runtimeNs).toBeGreaterThan(0);
  });

  it('has all switches counted, on CPUs and in threads', () => {
    const switches = store.countOf(EventType.Switch);
    expect(cpus.reduce((sum, row) => sum + row.switches, 0)).toBe(switches);
    let toIdle = 0;
    for (let row = 0; row < store.length; row += 1) {
      if (asEventType(store.type[row]!) === EventType.Switch && store.subject[row] === 0) toIdle += 1;
    }
    expect(tasks.reduce((sum, row) => sum + row.switches, 0)).toBe(switches - toIdle);
  });

  it('has the same task table in two halves as in one', () => {
    const middle = Math.floor((model.startNs + model.endNs) / 2);
    const half = (startNs: number, endNs: number) =>
      analysis.tasks({
        range: { startNs, endNs },
        filter: '',
        sort: 'pid',
        descending: false,
        offset: 0,
        limit: 1e9,
      }).rows;
    const halves = [...half(model.startNs, middle), ...half(middle, model.endNs)];
    for (const row of tasks) {
      const parts = halves.filter((part) => part.thread === row.thread);
      const sum = (key: 'runtimeNs' | 'switches' | 'wakeups' | 'migrations' | 'preemptionWaitTotalNs') =>
        parts.reduce((total, part) => total + (part[key] ?? 0), 0);
      expect(sum('runtimeNs')).toBe(row.runtimeNs);
      expect(sum('switches')).toBe(row.switches);
      expect(sum('wakeups')).toBe(row.wakeups ?? 0);
      expect(sum('migrations')).toBe(row.migrations ?? 0);
      expect(sum('preemptionWaitTotalNs')).toBe(row.preemptionWaitTotalNs ?? 0);
    }
  });

  it('answers every query for every lane', () => {
    const lanes: LaneId[] = [
      ...cpus.flatMap(({ cpu }): LaneId[] => [
        { kind: 'cpu', cpu },
        { kind: 'depth', cpu },
      ]),
      ...tasks.map(({ thread }): LaneId => ({ kind: 'thread', thread })),
    ];
    const range = { startNs: model.startNs, endNs: model.endNs };
    for (const lane of analysis.viewport({ range, widthPx: 500, lanes }).lanes) {
      expect(lane.startNs.length).toBeLessThanOrEqual(1002);
      for (let i = 1; i < lane.startNs.length; i += 1) {
        if (lane.startNs[i]! < lane.endNs[i - 1]!) throw new Error(`overlap at ${lane.startNs[i]!}`);
      }
    }
    for (const lane of lanes) {
      for (let i = 0; i <= 20; i += 1) {
        const slice = analysis.sliceAt({ lane, atNs: model.startNs + (durationNs * i) / 20 });
        if (slice === null) continue;
        expect(slice.startNs).toBeLessThanOrEqual(model.startNs + (durationNs * i) / 20);
        expect(slice.line).toBeGreaterThan(0);
      }
    }
    expect(analysis.wakers({ range: null, thread: null, limit: 10 }).rows.length > 0).toBe(store.hasWakeups);
  });
});
