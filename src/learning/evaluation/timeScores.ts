import type { Sequences } from '../../dataset/sequences.js';
import type { Estimate, TimeBaselineScores, TimeGroup, TimeScores } from '../../protocol/evaluation.js';
import type { BlockBootstrap, Ratio } from './blockBootstrap.js';
import type { TimeErrors } from './timeForecasts.js';

export interface NamedTimes {
  readonly name: string;
  readonly errors: TimeErrors;
}

/** Scores of a model of times and of baselines on the same events, all by one bootstrap. */
export class TimeScoring {
  /** @param scale of MASE: `naiveError` of the training part */
  constructor(
    private readonly model: TimeErrors,
    private readonly baselines: readonly NamedTimes[],
    private readonly scale: number,
    private readonly bootstrap: BlockBootstrap,
  ) {}

  modelScores(): TimeScores {
    return scoresOf(this.#ratios(this.model, this.model.weights));
  }

  /** A baseline and the model's difference from it are of the events at which it knew anything. */
  baselineScores(): TimeBaselineScores[] {
    return this.baselines
      .filter(({ errors }) => errors.weights.includes(1))
      .map(({ name, errors }) => {
        const own = this.#ratios(errors, errors.weights);
        const model = this.#ratios(this.model, errors.weights);
        return { name, scores: scoresOf(own), difference: differenceOf(model, own) };
      });
  }

  group(name: string, category: string | null, isIn: Uint8Array): TimeGroup {
    return {
      ...{ name, category, targets: isIn.reduce((sum, each) => sum + each, 0) },
      logMae: this.bootstrap.ratio(this.model.absolute, isIn).estimate(),
      baselines: this.baselines
        .map((of) => ({ of: of.name, errors: of.errors, both: both(isIn, of.errors.weights) }))
        .filter(({ both: weights }) => weights.includes(1))
        .map(({ of, errors, both: weights }) => {
          const own = this.bootstrap.ratio(errors.absolute, weights);
          const model = this.bootstrap.ratio(this.model.absolute, weights);
          return { name: of, logMae: own.value, difference: model.less(own) };
        }),
    };
  }

  #ratios({ absolute, pinball, crps, in50, in90 }: TimeErrors, weights: Uint8Array): Ratios {
    const ratio = (values: ArrayLike<number>) => this.bootstrap.ratio(values, weights);
    const { scale } = this;
    return {
      logMae: ratio(absolute),
      mase: ratio(absolute.map((error) => error / scale)),
      pinball: ratio(pinball),
      crps: ratio(crps),
      coverage50: in50 === null ? null : ratio(in50),
      coverage90: in90 === null ? null : ratio(in90),
    };
  }
}

/**
 * Mean distance of a time from the one before it, as ln(1 + ns): what "last value" is off by in the training part, which MASE
 * divides by (Hyndman & Koehler 2006). 1 where the times do not vary.
 */
export function naiveError({ rows, deltaNs }: Sequences): number {
  let [sum, count] = [0, 0];
  for (let row = 1; row < rows; row += 1) {
    // The first row of a sequence has no time, so no pair crosses into another.
    const distance = Math.abs(Math.log1p(deltaNs[row]!) - Math.log1p(deltaNs[row - 1]!));
    if (Number.isNaN(distance)) continue;
    sum += distance;
    count += 1;
  }
  return sum === 0 ? 1 : sum / count;
}

/** Standard deviation of what was forecast over that of what came; 1 where nothing varies in what came. */
export function spreadRatio(guess: Float64Array, target: Float64Array): number {
  const spread = deviationOf(target);
  return spread === 0 ? 1 : deviationOf(guess) / spread;
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

type Ratios = { readonly [score in keyof TimeScores]: Ratio | Extract<TimeScores[score], null> };

function scoresOf(ratios: Ratios): TimeScores {
  return {
    logMae: ratios.logMae.estimate(),
    mase: ratios.mase.estimate(),
    pinball: ratios.pinball.estimate(),
    crps: ratios.crps.estimate(),
    coverage50: ratios.coverage50?.estimate() ?? null,
    coverage90: ratios.coverage90?.estimate() ?? null,
  };
}

function differenceOf(model: Ratios, baseline: Ratios): TimeScores {
  return {
    logMae: model.logMae.less(baseline.logMae),
    mase: model.mase.less(baseline.mase),
    pinball: model.pinball.less(baseline.pinball),
    crps: model.crps.less(baseline.crps),
    coverage50: apart(model.coverage50, baseline.coverage50),
    coverage90: apart(model.coverage90, baseline.coverage90),
  };
}

function apart(model: Ratio | null, baseline: Ratio | null): Estimate | null {
  return model === null || baseline === null ? null : model.less(baseline);
}

function both(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((each, at) => each & b[at]!);
}
