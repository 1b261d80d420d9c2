import * as v from 'valibot';
import { Failure } from '../../base/errors.js';
import type { ZeroedTime } from '../models/model.js';
import type { TrainedModel } from './trainedModel.js';

/** Values of a tensor of two dimensions, row-major. */
export interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/**
 * A trained model as the layers that it consists of, in a form that other programs have, too: what writers of formats read.
 * Rows of the tables go by what comes in, columns by what goes out.
 */
export interface Architecture {
  /** What stands for a task and for a state; a model that reads no states has no second table. */
  readonly taskTable: Table;
  readonly stateTable: Table | null;
  readonly featureCount: number;
  /** By feature: standardised times that are read as others, before all else; `null`: as it is. Empty: all are. */
  readonly zeroedTimes: readonly (ZeroedTime | null)[];
  /** Over the events, in turn: what is looked up and the features, side by side, go into the first one. */
  readonly body: readonly BodyLayer[];
  /** On the last event. */
  readonly head: DenseLayer;
}

export type BodyLayer = DenseLayer | LstmLayer | BlockLayer;

export interface DenseLayer {
  readonly kind: 'dense';
  readonly name: string;
  readonly weight: Table;
  readonly bias: Table;
}

/** Gates in the order i, f, c, o. */
export interface LstmLayer {
  readonly kind: 'lstm';
  readonly name: string;
  readonly units: number;
  /** [inputs, 4 · units] */
  readonly kernel: Table;
  /** [units, 4 · units] */
  readonly recurrent: Table;
  readonly bias: Table;
}

/** relu(x + second(first(x))) */
export interface BlockLayer {
  readonly kind: 'block';
  readonly name: string;
  readonly convolutions: readonly [Convolution, Convolution];
}

/** Causal, then batch normalisation and ReLU. */
export interface Convolution {
  readonly name: string;
  readonly taps: number;
  readonly dilation: number;
  /** [taps · inputs, outputs]: rows of tap k, the last tap on the event itself. */
  readonly weight: Table;
  readonly bias: Table;
  readonly gamma: Table;
  readonly beta: Table;
  readonly mean: Table;
  readonly variance: Table;
}

const settingsSchema = v.object({
  taps: v.optional(v.number(), 1),
  scramble: v.optional(v.boolean(), false),
});

/**
 * Failures: `bad-input` for weights that are none of their model; `wrong-usage` for the scrambled layout of 2019, whose
 * guesses mean nothing.
 */
export function architectureOf(model: TrainedModel): Architecture {
  const { taps, scramble } = v.parse(settingsSchema, model.config.model.settings);
  if (scramble) {
    throw new Failure(
      'wrong-usage',
      'A model that was trained with scramble cannot be exported but as safetensors: it mixes features and time, so that its guesses mean nothing. Train it without.',
    );
  }
  const weights = new Weights(model);
  const found = weights.has('linear.weight') ? ofOneHot(weights, model) : ofEmbeddings(weights, model, taps);
  weights.requireAllUsed();
  return found;
}

function ofEmbeddings(weights: Weights, { inputs, outputs }: TrainedModel, taps: number): Architecture {
  const { taskCount, stateCount, featureCount } = inputs;
  const taskTable = weights.take('input.task', taskCount, null);
  const stateTable = weights.take('input.state', stateCount, null);
  let width = taskTable.columns + stateTable.columns + featureCount;
  const body: BodyLayer[] = [];
  if (weights.has('projection.weight')) {
    const projection = weights.dense('projection', width, null);
    body.push(projection);
    width = projection.weight.columns;
  }
  for (let at = 0; weights.has(`tcn.block${at}.conv1.weight`); at += 1) {
    const name = `tcn.block${at}`;
    const [first, second] = ['conv1', 'conv2'].map((each) =>
      weights.convolution(`${name}.${each}`, taps, 2 ** at, width),
    );
    body.push({ kind: 'block', name, convolutions: [first!, second!] });
  }
  const cells = weights.lstm(width);
  const outputCount =
    outputs.kind === 'logits' ? taskCount : outputs.kind === 'point' ? 1 : outputs.quantiles.length;
  const head = weights.dense('head', cells.at(-1)?.units ?? width, outputCount);
  return { taskTable, stateTable, featureCount, zeroedTimes: [], body: [...body, ...cells], head };
}

/**
 * The model of 2019 reads names as one-hot rows, whose product with the input weights is a row of these: that row is looked
 * up here, and a unit matrix leads it to the gates. The scaling by the range is within the weights of the features. Of what
 * comes out, the columns of the names are kept, as in `Model.predict`.
 */
