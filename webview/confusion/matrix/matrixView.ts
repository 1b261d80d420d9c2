import { iconButton } from '../../common/controls.js';
import { element } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { ConfusionModel, Place } from '../model/confusionModel.js';
import { cellText } from '../model/words.js';
import { drawLegend, LEGEND_PX } from './drawLegend.js';
import { drawMatrix } from './drawMatrix.js';
import { frameOf, type Frame } from './frame.js';
import { movementOf } from './keyboard.js';
import { largestOf } from './matrixPixels.js';
import { MatrixSurface, newCanvas } from './matrixSurface.js';
import { MatrixTooltip } from './tooltip.js';
import { cellAt, clamped, fitted, inSight, panned, zoomed, type MatrixView } from './viewport.js';

const ZOOM_STEP = 1.5;
/** A wheel's notch is about 100. */
const WHEEL_PER_STEP = 250;
/** A press that moves less is a click. */
const DRAG_PX = 4;
/** Of the matrix as a picture: cells are as wide as fits, within bounds. */
const PICTURE_PX = 1600;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The matrix on a canvas: wheel and buttons zoom, dragging pans, arrow keys move a cursor, Enter and clicks choose. */
export class MatrixArea {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #tooltip = new MatrixTooltip();
  #surface: MatrixSurface | null = null;
  #frame: Frame = { left: 0, top: 0, width: 1, height: 1 };
  /** `null`: all of it, also when the window grows. */
  #view: MatrixView | null = null;
  #hover: Place | null = null;
  #drag: { readonly from: Point; last: Point; hasMoved: boolean } | null = null;
  #isQueued = false;

  constructor(
    private readonly model: ConfusionModel,
    private readonly theme: Signal<Theme>,
  ) {
    const { canvas, context } = newCanvas(1, 1);
    this.#canvas = canvas;
    this.#context = context;
    canvas.className = 'matrix-canvas';
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-roledescription', 'confusion matrix');
    this.element = element(
      'div',
      { className: 'matrix-area' },
      canvas,
      this.#createButtons(),
      this.#tooltip.element,
    );
    this.#listen();
    new ResizeObserver(() => this.#redraw()).observe(this.element);
    const anew = () => {
      this.#surface = null;
      this.#hover = null;
      this.#tooltip.hide();
      this.#redraw();
    };
    theme.subscribe(anew);
    model.normalisation.subscribe(anew);
    model.cells.subscribe((cells, before) => {
      if (cells?.size !== before?.size) this.#view = null;
      anew();
    });
    model.listed.subscribe(() => this.#redraw());
    model.cursor.subscribe((cursor) => {
      if (cursor !== null) this.#show(cursor);
      this.#redraw();
    });
  }

  /** The whole matrix as a picture of its own, with all names that can be read. */
  picture(): HTMLCanvasElement | null {
    const surface = this.#currentSurface();
    if (surface === null) return null;
    const cellPx = Math.min(24, Math.max(2, Math.floor(PICTURE_PX / surface.cells.size)));
    const sidePx = surface.cells.size * cellPx;
    const frame = frameOf(sidePx * 2 + 600, sidePx * 2 + 600, surface.longestPx);
    const whole = { ...frame, width: sidePx + 2, height: sidePx + 2 };
    const end = { x: whole.left + whole.width + 8, y: whole.top + whole.height + 8 };
    const { canvas, context } = newCanvas(Math.max(end.x, LEGEND_PX.width + 16), end.y + LEGEND_PX.height);
    drawLegend(context, surface, largestOf(surface.cells), { x: 8, y: end.y + 4 });
    drawMatrix(context, {
      ...this.#sceneOf(surface, { cellPx, left: 0, top: 0 }, whole),
      ...{ hover: null, cursor: null, listed: null },
    });
    return canvas;
  }

  focus(): void {
    this.#canvas.focus();
  }

  #createButtons(): HTMLElement {
    const middle = () => ({ x: this.#frame.width / 2, y: this.#frame.height / 2 });
    return element(
      'div',
      { className: 'matrix-buttons', attributes: { role: 'group', 'aria-label': 'Zoom' } },
      iconButton('zoomIn', 'Zoom in (+)', () => this.#zoom(ZOOM_STEP, middle())),
      iconButton('zoomOut', 'Zoom out (−)', () => this.#zoom(1 / ZOOM_STEP, middle())),
      iconButton('fit', 'Show all (0)', () => this.#fit()),
    );
  }

  #listen(): void {
    const canvas = this.#canvas;
    canvas.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const from = this.#pointOf(event);
      this.#drag = { from, last: from, hasMoved: false };
    });
    canvas.addEventListener('pointermove', (event) => this.#onMove(event));
    canvas.addEventListener('pointerup', (event) => this.#onUp(event));
    canvas.addEventListener('pointercancel', () => (this.#drag = null));
    canvas.addEventListener('pointerleave', () => this.#point(null, null));
    canvas.addEventListener('keydown', (event) => this.#onKey(event));
    canvas.addEventListener('focus', () => {
      if (
        this.model.cursor.value === null &&
        this.model.cells.value !== null &&
        canvas.matches(':focus-visible')
      ) {
        this.#moveTo({ row: 0, column: 0 });
      }
    });
    canvas.addEventListener('blur', () => this.#tooltip.hide());
  }

  #pointOf(event: MouseEvent): Point {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - left - this.#frame.left, y: event.clientY - top - this.#frame.top };
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    const at = this.#pointOf(event);
    if (event.shiftKey) this.#pan({ x: event.deltaX + event.deltaY, y: 0 });
    else this.#zoom(ZOOM_STEP ** (-event.deltaY / WHEEL_PER_STEP), at);
    this.#point(this.#cellAt(at), at);
  }

  #onMove(event: PointerEvent): void {
    const at = this.#pointOf(event);
    const drag = this.#drag;
    if (drag === null) {
      this.#point(this.#cellAt(at), at);
      return;
    }
    drag.hasMoved ||= Math.hypot(at.x - drag.from.x, at.y - drag.from.y) >= DRAG_PX;
    if (!drag.hasMoved) return;
    this.#tooltip.hide();
    this.#pan({ x: drag.last.x - at.x, y: drag.last.y - at.y });
    drag.last = at;
  }

  #onUp(event: PointerEvent): void {
    const drag = this.#drag;
    this.#drag = null;
    if (drag === null || drag.hasMoved) return;
    const place = this.#cellAt(this.#pointOf(event));
    if (place === null) return;
    this.model.cursor.set(place);
    this.#choose();
  }

  #onKey(event: KeyboardEvent): void {
    const cells = this.model.cells.value;
    if (cells === null || event.altKey || event.metaKey) return;
    const at = this.model.cursor.value ?? { row: 0, column: 0 };
    const next = movementOf(event, at, cells);
    if (next !== null) this.#moveTo(next);
    else if (event.key === '+' || event.key === '=') this.#zoom(ZOOM_STEP, this.#centreOf(at));
    else if (event.key === '-') this.#zoom(1 / ZOOM_STEP, this.#centreOf(at));
    else if (event.key === '0' || event.key === 'f') this.#fit();
    else if (event.key === 'Enter' || event.key === ' ') this.#choose();
    else if (event.key === 'Escape') this.#tooltip.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #moveTo(place: Place): void {
    this.model.cursor.set(place);
    const cell = this.model.cursorCell;
    if (cell === null) return;
    this.model.announcement.set(cellText(cell));
    this.#tooltip.show(cell, this.#onArea(this.#centreOf(place)));
  }

  #choose(): void {
    const cell = this.model.cursorCell;
    if (cell === null) return;
    if (cell.count > 0) this.model.list(cell);
    else this.model.announcement.set(cellText(cell));
  }

  #point(place: Place | null, at: Point | null): void {
    const isSame = place?.row === this.#hover?.row && place?.column === this.#hover?.column;
    this.#hover = place;
    const cells = this.model.cells.value;
    if (place === null || at === null || cells === null) this.#tooltip.hide();
    else this.#tooltip.show(cells.at(place.row, place.column), this.#onArea(at));
    if (!isSame) this.#redraw();
  }

  #cellAt(at: Point): Place | null {
    const cells = this.model.cells.value;
    if (cells === null || at.x > this.#frame.width || at.y > this.#frame.height) return null;
    return cellAt(this.#current(cells.size), at, cells.size);
  }

  #centreOf({ row, column }: Place): Point {
    const { cellPx, left, top } = this.#current(this.model.cells.value?.size ?? 1);
    return { x: (column + 0.5 - left) * cellPx, y: (row + 0.5 - top) * cellPx };
  }

  #onArea({ x, y }: Point): Point {
    return { x: x + this.#frame.left, y: y + this.#frame.top };
  }

  #current(size: number): MatrixView {
    return this.#view === null ? fitted(size, this.#frame) : clamped(this.#view, size, this.#frame);
  }

  #change(change: (view: MatrixView, size: number) => MatrixView): void {
    const size = this.model.cells.value?.size;
    if (size === undefined) return;
    this.#view = change(this.#current(size), size);
    this.#redraw();
  }

  #zoom(factor: number, at: Point): void {
    this.#change((view, size) => zoomed(view, factor, at, size, this.#frame));
  }

  #pan(byPx: Point): void {
    this.#change((view, size) => panned(view, byPx, size, this.#frame));
  }

