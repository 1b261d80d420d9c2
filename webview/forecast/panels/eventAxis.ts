import { inSight, panned, spanOf, zoomed } from '../model/eventRange.js';
import type { ForecastModel } from '../model/forecastModel.js';

const ZOOM_STEP = 1.5;
/** A wheel's notch is about 100. */
const WHEEL_PER_STEP = 250;
/** A press that moves less is a click. */
const DRAG_PX = 3;
const PAGE = 100;
const STRIDE = 10;

/** Where the events are drawn in an element, px from its left edge. */
export interface Plot {
  readonly left: number;
  readonly right: number;
}

export interface AxisOwner {
  readonly element: HTMLElement;
  readonly plot: () => Plot;
  /** The pointer is at an event, px from the upper left corner; `null`: it is none. */
  readonly point: (event: number | null, at: { readonly x: number; readonly y: number }) => void;
  /** A key that the axis does not know; whether it was one. */
  readonly key?: (event: KeyboardEvent) => boolean;
  /** The cursor was moved by a key. */
  readonly moved: () => void;
}

/** Wheel, drag and keys of an axis of events: all that stand below each other show the same events. */
export class EventAxis {
  #drag: { readonly fromX: number; lastX: number; hasMoved: boolean } | null = null;

  constructor(
    private readonly model: ForecastModel,
    private readonly owner: AxisOwner,
  ) {
    const { element } = owner;
    element.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      const x = this.#pointOf(event).x;
      this.#drag = { fromX: x, lastX: x, hasMoved: false };
    });
    element.addEventListener('pointermove', (event) => this.#onMove(event));
    element.addEventListener('pointerup', () => (this.#drag = null));
    element.addEventListener('pointercancel', () => (this.#drag = null));
    element.addEventListener('pointerleave', () => owner.point(null, { x: 0, y: 0 }));
    element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  zoomIn(): void {
    this.#zoom(ZOOM_STEP, this.#middle());
  }

  zoomOut(): void {
    this.#zoom(1 / ZOOM_STEP, this.#middle());
  }

  fit(): void {
    this.model.range.set(null);
  }

  /** Where an event is drawn, px from the left edge of the element. */
  xOf(event: number): number {
    const { left, right } = this.owner.plot();
    const range = this.model.shownRange;
    return left + ((event - range.from) / spanOf(range)) * (right - left);
  }

  moveTo(event: number): void {
    const { model } = this;
    const { from, to } = model.bounds;
    const next = Math.min(to - 0.5, Math.max(from + 0.5, Math.round(event)));
    model.cursor.set(next);
    if (model.range.value !== null) model.range.set(inSight(model.shownRange, next, model.bounds));
    this.owner.moved();
  }

  #onWheel(event: WheelEvent): void {
    // The page scrolls by the wheel alone; charts of a page that is longer than the window must not hold it up.
    if (!event.ctrlKey && !event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    const at = this.#eventAt(this.#pointOf(event).x);
    if (event.ctrlKey) this.#zoom(ZOOM_STEP ** (-event.deltaY / WHEEL_PER_STEP), at);
    else this.#pan(event.deltaX === 0 ? event.deltaY : event.deltaX);
  }

  #onMove(event: PointerEvent): void {
    const at = this.#pointOf(event);
    const drag = this.#drag;
    if (drag === null) {
      const { left, right } = this.owner.plot();
      const isInside = at.x >= left && at.x <= right;
      this.owner.point(isInside ? Math.round(this.#eventAt(at.x)) : null, at);
      return;
    }
    drag.hasMoved ||= Math.abs(at.x - drag.fromX) >= DRAG_PX;
    if (!drag.hasMoved) return;
    this.owner.point(null, at);
    this.#pan(drag.lastX - at.x);
    drag.lastX = at.x;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || this.model.forecast.value === null) return;
    const next = this.#movement(event);
    if (next !== null) this.moveTo(next);
    else if (event.key === '+' || event.key === '=') this.#zoom(ZOOM_STEP, this.#middle());
    else if (event.key === '-') this.#zoom(1 / ZOOM_STEP, this.#middle());
    else if (event.key === '0' || event.key === 'f') this.fit();
    else if (this.owner.key?.(event) !== true) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #movement({ key, ctrlKey, shiftKey }: KeyboardEvent): number | null {
    const at = this.model.cursor.value ?? 0;
    const stride = ctrlKey || shiftKey ? STRIDE : 1;
    const { from, to } = this.model.bounds;
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: at - stride,
      ArrowRight: at + stride,
      PageUp: at - PAGE,
      PageDown: at + PAGE,
      Home: ctrlKey ? from : 1,
      End: to,
    };
    return targets[key] ?? null;
  }

  #zoom(factor: number, at: number): void {
    const { model } = this;
    model.range.set(zoomed(model.shownRange, factor, at, model.bounds));
  }

  #pan(byPx: number): void {
    const { left, right } = this.owner.plot();
    const { model } = this;
    const by = (byPx / Math.max(1, right - left)) * spanOf(model.shownRange);
    model.range.set(panned(model.shownRange, by, model.bounds));
  }

  /** The cursor where it is in sight, else the middle. */
  #middle(): number {
    const { from, to } = this.model.shownRange;
    const cursor = this.model.cursor.value;
    return cursor !== null && cursor >= from && cursor <= to ? cursor : (from + to) / 2;
  }

  #eventAt(x: number): number {
    const { left, right } = this.owner.plot();
    const range = this.model.shownRange;
    return range.from + ((x - left) / Math.max(1, right - left)) * spanOf(range);
  }

  #pointOf({ clientX, clientY }: MouseEvent): { readonly x: number; readonly y: number } {
    const { left, top } = this.owner.element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }
}
