import type { EventStore } from '../../model/eventStore.js';

const TWO_TO_32 = 4294967296;

/**
 * Turns 64-bit nanoseconds, as two halves, into offsets of the store. After 104 days of uptime such a number no longer fits
 * into a float64, its distance from the beginning of the recording still does.
 */
export class TraceClock {
  readonly #store: EventStore;
  #baseHi = 0;
  #baseLo = 0;
  #hasBase = false;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Whether an event was seen: the first one is where offsets begin. */
  get hasBase(): boolean {
    return this.#hasBase;
  }

  offsetOf(hi: number, lo: number): number {
    if (!this.#hasBase) this.#setBase(hi, lo);
    return ((hi >>> 0) - this.#baseHi) * TWO_TO_32 + ((lo >>> 0) - this.#baseLo);
  }

  #setBase(hi: number, lo: number): void {
    // Another file of the recording may have set the store's base already.
    const offsetNs = this.#store.offsetOf((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
    // A time that no clock counts to becomes no base.
    if (offsetNs > Number.MAX_SAFE_INTEGER) return;
    const { baseNs } = this.#store;
    this.#baseHi = Number(baseNs >> 32n);
    this.#baseLo = Number(baseNs & 0xffffffffn);
    this.#hasBase = true;
  }
}
