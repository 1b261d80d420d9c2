import { Failure } from '../../base/errors.js';
import type { Sequences } from '../../dataset/sequences.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { baselineGuesses } from './baselineGuesses.js';
import { openForecaster, type Forecaster, type OpenPredictor } from './forecaster.js';
import type { Run } from './freeRun.js';
import { originAt, sequenceOf, spreadRows } from './places.js';
import { LogSpread, spreadRatio } from './spread.js';

/** Events ahead at which forecasts are scored. */
export const HORIZONS = [1, 10, 100, 1000] as const;
/** From this event on a free run shows what it settles on. */
const SETTLED = 100;

export interface HorizonOptions {
  readonly trained: TrainedModel;
  /** The training part: what the companion and the baselines know. */
  readonly train: Sequences;
  /** Errors on it are drawn for a model that tells a point; without rows, or without such a model, it is not used. */
  readonly validation: Sequences;
  /** Where the forecasts begin and what they are compared with. */
  readonly part: Sequences;
  readonly seed: number;
  /** Ascending; `HORIZONS` unless told. */
  readonly horizons?: readonly number[];
  /** Forecasts of each horizon, spread evenly over the rows that so many events follow; 100 unless told. */
  readonly origins?: number;
  /** Free runs from each origin; 20 unless told. */
  readonly samples?: number;
  readonly signal?: AbortSignal | undefined;
  /** @param share 0 … 1 of all steps */
  readonly onProgress?: (share: number) => void;
  /** Another predictor than that of the model, for tests. */
  readonly open?: OpenPredictor;
}

export interface HorizonScores {
  /** Ascending; those that no sequence is long enough for are left out. */
  readonly horizons: readonly HorizonEnsemble[];
  /**
   * Standard deviation of ln(1 + ns) of the free runs from their 100th event on, over that of the events that came there;
   * `null` when no sequence is that long, or when what came does not vary.
   */
  readonly freeRunRatio: number | null;
}

/** Forecasts of the time between two events, `steps` and `steps − 1` after the origin, as ln(1 + ns). */
export interface HorizonEnsemble {
  readonly steps: number;
  /** Free runs an origin; 1 when nothing is drawn (a point without errors to draw from). */
  readonly samples: number;
  /** [origins] rows behind which the forecasts begin, ascending. */
  readonly rows: Uint32Array;
  /** [origins] of the recording of each: index as in `Sequences.origins`. */
  readonly recordings: Uint32Array;
  /** [origins · samples], the free runs of an origin side by side. */
  readonly ensemble: Float64Array;
  /** [origins] what came. */
  readonly actual: Float64Array;
  /** [origins] by the baseline's name: what it guesses at the origin, which it repeats at every horizon; NaN: nothing known yet. */
  readonly baselines: ReadonlyMap<string, Float64Array>;
}

/**
 * Forecasts of a model that tells times, by free runs from many origins, with what came and what the naive baselines guess: what
 * scores at several horizons are made of. Failures: `wrong-usage` for a next-task model; those of the predictor; `cancelled`.
 */
export async function horizonScores(options: HorizonOptions): Promise<HorizonScores> {
  const { trained, part } = options;
  if (trained.outputs.kind === 'logits') {
    throw new Failure(
      'wrong-usage',
      `${trained.config.model.name} forecasts no times, which horizons are about.`,
    );
  }
  const plans = plansOf(options);
  const all = plans.reduce((sum, { steps, rows }) => sum + steps * rows.length * samplesOf(options), 0);
  let done = 0;
  const forecaster = await openForecaster({
    ...options,
    validation: () => Promise.resolve(options.validation),
    choice: 'sample',
    onEvents: (count) => {
      done += count;
      options.onProgress?.(Math.min(1, done / all));
    },
  });
  try {
    const guesses = await baselineGuesses(
      options.train,
      part,
      plans.map(({ rows }) => rows),
      options.signal,
    );
    const settled = { free: new LogSpread(), came: new LogSpread() };
    const horizons: HorizonEnsemble[] = [];
    for (const [at, plan] of plans.entries())
      horizons.push({ ...(await ensembleOf(forecaster, options, plan, settled)), baselines: guesses[at]! });
    return { horizons, freeRunRatio: spreadRatio(settled.free, settled.came) };
  } finally {
    forecaster.dispose();
  }
}

interface Plan {
  readonly steps: number;
  readonly rows: Uint32Array;
}

/** The origins of each horizon: behind a whole window of events, as models are evaluated. */
function plansOf({ trained, part, horizons = HORIZONS, origins = 100 }: HorizonOptions): Plan[] {
  const before = trained.config.windows.length - 1;
  return horizons
    .map((steps) => ({ steps, rows: spreadRows(part, { before, behind: steps }, origins) }))
    .filter(({ rows }) => rows.length > 0);
}

function samplesOf({ samples = 20 }: HorizonOptions): number {
  return samples;
}

async function ensembleOf(
  forecaster: Forecaster,
  options: HorizonOptions,
  { steps, rows }: Plan,
  settled: { readonly free: LogSpread; readonly came: LogSpread },
): Promise<Omit<HorizonEnsemble, 'baselines'>> {
  const { part, seed } = options;
  const samples = forecaster.isCertain ? 1 : samplesOf(options);
  const ensemble = new Float64Array(rows.length * samples);
  for (const [at, row] of rows.entries()) {
    const runs = await forecaster.runs.from(originAt(part, row, forecaster.reach), steps, samples, seed);
    for (const [sample, run] of runs.entries()) ensemble[at * samples + sample] = lastLog(run);
    if (steps <= SETTLED) continue;
    for (const { deltaNs } of runs) settled.free.addNs(deltaNs, SETTLED - 1);
    settled.came.addNs(part.deltaNs.subarray(row + SETTLED, row + steps + 1));
  }
  return {
    steps,
    samples,
    rows,
    recordings: Uint32Array.from(rows, (row) => part.origins[sequenceOf(part, row)]!.recording),
    ensemble,
    actual: Float64Array.from(rows, (row) => Math.log1p(part.deltaNs[row + steps]!)),
  };
}

function lastLog({ deltaNs }: Run): number {
  return Math.log1p(deltaNs.at(-1)!);
}
