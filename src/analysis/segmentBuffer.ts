import type { LaneId, LaneSegments, ThreadState } from '../protocol/traceMessages.js';

/** Collects the segments of one lane; reused from lane to lane. */
export class SegmentBuffer {
  length = 0;
  #startNs: Float64Array;
  #endNs: Float64Array;
  #value: Uint32Array;
  #state: Uint8Array;
  #fill: Float32Array;
  #count: Uint32Array;

  constructor(capacity: number) {
    this.#startNs = new Float64Array(capacity);
    this.#endNs = new Float64Array(capacity);
    this.#value = new Uint32Array(capacity);
    this.#state = new Uint8Array(capacity);
    this.#fill = new Float32Array(capacity);
    this.#count = new Uint32Array(capacity);
  }

  push(startNs: number, endNs: number, value: number, state: ThreadState, fill: number, count: number): void {
    const at = this.length;
    this.#startNs[at] = startNs;
    this.#endNs[at] = endNs;
    this.#value[at] = value;
    this.#state[at] = state;
    this.#fill[at] = fill;
    this.#count[at] = count;
    this.length = at + 1;
  }

  /** Copies what was collected and empties the buffer. */
  take(lane: LaneId): LaneSegments {
    const { length } = this;
    this.length = 0;
    return {
      lane,
      startNs: this.#startNs.slice(0, length),
      endNs: this.#endNs.slice(0, length),
      value: this.#value.slice(0, length),
      state: this.#state.slice(0, length),
      fill: this.#fill.slice(0, length),
      count: this.#count.slice(0, length),
    };
  }
}
