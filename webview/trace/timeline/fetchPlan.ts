import type { LaneId, LaneSegments, TimeRange } from '../../../src/protocol/traceMessages.js';
import { span } from './viewport.js';

/** Segments of a lane as they came, and for what they were asked. */
export interface CachedLane {
  readonly segments: LaneSegments;
  readonly range: TimeRange;
  /** Time that one pixel stood for. */
  readonly nsPerPx: number;
  /** Whether a closer look would show nothing new. */
  readonly exact: boolean;
  /** Depth lanes: the deepest queue among the segments. */
  readonly deepest: number;
  /** Number of the summary that was current when it was asked for. */
  readonly generation: number;
}

export interface FetchPlan {
  readonly range: TimeRange;
  readonly widthPx: number;
  readonly lanes: readonly LaneId[];
}

/** How much of the view's span is asked for on each side, and how little of it may be left before asking again. */
const aheadSpans = 1;
const leftSpans = 0.3;

/** Whether cached segments serve a view: they cover it with some room, and are neither too coarse nor too fine. */
export function serves(
  cached: CachedLane | undefined,
  view: TimeRange,
  bounds: TimeRange,
  nsPerPx: number,
  generation: number,
): boolean {
  if (cached === undefined || cached.generation !== generation) return false;
  const room = span(view) * leftSpans;
  const needStart = Math.max(view.startNs - room, bounds.startNs);
  const needEnd = Math.min(view.endNs + room, bounds.endNs);
  if (cached.range.startNs > needStart || cached.range.endNs < needEnd) return false;
  const coarseness = cached.nsPerPx / nsPerPx;
  return (coarseness < 1.35 || cached.exact) && coarseness > 0.4;
}

/**
 * What to ask for so that the wanted lanes can be drawn: a range three times the view, so that panning shows no
 * blanks, for those lanes that the cache does not serve. Null when all are served.
 *
 * @param widthPx width of the view in device pixels
 */
export function planFetch(
  view: TimeRange,
  bounds: TimeRange,
  widthPx: number,
  wanted: readonly LaneId[],
  cachedOf: (lane: LaneId) => CachedLane | undefined,
  generation: number,
): FetchPlan | null {
  const nsPerPx = span(view) / Math.max(1, widthPx);
  const lanes = wanted.filter((lane) => !serves(cachedOf(lane), view, bounds, nsPerPx, generation));
  if (lanes.length === 0) return null;
  const startNs = Math.max(bounds.startNs, Math.floor(view.startNs - span(view) * aheadSpans));
  const endNs = Math.min(bounds.endNs, Math.ceil(view.endNs + span(view) * aheadSpans));
  if (endNs <= startNs) return null;
  return { range: { startNs, endNs }, widthPx: Math.max(1, Math.ceil((endNs - startNs) / nsPerPx)), lanes };
}
