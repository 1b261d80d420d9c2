import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../base/cancellation.js';
import { UNKNOWN, type Sequences } from '../../dataset/sequences.js';
import type { StreamEvent, StreamingPredictor } from '../streaming/streamingPredictor.js';
import { Chance } from './chance.js';
import { COMPANION_ORDER } from './companion.js';
import type { EventFeatures } from './eventFeatures.js';
import type { NextEvents } from './nextEvents.js';

/** Events between two breaths. */
const STRETCH = 256;

/** Events of a free run. */
export interface Run {
  readonly deltaNs: Float64Array;
  readonly task: Int32Array;
}

export interface FreeRunOptions {
  readonly predictor: StreamingPredictor;
  readonly nextEvents: NextEvents;
  readonly features: EventFeatures;
  readonly signal?: AbortSignal | undefined;
  /** Called after each stretch of events that were predicted, with how many. */
  readonly onEvents?: (count: number) => void;
}

/** Where free runs begin. */
export interface Origin {
  readonly sequences: Sequences;
  /** The predictor is told the events from `first` to `row`, of one sequence. */
  readonly first: number;
  readonly row: number;
  /** CPU of the sequence; `null`: they are merged. */
  readonly cpu: number | null;
}

/** Runs a model free: each event that it predicts is told to it as if it had come. */
export class FreeRuns {
  readonly #event: Float32Array;
  #done = 0;

  constructor(private readonly options: FreeRunOptions) {
    this.#event = new Float32Array(options.features.features.length);
  }

  /**
   * Free runs from one origin. All go on from what the predictor remembers behind it. Failure `cancelled`.
   * @param seed with the row and the number of the run it decides what is drawn
   */
  async from(origin: Origin, steps: number, samples: number, seed: number): Promise<Run[]> {
    const { predictor } = this.options;
    const outputs = (await this.warm(origin)).slice();
    const nextFeatures = predictor.nextFeatures?.slice() ?? null;
    const begun = predictor.snapshot();
    const runs: Run[] = [];
    for (let sample = 0; sample < samples; sample += 1) {
      predictor.restore(begun);
      const chance = new Chance(seed, `free run ${origin.row} ${sample}`);
      runs.push(await this.#run(origin, steps, { outputs, nextFeatures, chance }));
    }
    return runs;
  }

  /** Tells the predictor the events up to an origin; returns what it predicts behind it, until its next call. */
  async warm({ sequences, first, row }: Pick<Origin, 'sequences' | 'first' | 'row'>): Promise<Float32Array> {
    const { predictor } = this.options;
    predictor.reset();
    for (let at = first; at < row; at += 1) {
      predictor.observe(this.#eventAt(sequences, at));
      await this.#breathe();
    }
    return this.tell(sequences, row);
  }

  /** Tells the predictor one event that came. */
  tell(sequences: Sequences, row: number): Float32Array {
    return this.options.predictor.next(this.#eventAt(sequences, row));
  }

  /** Overwritten by the next call. */
  #eventAt({ task, state, cpu, deltaNs }: Sequences, row: number): StreamEvent {
    this.options.features.write(cpu[row]!, deltaNs[row]!, this.#event);
    return { task: task[row]!, state: state[row]!, features: this.#event };
  }

  async #run(
    { sequences, first, row, cpu }: Origin,
    steps: number,
    begin: { outputs: Float32Array; nextFeatures: Float32Array | null; chance: Chance },
  ): Promise<Run> {
    const { predictor, nextEvents, features } = this.options;
    let { outputs, nextFeatures } = begin;
    let tasks = pastOf(sequences, first, row);
    const run = { deltaNs: new Float64Array(steps), task: new Int32Array(steps) };
    for (let step = 0; step < steps; step += 1) {
      const event = nextEvents.next(outputs, nextFeatures, { tasks, cpu }, begin.chance);
      run.deltaNs[step] = event.deltaNs;
      run.task[step] = event.task;
      await this.#breathe();
      if (step === steps - 1) break;
      tasks = event.task === UNKNOWN ? [] : [event.task, ...tasks.slice(0, COMPANION_ORDER - 1)];
      if (event.features === null) features.write(event.cpu, event.deltaNs, this.#event);
      const told = event.features ?? this.#event;
      outputs = predictor.next({ task: event.task, state: event.state, features: told });
      nextFeatures = predictor.nextFeatures;
    }
    return run;
  }

  /** Lets messages in now and then, and ends when it was asked to. */
  async #breathe(): Promise<void> {
    this.#done += 1;
    if (this.#done % STRETCH !== 0) return;
    await setImmediate();
    throwIfCancelled(this.options.signal);
    this.options.onEvents?.(STRETCH);
  }
}

/** The last known tasks up to a row, the last one first. */
function pastOf({ task }: Sequences, first: number, row: number): number[] {
  const past: number[] = [];
  for (let at = row; at >= first && past.length < COMPANION_ORDER && task[at] !== UNKNOWN; at -= 1)
    past.push(task[at]!);
  return past;
}
