import { DOT, NumberReader } from '../text/bytes.js';

/** Digits of a second that are nanoseconds; the next one only rounds. */
const NANOSECOND_DIGITS = 9;
const ROUND_UP = 0x35;

/** A time in seconds as decimal text, read digit by digit: a float64 would lose nanoseconds of times since 1970. */
export class SecondsReader {
  readonly #number = new NumberReader();
  seconds = 0;
  nanoseconds = 0;

  /**
   * Reads `5630.872217` or `5630` from `[start, end)`. Further digits round to the nearest nanosecond, which undoes
   * what tools that print a float64 with all its digits add. False when that is not all that stands there.
   */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const number = this.#number;
    const seconds = number.integer(bytes, start, end);
    if (!number.ok || bytes[start]! < 0x30) return false;
    this.seconds = seconds;
    this.nanoseconds = 0;
    if (number.end === end) return true;
    if (bytes[number.end] !== DOT) return false;
    const fraction = number.end + 1;
    if (fraction === end) return true;
    this.nanoseconds = number.fractionNs(bytes, fraction, end);
    if (number.end !== end) return false;
    if (end - fraction > NANOSECOND_DIGITS && bytes[fraction + NANOSECOND_DIGITS]! >= ROUND_UP)
      this.#roundUp();
    return true;
  }

  #roundUp(): void {
    this.nanoseconds += 1;
    if (this.nanoseconds < 1e9) return;
    this.nanoseconds = 0;
    this.seconds += 1;
  }
}
