/** How long single events took, by the clock around the predictor's `next` alone. */
export interface LatencyFigures {
  readonly events: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** Takes the time of single calls. */
export class Latencies {
  readonly #tookNs: number[] = [];

  /** The result of `work`, whose time counts. */
  time<T>(work: () => T): T {
    const begunNs = process.hrtime.bigint();
    const result = work();
    this.#tookNs.push(Number(process.hrtime.bigint() - begunNs));
    return result;
  }

  get lastNs(): number {
    return this.#tookNs.at(-1) ?? NaN;
  }

  /** `null` when nothing was timed. Percentiles by nearest rank. */
  figures(): LatencyFigures | null {
    const sorted = Float64Array.from(this.#tookNs).sort();
    if (sorted.length === 0) return null;
    const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
    return { events: sorted.length, p50Ns: rank(0.5), p99Ns: rank(0.99), maxNs: rank(1) };
  }
}
