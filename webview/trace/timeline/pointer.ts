import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import { ordered, panned, span, timeOfX, xOfTime, zoomed } from './viewport.js';

/** What pointers and wheels do to the timeline. `x` and `y` are CSS px from the lanes' upper left corner. */
export interface PointerTarget {
  readonly view: () => TimeRange;
  readonly width: () => number;
  readonly setView: (view: TimeRange) => void;
  readonly scrollBy: (dy: number) => void;
  readonly hover: (event: PointerEvent, x: number, y: number) => void;
  readonly leave: () => void;
  readonly click: (x: number, y: number) => void;
  readonly doubleClick: (x: number, y: number) => void;
  /** The press that opens the context menu. */
  readonly menuPress: (x: number, y: number) => void;
  readonly selection: () => TimeRange | null;
  /** A range while it is being dragged. */
  readonly draft: (range: TimeRange) => void;
  /** The range as it was when the button was released; null: a click without dragging. */
  readonly select: (range: TimeRange | null) => void;
}

/** Movements below this are the tremble of a click, px. */
const clickSlop = 3;
/** How near to an edge of the selection a press takes hold of it, px. */
const edgeGrip = 5;

/** Span factor of a wheel turn: an ordinary notch (100 px) zooms by a quarter; pinching sends small steps with ctrl. */
export function wheelZoomFactor(deltaPx: number, pinch: boolean): number {
  return Math.exp(Math.max(-240, Math.min(240, deltaPx)) * (pinch ? 0.01 : 0.0022));
}

/** Wheel movement in px; some devices count lines or pages. */
export function wheelPixels(delta: number, mode: number): number {
  return mode === 1 ? delta * 20 : mode === 2 ? delta * 400 : delta;
}

export function attachWheel(area: HTMLElement, target: PointerTarget): void {
  area.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      let dx = wheelPixels(event.deltaX, event.deltaMode);
      let dy = wheelPixels(event.deltaY, event.deltaMode);
      if (event.shiftKey && dx === 0) [dx, dy] = [dy, 0];
      const view = target.view();
      if (event.altKey) target.scrollBy(dy);
      else if (!event.ctrlKey && Math.abs(dx) > Math.abs(dy)) {
        target.setView(panned(view, (dx / target.width()) * span(view)));
      } else if (dy !== 0) {
        const x = event.clientX - area.getBoundingClientRect().left;
        target.setView(zoomed(view, timeOfX(x, view, target.width()), wheelZoomFactor(dy, event.ctrlKey)));
      }
    },
    { passive: false },
  );
}

/** Dragging pans in both directions; a press without movement is a click; with shift a range is selected. */
export function attachLanes(area: HTMLElement, target: PointerTarget): void {
  attachWheel(area, target);
  area.addEventListener('pointermove', (event) => {
    const { left, top } = area.getBoundingClientRect();
    if (event.buttons === 0) target.hover(event, event.clientX - left, event.clientY - top);
  });
  area.addEventListener('pointerleave', () => target.leave());
  area.addEventListener('dblclick', (event) => {
    const { left, top } = area.getBoundingClientRect();
    target.doubleClick(event.clientX - left, event.clientY - top);
  });
  area.addEventListener('pointerdown', (down) => {
    if (down.button === 2) {
      const box = area.getBoundingClientRect();
      target.menuPress(down.clientX - box.left, down.clientY - box.top);
    }
    if (down.button > 1) return;
    if (down.shiftKey) {
      dragRange(area, target, down);
      return;
    }
    const { left, top } = area.getBoundingClientRect();
    let moved = false;
    let last: { x: number; y: number } = { x: down.clientX, y: down.clientY };
    track(area, down, {
      move: (event) => {
        if (!moved && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < clickSlop)
          return;
        if (!moved) {
          moved = true;
          area.classList.add('panning');
          target.leave();
        }
        const view = target.view();
        target.setView(panned(view, ((last.x - event.clientX) / target.width()) * span(view)));
        target.scrollBy(last.y - event.clientY);
        last = { x: event.clientX, y: event.clientY };
      },
      end: () => {
        area.classList.remove('panning');
        if (!moved && down.button === 0) target.click(down.clientX - left, down.clientY - top);
      },
    });
  });
}

/** Dragging on the ruler selects a range, or moves the edge of the selection that was taken hold of. */
export function attachRuler(area: HTMLElement, target: PointerTarget): void {
  attachWheel(area, target);
  area.addEventListener('pointermove', (event) => {
    const { left } = area.getBoundingClientRect();
    area.classList.toggle('on-edge', heldEdge(event.clientX - left, target) !== null);
  });
  area.addEventListener('pointerdown', (down) => {
    if (down.button === 0) dragRange(area, target, down);
  });
}

/** The time opposite to the selection's edge at `x`; null when no edge is near. */
function heldEdge(x: number, target: PointerTarget): number | null {
  const selection = target.selection();
  if (selection === null) return null;
  const distance = (timeNs: number) => Math.abs(xOfTime(timeNs, target.view(), target.width()) - x);
  if (distance(selection.startNs) <= edgeGrip) return selection.endNs;
  return distance(selection.endNs) <= edgeGrip ? selection.startNs : null;
}

function dragRange(area: HTMLElement, target: PointerTarget, down: PointerEvent): void {
  const { left } = area.getBoundingClientRect();
  const timeAt = (clientX: number) =>
    Math.round(timeOfX(Math.min(Math.max(clientX - left, 0), target.width()), target.view(), target.width()));
  const fixed = heldEdge(down.clientX - left, target);
  const anchor = fixed ?? timeAt(down.clientX);
  let range: TimeRange | null = null;
  track(area, down, {
    move: (event) => {
      if (range === null && Math.abs(event.clientX - down.clientX) < clickSlop) return;
      range = ordered(anchor, timeAt(event.clientX));
      target.draft(range);
    },
    end: () => {
      if (range !== null) target.select(range);
      else if (fixed === null) target.select(null);
    },
  });
}

function track(
  area: HTMLElement,
  down: PointerEvent,
  actions: { readonly move: (event: PointerEvent) => void; readonly end: () => void },
): void {
  area.setPointerCapture(down.pointerId);
  const end = () => {
    area.removeEventListener('pointermove', actions.move);
    area.removeEventListener('lostpointercapture', end);
    actions.end();
  };
  area.addEventListener('pointermove', actions.move);
  area.addEventListener('lostpointercapture', end);
}
