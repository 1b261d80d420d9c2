import type { Batch } from '../../src/dataset/sequences.js';
import type { Engine } from '../../src/learning/engines/engine.js';
import { describeModel, type ModelDescription } from '../../src/learning/export/description.js';
import { architectureOf, type Architecture } from '../../src/learning/export/architecture.js';
import type { TrainedModel } from '../../src/learning/export/trainedModel.js';
import { streamOf, uniform } from '../../src/learning/layers/chance.js';
import type { Model, ModelInputs } from '../../src/learning/models/model.js';
import { MODELS } from '../../src/learning/models/models.js';
import { createModel } from './modelBatches.js';
import { runInfo } from './runInfo.js';
import { littleConfig } from './trainingRuns.js';

export interface ExportCase {
  readonly model: string;
  readonly settings: Record<string, unknown>;
  readonly features: readonly ('cpu' | 'logDelta' | 'delta')[];
}

/** Every model, every head, with and without features, one and several layers. */
export const EXPORT_CASES: readonly ExportCase[] = [
  { model: 'tcn', settings: { projection: 6, blocks: 3 }, features: ['cpu', 'logDelta'] },
  { model: 'tcn', settings: { projection: 5, blocks: 1, taps: 2, taskEmbedding: 3 }, features: [] },
  { model: 'lstm-next-task', settings: { hidden: 6, layers: 3 }, features: ['cpu', 'logDelta'] },
  { model: 'lstm', settings: { hidden: 6, layers: 1 }, features: ['logDelta'] },
  { model: 'lstm', settings: { hidden: 5, layers: 2 }, features: [] },
  { model: 'inter-arrival-lstm', settings: { hidden: 6 }, features: ['cpu', 'logDelta', 'delta'] },
  { model: 'inter-arrival-lstm', settings: { hidden: 6, head: 'point' }, features: ['cpu'] },
  { model: 'inter-arrival-tcn', settings: { projection: 6, blocks: 2, taps: 4 }, features: ['logDelta'] },
  { model: 'inter-arrival-tcn', settings: { projection: 6, blocks: 2, head: 'point' }, features: ['cpu'] },
  { model: 'kernel-oracle-2019', settings: { hidden: 6 }, features: ['delta'] },
  { model: 'kernel-oracle-2019', settings: { hidden: 4, cells: 1 }, features: ['cpu', 'delta'] },
  { model: 'kernel-oracle-2019', settings: { hidden: 4, cells: 3 }, features: [] },
];

/** Reads the largest time as 0 ns, which no layer of TensorFlow.js does. */
export const ZEROING_CASE: ExportCase = {
  model: 'kernel-oracle-2019',
  settings: { hidden: 6, largestTimeToZero: true },
  features: ['delta', 'cpu'],
};

export const caseName = ({ model, settings, features }: ExportCase) =>
  `${model} ${JSON.stringify(settings)} on ${features.join(', ') || 'no features'}`;

const VOCABULARY = {
  kind: 'comm' as const,
  tasks: ['UNK', 'swapper', 'a', 'b', 'c', 'naïve "task"', '</script>'],
  taskCounts: [0, 9, 8, 7, 6, 5, 4],
  states: ['UNK', 'S', 'R'],
};

/** A model with weights by chance: all of them, means and variances included, so that none can be left out unnoticed. */
export function modelByChance(
  engine: Engine,
  { model: name, settings, features }: ExportCase,
): { readonly model: Model; readonly trained: TrainedModel; readonly inputs: ModelInputs } {
  const kind = MODELS.get(name)!;
  const inputs: ModelInputs = {
    taskCount: VOCABULARY.tasks.length,
    stateCount: VOCABULARY.states.length,
    featureCount: features.length,
    // The last one has no extent.
    featureRanges: features.map((feature, at) => ({
      least: -1.5 + at,
      greatest: at === 1 ? -1.5 + at : 2.5,
      ...(settings['largestTimeToZero'] === true &&
        feature !== 'cpu' && { zeroed: { from: 0.5, as: -0.75 } }),
    })),
  };
  const model = createModel(kind, engine, settings, inputs);
  for (const [each, variable] of [...model.parameters, ...model.statistics]) {
    const stream = streamOf(7, each);
    const isVariance = each.endsWith('.variance');
    engine.write(
      variable,
      Float32Array.from({ length: variable.rows * variable.columns }, (_, at) =>
        isVariance ? 0.2 + uniform(stream, at) : 1.2 * uniform(stream, at) - 0.6,
      ),
    );
  }
  const config = littleConfig({
    model: { name, settings },
    windows: { length: 8, stride: 8, features: [...features] },
  });
  const weights = new Map(
    [...model.parameters, ...model.statistics].map(([each, variable]) => [
      each,
      { shape: [variable.rows, variable.columns], values: engine.read(variable) },
    ]),
  );
  const trained: TrainedModel = {
    run: runInfo({ model: name, task: kind.task }),
    config,
    weights,
    inputs,
    outputs: model.outputs,
    vocabulary: VOCABULARY,
    standardisations: {
      cpu: { mean: 0.5, deviation: 0.5 },
      logDelta: { mean: 8, deviation: 1.5 },
      delta: { mean: 5000, deviation: 6000 },
    },
  };
  return { model, trained, inputs };
}

export function exportParts(
  trained: TrainedModel,
  idType: 'int64' | 'int32',
): { readonly architecture: Architecture; readonly description: ModelDescription } {
  const architecture = architectureOf(trained);
  return {
    architecture,
    description: describeModel(trained, '1.2.3', architecture.stateTable !== null, idType),
  };
}

/** A batch as other programs take it: windows first, by the names of inputs. */
export interface WindowInputs {
  readonly size: number;
  readonly length: number;
  readonly task: readonly number[];
  readonly state: readonly number[];
  readonly features: readonly number[];
}

export function windowsFirst(batch: Batch): WindowInputs {
  const { size, length, task, state, features } = batch;
  const rows = size * length;
  const moved = (values: ArrayLike<number>) => {
    const width = values.length / rows;
    return Array.from({ length: values.length }, (_, at) => {
      const column = at % width;
      const event = Math.floor(at / width) % length;
      const window = Math.floor(at / width / length);
      return values[(event * size + window) * width + column]!;
    });
  };
  return {
    size,
    length,
    task: moved(task),
    state: moved(state),
    features: features.length === 0 ? [] : moved(features),
  };
}

export function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Infinity;
  let greatest = 0;
  for (let at = 0; at < a.length; at += 1) {
    const difference = Math.abs(a[at]! - b[at]!);
    // Not below is not the same as above: NaN is neither.
    greatest = difference <= greatest ? greatest : difference;
  }
  return greatest;
}
