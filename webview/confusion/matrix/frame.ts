import type { PlotSize } from './viewport.js';

/** Where the matrix lies on a canvas: the names are left of and above it. */
export interface Frame extends PlotSize {
  readonly left: number;
  readonly top: number;
}

/** Room for the title of an axis, and between names and matrix. */
const TITLE_PX = 18;
const GAP_PX = 8;
const LEAST_NAMES_PX = 36;
const MOST_NAMES_PX = 170;
/** Right and below, so that the outline of the last cell is seen. */
const END_PX = 4;

/** @param longestPx how wide the longest name is */
export function frameOf(widthPx: number, heightPx: number, longestPx: number): Frame {
  const names = Math.min(MOST_NAMES_PX, Math.max(LEAST_NAMES_PX, Math.ceil(longestPx) + 1));
  // In a small window the names give way, not the matrix.
  const left = Math.round(TITLE_PX + GAP_PX + Math.min(names, widthPx * 0.3));
  const top = Math.round(TITLE_PX + GAP_PX + Math.min(names, heightPx * 0.3));
  return {
    left,
    top,
    width: Math.max(1, widthPx - left - END_PX),
    height: Math.max(1, heightPx - top - END_PX),
  };
}

/** Room that the names of an axis have. */
export function namesPx(marginPx: number): number {
  return marginPx - TITLE_PX - GAP_PX;
}

export { GAP_PX, TITLE_PX };
