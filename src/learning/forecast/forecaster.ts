import type { Sequences } from '../../dataset/sequences.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { openStreamingPredictor } from '../streaming/openStreamingPredictor.js';
import type { StreamingPredictor } from '../streaming/streamingPredictor.js';
import { EventFeatures } from './eventFeatures.js';
import { FreeRuns } from './freeRun.js';
import { nextEventsOf, type Choice, type FreeEvent, type NextEvents } from './nextEvents.js';
import { pointErrors } from './pointErrors.js';
import { trainedReach } from './trainedReach.js';

export type OpenPredictor = (trained: TrainedModel) => Promise<StreamingPredictor>;

export interface ForecasterOptions {
  readonly trained: TrainedModel;
  readonly train: Sequences;
  /** Asked for only by a model that tells a point. */
  readonly validation: () => Promise<Sequences>;
  readonly choice: Choice;
  readonly open?: OpenPredictor | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each stretch of events that were predicted, with how many. */
  readonly onEvents?: (count: number) => void;
}

/** A model ready to run free. */
export interface Forecaster {
  readonly runs: FreeRuns;
  /** Events before an origin that it is told. */
  readonly reach: number;
  readonly companion: string | null;
  /** Nothing is drawn: every free run is the same. */
  readonly isCertain: boolean;
  /** The times are the model's own. */
  readonly tellsTimes: boolean;
  /** Tells a point, and no errors are known that could be drawn. */
  readonly lacksErrors: boolean;
  /** See `trainedReach`. */
  readonly untrainedTaps: number;
  dispose(): void;
}

/** Opens the predictor of a model and fits what it lacks on the training part. Failures: those of the predictor; `cancelled`. */
export async function openForecaster(options: ForecasterOptions): Promise<Forecaster> {
  const { trained, events: reach, untrainedTaps } = trainedReach(options.trained);
  const predictor = await (options.open ?? openStreamingPredictor)(trained);
  try {
    const features = new EventFeatures(trained.config.windows.features, trained.standardisations);
    const { train, choice, signal, onEvents } = options;
    const isPoint = predictor.outputs.kind === 'point';
    let errors: Float64Array = new Float64Array(0);
    if (isPoint && choice === 'sample') {
      const asked = new FreeRuns({ predictor, nextEvents: NONE, features, signal });
      errors = await pointErrors(asked, features, await options.validation(), reach);
    }
    const nextEvents = nextEventsOf({ trained, train, choice, errors }, predictor);
    return {
      runs: new FreeRuns({ predictor, nextEvents, features, signal, ...(onEvents && { onEvents }) }),
      reach,
      companion: nextEvents.companion,
      isCertain: nextEvents.isCertain,
      tellsTimes: predictor.outputs.kind !== 'logits' || nextEvents.isCertain,
      lacksErrors: isPoint && choice === 'sample' && errors.length === 0,
      untrainedTaps,
      dispose: () => predictor.dispose(),
    };
  } catch (error) {
    predictor.dispose();
    throw error;
  }
}

/** Where only events that came are told, none is made. */
const NONE: NextEvents = {
  companion: null,
  isCertain: true,
  next: (): FreeEvent => {
    throw new Error('Broken invariant: nothing runs free here');
  },
};
