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
      featureRanges: features.map((feature) =>
        rangeOf(train, feature, dataSet.meta.features[feature], readsLargestTimeAsZero(config)),
      ),
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

/** A setting of the model of 2019. */
function readsLargestTimeAsZero({ model }: TrainingConfig): boolean {
  return (model.settings as { readonly largestTimeToZero?: unknown }).largestTimeToZero === true;
}

/**
 * The least and the greatest standardised value of a feature.
 * @param zeroesLargest of times: the largest one counts as 0 ns, so that the range is that of the others and 0
 */
export function rangeOf(
  sequences: Sequences,
  feature: Feature,
  { mean, deviation }: Standardisation,
  zeroesLargest = false,
): FeatureRange {
  const values = feature === 'cpu' ? sequences.cpu : sequences.deltaNs;
  const { least, greatest, second } = extremesOf(values);
  if (least > greatest) return { least: 0, greatest: 0 };
  const standard = (value: number) =>
    ((feature === 'logDelta' ? Math.log1p(value) : value) - mean) / (deviation === 0 ? 1 : deviation);
  if (!zeroesLargest || feature === 'cpu') return { least: standard(least), greatest: standard(greatest) };
  // As windows hold them: a product with the inverse, as a float32.
  const factor = deviation === 0 ? 1 : 1 / deviation;
  const held = (ns: number) => Math.fround(((feature === 'logDelta' ? Math.log1p(ns) : ns) - mean) * factor);
  const zeroed = { from: held(greatest), as: held(0) };
  return { least: standard(0), greatest: standard(Math.max(0, second)), zeroed };
}

/** `second` is the greatest value below `greatest`; −∞ where there is none. NaN is left out. */
function extremesOf(values: ArrayLike<number>) {
  let [least, greatest, second] = [Infinity, -Infinity, -Infinity];
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    if (value < least) least = value;
    if (value > greatest) [greatest, second] = [value, greatest];
    else if (value < greatest && value > second) second = value;
  }
  return { least, greatest, second };
}
