/** LibML (media/libml) as WebAssembly. Numbers and layout are those of its headers. */
import { Failure } from '../../../../base/errors.js';
import { webAssembly, type WasmModule } from '../../../../base/webAssembly.js';
import { LIBML } from './generated/libmlBytes.js';

/** Addresses and counts are whole numbers; see libml.h, libml_scaling.h, libml_fixed.h and libml_tree.h. */
export interface LibmlFunctions {
  libml_mlp_words(layers: number, units: number): number;
  libml_mlp_init(
    ...args: readonly [
      model: number,
      words: number,
      layers: number,
      units: number,
      activation: number,
      seed: number,
    ]
  ): number;
  libml_mlp_check(model: number, words: number): number;
  libml_mlp_scratch(model: number): number;
  libml_mlp_decide(model: number, inputs: number, scratch: number): number;
  libml_mlp_score(model: number, inputs: number, rows: number, scratch: number, scores: number): void;
  libml_mlp_train(
    ...args: readonly [
      model: number,
      inputs: number,
      labels: number,
      order: number,
      steps: number,
      learningRate: number,
      scratch: number,
    ]
  ): number;
  libml_exp_of(values: number, count: number, results: number): void;
  libml_sigmoid_of(values: number, count: number, results: number): void;
  libml_scaling_check(scaling: number, words: number): number;
  libml_scaled_score(
    ...args: readonly [
      scaling: number,
      model: number,
      values: number,
      rows: number,
      scratch: number,
      logits: number,
      decisions: number,
    ]
  ): void;
  libml_fixed_check(model: number, words: number): number;
  libml_fixed_score(...args: WholeScoring): void;
  libml_tree_check(tree: number, words: number): number;
  libml_tree_score(...args: WholeScoring): void;
}

export type WholeScoring = readonly [
  model: number,
  values: number,
  rows: number,
  logits: number,
  decisions: number,
];

/** `enum libml_activation` */
export const ACTIVATIONS = { identity: 0, relu: 1, sigmoid: 2 } as const;

/** `enum libml_error` */
const ERRORS = [
  '',
  'it is no model, or one of another version',
  'its sizes are out of bounds or do not fit',
  'it has an unknown activation',
  'a weight is no number, or out of its bounds',
  'a node of the tree is out of place',
];

/** Below are the stack and constants of the library. */
const FIRST_FREE = 65536;
const PAGE_BYTES = 65536;

let compiled: WasmModule | undefined;

/** An instance with memory for so many bytes of its caller's, handed out piece by piece and never taken back. */
export class Libml {
  readonly functions: LibmlFunctions;
  readonly #buffer: ArrayBuffer;
  #next = FIRST_FREE;

  constructor(bytes: number) {
    const pages = Math.ceil((FIRST_FREE + bytes) / PAGE_BYTES) + 1;
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    // Code is no state: it is compiled once a process.
    compiled ??= new webAssembly.Module(Buffer.from(LIBML, 'base64'));
    this.functions = new webAssembly.Instance(compiled, { env: { memory } }).exports as LibmlFunctions;
    this.#buffer = memory.buffer;
  }

  floats(count: number): Float32Array {
    return new Float32Array(this.#buffer, this.#take(4 * count), count);
  }

  longs(count: number): BigInt64Array {
    return new BigInt64Array(this.#buffer, this.#take(8 * count), count);
  }

  words(count: number): Uint32Array {
    return new Uint32Array(this.#buffer, this.#take(4 * count), count);
  }

  bytes(count: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.#take(count), count);
  }

  #take(bytes: number): number {
    const at = this.#next;
    // Each piece begins at a whole word.
    this.#next = Math.ceil((at + bytes) / 8) * 8;
    return at;
  }
}

/** Failure `bad-input` with what is wrong, unless `error` is LIBML_OK. */
export function requireOk(error: number): void {
  if (error === 0) return;
  throw new Failure('bad-input', `LibML cannot use this model: ${ERRORS[error] ?? `error ${error}`}.`);
}
