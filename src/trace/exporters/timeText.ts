import type { EventStore } from '../model/eventStore.js';

/** `000` … `999`: three digits at a time are several times faster than padding numbers. */
const THREE_DIGITS = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'));

/**
 * Absolute times of a store as text, exact to the nanosecond and without BigInts: offsets and base are split into
 * seconds and the rest before they are added. Sources count from boot or 1970, so times are not negative.
 */
export class TimeText {
  readonly #baseSeconds: number;
  readonly #baseNanoseconds: number;
  #seconds = NaN;
  #secondsText = '';
  #nanoseconds = 0;
  #hasSeconds = false;

  constructor(store: EventStore) {
    this.#baseSeconds = Number(store.baseNs / 1_000_000_000n);
    this.#baseNanoseconds = Number(store.baseNs % 1_000_000_000n);
  }

  /** `5630.872217`: seconds with microseconds; what lies below is cut off. */
  microseconds(offsetNs: number): string {
    this.#split(offsetNs);
    const us = Math.floor(this.#nanoseconds / 1000);
    return `${this.#secondsText}.${THREE_DIGITS[Math.floor(us / 1000)]!}${THREE_DIGITS[us % 1000]!}`;
  }

  /** `5630.872217001`: seconds with nanoseconds. */
  nanoseconds(offsetNs: number): string {
    this.#split(offsetNs);
    return `${this.#secondsText}.${this.#nineDigits()}`;
  }

  /** `5630872217001`: whole nanoseconds. */
  wholeNanoseconds(offsetNs: number): string {
    this.#split(offsetNs);
    return this.#hasSeconds ? this.#secondsText + this.#nineDigits() : String(this.#nanoseconds);
  }

  #nineDigits(): string {
    const us = Math.floor(this.#nanoseconds / 1000);
    const ms = Math.floor(us / 1000);
    return THREE_DIGITS[ms]! + THREE_DIGITS[us - ms * 1000]! + THREE_DIGITS[this.#nanoseconds - us * 1000]!;
  }

  #split(offsetNs: number): void {
    let seconds = Math.floor(offsetNs / 1e9);
    let rest = offsetNs - seconds * 1e9;
    // The quotient of a large offset may round up to the next integer.
    if (rest < 0) {
      seconds -= 1;
      rest += 1e9;
    }
    rest += this.#baseNanoseconds;
    if (rest >= 1e9) {
      seconds += 1;
      rest -= 1e9;
    }
    this.#nanoseconds = rest;
    seconds += this.#baseSeconds;
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    this.#secondsText = String(seconds);
    this.#hasSeconds = seconds !== 0;
  }
}

/** Whether microseconds lose nothing: every time of the store is a whole number of them. */
export function hasWholeMicroseconds(store: EventStore): boolean {
  const base = Number(store.baseNs % 1000n);
  for (let row = 0; row < store.length; row += 1) {
    if ((store.timeNs[row]! + base) % 1000 !== 0) return false;
  }
  return true;
}
