import type { CompiledDecoder } from '../../compiled/compiledDecoder.js';
import type { PerfAttr } from './perfAttr.js';

/** No event of the recording has this id. */
export const NO_EVENT = -1;

const CACHE_SIZE = 4096;
const NOT_CACHED = -2;

/** Which event (number of its attribute) an id means, as `evlist__event2evsel` in tools/perf/util/evlist.c. */
export class EventIds {
  readonly #attrs = new Map<number, number>();
  /** Ids that were asked for, by their low bits, and what they mean: ids lie close together. */
  readonly #cachedHighs: Int32Array;
  readonly #cachedLows: Int32Array;
  readonly #cachedAttrs: Int32Array;

  /** In the compiled decoder's memory where it takes part: it leaves ids that are not cached. */
  constructor(decoder?: CompiledDecoder) {
    this.#cachedHighs = decoder?.words('id_highs', CACHE_SIZE) ?? new Int32Array(CACHE_SIZE);
    this.#cachedLows = decoder?.words('id_lows', CACHE_SIZE) ?? new Int32Array(CACHE_SIZE);
    this.#cachedAttrs = decoder?.words('id_attrs', CACHE_SIZE) ?? new Int32Array(CACHE_SIZE);
    this.#cachedAttrs.fill(NOT_CACHED);
  }

  add({ ids }: PerfAttr, attr: number): void {
    for (const id of ids) this.#attrs.set(id, attr);
    this.#cachedAttrs.fill(NOT_CACHED);
  }

  /** The attribute of the id given in two halves, with or without sign. */
  attrOf(high: number, low: number): number {
    const place = low & (CACHE_SIZE - 1);
    const cached = this.#cachedAttrs[place]!;
    if (
      cached !== NOT_CACHED &&
      this.#cachedLows[place] === (low | 0) &&
      this.#cachedHighs[place] === (high | 0)
    ) {
      return cached;
    }
    return this.#lookUp(high, low, place);
  }

  #lookUp(high: number, low: number, place: number): number {
    const id = (high >>> 0) * 2 ** 32 + (low >>> 0);
    // Records that perf made up itself have the id 0: of the first event.
    const attr = id === 0 ? 0 : (this.#attrs.get(id) ?? NO_EVENT);
    this.#cachedHighs[place] = high;
    this.#cachedLows[place] = low;
    this.#cachedAttrs[place] = attr;
    return attr;
  }
}
