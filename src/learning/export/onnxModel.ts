import { Failure } from '../../base/errors.js';
import type { ZeroedTime } from '../models/model.js';
import { EPSILON } from '../layers/normalisedConvolution.js';
import type { Architecture, BlockLayer, Convolution, DenseLayer, LstmLayer, Table } from './architecture.js';
import { metadataOf, type ModelDescription } from './description.js';
import { OnnxGraph } from './onnxGraph.js';

/** A message of protocol buffers ends at 2 GiB; the rest of the file is small. */
const MAX_WEIGHT_BYTES = 2 ** 31 - 64 * 1024 * 1024;
/** Gates i, f, c, o of ours in the order in which ONNX has them: i, o, f, c. */
const GATES = [0, 3, 1, 2];

/** B windows, T events, C channels. */
type Layout = 'BTC' | 'BCT' | 'TBC';

/** The bytes of an ONNX file. Failure `too-large` for one that the format cannot hold. */
export function onnxModel(architecture: Architecture, description: ModelDescription): Uint8Array {
  const bytes = weightBytes(architecture);
  if (bytes > MAX_WEIGHT_BYTES) {
    throw new Failure(
      'too-large',
      `The weights have ${bytes} bytes; an ONNX file holds 2 GiB. Export them as safetensors.`,
    );
  }
  const { output, model, kernelOracleVersion } = description;
  const graph = new OnnxGraph();
  const writer = new ModelWriter(graph, description);
  const logits = writer.write(architecture);
  graph.node('Identity', [logits], output.name);
  graph.output(output.name, output.shape, output.meaning);
  const metadata = metadataOf(description);
  return graph.finish(model, kernelOracleVersion, explanationOf(description), metadata);
}

function explanationOf({ inputs, output, windows }: ModelDescription): string {
  return [
    ...inputs.map(({ name, meaning }) => `${name}: ${meaning}`),
    `${output.name}: ${output.meaning}`,
    `Trained on windows of ${windows.length} events; the metadata hold vocabulary and standardisation.`,
  ].join('\n');
}

class ModelWriter {
  #value = '';
  #layout: Layout = 'BTC';
  #transposed = 0;

  constructor(
    private readonly graph: OnnxGraph,
    private readonly description: ModelDescription,
  ) {}