  #show(place: Place): void {
    if (this.#view !== null) this.#change((view, size) => inSight(view, place, size, this.#frame));
  }

  #fit(): void {
    this.#view = null;
    this.#redraw();
  }

  #redraw(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    requestAnimationFrame(() => {
      this.#isQueued = false;
      this.#draw();
    });
  }

  #currentSurface(): MatrixSurface | null {
    const cells = this.model.cells.value;
    if (cells === null) return null;
    this.#surface ??= new MatrixSurface(cells, this.model.normalisation.value, this.theme.value);
    return this.#surface;
  }

  #draw(): void {
    const surface = this.#currentSurface();
    const { clientWidth, clientHeight } = this.element;
    if (surface === null || clientWidth === 0) return;
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      Object.assign(this.#canvas, { width, height });
    }
    this.#frame = frameOf(clientWidth, clientHeight, surface.longestPx);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#context.clearRect(0, 0, clientWidth, clientHeight);
    drawMatrix(this.#context, this.#sceneOf(surface, this.#current(surface.cells.size), this.#frame));
    this.#canvas.setAttribute('aria-label', describe(surface));
  }

  #sceneOf(surface: MatrixSurface, view: MatrixView, frame: Frame) {
    const { cells, normalisation, theme, scale } = surface;
    const listed = this.model.listedCell;
    return {
      ...{ cells, normalisation, theme, scale, view, frame },
      ...surface.picture(view.cellPx * window.devicePixelRatio),
      hover: this.#hover,
      cursor: this.model.cursor.value,
      listed: listed === null ? null : { row: listed.row, column: listed.column },
    };
  }
}

/** The matrix in words; what its cells hold is told by the cursor and the table beside it. */
function describe({ cells: { matrix } }: MatrixSurface): string {
  const { classes, events, right } = matrix;
  return `Confusion matrix of ${classes.length} classes, ${events} events, ${right} of them right. Rows are what came, columns what was guessed. Arrow keys move, n and p step through the largest confusions, Enter lists the events of a cell, plus and minus zoom.`;
}
