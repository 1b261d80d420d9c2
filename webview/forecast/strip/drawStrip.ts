import type { Forecast } from '../../../src/protocol/forecast.js';
import { mix, textOn, toCss, type Rgb } from '../../common/colour.js';
import { taskColour } from '../../common/taskColour.js';
import type { Theme } from '../../common/theme.js';
import { formatSigned } from '../charts/timeChart.js';
import { spanOf, tickStep, type EventRange } from '../model/eventRange.js';
import { UNKNOWN_TASK } from '../model/figures.js';
import { rightAt, type StripRow } from './stripRows.js';

export const GUTTER_PX = 84;
const ROW_PX = 24;
const GAP_PX = 5;
/** Below a cell: a bar where it was right, a line where it was wrong, nothing where nobody knows. */
const TRACK_PX = 5;
const AXIS_PX = 20;
const TOP_PX = 4;
/** Narrower cells have no hatch. */
const HATCH_PX = 5;
/** Narrower cells have no name. */
const NAME_PX = 34;
const RIGHT_PX = 12;

export interface StripScene {
  readonly forecast: Forecast;
  readonly rows: readonly StripRow[];
  readonly range: EventRange;
  readonly cursor: { readonly event: number; readonly row: number } | null;
  readonly width: number;
  readonly theme: Theme;
}

export function stripHeight(rows: number): number {
  return TOP_PX + rows * (ROW_PX + GAP_PX) + AXIS_PX;
}

export function plotOf(width: number): { readonly left: number; readonly right: number } {
  return { left: GUTTER_PX, right: Math.max(GUTTER_PX + 1, width - RIGHT_PX) };
}

/** The row at a height, px from the top; below the last one it is the last. */
export function rowAt(y: number, rows: number): number {
  return Math.min(rows - 1, Math.max(0, Math.floor((y - TOP_PX) / (ROW_PX + GAP_PX))));
}

export function topOf(row: number): number {
  return TOP_PX + row * (ROW_PX + GAP_PX);
}

/** A row for what came and each forecast, a cell an event; where cells are narrower than a pixel the middle one stands for them. */
export function drawStrip(context: CanvasRenderingContext2D, scene: StripScene): void {
  const { rows, theme } = scene;
  context.font = `11px ${theme.fontFamily}`;
  context.textBaseline = 'middle';
  for (const [at, row] of rows.entries()) {
    context.fillStyle = toCss(theme.foreground);
    context.textAlign = 'right';
    context.fillText(row.label, GUTTER_PX - 8, topOf(at) + ROW_PX / 2);
    drawRow(context, scene, row, topOf(at));
  }
  drawAxis(context, scene);
  drawMarks(context, scene);
}

function drawRow(context: CanvasRenderingContext2D, scene: StripScene, row: StripRow, top: number): void {
  const { forecast, range, width, theme } = scene;
  const { left, right } = plotOf(width);
  const cellPx = (right - left) / spanOf(range);
  const height = row.isForecast ? ROW_PX - TRACK_PX - 2 : ROW_PX;
  const xOf = (edge: number) => left + (edge - range.from) * cellPx;
  const paint = (event: number, from: number, to: number) => {
    const task = row.task(event);
    if (task === undefined) return;
    const colour = task === UNKNOWN_TASK ? theme.background : colourOf(forecast, task, theme);
    context.fillStyle = toCss(colour);
    context.fillRect(from, top, to - from, height);
    if (task === UNKNOWN_TASK) crossOut(context, { x: from, y: top, width: to - from, height }, theme);
    if (row.isForecast) drawTrack(context, scene, row, event, { from, to, top, height });
    if (cellPx >= NAME_PX)
      drawName(context, forecast.taskNames[task] ?? '', colour, { from, to, top, height });
  };
  if (cellPx >= 1) {
    const last = Math.ceil(range.to - 0.5);
    // A hair between cells that are wide enough.
    const hair = cellPx >= 4 ? 0.7 : 0;
    for (let event = Math.floor(range.from + 0.5); event <= last; event += 1) {
      const from = Math.max(left, xOf(event - 0.5));
      const to = Math.min(right, xOf(event + 0.5)) - hair;
      if (to > from) paint(event, from, to);
    }
    return;
  }
  for (let x = left; x < right; x += 1) paint(Math.round(range.from + (x + 0.5 - left) / cellPx), x, x + 1);
}

