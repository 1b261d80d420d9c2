import { Moments } from '../../dataset/standardisation.js';

/**
 * Below this share of the spread of what came a forecast is called collapsed. The best forecast of a mean has a spread of √R² of
 * it, so one below a tenth explains at most a hundredth of the variance: it is one value but for noise. Nor does chance of
 * drawing explain it of a free run.
 */
export const COLLAPSED_BELOW = 0.1;

/** Standard deviation (of the population) of ln(1 + ns); NaN is left out, `null` without two values. */
export class LogSpread {
  readonly #moments = new Moments();

  /** @param log ln(1 + ns) */
  add(log: number): void {
    if (!Number.isNaN(log)) this.#moments.add(log);
  }

  addNs(values: ArrayLike<number>, from = 0): this {
    for (let at = from; at < values.length; at += 1) this.add(Math.log1p(values[at]!));
    return this;
  }

  get deviation(): number | null {
    return this.#moments.count < 2 ? null : this.#moments.result().deviation;
  }
}

/** How far forecasts vary, by how far that varies which they are of; `null` where that does not vary, or is not known. */
export function spreadRatio(forecast: LogSpread, observed: LogSpread): number | null {
  const [a, b] = [forecast.deviation, observed.deviation];
  return a === null || b === null || b === 0 ? null : a / b;
}
