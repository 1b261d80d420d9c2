import type { ImportSteps } from '../importer.js';

/** Events of one CPU or stream, in order of time. */
export interface TimedStream {
  /** Time of the event that comes next, in ns as an offset of the store; Infinity at the end. */
  readonly nextNs: number;
  /**
   * Adds events to the store as long as their time is at or before `limitNs`, about `budget` of them at most.
   * At least one when `nextNs <= limitNs`. Returns how many were consumed.
   */
  emitUntil(limitNs: number, budget: number): number;
}

/** Events between two steps: some 10 ms of work. */
const STEP_EVENTS = 32768;

/**
 * Merges streams by time: always the stream that is behind goes on, up to the next event of the others. CPUs
 * record in bursts, so that most events cost no comparison but the one with that limit. Of equal times the stream
 * that stands first goes first.
 */
export function* mergeByTime(streams: readonly TimedStream[], doneBytes: () => number): ImportSteps {
  let sinceStep = 0;
  for (;;) {
    let first: TimedStream | undefined;
    let firstNs = Infinity;
    let limitNs = Infinity;
    let isFirstBeforeLimit = true;
    for (const stream of streams) {
      const { nextNs } = stream;
      if (nextNs < firstNs) {
        if (first !== undefined) {
          limitNs = firstNs;
          isFirstBeforeLimit = false;
        }
        first = stream;
        firstNs = nextNs;
      } else if (nextNs < limitNs) {
        limitNs = nextNs;
        isFirstBeforeLimit = true;
      }
    }
    if (first === undefined) return;
    // A stream that stands before the one that sets the limit also takes the events at the very limit.
    const until = isFirstBeforeLimit ? limitNs : justBelow(limitNs);
    sinceStep += first.emitUntil(until, STEP_EVENTS - sinceStep);
    if (sinceStep >= STEP_EVENTS) {
      sinceStep = 0;
      yield doneBytes();
    }
  }
}

/** Offsets are whole nanoseconds. */
function justBelow(limitNs: number): number {
  return limitNs === Infinity ? Infinity : limitNs - 1;
}