interface CellBox {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly height: number;
}

/** Right and wrong by shape: a bar or a line below, and a hatch over what was wrong. */
function drawTrack(
  context: CanvasRenderingContext2D,
  { forecast, theme }: StripScene,
  row: StripRow,
  event: number,
  { from, to, top, height }: CellBox,
): void {
  const right = rightAt(forecast, row, event);
  if (right === null) return;
  context.fillStyle = toCss(right ? theme.foreground : theme.muted);
  if (right) context.fillRect(from, top + height + 2, to - from, TRACK_PX);
  else context.fillRect(from, top + height + 1 + TRACK_PX, to - from, 1);
  if (right || to - from < HATCH_PX) return;
  hatch(context, { x: from, y: top, width: to - from, height }, toCss(theme.background));
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function hatch(context: CanvasRenderingContext2D, { x, y, width, height }: Box, css: string): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = css;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = x - height; at < x + width; at += 6) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

function crossOut(context: CanvasRenderingContext2D, box: Box, theme: Theme): void {
  context.strokeStyle = toCss(theme.muted);
  context.lineWidth = 1;
  context.strokeRect(box.x + 0.5, box.y + 0.5, Math.max(0, box.width - 1), box.height - 1);
}

function drawName(
  context: CanvasRenderingContext2D,
  name: string,
  on: Rgb,
  { from, to, top, height }: CellBox,
): void {
  context.save();
  context.beginPath();
  context.rect(from, top, to - from, height);
  context.clip();
  const width = Math.min(to - from, context.measureText(name).width + 6);
  // The hatch below must not cut through the name.
  context.fillStyle = toCss(on);
  context.fillRect(from, top + 1, width, height - 2);
  context.fillStyle = toCss(textOn(on));
  context.textAlign = 'left';
  context.fillText(name, from + 3, top + height / 2 + 0.5);
  context.restore();
}

function drawAxis(context: CanvasRenderingContext2D, { range, rows, width, theme }: StripScene): void {
  const { left, right } = plotOf(width);
  const cellPx = (right - left) / spanOf(range);
  const y = topOf(rows.length);
  const step = tickStep(spanOf(range), (right - left) / 70);
  context.fillStyle = toCss(theme.muted);
  context.textAlign = 'center';
  for (let event = Math.ceil(range.from / step) * step; event <= range.to; event += step) {
    const x = left + (event - range.from) * cellPx;
    if (x < left + 8 || x > right - 8) continue;
    context.fillRect(Math.round(x), y - 1, 1, 4);
    context.fillText(formatSigned(event), x, y + 11);
  }
}

/** Where the forecast begins, and the cursor. */
function drawMarks(
  context: CanvasRenderingContext2D,
  { range, rows, width, cursor, theme }: StripScene,
): void {
  const { left, right } = plotOf(width);
  const cellPx = (right - left) / spanOf(range);
  const bottom = topOf(rows.length) - 2;
  if (range.from < 0.5) {
    const x = Math.round(left + (0.5 - range.from) * cellPx);
    context.strokeStyle = toCss(theme.foreground);
    context.lineWidth = 1.5;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, bottom);
    context.stroke();
    context.setLineDash([]);
  }
  if (cursor === null || cursor.event + 0.5 < range.from || cursor.event - 0.5 > range.to) return;
  const x = left + (cursor.event - 0.5 - range.from) * cellPx;
  context.strokeStyle = toCss(theme.focus);
  context.lineWidth = 2;
  context.strokeRect(x - 1, topOf(cursor.row) - 1, Math.max(3, cellPx) + 2, ROW_PX + 2);
}

/** High contrasts have their own tones; on all backgrounds cells stand out by 3:1. */
export function colourOf({ taskNames }: Pick<Forecast, 'taskNames'>, task: number, theme: Theme): Rgb {
  return task === UNKNOWN_TASK
    ? mix(theme.background, theme.muted, 0.2)
    : taskColour(taskNames[task] ?? '', theme.kind);
}
