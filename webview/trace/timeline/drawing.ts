import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import type { ColumnFill } from './columnFill.js';
import { span } from './viewport.js';
import type { Palette } from './palette.js';
import type { Box, PixelSurface } from './pixelSurface.js';

/** What lane drawing needs of a frame; lengths in device pixels. */
export interface Canvas {
  readonly surface: PixelSurface;
  readonly columns: ColumnFill;
  readonly palette: Palette;
  readonly view: TimeRange;
  /** Pixels a nanosecond. */
  readonly scale: number;
  readonly ratio: number;
  readonly labels: LabelList;
}

export function scaleOf(view: TimeRange, widthPx: number): number {
  return widthPx / span(view);
}

/** Places for text on wide slices, collected while lanes are drawn and written after the picture is on the canvas. */
export class LabelList {
  readonly items: { x: number; y: number; width: number; height: number; thread: number }[] = [];
  readonly minimumPx: number;

  constructor(minimumPx: number) {
    this.minimumPx = minimumPx;
  }

  /** Keeps to the visible part of a slice, so that text of slices that begin off screen is seen. */
  add(left: number, right: number, box: Box, surfaceWidth: number, thread: number): void {
    const x = Math.max(0, left);
    const width = Math.min(surfaceWidth, right) - x;
    if (width >= this.minimumPx) this.items.push({ x, y: box.y, width, height: box.height, thread });
  }
}
