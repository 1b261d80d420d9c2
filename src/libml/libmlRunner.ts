/** LibML itself, as WebAssembly: models in whole numbers, trees, and networks of floats on raw values. */
import { Failure } from '../base/errors.js';
import { Libml, requireOk } from '../learning/migrations/models/libml/libmlModule.js';
import type { PackedFloat } from './floatReference.js';
import { exactRows, type Answers, type ExactRows, type WholeRows } from './wholeRows.js';

/** Where the words of a model of any kind say how many inputs there are. */
const INPUTS = 4;
/** Rows that are scored at once. */
const SCORED_ROWS = 4096;

/** What a model of `packFixed` says of rows. Failure `bad-input` when the words are none. */
export function wasmFixedAnswers(words: Uint32Array, rows: WholeRows): Answers {
  return wholeAnswers('fixed', words, rows);
}

/** What a tree of `packTree` says of rows. Failure `bad-input` when the words are none. */
export function wasmTreeAnswers(words: Uint32Array, rows: WholeRows): Answers {
  return wholeAnswers('tree', words, rows);
}

/** What a network of `packFloat` says of rows. Failure `bad-input` when the words are none. */
export function wasmFloatAnswers({ scaling, network }: PackedFloat, rows: WholeRows): Answers {
  const inputs = requireFloat(scaling, network);
  // The library's scratch is never longer than the network itself.
  const words = scaling.length + 2 * network.length + inputs;
  const library = new Libml(4 * words + bytesOfRows(inputs));
  const [scales, model] = [copied(library, scaling), copied(library, network)];
  const scratch = library.floats(network.length + inputs).byteOffset;
  const values = library.longs(SCORED_ROWS * inputs);
  const [logits, decisions] = [library.floats(SCORED_ROWS), library.bytes(SCORED_ROWS)];
  const to = [scratch, logits.byteOffset, decisions.byteOffset] as const;
  return inPieces(exactRows(rows), { inputs, values, logits, decisions }, (count) =>
    library.functions.libml_scaled_score(scales, model, values.byteOffset, count, ...to),
  );
}

function wholeAnswers(kind: 'fixed' | 'tree', words: Uint32Array, rows: WholeRows): Answers {
  const small = new Libml(4 * words.length);
  requireOk(small.functions[`libml_${kind}_check`](copied(small, words), words.length));
  const inputs = words[INPUTS]!;
  const library = new Libml(4 * words.length + bytesOfRows(inputs));
  const model = copied(library, words);
  const values = library.longs(SCORED_ROWS * inputs);
  const [logits, decisions] = [library.longs(SCORED_ROWS), library.bytes(SCORED_ROWS)];
  const to = [logits.byteOffset, decisions.byteOffset] as const;
  return inPieces(exactRows(rows), { inputs, values, logits, decisions }, (count) =>
    library.functions[`libml_${kind}_score`](model, values.byteOffset, count, ...to),
  );
}

/** @returns inputs of both */
function requireFloat(scaling: Uint32Array, network: Uint32Array): number {
  const library = new Libml(4 * (scaling.length + network.length) + 16);
  requireOk(library.functions.libml_scaling_check(copied(library, scaling), scaling.length));
  requireOk(library.functions.libml_mlp_check(copied(library, network), network.length));
  const [inputs, scales] = [network[INPUTS]!, scaling[INPUTS - 1]!];
  if (inputs === scales) return inputs;
  throw new Failure('bad-input', `This network has ${inputs} inputs and its scaling ${scales}.`);
}

function copied(library: Libml, words: Uint32Array): number {
  const there = library.words(words.length);
  there.set(words);
  return there.byteOffset;
}

/** Values, logits and decisions, and what is lost between them. */
function bytesOfRows(inputs: number): number {
  return SCORED_ROWS * (8 * inputs + 8 + 1) + 64;
}

/** Where the library reads and writes a piece of the rows. */
interface Piece {
  readonly inputs: number;
  readonly values: BigInt64Array;
  readonly logits: BigInt64Array | Float32Array;
  readonly decisions: Uint8Array;
}

function inPieces({ rows, values }: ExactRows, piece: Piece, score: (rows: number) => void): Answers {
  const { inputs } = piece;
  const [logits, decisions] = [new Float64Array(rows), new Uint8Array(rows)];
  for (let first = 0; first < rows; first += SCORED_ROWS) {
    const count = Math.min(SCORED_ROWS, rows - first);
    piece.values.set(values.subarray(first * inputs, (first + count) * inputs));
    score(count);
    for (let row = 0; row < count; row += 1) logits[first + row] = Number(piece.logits[row]!);
    decisions.set(piece.decisions.subarray(0, count), first);
  }
  return { logits, decisions };
}
