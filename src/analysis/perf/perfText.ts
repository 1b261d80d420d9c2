import type { EventStore } from '../../trace/model/eventStore.js';

/** Absolute time of an offset as perf prints it: seconds and microseconds, cut off, not rounded. */
export class PerfStamp {
  readonly #baseSeconds: number;
  readonly #baseNanoseconds: number;

  constructor(store: EventStore) {
    this.#baseSeconds = Number(store.baseNs / 1_000_000_000n);
    this.#baseNanoseconds = Number(store.baseNs % 1_000_000_000n);
  }

  /** `1964.315332` */
  text(offsetNs: number): string {
    const total = this.#baseNanoseconds + offsetNs;
    const seconds = Math.floor(total / 1e9);
    const microseconds = Math.floor((total - seconds * 1e9) / 1000);
    return `${this.#baseSeconds + seconds}.${String(microseconds).padStart(6, '0')}`;
  }
}

/** Milliseconds with three digits, cut off at the microsecond (print_sched_time): `3.379`. */
export function cutMilliseconds(ns: number): string {
  const microseconds = Math.floor(ns / 1000);
  return `${Math.floor(microseconds / 1000)}.${String(microseconds % 1000).padStart(3, '0')}`;
}

/**
 * Milliseconds with three digits as C's `%.3f` prints `ns / 1e6`: rounded to nearest, and to even when the binary
 * number lies exactly in the middle, where JavaScript's toFixed rounds up.
 */
export function roundedMilliseconds(ns: number): string {
  // ns / 10^6 is exact in binary only when 5^6 divides ns.
  if (ns % 1000 === 500 && ns % 15625 === 0) {
    const lower = (ns - 500) / 1000;
    const even = lower % 2 === 0 ? lower : lower + 1;
    return cutMilliseconds(even * 1000);
  }
  return (ns / 1e6).toFixed(3);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** C counts bytes, not characters, where it measures and pads. */
export function byteWidth(text: string): number {
  return isAscii(text) ? text.length : encoder.encode(text).length;
}

/** `%-*s`: at least `width` bytes. */
export function padBytes(text: string, width: number): string {
  return isAscii(text) ? text.padEnd(width) : text + ' '.repeat(Math.max(0, width - byteWidth(text)));
}

/** At most `limit` bytes, as snprintf cuts; a character that does not fit whole becomes U+FFFD. */
export function cutBytes(text: string, limit: number): string {
  if (text.length <= limit / 3 || (text.length <= limit && isAscii(text))) return text;
  return isAscii(text) ? text.slice(0, limit) : decoder.decode(encoder.encode(text).subarray(0, limit));
}
