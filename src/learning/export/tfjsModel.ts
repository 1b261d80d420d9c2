/**
 * The layers format of TensorFlow.js: `model.json` with a Keras model and the places of its weights, which lie in a file of
 * their own (https://js.tensorflow.org/js/guide/save_load, tfjs-core/src/io/types.ts `ModelJSON`). Only layers that
 * `@tensorflow/tfjs-layers` has are used, in ways that it computes:
 *
 * - Conv1D with `padding: 'causal'` throws there. Events are therefore rows of pictures that are one pixel wide: ZeroPadding2D
 *   puts zeros before the first event, and Conv2D has the dilation.
 * - There is no layer that takes the last event of any number of them, but a SimpleRNN whose input weights are a unit matrix
 *   and whose recurrent weights are zeros puts out just that.
 */
import { Failure } from '../../base/errors.js';
import { EPSILON } from '../layers/normalisedConvolution.js';
import type { Architecture, BlockLayer, Convolution, DenseLayer, LstmLayer, Table } from './architecture.js';
import type { ModelDescription } from './description.js';

const WEIGHTS_FILE = 'group1-shard1of1.bin';

/** The files of an export. */
export const TFJS_FILES: readonly string[] = ['model.json', WEIGHTS_FILE, 'kernel-oracle.json'];

/** Their contents by name. Failure `wrong-usage` for a model that reads the largest time as 0 ns. */
export function tfjsFiles(
  architecture: Architecture,
  description: ModelDescription,
): ReadonlyMap<string, Iterable<Uint8Array | string>> {
  if (architecture.zeroedTimes.length > 0) {
    throw new Failure(
      'wrong-usage',
      'A model that was trained with largestTimeToZero cannot be exported as tfjs: no layer of TensorFlow.js reads one value as another. Export it as onnx or safetensors.',
    );
  }
  const model = new LayersModel();
  const output = writeLayers(model, architecture, description);
  const json = {
    format: 'layers-model',
    generatedBy: `KernelOracle ${description.kernelOracleVersion}`,
    convertedBy: null,
    modelTopology: model.topology(description.model, output),
    weightsManifest: [
      {
        paths: [WEIGHTS_FILE],
        weights: model.weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
      },
    ],
  };
  return new Map<string, Iterable<Uint8Array | string>>([
    ['model.json', [JSON.stringify(json)]],
    [WEIGHTS_FILE, model.weights.map(({ values }) => bytesOf(values))],
    ['kernel-oracle.json', [`${JSON.stringify(description, null, 2)}\n`]],
  ]);
}

interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

type LayerWeights = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>
>;

/** Layers of a Keras model, each with what it reads. */
class LayersModel {
  readonly weights: NamedWeight[] = [];
  readonly #layers: object[] = [];
  readonly #inputs: string[] = [];

  /** @param shape without the batch; `null`: any size */
  input(name: string, dtype: 'int32' | 'float32', shape: readonly (number | null)[]): string {
    this.#inputs.push(name);
    return this.layer('InputLayer', name, [], { batch_input_shape: [null, ...shape], dtype, sparse: false });
  }

  /** @returns its name, which must be one for TensorFlow: no dots */
  layer(
    className: string,
    dotted: string,
    inputs: readonly string[],
    config: Readonly<Record<string, unknown>>,
    weights: LayerWeights = {},
  ): string {
    const name = dotted.replaceAll('.', '_');
    this.#layers.push({
      class_name: className,
      name,
      config: { name, ...(inputs.length === 0 ? {} : { trainable: true }), ...config },
      inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
    });
    for (const [weight, { shape, values }] of Object.entries(weights))
      this.weights.push({ name: `${name}/${weight}`, shape, values });
    return name;
  }

  topology(name: string, output: string): object {
    return {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: {
        class_name: 'Model',
        config: {
          name,
          layers: this.#layers,
          input_layers: this.#inputs.map((input) => [input, 0, 0]),
          output_layers: [[output, 0, 0]],
        },
      },
    };
  }
}

function writeLayers(
  model: LayersModel,
  { taskTable, stateTable, featureCount, body, head }: Architecture,
  { output }: ModelDescription,
): string {
  const parts = [lookUp(model, 'task', taskTable)];
  if (stateTable !== null) parts.push(lookUp(model, 'state', stateTable));
  if (featureCount > 0) parts.push(model.input('features', 'float32', [null, featureCount]));
  let value = parts.length === 1 ? parts[0]! : model.layer('Concatenate', 'events', parts, { axis: -1 });
  let width = taskTable.columns + (stateTable?.columns ?? 0) + featureCount;
  let isPicture = false;
  let isLast = false;
  for (const [at, layer] of body.entries()) {
    switch (layer.kind) {
      case 'dense':
        value = dense(model, layer, value);
        width = layer.weight.columns;
        break;
      case 'block':
        if (!isPicture) value = reshaped(model, 'as_picture', value, [-1, 1, width]);
        isPicture = true;
        value = block(model, layer, value);
        break;
      case 'lstm':
        if (isPicture) value = reshaped(model, 'as_events', value, [-1, width]);
        isPicture = false;
        isLast = at === body.length - 1;
        value = lstm(model, layer, value, !isLast);
        width = layer.units;
        break;
    }
  }
  if (isPicture) value = reshaped(model, 'as_events', value, [-1, width]);
  if (!isLast) value = lastEvent(model, value, width);
  return dense(model, { ...head, name: output.name }, value);
}

