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
  const heap = new StreamHeap(streams);
  let sinceStep = 0;
  for (;;) {
    const first = heap.first;
    if (heap.firstNs === Infinity || first === undefined) return;
    sinceStep += first.emitUntil(heap.limitNs, STEP_EVENTS - sinceStep);
    heap.update();
    if (sinceStep >= STEP_EVENTS) {
      sinceStep = 0;
      yield doneBytes();
    }
  }
}

/** A binary heap of streams by the time of their next event, and by their place among equal times. */
class StreamHeap {
  /** How far the first stream may go before another one comes. */
  limitNs = Infinity;
  readonly #streams: readonly TimedStream[];
  readonly #times: Float64Array;
  /** Numbers of the streams, in heap order. */
  readonly #order: Uint32Array;

  constructor(streams: readonly TimedStream[]) {
    this.#streams = streams;
    this.#times = Float64Array.from(streams, ({ nextNs }) => nextNs);
    this.#order = Uint32Array.from(streams, (_, index) => index);
    for (let place = streams.length >> 1; place >= 0; place -= 1) this.#sink(place);
    this.#setLimit();
  }

  get first(): TimedStream | undefined {
    return this.#streams[this.#order[0]!];
  }

  get firstNs(): number {
    return this.#times[this.#order[0]!]!;
  }

  /** After the first stream went on. */
  update(): void {
    const first = this.#order[0]!;
    this.#times[first] = this.#streams[first]!.nextNs;
    this.#sink(0);
    this.#setLimit();
  }

  #setLimit(): void {
    const order = this.#order;
    if (order.length < 2) return;
    const left = order[1]!;
    const right = order[2];
    const next = right !== undefined && this.#comesBefore(right, left) ? right : left;
    const nextNs = this.#times[next]!;
    // A stream that stands before the other one also takes the events at the very limit. Offsets are whole nanoseconds.
    this.limitNs = order[0]! < next ? nextNs : nextNs - 1;
  }

  #sink(from: number): void {
    const order = this.#order;
    const { length } = order;
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
