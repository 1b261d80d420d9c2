import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1_000_000;

/** How long work had to wait for this process's event loop, since it was begun. Measured by a timer of 10 ms. */
export class EventLoopDelay {
  #histogram: IntervalHistogram | null = null;

  begin(): void {
    this.#histogram?.disable();
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
  }

  /** 99th percentile and maximum in ms; `null` when nothing was measured. */
  end(): { readonly p99Ms: number; readonly maxMs: number } | null {
    const histogram = this.#histogram;
    this.#histogram = null;
    if (histogram === null) return null;
    histogram.disable();
    if (histogram.count === 0) return null;
    // What it tells are times between two ticks; the wait is what they are longer than asked for.
    const delayMs = (ns: number) => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
    return { p99Ms: delayMs(histogram.percentile(99)), maxMs: delayMs(histogram.max) };
  }
}
