import {
  ThreadState,
  type LaneSegments,
  type Loss,
  type TimeRange,
} from '../../../src/protocol/traceMessages.js';
import type { Canvas } from './drawing.js';
import type { Box } from './pixelSurface.js';
import type { Hatch } from './palette.js';
import { firstEndingAfter } from './segments.js';

/** Slices at least this wide (CSS px) end one pixel early, so that neighbours are told apart. */
const gapFromPx = 4;

/**
 * The slices of a CPU: full height in the task's colour; where a pixel summarises several, the solid part is as high
 * as the share of time that the CPU was busy. What ran unknown is hatched; `drawLosses` goes over it where the recorder
 * reported lost events. Only what lies in `part` is drawn.
 */
export function drawCpuLane(canvas: Canvas, lane: LaneSegments, box: Box, part: TimeRange): void {
  const { surface, columns, palette, view, scale, ratio, labels } = canvas;
  const clipLeft = Math.max(0, Math.round((part.startNs - view.startNs) * scale));
  const clipRight = Math.min(surface.width, Math.round((part.endNs - view.startNs) * scale));
  const { startNs, endNs, value, state, fill, count } = lane;
  const unknowns: number[] = [];
  const outlines: number[] = [];
  let drawnTo = -1;
  columns.begin(box);
  for (let i = firstEndingAfter(lane, part.startNs); i < startNs.length && startNs[i]! < part.endNs; i++) {
    const left = Math.max(clipLeft, Math.round((startNs[i]! - view.startNs) * scale));
    const exactRight = Math.round((endNs[i]! - view.startNs) * scale);
    const right = Math.min(clipRight, Math.max(left + 1, exactRight));
    // Several slices in one pixel, as after zooming out before new data are there: the first one stands for all.
    if (right <= drawnTo || right <= left) continue;
    drawnTo = right;
    if (state[i] !== ThreadState.Running) {
      unknowns.push(left, right);
      continue;
    }
    const ink = palette.task(value[i]!);
    if (count[i]! > 1 && fill[i]! < 0.995) {
      const solid = Math.max(1, Math.round(fill[i]! * box.height));
      if (solid < box.height) columns.add(left, right, 0, ink.ghost);
      columns.add(left, right, box.height - solid, ink.fill);
      continue;
    }
    const wide = right - left >= gapFromPx * ratio;
    columns.add(left, wide ? right - 1 : right, 0, ink.fill);
    if (!wide) continue;
    if (palette.theme.highContrast) outlines.push(left, right - 1);
    labels.add(left, right, box, surface.width, value[i]!);
  }
  columns.flush();
  for (let i = 0; i < unknowns.length; i += 2) {
    hatchAcross(canvas, unknowns[i]!, unknowns[i + 1]!, box, palette.unknown);
  }
  for (let i = 0; i < outlines.length; i += 2) {
    surface.outlineRect(outlines[i]!, box.y, outlines[i + 1]! - outlines[i]!, box.height, 1, palette.outline);
  }
}

/** Lost events of a CPU across its lane, at least three pixels wide: a gap must not hide between two slices. */
export function drawLosses(canvas: Canvas, losses: readonly Loss[], box: Box): void {
  const { view, scale, ratio } = canvas;
  let drawnTo = -1;
  for (const loss of losses) {
    if (loss.endNs < view.startNs || loss.startNs > view.endNs) continue;
    const left = Math.round((loss.startNs - view.startNs) * scale);
    const right = Math.max(left + 3 * ratio, Math.round((loss.endNs - view.startNs) * scale));
    if (right <= drawnTo) continue;
    drawnTo = right;
    hatchAcross(canvas, left, right, box, canvas.palette.gap);
  }
}

function hatchAcross(
  { surface, palette, ratio }: Canvas,
  left: number,
  right: number,
  box: Box,
  { ground, stripe }: Hatch,
): void {
  const from = Math.max(0, left);
  surface.hatchRect(from, box.y, right - from, box.height, ground, stripe, 6 * ratio, 2 * ratio, 1);
  if (palette.theme.highContrast) surface.outlineRect(left, box.y, right - left, box.height, 1, stripe);
}
