import { beforeEach, describe, expect, it } from 'vitest';
import { ThreadState } from '../../../src/protocol/traceMessages.js';
import { buildTheme, type ThemeKind } from '../../../webview/common/theme.js';
import { ColumnFill } from '../../../webview/trace/timeline/columnFill.js';
import { drawCpuLane, drawLosses } from '../../../webview/trace/timeline/drawCpuLane.js';
import { depthTop, drawDepthLane } from '../../../webview/trace/timeline/drawDepthLane.js';
import { LabelList, type Canvas } from '../../../webview/trace/timeline/drawing.js';
import { ellipsised } from '../../../webview/trace/timeline/drawLabels.js';
import { drawThreadLane } from '../../../webview/trace/timeline/drawThreadLane.js';
import { Palette } from '../../../webview/trace/timeline/palette.js';
import { PixelSurface } from '../../../webview/trace/timeline/pixelSurface.js';
import { laneOf } from './lanes.js';

const box = { y: 2, height: 10 };
const view = { startNs: 0, endNs: 100 };

function canvasOf(kind: ThemeKind = 'dark'): Canvas {
  const surface = new PixelSurface();
  surface.resize(100, 16);
  const palette = new Palette(
    buildTheme(kind, () => ''),
    (thread) => `task ${String.fromCharCode(97 + thread)}`,
  );
  surface.clear(palette.background);
  return {
    surface,
    columns: new ColumnFill(surface),
    palette,
    view,
    scale: 1,
    ratio: 1,
    labels: new LabelList(30),
  };
}

let canvas = canvasOf();
beforeEach(() => {
  canvas = canvasOf();
});

const column = (x: number) => Array.from({ length: 16 }, (_, y) => canvas.surface.pixel(x, y));
const row = (y: number) => Array.from({ length: 100 }, (_, x) => canvas.surface.pixel(x, y));

describe('the picture', () => {
  it('cuts rectangles to itself', () => {
    const { surface } = canvas;
    surface.fillRect(-5, -5, 10, 10, 1);
    surface.fillRect(95, 10, 50, 50, 2);
    surface.fillRect(200, 0, 5, 5, 3);
    expect([surface.pixel(0, 0), surface.pixel(4, 4), surface.pixel(5, 5)]).toEqual([
      1,
      1,
      canvas.palette.background,
    ]);
    expect(surface.pixel(99, 15)).toBe(2);
    expect(row(0)).not.toContain(3);
  });

  it('fills columns from a row downwards, and leaves the others alone', () => {
    const { surface, columns, palette } = canvas;
    surface.fillRect(0, 0, 3, 16, 9);
    columns.begin({ y: 4, height: 6 });
    columns.add(10, 12, 0, 1);
    columns.add(20, 21, 4, 2);
    columns.add(10, 12, 3, 3);
    columns.add(30, 31, 6, 4);
    columns.flush();
    expect(column(10).slice(3, 11)).toEqual([palette.background, 1, 1, 1, 3, 3, 3, palette.background]);
    expect(column(20).slice(6, 11)).toEqual([
      palette.background,
      palette.background,
      2,
      2,
      palette.background,
    ]);
    expect(column(30)).not.toContain(4);
    expect(column(1)).toEqual(Array(16).fill(9));
  });

  it('fills what remains of a lane that is scrolled half out of it', () => {
    canvas.columns.begin({ y: -3, height: 6 });
    canvas.columns.add(10, 12, 0, 1);
    canvas.columns.add(20, 21, 5, 2);
    canvas.columns.flush();
    expect(column(10).slice(0, 4)).toEqual([1, 1, 1, canvas.palette.background]);
    expect(column(20).slice(1, 4)).toEqual([canvas.palette.background, 2, canvas.palette.background]);
  });
});

