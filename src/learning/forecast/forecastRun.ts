import { Failure } from '../../base/errors.js';
import { openDataSet, type DataSet, type StoredPart } from '../../dataset/dataSet.js';
import type { Sequences } from '../../dataset/sequences.js';
import type { EventSeries, Forecast } from '../../protocol/forecast.js';
import { readTrainedModel, type TrainedModel } from '../export/trainedModel.js';
import { openForecaster, type OpenPredictor } from './forecaster.js';
import { findPlace, timeOf, type ForecastPlace, type FoundPlace } from './forecastPlace.js';
import { forecastWarnings } from './forecastWarnings.js';
import type { Origin, Run } from './freeRun.js';
import type { Choice } from './nextEvents.js';
import { originAt, sequenceOf, stretchOf } from './places.js';
import { sampleQuantile } from './quantileFunction.js';

/** Levels of the bands: the middle, and the central 50 and 90 %. */
export const BAND_LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
export const MOST_STEPS = 100_000;
export const MOST_SAMPLES = 1000;

export interface ForecastRequest {
  readonly at: ForecastPlace;
  /** Events to forecast, up to `MOST_STEPS`. */
  readonly steps: number;
  /** Free runs, up to `MOST_SAMPLES`; a model that draws nothing makes one. */
  readonly samples: number;
  readonly seed: number;
  /** Events before the origin that are told beside. */
  readonly observed: number;
  /** `sample` unless told. */
  readonly choice?: Choice;
  /** Where the data set is now, if it was moved. */
  readonly dataset?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @param share 0 … 1 of all steps of all samples */
  readonly onProgress?: (share: number) => void;
  /** Another predictor than that of the run's model, for tests. */
  readonly open?: OpenPredictor;
}

/**
 * Free runs of the best weights of a run from a place on. The same request on the same machine gives the same forecast.
 * Failures: those of `readTrainedModel`, `openDataSet` and `findPlace`; `wrong-usage` for a model without a streaming form or
 * too many steps or samples; `cancelled`.
 */
export async function forecastRun(folder: string, request: ForecastRequest): Promise<Forecast> {
  requireWhole('steps', request.steps, MOST_STEPS);
  requireWhole('samples', request.samples, MOST_SAMPLES);
  const trained = await readTrainedModel(folder, request.dataset);
  const dataSet = await openDataSet(request.dataset ?? trained.config.dataset);
  const place = await findPlace(request.at, dataSet, request.steps, request.signal);
  return forecastFrom(trained, dataSet, place, request);
}

async function forecastFrom(
  trained: TrainedModel,
  dataSet: Pick<DataSet, 'part'>,
  place: FoundPlace,
  request: ForecastRequest,
): Promise<Forecast> {
  const { steps, seed, signal, onProgress } = request;
  let done = 0;
  const forecaster = await openForecaster({
    trained,
    train: await dataSet.part('train', signal),
    validation: () => dataSet.part('validation', signal),
    choice: request.choice ?? 'sample',
    open: request.open,
    signal,
    onEvents: (count) => {
      done += count;
      onProgress?.(Math.min(1, done / (steps * request.samples)));
    },
  });
  try {
    const origin = originAt(place.part, place.row, forecaster.reach);
    const samples = forecaster.isCertain ? 1 : request.samples;
    const runs = await forecaster.runs.from(origin, steps, samples, seed);
    const { end } = stretchOf(place.part, sequenceOf(place.part, place.row));
    const actual = seriesOf(place.part, place.row + 1, Math.min(end, place.row + 1 + steps));
    const told = { trained, forecaster, origin, runs, actual, steps, observed: observedBefore(origin, 1000) };
    return {
      origin: originOf(place, origin),
      model: trained.config.model.name,
      task: trained.run.task,
      steps,
      seed,
      observed: observedBefore(origin, request.observed),
      actual,
      samples: runs.map(({ deltaNs, task }) => ({ deltaNs: [...deltaNs], task: [...task] })),
      quantiles: forecaster.tellsTimes && runs.length > 1 ? bandsOf(runs, steps) : null,
      companion: forecaster.companion,
      taskNames: trained.vocabulary.tasks,
      warnings: forecastWarnings(told),
    };
  } finally {
    forecaster.dispose();
  }
}

function originOf({ part, row, recording, name, isChosen }: FoundPlace, { cpu }: Origin): Forecast['origin'] {
  const place = name === null ? null : { part: name, row };
  return { recording, cpu, timeNs: timeOf(part, row).toString(), place, isChosen };
}

/** The last events up to the origin, of its sequence. */
function observedBefore({ sequences, row }: Origin, most: number): EventSeries {
  const { start } = stretchOf(sequences, sequenceOf(sequences, row));
  return seriesOf(sequences, Math.max(start, row + 1 - most), row + 1);
}

function seriesOf({ deltaNs, task }: Sequences | StoredPart, from: number, until: number): EventSeries {
  return {
    deltaNs: Array.from(deltaNs.subarray(from, until), (ns) => (Number.isNaN(ns) ? null : ns)),
    task: [...task.subarray(from, until)],
  };
}

function bandsOf(runs: readonly Run[], steps: number): NonNullable<Forecast['quantiles']> {
  const bands = BAND_LEVELS.map((level) => ({ level, deltaNs: new Array<number>(steps) }));
  const values = new Float64Array(runs.length);
  for (let step = 0; step < steps; step += 1) {
    for (const [at, run] of runs.entries()) values[at] = run.deltaNs[step]!;
    values.sort();
    for (const { level, deltaNs } of bands) deltaNs[step] = sampleQuantile(values, level);
  }
  return bands;
}

function requireWhole(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new Failure('wrong-usage', `${what} is ${value}; it has to be a whole number from 1 to ${most}.`);
}
