import type { Sequences } from '../../dataset/sequences.js';
import type { Collapse, Horizon, InterArrivalEvaluation } from '../../protocol/evaluation.js';
import type { TimeBaseline } from '../baselines/timeBaselines.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { HORIZONS, horizonScores, type HorizonEnsemble } from '../forecast/horizons.js';
import { COLLAPSED_BELOW } from '../forecast/spread.js';
import type { Model, ModelOutputs } from '../models/model.js';
import { askTimeBaselineOf } from './askBaselines.js';
import { askTimeModel } from './askModel.js';
import { BlockBootstrap, blockLength } from './blockBootstrap.js';
import type { InterArrivalEvents, Unwritten } from './evaluatedEvents.js';
import type { EvaluatedPart } from './evaluatedPart.js';
import { groupsByWorkload } from './groups.js';
import {
  ensembleErrors,
  pointErrors,
  quantileErrors,
  USUAL_LEVELS,
  type TimeErrors,
} from './timeForecasts.js';
import { spreadRatio, TimeScoring, type NamedTimes } from './timeScores.js';

export interface TimePartOptions {
  readonly model: Model;
  readonly trained: TrainedModel;
  readonly baselines: readonly TimeBaseline[];
  readonly train: Sequences;
  /** Where a model that tells points has its errors from. */
  readonly validation: Sequences;
  /** `naiveError` of the training part. */
  readonly scale: number;
  readonly seed: number;
  readonly eventsFile: string;
  readonly signal: AbortSignal | undefined;
  readonly breathe: (share: number) => Promise<void>;
  readonly onForecast: (share: number) => void;
}

/** What a model of times and the baselines forecast for the events of a part, and what that comes to. */
export async function evaluateTimes(
  part: EvaluatedPart,
  options: TimePartOptions,
): Promise<{ readonly events: InterArrivalEvents; readonly evaluation: Unwritten<InterArrivalEvaluation> }> {
  const { model, trained, breathe, scale, seed } = options;
  const targetLog = Float64Array.from(part.rows, (row) => Math.log1p(part.stored.deltaNs[row]!));
  const levels = levelsOf(model.outputs);
  const found = await askTimeModel({ model, part, breathe }, trained.standardisations.logDelta);
  const errors =
    model.outputs.kind === 'quantiles'
      ? quantileErrors(targetLog, found, levels)
      : pointErrors(targetLog, found, levels);
  const baselines: NamedTimes[] = [];
  for (const baseline of options.baselines) {
    const guesses = await askTimeBaselineOf(part, baseline, () => breathe(1));
    baselines.push({ name: baseline.name, errors: pointErrors(targetLog, guesses, levels) });
  }
  const bootstrap = bootstrapOf(errors, part.recording, seed);
  const scoring = new TimeScoring(errors, baselines, scale, bootstrap);
  const next: Horizon = {
    steps: 1,
    targets: part.rows.length,
    model: scoring.modelScores(),
    baselines: scoring.baselineScores(),
  };
  const later = await horizonScores({
    trained,
    train: options.train,
    validation: options.validation,
    part: part.stored,
    seed,
    horizons: HORIZONS.filter((steps) => steps > 1),
    signal: options.signal,
    onProgress: options.onForecast,
  });
  const evaluation: Unwritten<InterArrivalEvaluation> = {
    task: 'inter-arrival',
    part: part.name,
    targets: part.rows.length,
    recordings: part.recordings,
    eventsFile: options.eventsFile,
    blockEvents: bootstrap.blockEvents,
    horizons: [next, ...later.horizons.map((each) => horizonOf(each, levels, scale, seed))],
    collapse: collapseOf(spreadRatio(errors.guess, targetLog), later.freeRunRatio),
    byWorkload: groupsByWorkload(part).map(({ name, category, isIn }) => scoring.group(name, category, isIn)),
  };
  return { evaluation, events: eventsOf(part, targetLog, errors, baselines) };
}

/** The levels that the pinball loss is over. */
function levelsOf(outputs: ModelOutputs): readonly number[] {
  return outputs.kind === 'quantiles' ? outputs.quantiles : USUAL_LEVELS;
}

function horizonOf(
  { steps, samples, recordings, ensemble, actual, baselines }: HorizonEnsemble,
  levels: readonly number[],
  scale: number,
  seed: number,
): Horizon {
  // One sample is a point: nothing was drawn.
  const errors =
    samples === 1 ? pointErrors(actual, ensemble, levels) : ensembleErrors(actual, ensemble, samples, levels);
  const named = [...baselines].map(([name, guesses]) => ({
    name,
    errors: pointErrors(actual, guesses, levels),
  }));
  const scoring = new TimeScoring(errors, named, scale, bootstrapOf(errors, recordings, seed));
  return {
    steps,
    targets: actual.length,
    model: scoring.modelScores(),
    baselines: scoring.baselineScores(),
  };
}

function bootstrapOf({ absolute }: TimeErrors, recording: Uint32Array, seed: number): BlockBootstrap {
  return new BlockBootstrap(recording, blockLength(absolute, recording), seed);
}

function collapseOf(ratio: number, freeRunRatio: number | null): Collapse {
  const isCollapsed = ratio < COLLAPSED_BELOW || (freeRunRatio !== null && freeRunRatio < COLLAPSED_BELOW);
  return { spreadRatio: ratio, freeRunRatio, isCollapsed };
}

function eventsOf(
  part: EvaluatedPart,
  targetLog: Float64Array,
  { guess }: TimeErrors,
  baselines: readonly NamedTimes[],
): InterArrivalEvents {
  const { rows, stored } = part;
  return {
    task: 'inter-arrival',
    count: rows.length,
    row: rows,
    recording: part.recording,
    cpu: Uint16Array.from(rows, (row) => stored.cpu[row]!),
    timeNs: part.timeNs,
    contested: Uint8Array.from(rows, (row) => stored.contested[row]!),
    target: Int32Array.from(rows, (row) => stored.task[row]!),
    targetLog,
    guessLog: guess,
    // As in the scores: one that never knew anything is left out.
    baselines: new Map(
      baselines
        .filter(({ errors }) => errors.weights.includes(1))
        .map(({ name, errors }) => [name, errors.guess]),
    ),
  };
}
