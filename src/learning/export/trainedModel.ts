import * as v from 'valibot';
import { Failure, isFailure } from '../../base/errors.js';
import { readDataSetMeta, type DataSetMeta } from '../../dataset/files/dataSetMeta.js';
import type { SafetensorsFile, TensorValues } from '../files/safetensors.js';
import type { ModelInputs, ModelOutputs } from '../models/model.js';
import { readWeights } from '../trainer/checkpoints.js';
import { modelKindOf, type TrainingConfig } from '../trainer/config/config.js';
import { readRunConfig } from '../trainer/resumedConfig.js';
import { readRun, runPaths, type RunInfo } from '../trainer/runFolder.js';
import { dataSetHash } from '../trainer/trainingData.js';

/** The best weights of a run, with all that one has to know to use them. */
export interface TrainedModel {
  readonly run: RunInfo;
  readonly config: TrainingConfig;
  readonly weights: ReadonlyMap<string, TensorValues>;
  readonly inputs: ModelInputs;
  readonly outputs: ModelOutputs;
  readonly vocabulary: DataSetMeta['vocabulary'];
  readonly standardisations: DataSetMeta['features'];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const inputsSchema = v.object({
  taskCount: count,
  stateCount: count,
  featureCount: count,
  featureRanges: v.optional(
    v.array(
      v.object({
        least: v.number(),
        greatest: v.number(),
        zeroed: v.exactOptional(v.object({ from: v.number(), as: v.number() })),
      }),
    ),
  ),
});
/** What of a model's settings decides what comes out. */
const headSchema = v.object({ head: v.optional(v.string()), quantiles: v.optional(v.array(v.number())) });

/**
 * Reads a run's best weights and, from its data set, the vocabulary and the standardisation.
 * @param dataset where the data set is now; where the run found it unless told
 * Failures: `not-found` (no run, no best weights yet, no data set), `bad-input` (damaged, or another data set), `read-failed`.
 */
export async function readTrainedModel(folder: string, dataset?: string): Promise<TrainedModel> {
  const run = await readRun(folder);
  if (run === null) throw new Failure('not-found', `${folder} is no run: there is no run.json in it.`);
  const config = await readRunConfig(folder);
  const { tensors, metadata } = await bestWeights(folder);
  const { vocabulary, features } = await dataSetOf(run, dataset ?? config.dataset);
  return {
    run,
    config,
    weights: tensors,
    inputs: inputsOf(folder, metadata, config),
    outputs: outputsOf(config),
    vocabulary,
    standardisations: features,
  };
}

/**
 * The best weights of a run, whatever its data set. Read only: while the run goes on, the checkpoint may just be between its
 * names. Failures: `not-found`, `bad-input`, `read-failed`.
 */
export async function bestWeights(folder: string): Promise<SafetensorsFile> {
  const { best } = runPaths(folder);
  for (const place of [best, `${best}.new`, `${best}.old`]) {
    try {
      return await readWeights(place);
    } catch (error) {
      if (!isFailure(error, 'file-not-found')) throw error;
    }
  }
  throw new Failure(
    'not-found',
    `${folder} has no best weights yet: they are there when its first epoch has ended.`,
  );
}

async function dataSetOf(run: RunInfo, path: string): Promise<DataSetMeta> {
  const meta = await readDataSetMeta(path).catch((error: unknown) => {
    if (!isFailure(error, 'not-found')) throw error;
    throw new Failure(
      'not-found',
      `${path}, which the run was trained on, is not there: its vocabulary and standardisation belong into the export. Name the folder where it is now (on the command line: --dataset).`,
      { cause: error },
    );
  });
  if (dataSetHash(meta) === run.dataset.sha256) return meta;
  throw new Failure(
    'bad-input',
    `${path} is not the data set that the run was trained on: its parts or vocabulary are others. Name the folder where that one is now (on the command line: --dataset).`,
  );
}

/** What the weights' file says of the model's inputs. Failure `bad-input`. */
export function inputsOf(
  folder: string,
  { inputs: text = '' }: Readonly<Record<string, string>>,
  config: TrainingConfig,
): ModelInputs {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), inputsSchema), text);
  const isSound = parsed.success && parsed.output.featureCount === config.windows.features.length;
  if (!isSound) {
    throw new Failure(
      'bad-input',
      `The best weights in ${folder} do not tell the inputs of the run's configuration: they are damaged, or of another run.`,
    );
  }
  const { featureRanges, ...counts } = parsed.output;
  return featureRanges === undefined ? counts : { ...counts, featureRanges };
}

function outputsOf(config: TrainingConfig): ModelOutputs {
  if (modelKindOf(config).task === 'next-task') return { kind: 'logits' };
  const { head, quantiles } = v.parse(headSchema, config.model.settings);
  return head === 'quantiles' && quantiles !== undefined
    ? { kind: 'quantiles', quantiles }
    : { kind: 'point' };
}