function ofOneHot(weights: Weights, { inputs }: TrainedModel): Architecture {
  const { taskCount, featureCount, featureRanges } = inputs;
  const width = taskCount + featureCount;
  const cells = weights.lstm(width);
  const [first, ...above] = cells;
  if (first === undefined) throw weights.broken('there is no lstm.layer0');
  const gates = first.kernel.columns;
  const taskTable: Table = {
    rows: taskCount,
    columns: gates,
    values: first.kernel.values.slice(0, taskCount * gates),
  };
  const kernel = new Float32Array((gates + featureCount) * gates);
  for (let gate = 0; gate < gates; gate += 1) kernel[gate * gates + gate] = 1;
  const bias = first.bias.values.slice();
  for (let feature = 0; feature < featureCount; feature += 1) {
    const { least, greatest } = featureRanges?.[feature] ?? { least: 0, greatest: 0 };
    // As the model scales: a range of no extent leaves values as they are.
    const [factor, offset] =
      greatest === least ? [1, 0] : [1 / (greatest - least), -least / (greatest - least)];
    for (let gate = 0; gate < gates; gate += 1) {
      const weight = first.kernel.values[(taskCount + feature) * gates + gate]!;
      kernel[(gates + feature) * gates + gate] = weight * factor;
      bias[gate] = bias[gate]! + weight * offset;
    }
  }
  const merged: LstmLayer = {
    ...first,
    kernel: { rows: gates + featureCount, columns: gates, values: kernel },
    bias: { ...first.bias, values: bias },
  };
  const linear = weights.dense('linear', first.units, width);
  const head: DenseLayer = {
    ...linear,
    weight: firstColumns(linear.weight, taskCount),
    bias: firstColumns(linear.bias, taskCount),
  };
  const zeroed = (featureRanges ?? []).map((range) => range.zeroed ?? null);
  const zeroedTimes = zeroed.some((each) => each !== null) ? zeroed : [];
  return { taskTable, stateTable: null, featureCount, zeroedTimes, body: [merged, ...above], head };
}

function firstColumns({ rows, columns, values }: Table, count: number): Table {
  const kept = new Float32Array(rows * count);
  for (let row = 0; row < rows; row += 1)
    kept.set(values.subarray(row * columns, row * columns + count), row * count);
  return { rows, columns: count, values: kept };
}

/** The tensors of a run by name, each taken once and of the shape that its place asks for. */
class Weights {
  readonly #used = new Set<string>();

  constructor(private readonly model: TrainedModel) {}

  has(name: string): boolean {
    return this.model.weights.has(name);
  }

  /** @param columns `null`: any number */
  take(name: string, rows: number, columns: number | null): Table {
    const tensor = this.model.weights.get(name);
    if (tensor === undefined) throw this.broken(`${name} is missing`);
    const { shape, values } = tensor;
    const width = shape[1] ?? 0;
    const isRight = shape.length === 2 && shape[0] === rows && width > 0;
    if (!isRight || (columns !== null && width !== columns) || !(values instanceof Float32Array)) {
      throw this.broken(`${name} has the shape ${shape.join(' × ')}, not ${rows} × ${columns ?? 'n'}`);
    }
    this.#used.add(name);
    return { rows, columns: width, values };
  }

  dense(name: string, inputs: number, outputs: number | null): DenseLayer {
    const weight = this.take(`${name}.weight`, inputs, outputs);
    return { kind: 'dense', name, weight, bias: this.take(`${name}.bias`, 1, weight.columns) };
  }

  convolution(name: string, taps: number, dilation: number, width: number): Convolution {
    const row = (what: string) => this.take(`${name}.${what}`, 1, width);
    return {
      name,
      taps,
      dilation,
      weight: this.take(`${name}.weight`, taps * width, width),
      bias: row('bias'),
      gamma: row('gamma'),
      beta: row('beta'),
      mean: row('mean'),
      variance: row('variance'),
    };
  }

  lstm(inputs: number): LstmLayer[] {
    const layers: LstmLayer[] = [];
    let width = inputs;
    for (let at = 0; this.has(`lstm.layer${at}.weight`); at += 1) {
      const name = `lstm.layer${at}`;
      const gates = this.model.weights.get(`${name}.bias`)?.shape[1] ?? 0;
      const units = gates / 4;
      const { values } = this.take(`${name}.weight`, width + units, gates);
      const edge = width * gates;
      layers.push({
        kind: 'lstm',
        name,
        units,
        kernel: { rows: width, columns: gates, values: values.subarray(0, edge) },
        recurrent: { rows: units, columns: gates, values: values.subarray(edge) },
        bias: this.take(`${name}.bias`, 1, gates),
      });
      width = units;
    }
    return layers;
  }

  requireAllUsed(): void {
    const rest = [...this.model.weights.keys()].filter((name) => !this.#used.has(name));
    if (rest.length > 0) throw this.broken(`${rest.join(', ')} belong to no layer of it`);
  }

  broken(what: string): Failure {
    const { name } = this.model.config.model;
    return new Failure('bad-input', `The best weights are not those of the model ${name}: ${what}.`);
  }
}
