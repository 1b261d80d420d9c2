import type { Normalisation } from '../../../src/protocol/confusionMessages.js';
import { textOn, toCss } from '../../common/colour.js';
import { formatCountShort, formatShare } from '../../common/format.js';
import type { Place } from '../model/confusionModel.js';
import { strengthOf, type Cell } from '../model/shares.js';
import { drawAxes } from './drawAxes.js';
import { kindOf, largestOf } from './matrixPixels.js';
import { FONT_PX, type Scene } from './scene.js';

/** From these widths of a cell on there are lines between cells, and figures in them. */
const LINED_PX = 9;
const WRITTEN_PX = 34;

/** Draws all of it anew: one picture for the cells, and text only where it can be read. */
export function drawMatrix(context: CanvasRenderingContext2D, scene: Scene): void {
  const { frame, theme } = scene;
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.width, frame.height);
  context.clip();
  context.translate(frame.left, frame.top);
  drawCells(context, scene);
  if (scene.view.cellPx >= LINED_PX) drawLines(context, scene);
  if (scene.view.cellPx >= WRITTEN_PX) drawFigures(context, scene);
  drawEdge(context, scene);
  drawMark(context, scene, scene.hover, toCss(theme.foreground), 1);
  drawMark(context, scene, scene.listed, toCss(theme.foreground), 2);
  drawMark(context, scene, scene.cursor, toCss(theme.focus), 3);
  context.restore();
  drawAxes(context, scene);
}

/** What is in sight of the picture, and a cell more on each side. */
function drawCells(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, frame, picture, pictureSize, cellsPerPixel } = scene;
  const pixelPx = view.cellPx * cellsPerPixel;
  const part = (from: number, sizePx: number) => {
    const first = Math.max(0, Math.floor(from / cellsPerPixel) - 1);
    const last = Math.min(pictureSize, Math.ceil(from / cellsPerPixel + sizePx / pixelPx) + 1);
    return { first, count: last - first, atPx: first * pixelPx - from * view.cellPx };
  };
  const x = part(view.left, frame.width);
  const y = part(view.top, frame.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(
    picture,
    ...([x.first, y.first, x.count, y.count] as const),
    ...([x.atPx, y.atPx, x.count * pixelPx, y.count * pixelPx] as const),
  );
}

function drawLines(context: CanvasRenderingContext2D, { view, cells, frame, theme }: Scene): void {
  const sidePx = cells.size * view.cellPx;
  const [right, bottom] = [sidePx - view.left * view.cellPx, sidePx - view.top * view.cellPx];
  context.strokeStyle = toCss(theme.grid);
  context.lineWidth = 1;
  context.beginPath();
  for (let column = Math.ceil(view.left); column <= cells.size; column += 1) {
    const x = Math.round((column - view.left) * view.cellPx) + 0.5;
    if (x > frame.width) break;
    context.moveTo(x, 0);
    context.lineTo(x, bottom);
  }
  for (let row = Math.ceil(view.top); row <= cells.size; row += 1) {
    const y = Math.round((row - view.top) * view.cellPx) + 0.5;
    if (y > frame.height) break;
    context.moveTo(0, y);
    context.lineTo(right, y);
  }
  context.stroke();
}

function drawFigures(context: CanvasRenderingContext2D, scene: Scene): void {
  const { cells, view, frame, normalisation, scale, theme } = scene;
  const largest = largestOf(cells);
  context.font = `${FONT_PX}px ${theme.fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const last = (from: number, sizePx: number) => Math.min(cells.size, Math.ceil(from + sizePx / view.cellPx));
  for (let row = Math.floor(view.top); row < last(view.top, frame.height); row += 1) {
    for (let column = Math.floor(view.left); column < last(view.left, frame.width); column += 1) {
      const cell = cells.at(row, column);
      if (cell.count === 0) continue;
      const under = scale.colour(kindOf(cell), strengthOf(cell, normalisation, largest));
      context.fillStyle = toCss(textOn(under));
      const x = (column + 0.5 - view.left) * view.cellPx;
      const y = (row + 0.5 - view.top) * view.cellPx;
      context.fillText(figureOf(cell, normalisation), x, y, view.cellPx - 4);
    }
  }
}

/** What stands in a cell that is wide enough: `7.3 %`, `12.3 k`. */
export function figureOf({ count, ofTarget, ofGuess }: Cell, normalisation: Normalisation): string {
  if (normalisation === 'none') return formatCountShort(count);
  return formatShare(normalisation === 'row' ? ofTarget : ofGuess);
}

/** Where the matrix ends. */
function drawEdge(context: CanvasRenderingContext2D, { view, cells, theme }: Scene): void {
  const sidePx = cells.size * view.cellPx;
  context.strokeStyle = toCss(theme.border);
  context.lineWidth = 1;
  context.strokeRect(-view.left * view.cellPx + 0.5, -view.top * view.cellPx + 0.5, sidePx, sidePx);
}

function drawMark(
  context: CanvasRenderingContext2D,
  { view }: Scene,
  place: Place | null,
  colour: string,
  width: number,
): void {
  if (place === null) return;
  // Around cells of a pixel there is a frame that can be seen.
  const side = Math.max(view.cellPx, 7);
  const centre = (at: number, from: number) => (at + 0.5 - from) * view.cellPx;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(
    centre(place.column, view.left) - side / 2,
    centre(place.row, view.top) - side / 2,
    side,
    side,
  );
}
