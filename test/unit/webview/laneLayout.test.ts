import { describe, expect, it } from 'vitest';
import { rowWindow } from '../../../webview/common/rowWindow.js';
import {
  LaneLayout,
  laneOfRow,
  normalHeights,
  type LayoutInput,
} from '../../../webview/trace/timeline/laneLayout.js';

const base: LayoutInput = {
  cpus: [0, 2, 5],
  threads: 20_000,
  showDepth: true,
  collapsed: new Set(),
  heights: normalHeights,
};

describe('the layout of lanes', () => {
  it('covers the whole height without gaps or overlaps', () => {
    const layout = new LaneLayout({ ...base, threads: 50 });
    const rows = layout.rowsBetween(0, layout.totalHeight);
    let y = 0;
    for (const row of rows) {
      expect(row.y).toBe(y);
      y += row.height;
    }
    expect(y).toBe(layout.totalHeight);
    expect(rows).toHaveLength(1 + 3 * 2 + 1 + 50);
  });

  it('gives only the rows in sight, however many threads there are', () => {
    const layout = new LaneLayout(base);
    const y = layout.threadY(15_000);
    const rows = layout.rowsBetween(y, y + 200);
    expect(rows.length).toBeLessThan(12);
    expect(rows[0]).toMatchObject({ kind: 'thread', index: 15_000, y });
    expect(layout.rowAt(y + 1)).toMatchObject({ kind: 'thread', index: 15_000 });
    expect(layout.rowAt(layout.totalHeight + 5)).toBeUndefined();
  });

  it('hides run queues and collapsed sections', () => {
    const layout = new LaneLayout({ ...base, showDepth: false, collapsed: new Set(['threads'] as const) });
    const rows = layout.rowsBetween(0, 1e9);
    expect(rows.map((row) => row.kind)).toEqual(['header', 'cpu', 'cpu', 'cpu', 'header']);
    expect(new LaneLayout({ ...base, collapsed: new Set(['cpus'] as const) }).cpuRow(2)).toBeUndefined();
  });

  it('knows which lane a row shows', () => {
    const layout = new LaneLayout(base);
    const rows = layout.rowsBetween(0, 400);
    const lanes = rows.map((row) => laneOfRow(row, base.cpus, (index) => (index === 0 ? 77 : undefined)));
    expect(lanes.slice(0, 5)).toEqual([
      undefined,
      { kind: 'cpu', cpu: 0 },
      { kind: 'depth', cpu: 0 },
      { kind: 'cpu', cpu: 2 },
      { kind: 'depth', cpu: 2 },
    ]);
    expect(lanes[8]).toEqual({ kind: 'thread', thread: 77 });
    expect(lanes[9]).toBeUndefined();
    expect(layout.cpuRow(5)?.y).toBe(rows[5]?.y);
    expect(layout.cpuRow(1)).toBeUndefined();
  });
});

describe('the rows of a table', () => {
  it('are those in sight and a few more', () => {
    expect(rowWindow(0, 240, 24, 1000)).toEqual({ first: 0, last: 16 });
    expect(rowWindow(2400, 240, 24, 1000)).toEqual({ first: 94, last: 116 });
    expect(rowWindow(1e9, 240, 24, 10)).toEqual({ first: 4, last: 10 });
    expect(rowWindow(0, 240, 24, 0)).toEqual({ first: 0, last: 0 });
  });
});
