import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure } from '../../base/errors.js';
import type { Sequences } from '../../dataset/sequences.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { Latencies, type LatencyFigures } from './latencies.js';
import { openStreamingPredictor } from './openStreamingPredictor.js';
import { StreamedEvents } from './streamedEvents.js';
import type { StreamingPredictor } from './streamingPredictor.js';

/** Before the clock counts: until then V8 has compiled the kernels for good, and rings hold events in place of zeros. */
const WARM_UP_EVENTS = 2000;
/** Events between two breaths, outside the clock. */
const STRETCH = 256;

export interface MeasureOptions {
  /** How many events are timed; those of a part with fewer are told again. */
  readonly events: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What one event costs: single calls of a predictor in this process, from the event in memory to the outputs, none of them
 * divided among others. Failures: as `openStreamingPredictor`; `bad-input` for a part without events; `cancelled`.
 */
export async function measureStreaming(
  trained: TrainedModel,
  part: Sequences,
  { events, signal }: MeasureOptions,
): Promise<LatencyFigures> {
  if (part.rows === 0) throw new Failure('bad-input', 'A part without events cannot be streamed.');
  const predictor = await openStreamingPredictor(trained);
  try {
    const latencies = new Latencies();
    const walk = new Walk(predictor, part, trained);
    for (let at = 0; at < WARM_UP_EVENTS + events; at += 1) {
      const event = walk.next();
      if (at < WARM_UP_EVENTS) predictor.next(event);
      else latencies.time(() => predictor.next(event));
      if (at % STRETCH !== 0) continue;
      await setImmediate();
      throwIfCancelled(signal);
    }
    const figures = latencies.figures();
    if (figures === null) throw new Failure('wrong-usage', 'At least one event has to be timed.');
    return figures;
  } finally {
    predictor.dispose();
  }
}

/** The rows of a part, again and again; each sequence begins anew. */
class Walk {
  readonly #events: StreamedEvents;
  readonly #starts: ReadonlySet<number>;
  #row = -1;

  constructor(
    private readonly predictor: StreamingPredictor,
    private readonly part: Sequences,
    trained: TrainedModel,
  ) {
    this.#events = new StreamedEvents(part, trained);
    this.#starts = new Set(part.starts);
  }

  next() {
    this.#row = (this.#row + 1) % this.part.rows;
    if (this.#starts.has(this.#row)) this.predictor.reset();
    return this.#events.at(this.#row);
  }
}
