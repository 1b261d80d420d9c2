import { toCss } from '../../common/colour.js';
import { ThreadState, type TimeRange } from '../../../src/protocol/traceMessages.js';
import type { SelectedSlice } from '../model/traceModel.js';
import type { Box } from './pixelSurface.js';
import type { Row } from './laneLayout.js';
import { boxOfRow, type VisibleLane } from './laneRenderer.js';
import type { Palette } from './palette.js';
import { xOfTime } from './viewport.js';

export interface Marks {
  readonly view: TimeRange;
  readonly bounds: TimeRange;
  readonly lanes: readonly VisibleLane[];
  readonly scrollTop: number;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly palette: Palette;
  readonly selection: TimeRange | null;
  readonly slice: SelectedSlice | null;
  /** The row of a CPU's lane, in sight or not; undefined when it is collapsed. */
  readonly cpuRow: (cpu: number) => Row | undefined;
}

/** What is selected, over the finished lanes: the range, the slice, and the wakeup that led to it. */
export function drawMarks(context: CanvasRenderingContext2D, marks: Marks): void {
  if (marks.selection !== null) drawSelection(context, marks, marks.selection);
  if (marks.slice !== null) {
    drawWakeup(context, marks, marks.slice);
    outlineSlice(context, marks, marks.slice);
  }
}

function drawSelection(context: CanvasRenderingContext2D, marks: Marks, selection: TimeRange): void {
  const { view, width, height, palette, ratio } = marks;
  const left = Math.round(xOfTime(selection.startNs, view, width));
  const right = Math.round(xOfTime(selection.endNs, view, width));
  // What is not selected steps back: the slices inside keep their colours.
  context.fillStyle = toCss(palette.theme.background, palette.theme.highContrast ? 0.55 : 0.5);
  if (left > 0) context.fillRect(0, 0, Math.min(left, width), height);
  if (right < width) context.fillRect(Math.max(0, right), 0, width - Math.max(0, right), height);
  context.fillStyle = toCss(palette.theme.accent);
  if (left >= 0) context.fillRect(left - ratio, 0, ratio, height);
  if (right <= width) context.fillRect(right, 0, ratio, height);
}

function outlineSlice(context: CanvasRenderingContext2D, marks: Marks, { detail }: SelectedSlice): void {
  const { view, width, ratio, palette } = marks;
  const left = Math.round(xOfTime(detail.startNs, view, width));
  const right = Math.max(
    left + 2 * ratio,
    Math.round(xOfTime(detail.endNs ?? marks.bounds.endNs, view, width)),
  );
  if (right < 0 || left > width) return;
  for (const { row, lane } of marks.lanes) {
    const isCpuLane = lane?.kind === 'cpu' && lane.cpu === detail.cpu && detail.state === ThreadState.Running;
    const isThreadLane = lane?.kind === 'thread' && lane.thread === detail.thread;
    if (!isCpuLane && !isThreadLane) continue;
    const box: Box = boxOfRow(row, marks.scrollTop, ratio);
    // Two rings, so that one of them stands out from whatever colour the slice has.
    ring(context, left, right, box, 2 * ratio, toCss(palette.theme.foreground), width);
    ring(
      context,
      left + 2 * ratio,
      right - 2 * ratio,
      inset(box, 2 * ratio),
      ratio,
      toCss(palette.theme.background),
      width,
    );
  }
}

function inset(box: Box, by: number): Box {
  return { y: box.y + by, height: box.height - 2 * by };
}

function ring(
  context: CanvasRenderingContext2D,
  left: number,
  right: number,
  box: Box,
  thickness: number,
  colour: string,
  width: number,
): void {
  if (right - left < 1 || box.height < 1) return;
  const from = Math.max(left, -2 * thickness);
  const to = Math.min(right, width + 2 * thickness);
  context.fillStyle = colour;
  context.fillRect(from, box.y, to - from, thickness);
  context.fillRect(from, box.y + box.height - thickness, to - from, thickness);
  context.fillRect(from, box.y, thickness, box.height);
  context.fillRect(to - thickness, box.y, thickness, box.height);
}

/** An arrow from the waker's CPU, at the moment of the wakeup, to the start of the slice. */
function drawWakeup(context: CanvasRenderingContext2D, marks: Marks, { detail }: SelectedSlice): void {
  const { wakeup } = detail;
  if (wakeup === null || detail.cpu === null || detail.state !== ThreadState.Running) return;
  const from = marks.cpuRow(wakeup.wakerCpu);
  const to = marks.cpuRow(detail.cpu);
  if (from === undefined || to === undefined) return;
  const { view, width, ratio, palette, scrollTop } = marks;
  const x1 = xOfTime(wakeup.atNs, view, width);
  const x2 = xOfTime(detail.startNs, view, width);
  if (Math.max(x1, x2) < 0 || Math.min(x1, x2) > width) return;
  const source = boxOfRow(from, scrollTop, ratio);
  const goal = boxOfRow(to, scrollTop, ratio);
  const y1 = source.y + source.height / 2;
  const down = goal.y > source.y;
  const same = goal.y === source.y;
  // On one CPU the arrow runs along the lane, otherwise it meets the slice from above or below.
  const y2 = same ? y1 : down ? goal.y : goal.y + goal.height;
  const head = 6 * ratio;
  const path = new Path2D();
  path.moveTo(x1, y1);
  if (same) path.lineTo(x2 - head, y2);
  else {
    const tail = y2 - (down ? head : -head);
    path.bezierCurveTo(x1, y1 + (tail - y1) * 0.6, x2, y1 + (tail - y1) * 0.4, x2, tail);
  }
  const tip = new Path2D();
  tip.moveTo(x2, y2);
  if (same) {
    tip.lineTo(x2 - head * 1.3, y2 - head * 0.6);
    tip.lineTo(x2 - head * 1.3, y2 + head * 0.6);
  } else {
    const back = y2 - (down ? head : -head) * 1.3;
    tip.lineTo(x2 - head * 0.6, back);
    tip.lineTo(x2 + head * 0.6, back);
  }
  tip.closePath();
  tip.moveTo(x1 + 3 * ratio, y1);
  tip.arc(x1, y1, 3 * ratio, 0, 2 * Math.PI);
  // A wide stroke in the background's colour first: the arrow crosses slices of all colours.
  context.lineJoin = 'round';
  context.strokeStyle = toCss(palette.theme.background);
  context.lineWidth = 4.5 * ratio;
  context.stroke(path);
  context.lineWidth = 3 * ratio;
  context.stroke(tip);
  context.strokeStyle = toCss(palette.theme.foreground);
  context.lineWidth = 1.75 * ratio;
  context.stroke(path);
  context.fillStyle = toCss(palette.theme.foreground);
  context.fill(tip);
}
