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
export const STEP_EVENTS = 32768;

/**
 * Merges streams by time: always the stream that is behind goes on, up to the next event of the others. CPUs
 * record in bursts, so that most events cost no comparison but the one with that limit. Of equal times the stream
 * that stands first goes first.
 */
export function* mergeByTime(streams: readonly TimedStream[], doneBytes: () => number): ImportSteps {
  const heap = new TimeHeap(Float64Array.from(streams, ({ nextNs }) => nextNs));
  while (mergeSome(streams, heap)) yield doneBytes();
}

/** A step; false at the end. Not in the generator: what is optimised of it would be left with each `yield`. */
function mergeSome(streams: readonly TimedStream[], heap: TimeHeap): boolean {
  for (let count = 0; count < STEP_EVENTS;) {
    if (heap.firstNs === Infinity) return false;
    const first = streams[heap.first]!;
    count += first.emitUntil(heap.limitNs, STEP_EVENTS - count);
    heap.advance(first.nextNs);
  }
  return true;
}

/** A binary heap of sources of events by the time of their next event, and by their number among equal times. */
export class TimeHeap {
  /** Number of the source that is behind, and its time: Infinity when none has an event any more. */
  first = 0;
  firstNs = Infinity;
  /** How far the first source may go before another one comes. */
  limitNs = Infinity;
  readonly #times: Float64Array;
  /** Numbers of the sources, in heap order. */
  readonly #order: Uint32Array;

  /** `times`: of the next event of each source, Infinity for none; they are kept here from now on. */
  constructor(times: Float64Array) {
    this.#times = times;
    this.#order = Uint32Array.from(times, (_, index) => index);
    for (let place = times.length >> 1; place >= 0; place -= 1) this.#sink(place);
    if (times.length > 0) this.#setFirst();
  }

  /** The first source went on: its next event is of this time, Infinity when it has none. */
  advance(nextNs: number): void {
    this.#times[this.first] = nextNs;
    this.#sink(0);
    this.#setFirst();
  }

  #setFirst(): void {
    const order = this.#order;
    const first = order[0]!;
    this.first = first;
    this.firstNs = this.#times[first]!;
    if (order.length < 2) return;
    const left = order[1]!;
    const next = order.length > 2 && this.#comesBefore(order[2]!, left) ? order[2]! : left;
    const nextNs = this.#times[next]!;
    // A source that stands before the other one also takes the events at the very limit. Offsets are whole nanoseconds.
    this.limitNs = first < next ? nextNs : nextNs - 1;
  }

  #sink(from: number): void {
    const order = this.#order;
    const { length } = order;
    if (length === 0) return;
    const moving = order[from]!;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#comesBefore(order[child + 1]!, order[child]!)) child += 1;
      if (!this.#comesBefore(order[child]!, moving)) break;
      order[place] = order[child]!;
      place = child;
    }
    order[place] = moving;
  }

  #comesBefore(a: number, b: number): boolean {
    const aNs = this.#times[a]!;
    const bNs = this.#times[b]!;
    return aNs < bNs || (aNs === bNs && a < b);
  }
}
