import { describe, expect, it } from 'vitest';
import { planFetch, serves, type CachedLane } from '../../../webview/trace/timeline/fetchPlan.js';
import { utilisationColumns } from '../../../webview/trace/timeline/minimapData.js';
import {
  deepestOf,
  firstEndingAfter,
  isExact,
  lossAt,
  lossesByCpu,
  segmentAt,
} from '../../../webview/trace/timeline/segments.js';
import { laneOf } from './lanes.js';

const cpu = { kind: 'cpu', cpu: 0 } as const;
const lane = laneOf(cpu, [
  { start: 10, end: 20 },
  { start: 20, end: 21 },
  { start: 40, end: 50, count: 3, fill: 0.5 },
]);

describe('segments', () => {
  it('are found by time', () => {
    expect(firstEndingAfter(lane, 0)).toBe(0);
    expect(firstEndingAfter(lane, 20)).toBe(1);
    expect(firstEndingAfter(lane, 50)).toBe(3);
    expect(segmentAt(lane, 15, 0)).toBe(0);
    expect(segmentAt(lane, 20, 0)).toBe(1);
    expect(segmentAt(lane, 30, 5)).toBe(-1);
    expect(segmentAt(lane, 24, 5)).toBe(1);
    expect(segmentAt(lane, 38, 5)).toBe(2);
    expect(segmentAt(laneOf(cpu, []), 5, 100)).toBe(-1);
  });

  it('tell whether they summarise', () => {
    expect(isExact(lane)).toBe(false);
    expect(isExact(laneOf(cpu, [{ start: 0, end: 1 }]))).toBe(true);
    expect(
      deepestOf(
        laneOf({ kind: 'depth', cpu: 0 }, [
          { start: 0, end: 1, value: 3 },
          { start: 1, end: 2, value: 7 },
        ]),
      ),
    ).toBe(7);
    expect(deepestOf(lane)).toBe(0);
  });

  it('have losses found near a time of their own CPU', () => {
    const losses = [
      { cpu: 1, startNs: 500, endNs: 500, count: 4 },
      { cpu: 0, startNs: 100, endNs: 200, count: null },
      { cpu: 0, startNs: 10, endNs: 20, count: 1 },
    ];
    expect(lossAt(losses, 1, 503, 5)?.count).toBe(4);
    expect(lossAt(losses, 0, 503, 5)).toBeUndefined();
    expect(
      lossesByCpu(losses)
        .get(0)
        ?.map((loss) => loss.startNs),
    ).toEqual([10, 100]);
  });
});

describe('what is asked for', () => {
  const bounds = { startNs: 0, endNs: 1_000_000 };
  const view = { startNs: 400_000, endNs: 500_000 };
  const cached = (change: Partial<CachedLane> = {}): CachedLane => ({
    segments: lane,
    range: { startNs: 300_000, endNs: 600_000 },
    nsPerPx: 100,
    exact: false,
    deepest: 0,
    generation: 1,
    ...change,
  });

  it('is three times the view, at the same resolution', () => {
    const plan = planFetch(view, bounds, 1000, [cpu], () => undefined, 1);
    expect(plan).toEqual({ range: { startNs: 300_000, endNs: 600_000 }, widthPx: 3000, lanes: [cpu] });
  });

  it('ends where the recording ends', () => {
    const plan = planFetch({ startNs: -10_000, endNs: 1_010_000 }, bounds, 1020, [cpu], () => undefined, 1);
    expect(plan).toEqual({ range: bounds, widthPx: 1000, lanes: [cpu] });
    expect(planFetch(view, { startNs: 0, endNs: 0 }, 1000, [cpu], () => undefined, 1)).toBeNull();
  });

  it('is nothing while panning within what is there', () => {
    expect(planFetch(view, bounds, 1000, [cpu], () => cached(), 1)).toBeNull();
    const panned = { startNs: 460_000, endNs: 560_000 };
    expect(planFetch(panned, bounds, 1000, [cpu], () => cached(), 1)).toBeNull();
    const further = { startNs: 480_000, endNs: 580_000 };
    expect(planFetch(further, bounds, 1000, [cpu], () => cached(), 1)).not.toBeNull();
  });

  it('is finer data after zooming in, unless each slice is there already', () => {
    expect(serves(cached(), view, bounds, 50, 1)).toBe(false);
    expect(serves(cached({ exact: true }), view, bounds, 50, 1)).toBe(true);
    expect(serves(cached({ exact: true }), view, bounds, 1000, 1)).toBe(false);
  });

  it('is asked anew when more has been read', () => {
    expect(serves(cached(), view, bounds, 100, 2)).toBe(false);
  });
});

describe('the overview', () => {
  it('is the mean busy share of the CPUs', () => {
    const first = laneOf(cpu, [{ start: 0, end: 50 }]);
    const second = laneOf({ kind: 'cpu', cpu: 1 }, [
      { start: 25, end: 50, fill: 0.5, count: 9 },
      { start: 50, end: 75, state: 0 },
    ]);
    expect([...utilisationColumns([first, second], { startNs: 0, endNs: 100 }, 4)]).toEqual([
      0.5, 0.75, 0, 0,
    ]);
    expect([...utilisationColumns([], { startNs: 0, endNs: 100 }, 2)]).toEqual([0, 0]);
  });
});
