import { UNKNOWN, type Sequences } from '../../dataset/sequences.js';
import type { TrainedModel } from '../export/trainedModel.js';
import type { StreamingPredictor } from '../streaming/streamingPredictor.js';
import type { Chance } from './chance.js';
import { COMPANION_ORDER, Successors, Transitions } from './companion.js';
import { EventFeatures } from './eventFeatures.js';
import { quantileAt } from './quantileFunction.js';

/** Whether what a model predicts is drawn from, or its likeliest task and its median time are taken. */
export type Choice = 'sample' | 'likeliest';

/** An event of a free run. */
export interface FreeEvent {
  readonly task: number;
  readonly state: number;
  readonly cpu: number;
  /** Whole ns since the event before. */
  readonly deltaNs: number;
  /** Standardised, where the model predicts what it reads; else they follow from CPU and time. */
  readonly features: Float32Array | null;
}

/** What a free run has been through, as far as a companion looks at it. */
export interface FreePast {
  /** Known tasks, the last one first; shorter behind an unknown one. */
  readonly tasks: readonly number[];
  /** CPU of the sequence; `null`: they are merged. */
  readonly cpu: number | null;
}

/** Makes the next event of what a model predicts. */
export interface NextEvents {
  /** What is not the model's, and where it comes from; `null`: all is the model's. */
  readonly companion: string | null;
  /** Nothing is drawn: every free run is the same. */
  readonly isCertain: boolean;
  next(outputs: Float32Array, features: Float32Array | null, past: FreePast, chance: Chance): FreeEvent;
}

export interface NextEventOptions {
  readonly trained: TrainedModel;
  readonly train: Sequences;
  readonly choice: Choice;
  /** Errors of a point in its unit, to draw from; empty: none are known. */
  readonly errors: Float64Array;
}

export function nextEventsOf(options: NextEventOptions, predictor: StreamingPredictor): NextEvents {
  if (predictor.nextFeatures !== null) return new WholeEvents(options);
  return predictor.outputs.kind === 'logits' ? new TasksWithTimes(options) : new TimesWithTasks(options);
}

/** A next-task model: the time, state and CPU are drawn from what went with that step in the training part. */
class TasksWithTimes implements NextEvents {
  readonly companion = 'times by task and next task';
  readonly isCertain = false;
  readonly #train: Sequences;
  readonly #transitions: Transitions;
  readonly #choice: Choice;
  readonly #sums: Float64Array;

  constructor({ trained, train, choice }: NextEventOptions) {
    this.#train = train;
    this.#transitions = new Transitions(train, trained.inputs.taskCount);
    this.#choice = choice;
    this.#sums = new Float64Array(trained.inputs.taskCount);
  }

  next(logits: Float32Array, _features: null | Float32Array, past: FreePast, chance: Chance): FreeEvent {
    const task = this.#choice === 'likeliest' ? likeliest(logits) : drawnTask(logits, chance, this.#sums);
    const row = this.#transitions.draw(past.tasks[0] ?? null, task, chance);
    const { state, cpu, deltaNs } = this.#train;
    if (row === null) return { task, state: UNKNOWN, cpu: past.cpu ?? 0, deltaNs: 0, features: null };
    return { task, state: state[row]!, cpu: past.cpu ?? cpu[row]!, deltaNs: deltaNs[row]!, features: null };
  }
}

/** An inter-arrival model: task, state and CPU are drawn from what followed on the same tasks in the training part. */
class TimesWithTasks implements NextEvents {
  readonly companion = `Markov ${COMPANION_ORDER}`;
  readonly isCertain = false;
  readonly #train: Sequences;
  readonly #successors: Successors;
  readonly #features: EventFeatures;
  readonly #range: readonly [number, number];

  constructor(private readonly options: NextEventOptions) {
    const { trained, train } = options;
    this.#train = train;
    this.#successors = new Successors(train, trained.inputs.taskCount);
    this.#features = new EventFeatures([], trained.standardisations);
    this.#range = logRange(train);
  }

  next(outputs: Float32Array, _features: null | Float32Array, past: FreePast, chance: Chance): FreeEvent {
    const log = this.#features.value('logDelta', this.#standard(outputs, chance));
    const [least, greatest] = this.#range;
    const deltaNs = Math.round(Math.expm1(Math.min(greatest, Math.max(least, log))));
    const row = this.#successors.draw(past.tasks, chance);
    if (row === null) return { task: UNKNOWN, state: UNKNOWN, cpu: past.cpu ?? 0, deltaNs, features: null };
    const { task, state, cpu } = this.#train;
    return { task: task[row]!, state: state[row]!, cpu: past.cpu ?? cpu[row]!, deltaNs, features: null };
  }

