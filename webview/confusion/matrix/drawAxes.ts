import { toCss } from '../../common/colour.js';
import type { Place } from '../model/confusionModel.js';
import { GAP_PX, namesPx, type Frame } from './frame.js';
import { FONT_PX, type Scene } from './scene.js';
import { labelStep, type MatrixView } from './viewport.js';

/** Names nearer than this cannot be told apart. */
const LEAST_BETWEEN_PX = 13;

/** Names of rows and columns, as many as can be read; those of the cells that are pointed at always. */
export function drawAxes(context: CanvasRenderingContext2D, scene: Scene): void {
  const { frame, theme } = scene;
  const font = `${FONT_PX}px ${theme.fontFamily}`;
  context.save();
  context.font = font;
  context.textBaseline = 'middle';
  drawTitles(context, scene);
  const marked = [scene.cursor, scene.listed, scene.hover].filter((each): each is Place => each !== null);
  drawNames(context, scene, {
    from: scene.view.top,
    sizePx: frame.height,
    roomPx: namesPx(frame.left),
    marked: marked.map(({ row }) => row),
    place: (atPx) => context.translate(frame.left - GAP_PX, frame.top + atPx),
    align: 'right',
  });
  drawNames(context, scene, {
    from: scene.view.left,
    sizePx: frame.width,
    roomPx: namesPx(frame.top),
    marked: marked.map(({ column }) => column),
    place: (atPx) => {
      context.translate(frame.left + atPx, frame.top - GAP_PX);
      context.rotate(-Math.PI / 2);
    },
    align: 'left',
  });
  context.restore();
}

function drawTitles(context: CanvasRenderingContext2D, { frame, theme, view, cells }: Scene): void {
  context.fillStyle = toCss(theme.muted);
  context.textAlign = 'center';
  const { x, y } = middleOf(frame, view, cells.size);
  context.fillText('guessed', frame.left + x, 9);
  context.save();
  context.translate(9, frame.top + y);
  context.rotate(-Math.PI / 2);
  context.fillText('came', 0, 0);
  context.restore();
}

/** Of what of the matrix is in sight. */
function middleOf(frame: Frame, view: MatrixView, cells: number): { readonly x: number; readonly y: number } {
  const sidePx = cells * view.cellPx;
  return { x: Math.min(frame.width, sidePx) / 2, y: Math.min(frame.height, sidePx) / 2 };
}

interface Axis {
  /** First place in sight, broken. */
  readonly from: number;
  readonly sizePx: number;
  /** For a name. */
  readonly roomPx: number;
  /** Places whose names are shown in any case. */
  readonly marked: readonly number[];
  /** Moves the origin to where the name at `atPx` of the axis begins or ends. */
  readonly place: (atPx: number) => void;
  readonly align: 'left' | 'right';
}

function drawNames(context: CanvasRenderingContext2D, scene: Scene, axis: Axis): void {
  const { cells, view, theme } = scene;
  const { classes } = cells.matrix;
  const centre = (at: number) => (at + 0.5 - axis.from) * view.cellPx;
  const isInSight = (at: number) => centre(at) >= 0 && centre(at) <= axis.sizePx;
  const marked = [...new Set(axis.marked)].filter(isInSight);
  const step = labelStep(view.cellPx, LEAST_BETWEEN_PX);
  const write = (at: number, colour: string) => {
    context.save();
    axis.place(centre(at));
    context.textAlign = axis.align;
    context.fillStyle = colour;
    context.fillText(shortened(context, classes[at]!.name, axis.roomPx), 0, 0);
    context.restore();
  };
  const first = Math.max(0, Math.ceil(axis.from / step) * step);
  for (let at = first; at < classes.length; at += step) {
    const isCovered = marked.some((each) => Math.abs(each - at) * view.cellPx < LEAST_BETWEEN_PX);
    if (isInSight(at) && !isCovered) write(at, toCss(theme.muted));
  }
  // Marks that are near each other: the last is what is pointed at.
  for (const [index, at] of marked.entries()) {
    const isCovered = marked
      .slice(index + 1)
      .some((each) => Math.abs(each - at) * view.cellPx < LEAST_BETWEEN_PX);
    if (!isCovered) write(at, toCss(theme.foreground));
  }
}

/** As much of a name as there is room for. */
function shortened(context: CanvasRenderingContext2D, name: string, roomPx: number): string {
  // Characters that control the direction of text or break it would move other names.
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
  if (context.measureText(plain).width <= roomPx) return plain;
  let [least, most] = [0, plain.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (context.measureText(`${plain.slice(0, middle)}…`).width <= roomPx) least = middle;
    else most = middle - 1;
  }
  return `${plain.slice(0, least)}…`;
}
