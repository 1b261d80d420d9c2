/** Figures of the last frames, for benchmarks; times in ms. */
export interface FrameFigures {
  readonly frames: number;
  readonly drawMs: Quantiles;
  /** Time between frames that followed each other without a rest, as when something moves. */
  readonly intervalMs: Quantiles;
}

export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export function quantiles(values: readonly number[]): Quantiles {
  if (values.length === 0) return { count: 0, mean: 0, p50: 0, p95: 0, max: 0 };
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { count: sorted.length, mean, p50: at(0.5), p95: at(0.95), max: sorted[sorted.length - 1]! };
}

const kept = 4000;
/** Longer pauses are rest, not slow frames. */
const restMs = 250;

export class FrameStats {
  #draws: number[] = [];
  #intervals: number[] = [];
  #lastFrameMs = -Infinity;

  /** @param frameMs the frame's time as given to the animation callback */
  record(frameMs: number, drawMs: number): void {
    this.#draws.push(drawMs);
    const interval = frameMs - this.#lastFrameMs;
    if (interval < restMs) this.#intervals.push(interval);
    this.#lastFrameMs = frameMs;
    if (this.#draws.length > kept) this.#draws = this.#draws.slice(-kept / 2);
    if (this.#intervals.length > kept) this.#intervals = this.#intervals.slice(-kept / 2);
  }

  /** With `reset` the figures start anew after this answer. */
  figures(reset: boolean): FrameFigures {
    const result = {
      frames: this.#draws.length,
      drawMs: quantiles(this.#draws),
      intervalMs: quantiles(this.#intervals),
    };
    if (reset) {
      this.#draws = [];
      this.#intervals = [];
    }
    return result;
  }
}
