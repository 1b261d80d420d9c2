import type { Forecast } from '../../../src/protocol/forecast.js';

/** Events from … to on an axis on which event n reaches from n − ½ to n + ½. */
export interface EventRange {
  readonly from: number;
  readonly to: number;
}

/** Fewer events than that are not zoomed to. */
const LEAST_EVENTS = 8;

export function boundsOf({ observed, steps }: Pick<Forecast, 'observed' | 'steps'>): EventRange {
  return { from: 0.5 - observed.task.length, to: steps + 0.5 };
}

export function spanOf({ from, to }: EventRange): number {
  return to - from;
}

/** The same range within bounds, as wide as there is room for. */
export function clamped(range: EventRange, bounds: EventRange): EventRange {
  const whole = spanOf(bounds);
  const span = Math.min(whole, Math.max(Math.min(LEAST_EVENTS, whole), spanOf(range)));
  const from = Math.min(bounds.to - span, Math.max(bounds.from, range.from));
  return { from, to: from + span };
}

/** @param factor above 1 shows less; `at` stays where it is */
export function zoomed(range: EventRange, factor: number, at: number, bounds: EventRange): EventRange {
  const whole = spanOf(bounds);
  const span = Math.min(whole, Math.max(Math.min(LEAST_EVENTS, whole), spanOf(range) / factor));
  const share = (at - range.from) / spanOf(range);
  const from = at - share * span;
  return clamped({ from, to: from + span }, bounds);
}

export function panned(range: EventRange, by: number, bounds: EventRange): EventRange {
  return clamped({ from: range.from + by, to: range.to + by }, bounds);
}

/** Moved as little as it takes to have an event in sight. */
export function inSight(range: EventRange, event: number, bounds: EventRange): EventRange {
  if (event - 0.5 < range.from) return panned(range, event - 0.5 - range.from, bounds);
  if (event + 0.5 > range.to) return panned(range, event + 0.5 - range.to, bounds);
  return range;
}

/** Between labels of an axis: 1, 2 or 5 times a power of ten, so that not more than `most` fit. */
export function tickStep(span: number, most: number): number {
  const least = Math.max(1, span / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
