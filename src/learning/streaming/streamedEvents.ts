import type { Sequences } from '../../dataset/sequences.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { EventFeatures } from '../forecast/eventFeatures.js';
import type { StreamEvent } from './streamingPredictor.js';

/** The rows of sequences as a predictor is told them. */
export class StreamedEvents {
  readonly #features: EventFeatures;
  readonly #event: { task: number; state: number; readonly features: Float32Array };

  constructor(
    private readonly sequences: Sequences,
    { config, standardisations }: Pick<TrainedModel, 'config' | 'standardisations'>,
  ) {
    const { features } = config.windows;
    this.#features = new EventFeatures(features, standardisations);
    this.#event = { task: 0, state: 0, features: new Float32Array(features.length) };
  }

  /** Overwritten by the next call. */
  at(row: number): StreamEvent {
    const { task, state, cpu, deltaNs } = this.sequences;
    this.#event.task = task[row]!;
    this.#event.state = state[row]!;
    this.#features.write(cpu[row]!, deltaNs[row]!, this.#event.features);
    return this.#event;
  }
}
