/**
 * Events as TensorBoard reads them: messages of tensorflow/core/util/event.proto, summary.proto (`simple_value`,
 * `HistogramProto`) and graph.proto, whose field numbers stand beside each call.
 */
import { ProtobufWriter } from './protobufWriter.js';

/** An operation of the model's graph: `tcn/block0/conv1`, `CausalConvolution`, the names of what it reads. */
export interface GraphNode {
  readonly name: string;
  readonly operation: string;
  readonly inputs: readonly string[];
  /** Shape of what comes out, without the batch: shown on the edges. */
  readonly shape?: readonly number[];
  /** What else is to know of it, for people: `3 taps, dilation 4`. */
  readonly detail?: string;
}

export type Summary =
  { readonly tag: string; readonly scalar: number } | { readonly tag: string; readonly values: Float32Array };

/** The first event of each file. */
export function versionEvent(wallTimeSeconds: number): Uint8Array {
  return event(wallTimeSeconds, 0).string(3, 'brain.Event:2').finish();
}

/** The run goes on here: TensorBoard forgets what earlier files hold of this step and later ones. */
export function restartEvent(wallTimeSeconds: number, step: number): Uint8Array {
  const START = 1;
  return event(wallTimeSeconds, step).message(7, new ProtobufWriter().varint(1, START)).finish();
}

export function summaryEvent(
  wallTimeSeconds: number,
  step: number,
  summaries: readonly Summary[],
): Uint8Array {
  const summary = new ProtobufWriter();
  for (const each of summaries) {
    const value = new ProtobufWriter().string(1, each.tag);
    if ('scalar' in each) value.float(2, each.scalar);
    else value.message(5, histogram(each.values));
    summary.message(1, value);
  }
  return event(wallTimeSeconds, step).message(5, summary).finish();
}

export function graphEvent(wallTimeSeconds: number, nodes: readonly GraphNode[]): Uint8Array {
  const graph = new ProtobufWriter();
  for (const { name, operation, inputs, shape } of nodes) {
    const node = new ProtobufWriter().string(1, name).string(2, operation);
    for (const input of inputs) node.string(3, input);
    if (shape !== undefined) node.message(5, outputShapes(shape));
    graph.message(1, node);
  }
  // VersionDef.producer of TensorFlow 2.
  graph.message(4, new ProtobufWriter().varint(1, 22));
  return event(wallTimeSeconds, 0).bytes(4, graph.finish()).finish();
}

function event(wallTimeSeconds: number, step: number): ProtobufWriter {
  return new ProtobufWriter().double(1, wallTimeSeconds).varint(2, step);
}

/** The attribute `_output_shapes`: a list of one shape whose first size, the batch, is unknown (-1). */
function outputShapes(shape: readonly number[]): ProtobufWriter {
  // -1 as int64 takes ten bytes, which a message of `Dim` holds as they are.
  const unknown = Uint8Array.of(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
  const dimensions = new ProtobufWriter().bytes(2, unknown);
  for (const size of shape) dimensions.message(2, new ProtobufWriter().varint(1, size));
  const list = new ProtobufWriter().message(7, dimensions);
  return new ProtobufWriter().string(1, '_output_shapes').message(2, new ProtobufWriter().message(1, list));
}

const BUCKETS = 30;

/** Buckets of equal width between the least and the largest finite value. */
function histogram(values: Float32Array): ProtobufWriter {
  let min = Infinity;
  let max = -Infinity;
  let count = 0;
  let sum = 0;
  let sumOfSquares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) [min, max] = [0, 0];
  const width = (max - min) / BUCKETS || 1e-12;
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bucket = Math.min(BUCKETS - 1, Math.floor((value - min) / width));
    counts[bucket] = counts[bucket]! + 1;
  }
  const limits = counts.map((_, at) => (at === BUCKETS - 1 && max > min ? max : min + (at + 1) * width));
  return new ProtobufWriter()
    .double(1, min)
    .double(2, max)
    .double(3, count)
    .double(4, sum)
    .double(5, sumOfSquares)
    .packedDoubles(6, limits)
    .packedDoubles(7, counts);
}