  write({ taskTable, stateTable, featureCount, zeroedTimes, body, head }: Architecture): string {
    const { graph } = this;
    for (const { name, type, shape, meaning } of this.description.inputs)
      graph.input(name, type === 'float32' ? 'float32' : 'int64', shape, meaning);
    const parts = [this.#lookUp('task', taskTable)];
    if (stateTable !== null) parts.push(this.#lookUp('state', stateTable));
    if (featureCount > 0) parts.push(this.#features(zeroedTimes));
    this.#value = parts.length === 1 ? parts[0]! : graph.node('Concat', parts, 'events', { axis: 2 });
    let isLast = false;
    for (const [at, layer] of body.entries()) {
      switch (layer.kind) {
        case 'dense':
          this.#dense(layer);
          break;
        case 'block':
          this.#block(layer);
          break;
        case 'lstm':
          isLast = at === body.length - 1;
          this.#lstm(layer, isLast);
          break;
      }
    }
    if (!isLast) {
      const last = graph.integers('last', -1);
      const axis = this.#layout.indexOf('T');
      this.#value = graph.node('Gather', [this.#value, last], 'last_event', { axis });
    }
    const [weight, bias] = this.#weightAndBias(head);
    return graph.node('Gemm', [this.#value, weight, bias], 'head_output');
  }

  /** The model of 2019 may read the largest time as 0 ns. */
  #features(zeroedTimes: Architecture['zeroedTimes']): string {
    if (zeroedTimes.length === 0) return 'features';
    const { graph } = this;
    const row = (name: string, of: (each: ZeroedTime | null) => number) =>
      graph.floats(name, [zeroedTimes.length], Float32Array.from(zeroedTimes, of));
    const from = row('zeroed.from', (each) => each?.from ?? Infinity);
    const as = row('zeroed.as', (each) => each?.as ?? 0);
    const isZeroed = graph.node('GreaterOrEqual', ['features', from], 'is_zeroed');
    return graph.node('Where', [isZeroed, as, 'features'], 'read_features');
  }

  #lookUp(input: string, table: Table): string {
    const values = this.#table(`input.${input}`, table);
    return this.graph.node('Gather', [values, input], `${input}_vectors`, { axis: 0 });
  }

  #dense(layer: DenseLayer): void {
    this.#arrange('BTC');
    const [weight, bias] = this.#weightAndBias(layer);
    const product = this.graph.node('MatMul', [this.#value, weight], `${layer.name}.product`);
    this.#value = this.graph.node('Add', [product, bias], `${layer.name}.output`);
  }

  #block({ name, convolutions }: BlockLayer): void {
    this.#arrange('BCT');
    const around = this.#value;
    for (const convolution of convolutions) this.#convolution(convolution);
    const sum = this.graph.node('Add', [around, this.#value], `${name}.sum`);
    this.#value = this.graph.node('Relu', [sum], `${name}.output`);
  }

  #convolution({ name, taps, dilation, weight, bias, ...norm }: Convolution): void {
    const { graph } = this;
    const inputs = weight.rows / taps;
    const shape = [weight.columns, inputs, taps];
    const kernel = graph.floats(`${name}.weight`, shape, tapsLast(weight, taps));
    const convolved = graph.node(
      'Conv',
      [this.#value, kernel, this.#row(`${name}.bias`, bias)],
      `${name}.sums`,
      {
        dilations: [dilation],
        kernel_shape: [taps],
        // Zeros before the first event, none behind the last: what comes later is not seen.
        pads: [(taps - 1) * dilation, 0],
        strides: [1],
      },
    );
    const rows = (['gamma', 'beta', 'mean', 'variance'] as const).map((each) =>
      this.#row(`${name}.${each}`, norm[each]),
    );
    const normed = graph.node('BatchNormalization', [convolved, ...rows], `${name}.normed`, {
      epsilon: { float: EPSILON },
    });
    this.#value = graph.node('Relu', [normed], `${name}.output`);
  }

  /** @param isLast whether only the state after the last event goes on */
  #lstm({ name, units, kernel, recurrent, bias }: LstmLayer, isLast: boolean): void {
    this.#arrange('TBC');
    const { graph } = this;
    // The second half is the bias of the recurrent product, which here is part of the one bias.
    const biases = new Float32Array(8 * units);
    biases.set(gatesFirst(bias));
    const weights = [
      graph.floats(`${name}.kernel`, [1, 4 * units, kernel.rows], gatesFirst(kernel)),
      graph.floats(`${name}.recurrent`, [1, 4 * units, units], gatesFirst(recurrent)),
      graph.floats(`${name}.bias`, [1, 8 * units], biases),
    ];
    const outputs = isLast ? ['', `${name}.last`] : [`${name}.all`];
    const made = graph.nodeOf('LSTM', [this.#value, ...weights], outputs, { hidden_size: units });
    // Axis of the one direction: before the batch.
    const axes = graph.integers(`${name}.axes`, [isLast ? 0 : 1]);
    this.#value = graph.node('Squeeze', [made.at(-1)!, axes], `${name}.output`);
  }

  #arrange(layout: Layout): void {
    if (layout === this.#layout) return;
    const perm = Array.from(layout, (axis) => this.#layout.indexOf(axis));
    this.#transposed += 1;
    this.#value = this.graph.node('Transpose', [this.#value], `transposed${this.#transposed}`, { perm });
    this.#layout = layout;
  }

  #weightAndBias({ name, weight, bias }: DenseLayer): [string, string] {
    return [this.#table(`${name}.weight`, weight), this.#row(`${name}.bias`, bias)];
  }

  #table(name: string, { rows, columns, values }: Table): string {
    return this.graph.floats(name, [rows, columns], values);
  }

  #row(name: string, { columns, values }: Table): string {
    return this.graph.floats(name, [columns], values);
  }
}

/** [taps · inputs, outputs] as [outputs, inputs, taps]. */
function tapsLast({ rows, columns, values }: Table, taps: number): Float32Array {
  const inputs = rows / taps;
  const moved = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    const tap = Math.floor(row / inputs);
    const input = row % inputs;
    for (let column = 0; column < columns; column += 1)
      moved[(column * inputs + input) * taps + tap] = values[row * columns + column]!;
  }
  return moved;
}

/** [n, 4 · units] as [4 · units, n], gates in the order of ONNX. */
function gatesFirst({ rows, columns, values }: Table): Float32Array {
  const units = columns / 4;
  const moved = new Float32Array(values.length);
  GATES.forEach((gate, to) => {
    for (let unit = 0; unit < units; unit += 1) {
      const column = gate * units + unit;
      const start = (to * units + unit) * rows;
      for (let row = 0; row < rows; row += 1) moved[start + row] = values[row * columns + column]!;
    }
  });
  return moved;
}

function weightBytes({ taskTable, stateTable, body, head }: Architecture): number {
  const tables = [taskTable, ...(stateTable === null ? [] : [stateTable]), head.weight];
  for (const layer of body) {
    if (layer.kind === 'dense') tables.push(layer.weight);
    else if (layer.kind === 'lstm') tables.push(layer.kernel, layer.recurrent);
    else tables.push(...layer.convolutions.map(({ weight }) => weight));
  }
  return tables.reduce((sum, { values }) => sum + values.byteLength, 0);
}
