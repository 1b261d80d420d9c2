import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure } from '../../base/errors.js';
import type { Sequences } from '../../dataset/sequences.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { stretchOf, type Stretch } from '../forecast/places.js';
import { trainedReach } from '../forecast/trainedReach.js';
import { Latencies, type LatencyFigures } from './latencies.js';
import { openStreamingPredictor } from './openStreamingPredictor.js';
import { readerOf, type ReadOutputs, type PredictionScores } from './outputReaders.js';
import { StreamedEvents } from './streamedEvents.js';

/** Events between two breaths, outside the clock. */
const STRETCH = 256;

export interface PredictOptions {
  /** Only what comes on this CPU counts; `null`: on any. */
  readonly cpu: number | null;
  /** Predictions at most. */
  readonly limit: number;
  /** Guesses of an event that `onPrediction` is told. */
  readonly guesses: number;
  readonly signal?: AbortSignal | undefined;
  readonly onPrediction?: (prediction: Prediction) => Promise<void>;
  readonly onProgress?: (share: number) => void;
}

/** What was predicted of an event before it came. */
export interface Prediction extends ReadOutputs {
  /** Of the event that came. */
  readonly row: number;
  /** Of the call that predicted it. */
  readonly latencyNs: number;
}

export interface PredictedEvents {
  readonly scores: PredictionScores;
  /** Of all events that the model was told. */
  readonly latency: LatencyFigures;
  /** Taps of convolutions that no window of the training reached: they are left out, as in forecasts. */
  readonly untrainedTaps: number;
}

/**
 * Tells a model the events of sequences one by one, and compares what it predicts with what comes. Each sequence begins anew.
 * Failures: as `openStreamingPredictor`; `wrong-usage` when nothing comes on that CPU, which tells the CPUs that there are;
 * `bad-input` for sequences of single events; `cancelled`.
 */
export async function predictEvents(
  trained: TrainedModel,
  part: Sequences,
  options: PredictOptions,
): Promise<PredictedEvents> {
  const sequences = sequencesWith(part, options.cpu);
  const reach = trainedReach(trained);
  const predictor = await openStreamingPredictor(reach.trained);
  try {
    const reader = readerOf(trained);
    const events = new StreamedEvents(part, trained);
    const latencies = new Latencies();
    const breathe = breather(options);
    let left = options.limit;
    for (const { start, end } of sequences) {
      predictor.reset();
      for (let row = start; row + 1 < end && left > 0; row += 1) {
        await breathe(row / part.rows);
        const event = events.at(row);
        const outputs = latencies.time(() => predictor.next(event));
        if (options.cpu !== null && part.cpu[row + 1] !== options.cpu) continue;
        left -= 1;
        reader.count(outputs, part, row + 1);
        await options.onPrediction?.({
          row: row + 1,
          latencyNs: latencies.lastNs,
          ...reader.read(outputs, options.guesses),
        });
      }
    }
    const latency = latencies.figures();
    if (latency === null) throw new Failure('wrong-usage', 'A limit of 0 events leaves nothing to predict.');
    return { scores: reader.scores(), latency, untrainedTaps: reach.untrainedTaps };
  } finally {
    predictor.dispose();
  }
}

/** Sequences in which something is to be predicted. */
function sequencesWith(part: Sequences, cpu: number | null): Stretch[] {
  const all = Array.from(part.starts, (_, sequence) => stretchOf(part, sequence));
  const long = all.filter(({ start, end }) => end - start > 1);
  if (long.length === 0) {
    throw new Failure(
      'bad-input',
      'There is no switch of tasks behind another one: nothing can be predicted.',
    );
  }
  const comesIn = ({ start, end }: Stretch) =>
    cpu === null || part.cpu.subarray(start + 1, end).includes(cpu);
  const found = long.filter(comesIn);
  if (found.length > 0) return found;
  const there = [...new Set(part.cpu)].sort((a, b) => a - b);
  throw new Failure(
    'wrong-usage',
    `Nothing is to be predicted on CPU ${cpu!}: there are CPUs ${there.join(', ')}.`,
  );
}

/** Lets messages in now and then, and ends when it was asked to. */
function breather({ signal, onProgress }: PredictOptions): (share: number) => Promise<void> {
  let events = 0;
  return async (share) => {
    events += 1;
    if (events % STRETCH !== 0) return;
    onProgress?.(share);
    await setImmediate();
    throwIfCancelled(signal);
  };
}
