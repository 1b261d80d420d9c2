import type { DenseLayer, DeployableNetwork } from '../../deployableModel.js';
import { ACTIVATIONS, Libml, requireOk } from './libmlModule.js';

/** Inputs, units of each hidden layer, outputs. */
export type LibmlUnits = readonly [number, ...number[]];

/** Where the words of a model say how many layers and inputs it has, and where those of the first layer stand. */
const [LAYERS_WORD, INPUTS_WORD, FIRST_LAYER_WORD] = [3, 4, 6];
/** Rows that are scored at once. */
const SCORED_ROWS = 4096;

/**
 * A new network with rectified linear hidden layers, as words of libml.h; weights follow from the seed.
 * Failure `bad-input` when the library has no room for so many units.
 */
export function newNetwork(units: LibmlUnits, seed: number): Uint32Array {
  const library = new Libml(64 + 4 * units.length);
  const given = library.words(units.length);
  given.set(units);
  const words = library.functions.libml_mlp_words(units.length - 1, given.byteOffset);
  // Words of no model: the library says what is wrong.
  const room = new Libml(4 * (words + units.length));
  const [model, sizes] = [room.words(words), room.words(units.length)];
  sizes.set(units);
  requireOk(
    room.functions.libml_mlp_init(
      model.byteOffset,
      words,
      units.length - 1,
      sizes.byteOffset,
      ACTIVATIONS.relu,
      seed >>> 0,
    ),
  );
  return model.slice();
}

/** The layers of a network whose hidden ones are rectified linear, as those of `newNetwork` are. */
export function networkLayers(network: Uint32Array): DeployableNetwork {
  const floats = new Float32Array(network.buffer, network.byteOffset, network.length);
  const layers: DenseLayer[] = [];
  let width = network[INPUTS_WORD]!;
  let at = FIRST_LAYER_WORD + 2 * network[LAYERS_WORD]!;
  for (let layer = 0; layer < network[LAYERS_WORD]!; layer += 1) {
    const units = network[FIRST_LAYER_WORD + 2 * layer]!;
    const biases = at + units * width;
    layers.push({
      units,
      weights: [...floats.subarray(at, biases)],
      biases: [...floats.subarray(biases, biases + units)],
    });
    at = biases + units;
    width = units;
  }
  return { kind: 'mlp', layers };
}

/** Runs a network. Failure `bad-input` when the words are none. */
export class LibmlScorer {
  readonly #library: Libml;
  readonly #model: Uint32Array;
  readonly #inputs: Float32Array;
  readonly #scores: Float32Array;
  readonly #scratch: Float32Array;
  readonly #width: number;

  constructor(network: Uint32Array) {
    const checked = checkedScratch(network);
    this.#width = network[INPUTS_WORD]!;
    this.#library = new Libml(4 * (network.length + checked + SCORED_ROWS * (this.#width + 1)) + 64);
    this.#model = this.#library.words(network.length);
    this.#model.set(network);
    this.#scratch = this.#library.floats(checked);
    this.#inputs = this.#library.floats(SCORED_ROWS * this.#width);
    this.#scores = this.#library.floats(SCORED_ROWS);
  }

  /** @param values [rows, inputs] @returns [rows] */
  scores(values: Float32Array): Float32Array {
    const rows = values.length / this.#width;
    const found = new Float32Array(rows);
    for (let first = 0; first < rows; first += SCORED_ROWS) {
      const count = Math.min(SCORED_ROWS, rows - first);
      this.#inputs.set(values.subarray(first * this.#width, (first + count) * this.#width));
      this.#library.functions.libml_mlp_score(
        this.#model.byteOffset,
        this.#inputs.byteOffset,
        count,
        this.#scratch.byteOffset,
        this.#scores.byteOffset,
      );
      found.set(this.#scores.subarray(0, count), first);
    }
    return found;
  }

  /** @param values [inputs] @returns whether the first output is above the threshold of the model */
  decides(values: Float32Array): boolean {
    this.#inputs.set(values);
    const { functions } = this.#library;
    const model = this.#model.byteOffset;
    return functions.libml_mlp_decide(model, this.#inputs.byteOffset, this.#scratch.byteOffset) === 1;
  }
}

/** Trains a network on a table that it keeps in memory. Failure `bad-input` when the words are none. */
export class LibmlTrainer {
  readonly #library: Libml;
  readonly #model: Uint32Array;
  readonly #inputs: Float32Array;
  readonly #labels: Uint8Array;
  readonly #order: Uint32Array;
  readonly #rate: Float32Array;
  readonly #scratch: Float32Array;

  /** @param values [rows, inputs] @param labels [rows] @param mostSteps of one call of `train` */
  constructor(network: Uint32Array, values: Float32Array, labels: Uint8Array, mostSteps: number) {
    const scratch = 2 * checkedScratch(network);
    const words = network.length + scratch + values.length + mostSteps;
    this.#library = new Libml(4 * words + labels.length + 64);
    this.#model = this.#library.words(network.length);
    this.#model.set(network);
    this.#scratch = this.#library.floats(scratch);
    this.#inputs = this.#library.floats(values.length);
    this.#inputs.set(values);
    this.#labels = this.#library.bytes(labels.length);
    this.#labels.set(labels);
    this.#order = this.#library.words(mostSteps);
    this.#rate = this.#library.floats(1);
  }

  /** A step of gradient descent for each row that is named. */
  train(order: Uint32Array, learningRate: number): void {
    this.#order.set(order);
    this.#rate[0] = learningRate;
    requireOk(
      this.#library.functions.libml_mlp_train(
        this.#model.byteOffset,
        this.#inputs.byteOffset,
        this.#labels.byteOffset,
        this.#order.byteOffset,
        order.length,
        this.#rate.byteOffset,
        this.#scratch.byteOffset,
      ),
    );
  }

  /** A copy of the network as it is now. */
  network(): Uint32Array {
    return this.#model.slice();
  }
}

/** Floats of scratch memory that a network needs. Failure `bad-input` when the words are none. */
function checkedScratch(network: Uint32Array): number {
  const library = new Libml(4 * network.length);
  const model = library.words(network.length);
  model.set(network);
  requireOk(library.functions.libml_mlp_check(model.byteOffset, network.length));
  return library.functions.libml_mlp_scratch(model.byteOffset);
}
