import type { InferOutput } from 'valibot';
import type { Batch } from '../../dataset/sequences.js';
import type { Engine, Tensor, Variable } from '../engines/engine.js';
import type { GraphNode } from '../files/tensorBoardEvents.js';
import { Dense } from '../layers/dense.js';
import { needed, Parameters, type Applied } from '../layers/layer.js';
import { LstmStack } from '../layers/lstmStack.js';
import type {
  FeatureRange,
  LossPositions,
  Model,
  ModelInputs,
  ModelKind,
  ModelOutputs,
  StepContext,
  ZeroedTime,
} from './model.js';
import { flag, settingsOf, whole } from './settingSchemas.js';
import { LBFGS } from './trainingDefaults.js';

const settings = settingsOf('kernel-oracle-2019', {
  hidden: whole('hidden', 1, 4096, 51),
  cells: whole('cells', 1, 8, 2),
  scramble: flag('scramble', false),
  largestTimeToZero: flag('largestTimeToZero', false),
});

type Settings = InferOutput<typeof settings>;

/** The model of KernelOracle (Kahu 2019). */
export const kernelOracle2019: ModelKind<Settings> = {
  name: 'kernel-oracle-2019',
  title: 'KernelOracle of 2019',
  description:
    'All features of the next event: two LSTM cells of 51 units on one-hot names and the time, squared error, L-BFGS; the model of KernelOracle (Kahu). `scramble` brings back the layout that its reshape had.',
  task: 'next-task',
  settings,
  // 15 steps in its code.
  defaults: { features: ['delta'], optimizer: LBFGS, epochs: 15, batchSize: 1024 },
  create: (engine, inputs, chosen, seed) => new KernelOracle2019(engine, inputs, chosen, seed),
};

/**
 * Rows are one-hot tasks with the features of the event, scaled by their range to 0 … 1; each row's target is the next one
 * of the window, so that the last event has none.
 */
class KernelOracle2019 implements Model {
  readonly outputs: ModelOutputs = { kind: 'logits' };
  readonly graph: readonly GraphNode[];
  readonly #variables: Parameters;
  readonly #cells: LstmStack;
  readonly #linear: Dense;
  readonly #width: number;

  constructor(
    private readonly engine: Engine,
    private readonly inputs: ModelInputs,
    private readonly chosen: Settings,
    seed: number,
  ) {
    this.#variables = new Parameters(engine, seed);
    this.#width = inputs.taskCount + inputs.featureCount;
    this.#cells = new LstmStack(this.#variables, 'lstm', this.#width, chosen.hidden, chosen.cells, 0);
    this.#linear = new Dense(this.#variables, 'linear', chosen.hidden, this.#width);
    const events: GraphNode = { name: 'events', operation: 'Placeholder', inputs: [], shape: [this.#width] };
    const before = [events, ...this.#cells.nodes('events')];
    this.graph = [...before, ...this.#linear.nodes(before.at(-1)!.name)];
  }

  get parameters(): ReadonlyMap<string, Variable> {
    return this.#variables.learnt;
  }

  get statistics(): ReadonlyMap<string, Variable> {
    return this.#variables.statistics;
  }

  gradients(batch: Batch, { positions }: StepContext) {
    const { hidden, output, loss, dX } = this.#compared(batch, positions);
    const gradients = new Map<string, Tensor>();
    const dHidden = output.backward(dX, gradients, true);
    hidden.backward(needed(dHidden), gradients, false);
    const ordered = [...this.parameters.keys()].map((name) => [name, gradients.get(name)!] as const);
    return { loss, gradients: new Map(ordered) };
  }

  lossWeight({ size, length }: Batch, positions: LossPositions): number {
    return positions === 'all' ? size * (length - 1) : size;
  }

  assess(batch: Batch, positions: LossPositions) {
    const loss = this.engine.scope(() => this.#compared(batch, positions).loss);
    return { loss, predicted: this.predict(batch) };
  }

  /** What stands in the columns of the names: the largest is the guess. */
  predict(batch: Batch): Float32Array {
    const { taskCount } = this.inputs;
    return this.engine.scope(() => {
      const { output } = this.#applied(this.#table(batch), batch.size);
      const last = output.output.rows - batch.size;
      const rows = this.engine.rows(output.output, last, batch.size);
      const [names] = this.engine.split(
        rows,
        [taskCount, this.inputs.featureCount].filter((n) => n > 0),
      );
      return this.engine.read(names!);
    });
  }

  dispose(): void {
    this.#variables.dispose();
  }

  #applied(table: Float32Array, size: number): { hidden: Applied; output: Applied } {
    const x = this.engine.tensor(table.length / this.#width, this.#width, table);
    const pass = { batch: size, isTraining: false, seed: 0, step: 0 };
    const hidden = this.#cells.apply(x, pass);
    return { hidden, output: this.#linear.apply(hidden.output) };
  }

  #compared(batch: Batch, positions: LossPositions) {
    const { size, length } = batch;
    if (length < 2) throw new RangeError('a window of one event has no next one');
    const table = this.#table(batch);
    const row = this.#width;
    const { hidden, output } = this.#applied(table.subarray(0, (length - 1) * size * row), size);
    const weights =
      positions === 'all'
        ? null
        : Float32Array.from({ length: (length - 1) * size }, (_, at) => (at < (length - 2) * size ? 0 : 1));
    const targets = table.subarray(size * row);
    return { hidden, output, ...this.engine.squaredError(output.output, targets, weights) };
  }

  /** [T*B, names + features] */
  #table({ size, length, task, features }: Batch): Float32Array {
    const { taskCount, featureCount, featureRanges } = this.inputs;
    const width = this.#width;
    const table = new Float32Array(size * length * width);
    for (let row = 0; row < size * length; row += 1) {
      table[row * width + task[row]!] = 1;
      for (let column = 0; column < featureCount; column += 1) {
        const value = features[row * featureCount + column]!;
        table[row * width + taskCount + column] = scaled(value, featureRanges?.[column]);
      }
    }
    return this.chosen.scramble ? scrambled(table, size, length, width) : table;
  }
}

/** To 0 … 1 by the range of the training part; what lies beyond it is not cut. */
function scaled(value: number, range: FeatureRange | undefined): number {
  if (range === undefined) return value;
  const read = zeroedTime(value, range.zeroed);
  return range.greatest === range.least ? read : (read - range.least) / (range.greatest - range.least);
}

/** What stands for a standardised time where the largest of the training part counts as 0 ns. */
export function zeroedTime(value: number, zeroed: ZeroedTime | undefined): number {
  return zeroed !== undefined && value >= zeroed.from ? zeroed.as : value;
}

/**
 * What reading a window's T × F values as F × T and transposing makes of them: features and time are mixed. So the original
 * laid out its data.
 */
export function scrambled(table: Float32Array, size: number, length: number, width: number): Float32Array {
  const mixed = new Float32Array(table.length);
  for (let window = 0; window < size; window += 1) {
    for (let event = 0; event < length; event += 1) {
      for (let column = 0; column < width; column += 1) {
        const flat = column * length + event;
        const from = (Math.floor(flat / width) * size + window) * width + (flat % width);
        mixed[(event * size + window) * width + column] = table[from]!;
      }
    }
  }
  return mixed;
}
