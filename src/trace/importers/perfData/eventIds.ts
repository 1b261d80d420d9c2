import type { PerfAttr } from './perfAttr.js';

/** No event of the recording has this id. */
export const NO_EVENT = -1;

const CACHE_SIZE = 4096;

/** Which event (number of its attribute) an id means, as `evlist__event2evsel` in tools/perf/util/evlist.c. */
export class EventIds {
  readonly #attrs = new Map<number, number>();
  /** Ids that were asked for, by their low bits, and what they mean: ids lie close together. */
  readonly #cachedIds = new Float64Array(CACHE_SIZE).fill(NaN);
  readonly #cachedAttrs = new Int32Array(CACHE_SIZE);

  add({ ids }: PerfAttr, attr: number): void {
    for (const id of ids) this.#attrs.set(id, attr);
    this.#cachedIds.fill(NaN);
  }

  /** The attribute of the id given in two halves. */
  attrOf(high: number, low: number): number {
    const id = high * 2 ** 32 + low;
    const place = low & (CACHE_SIZE - 1);
    if (this.#cachedIds[place] === id) return this.#cachedAttrs[place]!;
    // Records that perf made up itself have the id 0: of the first event.
    const attr = id === 0 ? 0 : (this.#attrs.get(id) ?? NO_EVENT);
    this.#cachedIds[place] = id;
    this.#cachedAttrs[place] = attr;
    return attr;
  }
}
