import type { CollectionCounters } from './collection.js';

/** The rate shown is that of the last so many milliseconds. */
const WINDOW_MS = 3000;
/** Closer looks are not kept apart. */
const STEP_MS = 100;

/** Events a second over the last seconds, from counts that are looked at now and then. */
export class EventRate {
  readonly #looks: { readonly atMs: number; readonly events: number }[] = [];

  /** @param atMs of a clock that never goes back */
  look(atMs: number, events: number): void {
    const last = this.#looks.at(-1);
    if (last !== undefined && atMs - last.atMs < STEP_MS) return;
    this.#looks.push({ atMs, events });
    // One that is older than the window stays, to count from.
    while (this.#looks.length > 2 && atMs - this.#looks[1]!.atMs >= WINDOW_MS) this.#looks.shift();
  }

  /** Null until there are two looks. */
  perSecond(): number | null {
    const first = this.#looks[0];
    const last = this.#looks.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
    return Math.round(((last.events - first.events) * 1000) / (last.atMs - first.atMs));
  }
}

export const NO_COUNTERS: CollectionCounters = {
  elapsedMs: 0,
  events: null,
  eventsPerSecond: null,
  lostEvents: null,
  classes: null,
  receivedBytes: 0,
};
