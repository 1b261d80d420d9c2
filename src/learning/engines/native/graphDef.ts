/**
 * Graphs as TensorFlow loads them, without weights: messages of tensorflow/core/protobuf/{saved_model,meta_graph}.proto and
 * tensorflow/core/framework/{graph,versions,node_def,attr_value,tensor,tensor_shape}.proto, whose field numbers stand beside
 * each call.
 */
import { ProtobufWriter } from '../../files/protobufWriter.js';
import { ATTRIBUTE_TYPES, INT32, typed, type Attribute } from './binding.js';
import { Operations } from './operations.js';

/** By which a session finds the graph in the file. */
export const GRAPH_TAG = 'serve';
/** Graphs of TensorFlow 2.4 and later have this number or a higher one: it is of use from there on. */
const PRODUCER = 561;
const SCHEMA_VERSION = 1;

/** A result of a node: `name:number`. */
export type Output = string;

/** Builds a graph node by node, in an order in which what a node reads is there before it. */
export class GraphDef extends Operations<Output> {
  readonly #graph = new ProtobufWriter();
  #count = 0;

  /** What a run is fed with, of any shape. */
  input(type: number): Output {
    return this.#node('Placeholder', [], [typed('dtype', type)].map(attributeEntry));
  }

  override runMany(
    name: string,
    inputs: readonly Output[],
    attributes: readonly Attribute[],
    count: number,
  ): readonly Output[] {
    const first = this.#node(name, inputs, attributes.map(attributeEntry));
    return Array.from({ length: count }, (_, index) => first.replace(/0$/, String(index)));
  }

  override counts(...values: readonly number[]): Output {
    return this.#constant(
      values,
      new ProtobufWriter().message(2, new ProtobufWriter().varint(1, values.length)),
    );
  }

  override int(value: number): Output {
    return this.#constant([value], new ProtobufWriter());
  }

  /** The session frees what nobody reads any more. */
  override free(): void {}

  /** The bytes of a `saved_model.pb`. */
  savedModel(): Uint8Array {
    this.#graph.message(4, new ProtobufWriter().varint(1, PRODUCER));
    const graph = new ProtobufWriter()
      .message(1, new ProtobufWriter().string(4, GRAPH_TAG))
      .message(2, this.#graph);
    return new ProtobufWriter().varint(1, SCHEMA_VERSION).message(2, graph).finish();
  }

  #constant(values: readonly number[], shape: ProtobufWriter): Output {
    const content = new Uint8Array(Int32Array.from(values).buffer);
    const tensor = new ProtobufWriter().varint(1, INT32).message(2, shape).bytes(4, content);
    const value = entry('value', new ProtobufWriter().message(8, tensor));
    return this.#node('Const', [], [attributeEntry(typed('dtype', INT32)), value]);
  }

  #node(operation: string, inputs: readonly Output[], attributes: readonly ProtobufWriter[]): Output {
    const name = `n${this.#count}`;
    this.#count += 1;
    const node = new ProtobufWriter().string(1, name).string(2, operation);
    for (const input of inputs) node.string(3, input);
    for (const each of attributes) node.message(5, each);
    this.#graph.message(1, node);
    return `${name}:0`;
  }
}

/** An entry of a node's map of attributes. */
const entry = (name: string, value: ProtobufWriter): ProtobufWriter =>
  new ProtobufWriter().string(1, name).message(2, value);

function attributeEntry({ name, type, value }: Attribute): ProtobufWriter {
  const written = new ProtobufWriter();
  if (typeof value === 'string') written.string(2, value);
  else if (typeof value === 'boolean') written.varint(5, value ? 1 : 0);
  else if (typeof value !== 'number') throw new RangeError(`${name}: shapes are no attributes of nodes here`);
  else if (type === ATTRIBUTE_TYPES.int) written.varint(3, value);
  else if (type === ATTRIBUTE_TYPES.float) written.float(4, value);
  else written.varint(6, value);
  return entry(name, written);
}