  #standard(outputs: Float32Array, chance: Chance): number {
    const { trained, choice, errors } = this.options;
    const isSample = choice === 'sample';
    if (trained.outputs.kind === 'quantiles') {
      return quantileAt(trained.outputs.quantiles, outputs, isSample ? chance.next() : 0.5);
    }
    const error = isSample && errors.length > 0 ? errors[chance.below(errors.length)]! : 0;
    return outputs[0]! + error;
  }
}

/**
 * The model of 2019 predicts all that it reads. Its task is that of the largest column, as the original told it; the features
 * are fed back as they were predicted.
 */
class WholeEvents implements NextEvents {
  readonly companion: string | null;
  readonly isCertain: boolean;
  readonly #features: EventFeatures;
  readonly #times: TasksWithTimes | null;
  readonly #mostCpu: number;

  constructor(options: NextEventOptions) {
    const { trained, train } = options;
    const { features } = trained.config.windows;
    this.#features = new EventFeatures(features, trained.standardisations);
    const tellsTime = features.includes('delta') || features.includes('logDelta');
    this.#times = tellsTime ? null : new TasksWithTimes({ ...options, choice: 'likeliest' });
    this.companion = this.#times?.companion ?? null;
    this.isCertain = tellsTime;
    this.#mostCpu = train.cpu.reduce((most, cpu) => Math.max(most, cpu), 0);
  }

  next(logits: Float32Array, predicted: Float32Array | null, past: FreePast, chance: Chance): FreeEvent {
    const features = Float32Array.from(predicted!);
    if (this.#times !== null) return { ...this.#times.next(logits, null, past, chance), features };
    const task = likeliest(logits);
    return {
      task,
      state: UNKNOWN,
      cpu: this.#cpu(features, past),
      deltaNs: this.#deltaNs(features),
      features,
    };
  }

  #cpu(predicted: Float32Array, past: FreePast): number {
    const column = this.#features.features.indexOf('cpu');
    if (past.cpu !== null || column < 0) return past.cpu ?? 0;
    const cpu = Math.round(this.#features.value('cpu', predicted[column]!));
    return Math.min(this.#mostCpu, Math.max(0, cpu));
  }

  /** Of the time itself where it is predicted, else of its logarithm; none is negative. */
  #deltaNs(predicted: Float32Array): number {
    const { features } = this.#features;
    const isPlain = features.includes('delta');
    const name = isPlain ? 'delta' : 'logDelta';
    const value = this.#features.value(name, predicted[features.indexOf(name)]!);
    return Math.max(0, Math.round(isPlain ? value : Math.expm1(value)));
  }
}

/** The largest logit; UNK is no guess. */
export function likeliest(logits: Float32Array): number {
  let best = 1;
  for (let task = 2; task < logits.length; task += 1) if (logits[task]! > logits[best]!) best = task;
  return best;
}

/** Of a probability below e^−25 of the likeliest one nothing is drawn: all of a vocabulary together are below 10^-6. */
const LEAST_LOGIT = -25;

/**
 * A task by the softmax of the logits, temperature 1, without UNK.
 * @param sums room for as many numbers: a vocabulary may be large, and this is done at each step
 */
export function drawnTask(logits: Float32Array, chance: Chance, sums: Float64Array): number {
  const best = likeliest(logits);
  const greatest = logits[best]!;
  let sum = 0;
  for (let task = 1; task < logits.length; task += 1) {
    const distance = logits[task]! - greatest;
    if (distance > LEAST_LOGIT) sum += Math.exp(distance);
    sums[task] = sum;
  }
  const drawn = chance.next() * sum;
  let task = 1;
  while (task < logits.length - 1 && sums[task]! <= drawn) task += 1;
  return task;
}

/** The least and the greatest ln(1 + ns) of a part; what is drawn beyond them was never seen. */
function logRange({ deltaNs }: Sequences): readonly [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const ns of deltaNs) {
    if (Number.isNaN(ns)) continue;
    if (ns < least) least = ns;
    if (ns > greatest) greatest = ns;
  }
  return least > greatest ? [0, Infinity] : [Math.log1p(least), Math.log1p(greatest)];
}
