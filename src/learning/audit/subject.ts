/** What checks look at, with all that is there already read. */
import { Failure, isFailure } from '../../base/errors.js';
import { openDataSet, type DataSet, type StoredPart } from '../../dataset/dataSet.js';
import type { DataSetMeta, RecordingEntry } from '../../dataset/files/dataSetMeta.js';
import type { PartName, SequenceOrigin } from '../../dataset/sequences.js';
import type { Evaluation } from '../../protocol/evaluation.js';
import type { EpochRecord } from '../../protocol/trainerMessages.js';
import { readEvaluation } from '../evaluation/evaluationFiles.js';
import { isOutdated, presentWeightsSha256 } from '../evaluation/presentWeights.js';
import { readHistory, readMetrics } from '../runs/runFiles.js';
import type { TrainingConfig } from '../trainer/config/config.js';
import type { RunMetrics } from '../trainer/evaluation.js';
import { readRunConfig } from '../trainer/resumedConfig.js';
import { readRun, type RunInfo } from '../trainer/runFolder.js';
import { dataSetHash } from '../trainer/trainingData.js';

/** A data set of which each part is read once. */
export interface AuditedDataSet {
  readonly folder: string;
  readonly meta: DataSetMeta;
  readonly part: (name: PartName) => Promise<StoredPart>;
}

export interface AuditedRun {
  readonly folder: string;
  readonly info: RunInfo;
  readonly config: TrainingConfig;
  readonly history: readonly EpochRecord[];
  /** `null`: the run has not ended, or goes on after it had. */
  readonly metrics: RunMetrics | null;
  /** `null`: it was not evaluated, or `outdated` is there. */
  readonly evaluation: Evaluation | null;
  /** An evaluation of weights that the run no longer has: nothing in it is judged. */
  readonly outdated: Evaluation | null;
  /** Of the best weights that it has now; `null`: none, or they cannot be read. */
  readonly weightsSha256: string | null;
  /** As text: why it cannot be looked at. */
  readonly dataSet: AuditedDataSet | string;
}

/** Parts that results are told of. */
export const TEST_PARTS = ['validation', 'seen', 'unseen'] as const satisfies readonly PartName[];

export const PART_TITLES: Readonly<Record<PartName, string>> = {
  train: 'the training part',
  validation: 'the validation part',
  seen: 'the seen test',
  unseen: 'the unseen test',
};

/** Failures: those of `openDataSet`; those of reading parts come when checks ask for them. */
export async function auditedDataSet(folder: string, signal?: AbortSignal): Promise<AuditedDataSet> {
  return kept(await openDataSet(folder), signal);
}

/**
 * A run with what it left. Without `dataset`, a data set that is gone or was built anew is no failure: the checks that need
 * it are skipped. Failures: `not-found` (no run), and those of reading.
 */
export async function auditedRun(
  folder: string,
  dataset: string | undefined,
  signal?: AbortSignal,
): Promise<AuditedRun> {
  const info = await readRun(folder);
  if (info === null) {
    throw new Failure(
      'not-found',
      `${folder} is no run: there is no run.json in it. "kernel-oracle runs list" finds runs.`,
    );
  }
  const config = await readRunConfig(folder);
  const found = await readEvaluation(folder);
  const weightsSha256 = await presentWeightsSha256(folder);
  const isOfOthers = found !== null && isOutdated(found, weightsSha256);
  return {
    folder,
    info,
    config,
    history: await readHistory(folder),
    // Those of an earlier end stay while a run that was resumed goes on.
    metrics: info.state === 'finished' ? await readMetrics(folder) : null,
    evaluation: isOfOthers ? null : found,
    outdated: isOfOthers ? found : null,
    weightsSha256,
    dataSet: await dataSetOf(info, dataset ?? config.dataset, dataset !== undefined, signal),
  };
}

/** Why nothing of an evaluation can be looked at. @param otherwise where there is none at all */
export function noEvaluation({ outdated }: AuditedRun, otherwise: string): string {
  return outdated === null
    ? otherwise
    : 'Its evaluation is of weights that the run no longer has: evaluate it again.';
}

async function dataSetOf(
  info: RunInfo,
  path: string,
  isNamed: boolean,
  signal: AbortSignal | undefined,
): Promise<AuditedDataSet | string> {
  try {
    const dataSet = await openDataSet(path);
    if (dataSetHash(dataSet.meta) === info.dataset.sha256) return kept(dataSet, signal);
    const why = `${path} is not the data set that the run was trained on: its parts or vocabulary are others`;
    if (!isNamed) return `${why}. Name the folder where that one is now (--dataset).`;
    throw new Failure('bad-input', `${why}.`);
  } catch (error) {
    if (isNamed || !isFailure(error, 'not-found')) throw error;
    return `The data set is not where the run found it, ${path}. Name the folder where it is now (--dataset).`;
  }
}

function kept(dataSet: DataSet, signal: AbortSignal | undefined): AuditedDataSet {
  const parts = new Map<PartName, Promise<StoredPart>>();
  return {
    folder: dataSet.folder,
    meta: dataSet.meta,
    part: (name) => {
      let part = parts.get(name);
      if (part === undefined) parts.set(name, (part = dataSet.part(name, signal)));
      return part;
    },
  };
}

export interface SequencePlace {
  readonly start: number;
  readonly end: number;
  readonly origin: SequenceOrigin;
  /** Absolute time of its first row. */
  readonly startNs: bigint;
}

/** The sequences of a part in turn. */
export function* sequencesOf({ rows, starts, origins, startNs }: StoredPart): Generator<SequencePlace> {
  for (let at = 0; at < starts.length; at += 1) {
    const end = starts[at + 1] ?? rows;
    yield { start: starts[at]!, end, origin: origins[at]!, startNs: startNs[at]! };
  }
}

/** What a recording is called in evidence. */
export function recordingName({ files, traceId }: RecordingEntry): string {
  const path = files[0]?.path ?? 'a recording without a file';
  const name = path.slice(path.lastIndexOf('/') + 1);
  return traceId === null ? name : `${name} (${traceId})`;
}
