import type { Sequences } from '../../dataset/sequences.js';
import { TaskTally, TimeTally, type TaskMetrics, type TimeMetrics } from '../baselines/metrics.js';
import { logProbabilities, type Reading } from '../evaluation/askModel.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { EventFeatures } from '../forecast/eventFeatures.js';
import { quantileAt } from '../forecast/quantileFunction.js';
import { topOf } from '../trainer/evaluation.js';

/** As many as `TaskTally` looks at. */
const COUNTED_GUESSES = 5;

/** What the outputs of a model say. */
export interface ReadOutputs {
  /** Of a next-task model, the likeliest first, without UNK; empty for others. */
  readonly guesses: readonly { readonly task: number; readonly probability: number }[];
  /** Time to the next event of a model of times; `null` for others. */
  readonly deltaNs: PredictedTime | null;
}

/** In ns. */
export interface PredictedTime {
  readonly median: number;
  /** What 90 % lie between; `null` of a model that tells a point. */
  readonly low: number | null;
  readonly high: number | null;
}

export type PredictionScores =
  ({ readonly task: 'next-task' } & TaskMetrics) | ({ readonly task: 'inter-arrival' } & TimeMetrics);

/** Reads outputs of one kind, and compares them with what came. */
export interface OutputReader {
  /** @param row what came */
  count(outputs: Float32Array, part: Sequences, row: number): void;
  read(outputs: Float32Array, guesses: number): ReadOutputs;
  scores(): PredictionScores;
}

export function readerOf(trained: TrainedModel): OutputReader {
  return trained.outputs.kind === 'logits' ? new TaskReader(trained) : new TimeReader(trained);
}

class TaskReader implements OutputReader {
  readonly #tally = new TaskTally();
  readonly #reading: Reading;

  constructor({ config }: TrainedModel) {
    // It was trained by squared error on columns of 0 and 1.
    this.#reading = config.model.name === 'kernel-oracle-2019' ? 'shares' : 'softmax';
  }

  count(outputs: Float32Array, { task }: Sequences, row: number): void {
    this.#tally.add(task[row]!, topOf(outputs, COUNTED_GUESSES));
  }

  read(outputs: Float32Array, guesses: number): ReadOutputs {
    const logOf = logProbabilities(outputs, this.#reading);
    const top = topOf(outputs, guesses);
    return { guesses: top.map((task) => ({ task, probability: Math.exp(logOf(task)) })), deltaNs: null };
  }

  scores(): PredictionScores {
    return { task: 'next-task', ...this.#tally.metrics() };
  }
}

class TimeReader implements OutputReader {
  readonly #levels: readonly number[];
  readonly #isPoint: boolean;
  readonly #tally: TimeTally;
  readonly #features: EventFeatures;

  constructor({ outputs, standardisations }: TrainedModel) {
    this.#isPoint = outputs.kind !== 'quantiles';
    this.#levels = outputs.kind === 'quantiles' ? outputs.quantiles : [0.5];
    this.#tally = new TimeTally(this.#levels);
    this.#features = new EventFeatures([], standardisations);
  }

  count(outputs: Float32Array, { deltaNs }: Sequences, row: number): void {
    const logs = Array.from(outputs, (value) => this.#features.value('logDelta', value));
    this.#tally.add(Math.log1p(deltaNs[row]!), quantileAt(this.#levels, logs, 0.5), logs);
  }

  read(outputs: Float32Array): ReadOutputs {
    const at = (level: number) =>
      Math.expm1(this.#features.value('logDelta', quantileAt(this.#levels, outputs, level)));
    const [low, high] = this.#isPoint ? [null, null] : [at(0.05), at(0.95)];
    return { guesses: [], deltaNs: { median: at(0.5), low, high } };
  }

  scores(): PredictionScores {
    return { task: 'inter-arrival', ...this.#tally.metrics() };
  }
}