describe('CPU lanes', () => {
  const cpu = { kind: 'cpu', cpu: 0 } as const;

  it('fill slices in the colour of their task, one pixel apart, idle left empty', () => {
    drawCpuLane(
      canvas,
      laneOf(cpu, [
        { start: 10, end: 20, value: 0 },
        { start: 20, end: 60, value: 1 },
      ]),
      box,
      view,
    );
    const { palette } = canvas;
    const middle = row(6);
    expect(middle[9]).toBe(palette.background);
    expect(middle[10]).toBe(palette.task(0).fill);
    expect(middle[19]).toBe(palette.background);
    expect(middle[20]).toBe(palette.task(1).fill);
    expect(middle[60]).toBe(palette.background);
    expect(canvas.labels.items).toEqual([{ x: 20, y: 2, width: 40, height: 10, thread: 1 }]);
  });

  it('show the shortest slice with a pixel', () => {
    drawCpuLane(canvas, laneOf(cpu, [{ start: 50.2, end: 50.3, value: 2 }]), box, view);
    expect(row(6).filter((pixel) => pixel === canvas.palette.task(2).fill)).toHaveLength(1);
  });

  it('are filled as high as the CPU was busy where slices are summarised', () => {
    drawCpuLane(canvas, laneOf(cpu, [{ start: 5, end: 6, value: 0, count: 8, fill: 0.3 }]), box, view);
    const { fill, ghost } = canvas.palette.task(0);
    expect(column(5).slice(2, 12)).toEqual([...Array<number>(7).fill(ghost), ...Array<number>(3).fill(fill)]);
  });

  it('hatch what is unknown, and in another colour what was lost, also where that has no length', () => {
    drawCpuLane(canvas, laneOf(cpu, [{ start: 10, end: 30, state: ThreadState.Unknown }]), box, view);
    drawLosses(canvas, [{ cpu: 0, startNs: 70, endNs: 70, count: 3 }], box);
    const { ground, stripe } = canvas.palette.gap;
    const { unknown } = canvas.palette;
    const middle = row(6);
    expect(new Set(middle.slice(10, 30))).toEqual(new Set([unknown.ground, unknown.stripe]));
    expect(unknown.stripe).not.toBe(stripe);
    expect(middle.slice(70, 73).every((pixel) => pixel === ground || pixel === stripe)).toBe(true);
    expect(middle[73]).toBe(canvas.palette.background);
  });

  it('are outlined in high contrast', () => {
    canvas = canvasOf('hc-dark');
    drawCpuLane(canvas, laneOf(cpu, [{ start: 10, end: 40, value: 0 }]), box, view);
    expect(row(2)[20]).toBe(canvas.palette.outline);
    expect(row(6)[10]).toBe(canvas.palette.outline);
    expect(row(6)[20]).toBe(canvas.palette.task(0).fill);
  });

  it('keep to the part of the time that they are asked for', () => {
    drawCpuLane(canvas, laneOf(cpu, [{ start: 0, end: 100, value: 0 }]), box, { startNs: 40, endNs: 60 });
    const filled = row(6).flatMap((pixel, x) => (pixel === canvas.palette.task(0).fill ? [x] : []));
    expect([filled[0], filled[filled.length - 1]]).toEqual([40, 58]);
  });
});

describe('run queue tracks', () => {
  it('are solid to the mean and paler to the maximum', () => {
    drawDepthLane(
      canvas,
      laneOf({ kind: 'depth', cpu: 0 }, [{ start: 0, end: 50, value: 4, fill: 2, count: 2 }]),
      box,
      4,
    );
    const { depthMax, depthMean } = canvas.palette;
    expect(column(10).slice(2, 12)).toEqual([
      ...Array<number>(5).fill(depthMax),
      ...Array<number>(5).fill(depthMean),
    ]);
  });

  it('have a scale that changes in steps', () => {
    expect([0, 2, 3, 9, 70_000].map(depthTop)).toEqual([2, 2, 4, 16, 70_000]);
  });
});

describe('thread lanes', () => {
  const thread = { kind: 'thread', thread: 0 } as const;
  const states = [
    ThreadState.Running,
    ThreadState.Runnable,
    ThreadState.Preempted,
    ThreadState.Sleeping,
    ThreadState.Uninterruptible,
    ThreadState.Unknown,
    ThreadState.Other,
  ];

  it.each(['dark', 'light', 'hc-dark', 'hc-light'] as const)('tell every state by its look in %s', (kind) => {
    canvas = canvasOf(kind);
    const pieces = states.map((state, index) => ({ start: index * 14, end: index * 14 + 14, state }));
    drawThreadLane(canvas, laneOf(thread, pieces), box, canvas.palette.task(0));
    const looks = states.map((_, index) =>
      JSON.stringify(Array.from({ length: 10 }, (_, x) => column(index * 14 + 2 + x))),
    );
    expect(new Set(looks).size).toBe(states.length);
  });

  it('show the share of running time over the state that prevails', () => {
    const pieces = [{ start: 5, end: 6, state: ThreadState.Sleeping, count: 20, fill: 0.4 }];
    drawThreadLane(canvas, laneOf(thread, pieces), box, canvas.palette.task(0));
    expect(column(5).filter((pixel) => pixel === canvas.palette.task(0).fill)).toHaveLength(4);
    expect(column(5)).toContain(canvas.palette.sleeping);
  });
});

describe('labels', () => {
  it('are cut with an ellipsis or left out', () => {
    const widthOf = (text: string) =>
      Array.from(text).reduce((sum, letter) => sum + (letter === 'm' ? 9 : 6), 0);
    expect(ellipsised('kworker', 42, widthOf)).toBe('kworker');
    expect(ellipsised('systemd-journal', 52, widthOf)).toBe('systemd…');
    expect(ellipsised('systemd-journal', 50, widthOf)).toBe('system…');
    expect(ellipsised('mmmmmmmm', 40, widthOf)).toBe('mmm…');
    expect(ellipsised('systemd-journal', 18, widthOf)).toBe('');
  });
});
