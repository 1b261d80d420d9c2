/**
 * The N-API addon of `@tensorflow/tfjs-node` 4.22 (its `binding/tfjs_binding.cc`): tensors by number, and any operation of
 * TensorFlow by its name. Loaded with `process.dlopen`, which needs no `require` and works in bundles of any format.
 */
import { existsSync } from 'node:fs';
import { Failure, messageOf } from '../../../base/errors.js';

/** Values of TF_DataType that are used here. */
export const FLOAT = 1;
export const DOUBLE = 2;
export const INT32 = 3;
export const INT64 = 9;

/** Values of TF_AttrType. */
export const ATTRIBUTE_TYPES = { int: 1, float: 2, bool: 3, type: 4, string: 0, shape: 5 } as const;

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | readonly number[];
}

export interface OutputInfo {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

export interface TensorFlowBinding {
  readonly TF_Version: string;
  /** The values' memory is shared, not copied: nobody may change it afterwards. */
  createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  /** A copy. */
  tensorDataSync(id: number): unknown;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): readonly OutputInfo[];
  getNumOfTensors(): number;
  /** @param folder of a `saved_model.pb` @returns the session's number */
  loadSavedModel(folder: string, tag: string): number;
  /** @param inputNames `name:number` of each input, with commas between; so are the outputs' */
  runSavedModel(
    session: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): readonly OutputInfo[];
  deleteSavedModel(session: number): void;
}

type AttributeKind = keyof typeof ATTRIBUTE_TYPES;

export const attribute = (name: string, kind: AttributeKind, value: Attribute['value']): Attribute => ({
  name,
  type: ATTRIBUTE_TYPES[kind],
  value,
});

/** The type of an operation's tensors; float32 unless told. */
export const typed = (name = 'T', type: number = FLOAT): Attribute => attribute(name, 'type', type);

const FUNCTIONS = [
  ...['createTensor', 'deleteTensor', 'tensorDataSync', 'executeOp', 'getNumOfTensors'],
  ...['loadSavedModel', 'runSavedModel', 'deleteSavedModel'],
] as const;

/** TensorFlow's threads and devices are one for a process. */
const loaded = new Map<string, { readonly binding: TensorFlowBinding; readonly threads: number }>();

/**
 * Loads the addon, once for a process: TensorFlow keeps the number of threads with which it began.
 * @param threads 0: as many as there are processors
 * Failures: `not-found` when there is no such file, `bad-input` when it does not load, with the loader's reason.
 */
export function loadBinding(
  addon: string,
  threads: number,
): { readonly binding: TensorFlowBinding; readonly threads: number } {
  const before = loaded.get(addon);
  if (before !== undefined) return before;
  if (!existsSync(addon))
    throw new Failure('not-found', `There is no ${addon}: the native engine is not installed.`);
  // Its greetings go to stderr otherwise.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Not TensorFlow's default on all processors; its small products are faster on several threads (README.md).
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  if (threads > 0) {
    process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
    // How many operations of a graph run side by side.
    process.env['TF_NUM_INTEROP_THREADS'] = String(threads);
  }
  const holder: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(holder, addon);
  } catch (cause) {
    throw new Failure('bad-input', `TensorFlow could not be loaded from ${addon}: ${messageOf(cause)}`, {
      cause,
    });
  }
  if (!isBinding(holder.exports))
    throw new Failure(
      'bad-input',
      `${addon} is no addon of @tensorflow/tfjs-node: functions are missing in it.`,
    );
  const made = { binding: holder.exports, threads };
  loaded.set(addon, made);
  return made;
}

function isBinding(value: unknown): value is TensorFlowBinding {
  if (typeof value !== 'object' || value === null) return false;
  // They are not enumerable.
  const at = (name: string): unknown => Reflect.get(value, name);
  return typeof at('TF_Version') === 'string' && FUNCTIONS.every((name) => typeof at(name) === 'function');
}
