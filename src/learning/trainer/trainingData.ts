import { createHash } from 'node:crypto';
import { Failure } from '../../base/errors.js';
import type { DataSetMeta } from '../../dataset/files/dataSetMeta.js';
import {
  PART_NAMES,
  type Batch,
  type Feature,
  type PartName,
  type Sequences,
  type Standardisation,
} from '../../dataset/sequences.js';
import { windowsOf, type Windows } from '../../dataset/windows.js';
import type { Question } from '../baselines/evaluateBaselines.js';
import type { FeatureRange, ModelInputs } from '../models/model.js';
import type { TrainingConfig } from './config/config.js';

/** What training asks of a data set: `DataSet`, or one in memory. */
export interface TrainingDataSet {
  readonly meta: Pick<DataSetMeta, 'vocabulary' | 'features'> & {
    readonly parts: Readonly<Record<PartName, { readonly sha256: string }>>;
  };
  part(name: PartName): Promise<Sequences>;
}

/** One hash for all that a model could learn from a data set. */
export function dataSetHash({ parts, vocabulary, features }: TrainingDataSet['meta']): string {
  const told = [PART_NAMES.map((name) => parts[name].sha256), vocabulary.tasks, vocabulary.states, features];
  return createHash('sha256').update(JSON.stringify(told)).digest('hex');
}

/** The windows of the training and validation parts of a run, and what its model is told about them. */
export class TrainingData {
  private constructor(
    private readonly dataSet: TrainingDataSet,
    private readonly config: TrainingConfig,
    readonly inputs: ModelInputs,
    readonly train: Windows,
    readonly validation: Windows,
  ) {}

  /** Failure `bad-input` for a training part without a window. */
  static async open(dataSet: TrainingDataSet, config: TrainingConfig): Promise<TrainingData> {
    const train = await dataSet.part('train');
    const { features, length } = config.windows;
    const windows = windowsIn(dataSet, config, train, config.seed);
    if (windows.count === 0) {
      throw new Failure(
        'bad-input',
        `The training part of ${config.dataset} has no sequence longer than ${length} events: make windows.length smaller, or build the data set from more recordings.`,
      );
    }
    const { vocabulary } = dataSet.meta;
    const inputs: ModelInputs = {
      taskCount: vocabulary.tasks.length,
      stateCount: vocabulary.states.length,
      featureCount: features.length,
      featureRanges: features.map((feature) => rangeOf(train, feature, dataSet.meta.features[feature])),
    };
    const validation = windowsIn(dataSet, config, await dataSet.part('validation'), null);
    return new TrainingData(dataSet, config, inputs, windows, validation);
  }

  get logDelta(): Standardisation {
    return this.dataSet.meta.features.logDelta;
  }

  async windows(part: PartName): Promise<{ readonly sequences: Sequences; readonly windows: Windows }> {
    const sequences = await this.dataSet.part(part);
    return { sequences, windows: windowsIn(this.dataSet, this.config, sequences, null) };
  }
}

/** Batches for evaluation: all, or as many as `maxWindows` allows, evenly spread. */
export function* evaluationBatches(
  windows: Windows,
  batchSize: number,
  maxWindows: number,
): Generator<{ readonly batch: Batch; readonly index: number }> {
  for (const index of evaluationIndices(windows, batchSize, maxWindows))
    yield { batch: windows.batch(index, batchSize), index };
}

/** Rows that evaluation asks about: the event behind each window. */
export function askedRows(
  sequences: Sequences,
  windows: Windows,
  length: number,
  batchSize: number,
  maxWindows: number,
): Question {
  const isAsked = new Uint8Array(sequences.rows);
  for (const index of evaluationIndices(windows, batchSize, maxWindows)) {
    const end = Math.min(windows.count, (index + 1) * batchSize);
    for (let place = index * batchSize; place < end; place += 1)
      isAsked[windows.firstRowOf(place) + length] = 1;
  }
  return { sequences, isAsked };
}

function* evaluationIndices(windows: Windows, batchSize: number, maxWindows: number): Generator<number> {
  if (windows.count === 0) return;
  const all = windows.batchCount(batchSize);
  const wanted = Math.min(all, Math.max(1, Math.ceil(maxWindows / batchSize)));
  for (let at = 0; at < wanted; at += 1) yield Math.floor((at * all) / wanted);
}

function windowsIn(
  dataSet: TrainingDataSet,
  { windows: { length, stride, features } }: TrainingConfig,
  sequences: Sequences,
  seed: number | null,
): Windows {
  return windowsOf(sequences, { length, stride, seed, features, standardisations: dataSet.meta.features });
}

/** The least and the greatest standardised value of a feature. */
function rangeOf(sequences: Sequences, feature: Feature, { mean, deviation }: Standardisation): FeatureRange {
  let least = Infinity;
  let greatest = -Infinity;
  for (let row = 0; row < sequences.rows; row += 1) {
    const value = feature === 'cpu' ? sequences.cpu[row]! : sequences.deltaNs[row]!;
    if (Number.isNaN(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (least > greatest) return { least: 0, greatest: 0 };
  const standard = (value: number) =>
    ((feature === 'logDelta' ? Math.log1p(value) : value) - mean) / (deviation === 0 ? 1 : deviation);
  return { least: standard(least), greatest: standard(greatest) };
}
