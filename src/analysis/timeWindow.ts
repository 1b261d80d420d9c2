import type { TimeRange } from '../protocol/traceMessages.js';
import type { SchedulingModel } from './schedulingModel.js';

/**
 * The rule of ranges: time spent in a state is clipped to the range; an event counts when it happens at
 * `startNs <= t < endNs`; a latency counts when its end (the sched-in) does. The whole recording, and a range that
 * reaches its end, include the last event.
 */
export interface TimeWindow {
  /** Bounds for time in states, clipped to the recording. */
  readonly startNs: number;
  readonly endNs: number;
  /** Events count below this time: `endNs`, or Infinity when the range reaches the end of the recording. */
  readonly eventsBeforeNs: number;
  readonly isWhole: boolean;
}

export function timeWindow(model: SchedulingModel, range: TimeRange | null): TimeWindow {
  if (range === null) {
    return { startNs: model.startNs, endNs: model.endNs, eventsBeforeNs: Infinity, isWhole: true };
  }
  const startNs = Math.max(range.startNs, model.startNs);
  const endNs = Math.max(startNs, Math.min(range.endNs, model.endNs));
  return {
    startNs,
    endNs,
    eventsBeforeNs: range.endNs >= model.endNs ? Infinity : range.endNs,
    isWhole: range.startNs <= model.startNs && range.endNs >= model.endNs,
  };
}