function lookUp(model: LayersModel, name: string, { rows, columns, values }: Table): string {
  const ids = model.input(name, 'int32', [null]);
  const config = { input_dim: rows, output_dim: columns, ...initialised('embeddings'), mask_zero: false };
  return model.layer('Embedding', `${name}_vectors`, [ids], config, {
    embeddings: { shape: [rows, columns], values },
  });
}

function reshaped(model: LayersModel, name: string, value: string, shape: readonly number[]): string {
  return model.layer('Reshape', name, [value], { target_shape: shape });
}

function dense(model: LayersModel, { name, weight, bias }: DenseLayer, value: string): string {
  const config = {
    units: weight.columns,
    activation: 'linear',
    use_bias: true,
    ...initialised('kernel', 'bias'),
  };
  return model.layer('Dense', name, [value], config, { kernel: table(weight), bias: row(bias) });
}

function block(model: LayersModel, { name, convolutions }: BlockLayer, value: string): string {
  let through = value;
  for (const each of convolutions) through = convolution(model, each, through);
  const sum = model.layer('Add', `${name}.sum`, [value, through], {});
  return model.layer('Activation', `${name}.output`, [sum], { activation: 'relu' });
}

function convolution(
  model: LayersModel,
  { name, taps, dilation, weight, bias, ...norm }: Convolution,
  value: string,
): string {
  const padding = [
    [(taps - 1) * dilation, 0],
    [0, 0],
  ];
  const padded = model.layer('ZeroPadding2D', `${name}.zeros`, [value], {
    padding,
    data_format: 'channels_last',
  });
  const config = {
    filters: weight.columns,
    kernel_size: [taps, 1],
    strides: [1, 1],
    padding: 'valid',
    data_format: 'channels_last',
    dilation_rate: [dilation, 1],
    activation: 'linear',
    use_bias: true,
    ...initialised('kernel', 'bias'),
  };
  const convolved = model.layer('Conv2D', name, [padded], config, {
    // Our rows go by tap and then by input: the values are in the order of [taps, 1, inputs, outputs] already.
    kernel: { shape: [taps, 1, weight.rows / taps, weight.columns], values: weight.values },
    bias: row(bias),
  });
  const normed = model.layer(
    'BatchNormalization',
    `${name}.norm`,
    [convolved],
    {
      axis: -1,
      momentum: 0.9,
      epsilon: EPSILON,
      center: true,
      scale: true,
      ...initialised('gamma', 'beta', 'moving_mean', 'moving_variance'),
    },
    {
      gamma: row(norm.gamma),
      beta: row(norm.beta),
      moving_mean: row(norm.mean),
      moving_variance: row(norm.variance),
    },
  );
  return model.layer('Activation', `${name}.relu`, [normed], { activation: 'relu' });
}

/** Its gates are in our order, i, f, c, o. */
function lstm(
  model: LayersModel,
  { name, units, kernel, recurrent, bias }: LstmLayer,
  value: string,
  isOfAll: boolean,
): string {
  const config = {
    units,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    use_bias: true,
    ...initialised('kernel', 'recurrent', 'bias'),
    unit_forget_bias: false,
    dropout: 0,
    recurrent_dropout: 0,
    return_sequences: isOfAll,
    return_state: false,
    go_backwards: false,
    stateful: false,
    unroll: false,
  };
  return model.layer('LSTM', name, [value], config, {
    kernel: table(kernel),
    recurrent_kernel: table(recurrent),
    bias: row(bias),
  });
}

function lastEvent(model: LayersModel, value: string, width: number): string {
  const unit = new Float32Array(width * width);
  for (let at = 0; at < width; at += 1) unit[at * width + at] = 1;
  const config = {
    units: width,
    activation: 'linear',
    use_bias: false,
    ...initialised('kernel', 'recurrent'),
    dropout: 0,
    recurrent_dropout: 0,
    return_sequences: false,
    return_state: false,
    go_backwards: false,
    stateful: false,
    unroll: false,
  };
  return model.layer('SimpleRNN', 'last_event', [value], config, {
    kernel: { shape: [width, width], values: unit },
    recurrent_kernel: { shape: [width, width], values: new Float32Array(width * width) },
  });
}

/** Values come from the file: nothing else needs to be drawn when the model is made. */
function initialised(...weights: readonly string[]): Record<string, object> {
  return Object.fromEntries(
    weights.map((weight) => [`${weight}_initializer`, { class_name: 'Zeros', config: {} }]),
  );
}

function table({ rows, columns, values }: Table) {
  return { shape: [rows, columns], values };
}

function row({ columns, values }: Table) {
  return { shape: [columns], values };
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
