import { toCss } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';

/** Height of a title above a chart, px. */
const TITLE_PX = 24;

export interface TitledPicture {
  readonly title: string;
  readonly canvas: HTMLCanvasElement;
}

/** Charts one below the other, each with its title, as one picture; null when there is none. */
export function stackedPicture(parts: readonly TitledPicture[], theme: Theme): HTMLCanvasElement | null {
  const first = parts[0];
  if (first === undefined) return null;
  const scale = first.canvas.width / Math.max(1, first.canvas.clientWidth);
  const titlePx = TITLE_PX * scale;
  const stacked = document.createElement('canvas');
  stacked.width = Math.max(...parts.map(({ canvas }) => canvas.width));
  stacked.height = parts.reduce((sum, { canvas }) => sum + canvas.height + titlePx, 0);
  const context = stacked.getContext('2d');
  if (context === null) return null;
  context.fillStyle = toCss(theme.foreground);
  context.font = `600 ${13 * scale}px ${theme.fontFamily}`;
  context.textBaseline = 'middle';
  let top = 0;
  for (const { title, canvas } of parts) {
    context.fillText(title, 8 * scale, top + titlePx / 2);
    context.drawImage(canvas, 0, top + titlePx);
    top += titlePx + canvas.height;
  }
  return stacked;
}
