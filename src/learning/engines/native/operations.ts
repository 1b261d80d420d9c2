import { attribute, INT32, typed, type Attribute } from './binding.js';

/**
 * TensorFlow's operations that more than one of ours is made of. On tensors they run at once (`TensorFlow`); in a graph
 * (`GraphDef`) they become nodes, so that what is written with these alone does for both.
 */
export abstract class Operations<Value> {
  /** All results of an operation of TensorFlow. */
  abstract runMany(
    name: string,
    inputs: readonly Value[],
    attributes: readonly Attribute[],
    count: number,
  ): readonly Value[];

  /** The shape or the axes of an operation: int32. */
  abstract counts(...values: readonly number[]): Value;

  abstract int(value: number): Value;

  /** Frees what is temporary before its operation ends. */
  abstract free(...values: readonly Value[]): void;

  /** One result of an operation of TensorFlow. */
  run(name: string, inputs: readonly Value[], ...attributes: readonly Attribute[]): Value {
    return this.runMany(name, inputs, attributes, 1)[0]!;
  }

  /** Shares memory with `x`. @param shape int32 */
  reshapeAs(x: Value, shape: Value): Value {
    return this.run('Reshape', [x, shape], typed(), typed('Tshape', INT32));
  }

  reshape(x: Value, ...shape: readonly number[]): Value {
    return this.reshapeAs(x, this.counts(...shape));
  }

  product(a: Value, b: Value, transposeA = false, transposeB = false): Value {
    const transposed = [
      attribute('transpose_a', 'bool', transposeA),
      attribute('transpose_b', 'bool', transposeB),
    ];
    return this.run('MatMul', [a, b], typed(), ...transposed);
  }

  add(a: Value, b: Value): Value {
    return this.run('AddV2', [a, b], typed());
  }

  multiply(a: Value, b: Value): Value {
    return this.run('Mul', [a, b], typed());
  }

  sigmoid(x: Value): Value {
    return this.run('Sigmoid', [x], typed());
  }

  tanh(x: Value): Value {
    return this.run('Tanh', [x], typed());
  }

  concat(parts: readonly Value[], axis: number): Value {
    if (parts.length === 1) return parts[0]!;
    const attributes = [attribute('N', 'int', parts.length), typed(), typed('Tidx', INT32)];
    return this.run('ConcatV2', [...parts, this.int(axis)], ...attributes);
  }

  /** Of several of one shape. */
  sum(parts: readonly Value[]): Value {
    if (parts.length === 1) return parts[0]!;
    return this.run('AddN', parts, attribute('N', 'int', parts.length), typed());
  }

  /** Equal parts along an axis. */
  split(x: Value, count: number, axis: number): readonly Value[] {
    const attributes = [attribute('num_split', 'int', count), typed()];
    return this.runMany('Split', [this.int(axis), x], attributes, count);
  }

  /** Parts along an axis. @param lengths int32, as many as `count` */
  splitBy(x: Value, lengths: Value, count: number, axis: number): readonly Value[] {
    if (count === 1) return [x];
    const attributes = [attribute('num_split', 'int', count), typed(), typed('Tlen', INT32)];
    return this.runMany('SplitV', [x, lengths, this.int(axis)], attributes, count);
  }

  /** [n, …] → n times […]; shares memory where TensorFlow can. */
  unpacked(x: Value, count: number): readonly Value[] {
    return this.runMany('Unpack', [x], [attribute('num', 'int', count), typed()], count);
  }

  transposed(x: Value, ...order: readonly number[]): Value {
    return this.run('Transpose', [x, this.counts(...order)], typed(), typed('Tperm', INT32));
  }

  /** [rows, n] → [n] */
  columnSums(x: Value): Value {
    return this.run('BiasAddGrad', [x], typed(), attribute('data_format', 'string', 'NHWC'));
  }

  /** As many as `x` has. */
  zerosLike(x: Value): Value {
    return this.run('ZerosLike', [x], typed());
  }
}
