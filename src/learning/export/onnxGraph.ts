/**
 * Open Neural Network Exchange: messages of onnx/onnx.proto (https://github.com/onnx/onnx), whose field numbers stand beside
 * each call.
 */
import { ProtobufWriter } from '../files/protobufWriter.js';

/** Operators of the ONNX standard 1.12, which is IR version 8. */
const OPERATOR_SET = 17;
const IR_VERSION = 8;

const FLOAT = 1;
const INT64 = 7;

/** A whole number or several, 0 and more each; floats are marked. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** Texts are names of free sizes. */
export type OnnxShape = readonly (string | number)[];

/** Builds a graph node by node, in an order in which what a node reads is there before it. */
export class OnnxGraph {
  readonly #graph = new ProtobufWriter();
  readonly #names = new Set<string>();
  readonly #values: { readonly field: 11 | 12; readonly info: ProtobufWriter }[] = [];

  input(name: string, type: 'int64' | 'float32', shape: OnnxShape, meaning: string): string {
    return this.#value(11, this.#claim(name), type, shape, meaning);
  }

  output(name: string, shape: OnnxShape, meaning: string): void {
    if (!this.#names.has(name)) throw new RangeError(`nothing makes ${name}`);
    this.#value(12, name, 'float32', shape, meaning);
  }

  floats(name: string, dims: readonly number[], values: Float32Array): string {
    return this.#tensor(
      name,
      FLOAT,
      dims,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  }

  /** One whole number, or a list of them. */
  integers(name: string, values: number | readonly number[]): string {
    const isOne = typeof values === 'number';
    const bytes = new Uint8Array(BigInt64Array.from(isOne ? [values] : values, BigInt).buffer);
    return this.#tensor(name, INT64, isOne ? [] : [values.length], bytes);
  }

  /** A node with one output, whose name it returns. An empty input stands for one that is left out. */
  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    return this.nodeOf(operator, inputs, [output], attributes)[0]!;
  }

  /** A node with several outputs; an empty name is one that nobody reads. */
  nodeOf(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly string[] {
    const node = new ProtobufWriter();
    for (const name of inputs) {
      if (name !== '' && !this.#names.has(name))
        throw new RangeError(`${operator} reads ${name}, which nothing makes`);
      node.string(1, name);
    }
    for (const name of outputs) node.string(2, name === '' ? '' : this.#claim(name));
    node.string(3, outputs.find((name) => name !== '') ?? '').string(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#graph.message(1, node);
    return outputs;
  }

  /** The file. The graph takes nothing more. */
  finish(
    name: string,
    producerVersion: string,
    explanation: string,
    metadata: Readonly<Record<string, string>>,
  ): Uint8Array {
    this.#graph.string(2, name);
    for (const { field, info } of this.#values) this.#graph.message(field, info);
    const model = new ProtobufWriter()
      .varint(1, IR_VERSION)
      .string(2, 'KernelOracle')
      .string(3, producerVersion)
      .string(6, explanation)
      .message(7, this.#graph)
      .message(8, new ProtobufWriter().string(1, '').varint(2, OPERATOR_SET));
    for (const [key, value] of Object.entries(metadata))
      model.message(14, new ProtobufWriter().string(1, key).string(2, value));
    return model.finish();
  }

  #tensor(name: string, type: number, dims: readonly number[], bytes: Uint8Array): string {
    const tensor = new ProtobufWriter();
    for (const dim of dims) tensor.varint(1, dim);
    this.#graph.message(5, tensor.varint(2, type).string(8, this.#claim(name)).bytes(9, bytes));
    return name;
  }

  #value(field: 11 | 12, name: string, type: 'int64' | 'float32', shape: OnnxShape, meaning: string): string {
    const dims = new ProtobufWriter();
    for (const size of shape) {
      const dim = new ProtobufWriter();
      dims.message(1, typeof size === 'number' ? dim.varint(1, size) : dim.string(2, size));
    }
    const tensor = new ProtobufWriter().varint(1, type === 'int64' ? INT64 : FLOAT).message(2, dims);
    const info = new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor));
    this.#values.push({ field, info: info.string(3, meaning) });
    return name;
  }

  /** Each value of a graph is made once. */
  #claim(name: string): string {
    if (this.#names.has(name)) throw new RangeError(`${name} is made twice`);
    this.#names.add(name);
    return name;
  }
}

function attribute(name: string, value: Attribute): ProtobufWriter {
  const [FLOAT_TYPE, INT_TYPE, INTS_TYPE] = [1, 2, 7];
  const writer = new ProtobufWriter().string(1, name);
  if (typeof value === 'number') return writer.varint(3, value).varint(20, INT_TYPE);
  if ('float' in value) return writer.float(2, value.float).varint(20, FLOAT_TYPE);
  for (const each of value) writer.varint(8, each);
  return writer.varint(20, INTS_TYPE);
}
