import * as v from 'valibot';
import { Failure } from '../../base/errors.js';
import { architectureOf, type Architecture } from '../export/architecture.js';
import type { TrainedModel } from '../export/trainedModel.js';
import { zeroedTime } from '../models/kernelOracle2019.js';
import type { ModelOutputs } from '../models/model.js';
import { networkProgram, type NetworkProgram } from './networkProgram.js';
import { streamingKernels, type StreamingKernels } from './streamingKernels.js';
import type { StreamEvent, StreamingPredictor } from './streamingPredictor.js';
import { tellsFeatures, wholeEventHead } from './wholeEventHead.js';

const scrambleSchema = v.object({ scramble: v.optional(v.boolean(), false) });

/**
 * A trained model that is told one event after the other.
 * Failures: `wrong-usage` for a model that was trained with `scramble`, `bad-input` for weights that are not those of their
 * model, `too-large`.
 */
export function openStreamingPredictor(trained: TrainedModel): Promise<StreamingPredictor> {
  return Promise.resolve().then(() => new Predictor(trained));
}

class Predictor implements StreamingPredictor {
  readonly outputs: ModelOutputs;
  readonly width: number;
  readonly #taskCount: number;
  readonly #stateCount: number;
  readonly #zeroedTimes: Architecture['zeroedTimes'];
  readonly #steps: Pick<NetworkProgram, 'first' | 'head' | 'end'>;
  #places: Places | null;

  constructor(trained: TrainedModel) {
    requireUnscrambled(trained);
    const architecture = architectureOf(trained);
    const { head, taskTable, stateTable } = architecture;
    const isWhole = tellsFeatures(trained);
    this.outputs = trained.outputs;
    this.width = head.bias.columns;
    this.#taskCount = taskTable.rows;
    // A model that does not read the state takes any.
    this.#stateCount = stateTable?.rows ?? Infinity;
    this.#zeroedTimes = architecture.zeroedTimes;
    const program = networkProgram({ ...architecture, head: isWhole ? wholeEventHead(trained, head) : head });
    // Not the program itself: it holds all weights once more.
    this.#steps = { first: program.first, head: program.head, end: program.end };
    this.#places = placesOf(program, architecture.featureCount, this.width, isWhole);
  }

  get nextFeatures(): Float32Array | null {
    return this.#open().nextFeatures;
  }

  next(event: StreamEvent): Float32Array {
    this.#run(event, this.#steps.end);
    return this.#open().outputs;
  }

  observe(event: StreamEvent): void {
    this.#run(event, this.#steps.head);
  }

  reset(): void {
    for (const stretch of this.#open().state) stretch.fill(0);
  }

  snapshot(): Float32Array {
    const { state, stateLength } = this.#open();
    const all = new Float32Array(stateLength);
    let at = 0;
    for (const stretch of state) {
      all.set(stretch, at);
      at += stretch.length;
    }
    return all;
  }

  restore(snapshot: Float32Array): void {
    const { state, stateLength } = this.#open();
    if (snapshot.length !== stateLength)
      throw new RangeError(`restore: a snapshot of ${snapshot.length} values, not ${stateLength}`);
    let at = 0;
    for (const stretch of state) {
      stretch.set(snapshot.subarray(at, at + stretch.length));
      at += stretch.length;
    }
  }

  dispose(): void {
    this.#places = null;
  }

  #run({ task, state, features: values }: StreamEvent, end: number): void {
    const { kernels, features } = this.#open();
    // The kernels read tables where they are told to.
    if (!(task >= 0 && task < this.#taskCount)) throw new RangeError(`no task ${task}`);
    if (!(state >= 0 && state < this.#stateCount)) throw new RangeError(`no state ${state}`);
    if (values.length !== features.length)
      throw new RangeError(`${values.length} features, not ${features.length}`);
    for (let at = 0; at < features.length; at += 1) features[at] = values[at]!;
    for (const [at, zeroed] of this.#zeroedTimes.entries())
      features[at] = zeroedTime(features[at]!, zeroed ?? undefined);
    kernels.run(this.#steps.first, end, task, state);
  }

  #open(): Places {
    if (this.#places === null) throw new RangeError('the predictor was disposed of');
    return this.#places;
  }
}

/** What of the memory the host reads and writes. */
interface Places {
  readonly kernels: StreamingKernels;
  readonly features: Float32Array;
  readonly outputs: Float32Array;
  readonly nextFeatures: Float32Array | null;
  readonly state: readonly Float32Array[];
  readonly stateLength: number;
}

function placesOf(program: NetworkProgram, featureCount: number, width: number, isWhole: boolean): Places {
  const { kernels, memory } = streamingKernels(program.bytes);
  program.fill(memory);
  kernels.init(program.scratch);
  const at = (address: number, floats: number) => new Float32Array(memory, address, floats);
  const state = program.state.map(({ address, floats }) => at(address, floats));
  return {
    kernels,
    features: at(program.features, featureCount),
    outputs: at(program.outputs, width),
    nextFeatures: isWhole ? at(program.outputs + width * 4, featureCount) : null,
    state,
    stateLength: state.reduce((sum, { length }) => sum + length, 0),
  };
}

function requireUnscrambled({ config }: TrainedModel): void {
  if (!v.parse(scrambleSchema, config.model.settings).scramble) return;
  throw new Failure(
    'wrong-usage',
    'A model that was trained with scramble cannot be asked event by event: each of its inputs is mixed of all events of a window. Train it without.',
  );
}
