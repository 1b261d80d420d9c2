/** Below this share of the observed spread a free run is called collapsed: a tenth, which no chance of drawing explains. */
export const COLLAPSED_BELOW = 0.1;

/** Standard deviation (of the population) of ln(1 + ns); NaN is left out, `null` without two values. */
export class LogSpread {
  #count = 0;
  #mean = 0;
  #squares = 0;

  /** By Welford (1962). @param log ln(1 + ns) */
  add(log: number): void {
    if (Number.isNaN(log)) return;
    this.#count += 1;
    const distance = log - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (log - this.#mean);
  }

  addNs(values: ArrayLike<number>, from = 0): this {
    for (let at = from; at < values.length; at += 1) this.add(Math.log1p(values[at]!));
    return this;
  }

  get deviation(): number | null {
    return this.#count < 2 ? null : Math.sqrt(this.#squares / this.#count);
  }
}

/** How far forecasts vary, by how far that varies which they are of; `null` where that does not vary, or is not known. */
export function spreadRatio(forecast: LogSpread, observed: LogSpread): number | null {
  const [a, b] = [forecast.deviation, observed.deviation];
  return a === null || b === null || b === 0 ? null : a / b;
}
