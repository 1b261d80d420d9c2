import type { LaneSegments } from '../../../src/protocol/traceMessages.js';
import type { Canvas } from './drawing.js';
import type { Box } from './pixelSurface.js';
import { firstEndingAfter } from './segments.js';

/** Steps of the run queue track's scale: it changes seldom while the view moves. */
const tops = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536];

/** The depth that fills the height of the track, for the deepest queue that is shown. */
export function depthTop(deepest: number): number {
  return tops.find((top) => top >= deepest) ?? deepest;
}

/** Steps of the run queue's depth: solid up to the mean of each pixel, paler up to its maximum. */
export function drawDepthLane(canvas: Canvas, lane: LaneSegments, box: Box, top: number): void {
  const { surface, columns, palette, view, scale } = canvas;
  const { startNs, endNs, value, fill } = lane;
  let drawnTo = -1;
  columns.begin(box);
  for (let i = firstEndingAfter(lane, view.startNs); i < startNs.length && startNs[i]! < view.endNs; i++) {
    const left = Math.max(0, Math.round((startNs[i]! - view.startNs) * scale));
    const right = Math.min(surface.width, Math.max(left + 1, Math.round((endNs[i]! - view.startNs) * scale)));
    if (right <= drawnTo) continue;
    drawnTo = right;
    const highest = Math.round((Math.min(value[i]!, top) / top) * box.height);
    const mean = Math.round((Math.min(fill[i]!, top) / top) * box.height);
    if (highest > mean) columns.add(left, right, box.height - highest, palette.depthMax);
    if (mean > 0) columns.add(left, right, box.height - mean, palette.depthMean);
  }
  columns.flush();
}
