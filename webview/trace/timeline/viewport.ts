import type { TimeRange } from '../../../src/protocol/traceMessages.js';

/** Narrower views would show less than the clock's resolution. */
export const minimumSpanNs = 20;

/** Room on both sides of the recording when all of it is shown, as a share of the span. */
const margin = 0.01;

export function span(range: TimeRange): number {
  return range.endNs - range.startNs;
}

/** The whole recording with a little room on both sides. */
export function fitted(bounds: TimeRange): TimeRange {
  const room = Math.max(span(bounds), minimumSpanNs) * margin;
  return { startNs: bounds.startNs - room, endNs: bounds.endNs + room };
}

/** Moves and shrinks a view so that it shows nothing but the recording and its margins. */
export function clampView(view: TimeRange, bounds: TimeRange): TimeRange {
  const limits = fitted(bounds);
  const width = Math.min(Math.max(span(view), minimumSpanNs), span(limits));
  const startNs = Math.min(Math.max(view.startNs, limits.startNs), limits.endNs - width);
  return { startNs, endNs: startNs + width };
}

/** Scales the span by `factor` (above 1: out) while the time `atNs` stays where it is on screen. */
export function zoomed(view: TimeRange, atNs: number, factor: number): TimeRange {
  const width = Math.max(span(view) * factor, minimumSpanNs);
  const share = (atNs - view.startNs) / span(view);
  const startNs = atNs - share * width;
  return { startNs, endNs: startNs + width };
}

export function panned(view: TimeRange, byNs: number): TimeRange {
  return { startNs: view.startNs + byNs, endNs: view.endNs + byNs };
}

/** A view of the same span in which `range` is centred; wider when the range would not fit with room around it. */
export function centredOn(view: TimeRange, range: TimeRange): TimeRange {
  const width = Math.max(span(view), span(range) * 1.25);
  const middle = (range.startNs + range.endNs) / 2;
  return { startNs: middle - width / 2, endNs: middle + width / 2 };
}

/** A view in which `range` fills most of the width. */
export function around(range: TimeRange): TimeRange {
  const room = Math.max(span(range) * 0.05, minimumSpanNs / 2);
  return { startNs: range.startNs - room, endNs: range.endNs + room };
}

export function xOfTime(timeNs: number, view: TimeRange, widthPx: number): number {
  return ((timeNs - view.startNs) / span(view)) * widthPx;
}

export function timeOfX(x: number, view: TimeRange, widthPx: number): number {
  return view.startNs + (x / widthPx) * span(view);
}

/** The view between two others, `share` 0…1 of the way. Spans change by equal factors: zooming looks even. */
export function between(from: TimeRange, to: TimeRange, share: number): TimeRange {
  if (share >= 1) return to;
  const ratio = span(to) / span(from);
  const width = span(from) * ratio ** share;
  // With equal spans move evenly; otherwise the fixed point of the zoom stays fixed.
  const progress = Math.abs(ratio - 1) < 1e-6 ? share : (span(from) - width) / (span(from) - span(to));
  const startNs = from.startNs + (to.startNs - from.startNs) * progress;
  return { startNs, endNs: startNs + width };
}

export function ordered(aNs: number, bNs: number): TimeRange {
  return aNs <= bNs ? { startNs: aNs, endNs: bNs } : { startNs: bNs, endNs: aNs };
}

export function overlaps(a: TimeRange, b: TimeRange): boolean {
  return a.startNs < b.endNs && b.startNs < a.endNs;
}
