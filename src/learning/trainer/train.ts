import { mkdir } from 'node:fs/promises';
import { writeFileAtomically } from '../../base/atomicFile.js';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import { openDataSet } from '../../dataset/dataSet.js';
import type { Engine } from '../engines/engine.js';
import { hasCheckpoint, readLatest, settle, type Checkpoint } from './checkpoints.js';
import { configText, modelKindOf, type TrainingConfig } from './config/config.js';
import type { RunMetrics } from './evaluation.js';
import { newRun } from './newRun.js';
import type { PauseSwitch } from './pauseSwitch.js';
import type { EpochRecord, TrainingProgress } from '../../protocol/trainerMessages.js';
import { failureMessage } from './runFailure.js';
import { readRun, runPaths, stateOf, thisProcess, writeRun, type RunInfo } from './runFolder.js';
import { RunJournal } from './runJournal.js';
import { RunLog } from './runLog.js';
import { readRunConfig, requireSameConfig } from './resumedConfig.js';
import { dataSetHash, TrainingData, type TrainingDataSet } from './trainingData.js';
import { TrainingRun } from './trainingRun.js';

export interface TrainOptions {
  readonly engine: Engine;
  /** For `run.json`. */
  readonly kernelOracleVersion: string;
  /** Go on from the latest checkpoint of the folder; from the beginning when there is none yet. */
  readonly resume?: boolean;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Ends the run, with a checkpoint from which it can be resumed. */
  readonly signal?: AbortSignal;
  readonly pause?: PauseSwitch;
  readonly nowMs?: () => number;
  /** Shortest time between two tellings of progress; 200 unless told. */
  readonly progressMs?: number;
  /** In place of the configuration's folder. */
  readonly dataSet?: TrainingDataSet;
}

export type TrainingOutcome =
  | { readonly state: 'finished'; readonly run: RunInfo; readonly metrics: RunMetrics | null }
  | { readonly state: 'cancelled'; readonly run: RunInfo };

/**
 * Trains a model into a folder (README.md tells what is in it). The same configuration, data set and engine give the same
 * weights, whether the run was interrupted or not.
 * Failures: `wrong-usage` for a folder that has a run already, `bad-input`, `too-large`, `write-failed`; they are in
 * `run.json` as well, and the best checkpoint stays as it was.
 */
export async function train(
  config: TrainingConfig,
  folder: string,
  options: TrainOptions,
): Promise<TrainingOutcome> {
  const before = await claim(folder, config, options.resume === true);
  if (before?.state === 'finished' && config.epochs <= before.epochs)
    return { state: 'finished', run: before, metrics: null };
  const nowMs = options.nowMs ?? Date.now;
  const log = new RunLog(runPaths(folder).log, nowMs);
  let journal: RunJournal | null = null;
  try {
    const dataSet = options.dataSet ?? (await openDataSet(config.dataset));
    const opened = await open(config, folder, { ...options, nowMs, dataSet, before, log });
    journal = opened.journal;
    return await opened.work();
  } catch (error) {
    const message = failureMessage(error, config, folder);
    log.error(message);
    const time = new Date(nowMs()).toISOString();
    const failed = { state: 'failed', message, updated: time, ended: time, process: null } as const;
    const info = journal?.info ?? before ?? notBegun(config, options, time);
    await writeRun(folder, { ...info, ...failed })
      // On a full disk it still says `running`, which reads as interrupted once this process is gone.
      .catch((cause: unknown) => log.error(messageOf(cause)));
    if (isFailure(error)) throw new Failure(error.code, message, { cause: error });
    throw error;
  } finally {
    journal?.dispose();
  }
}

/** Makes the folder this run's own; what is there of it already, or `null`. */
async function claim(folder: string, config: TrainingConfig, resume: boolean): Promise<RunInfo | null> {
  const found = await readRun(folder);
  // One that waited in a queue, or came no further than to its data set, has done nothing yet.
  const isBegun = found !== null && found.state !== 'queued' && found.dataset.sha256 !== '';
  const run = isBegun ? found : null;
  if (run !== null) {
    const state = stateOf(run);
    if (!resume) {
      throw new Failure(
        'wrong-usage',
        `${folder} holds a run already (${state}). Resume it, or name another folder.`,
      );
    }
    const isOther = run.process !== null && run.process.pid !== process.pid;
    if ((state === 'running' || state === 'paused') && isOther) {
      throw new Failure('wrong-usage', `The run in ${folder} is ${state} in process ${run.process!.pid}.`);
    }
    requireSameConfig(await readRunConfig(folder), config, folder);
  }
  await mkdir(runPaths(folder).checkpoints, { recursive: true });
  await writeFileAtomically(runPaths(folder).config, [configText(config)]);
  return run;
}

/** What is told of a run that failed before it knew its data set or its model. */
function notBegun(config: TrainingConfig, options: TrainOptions, time: string): RunInfo {
  const { name, description } = options.engine;
  return {
    ...newRun(config, options.kernelOracleVersion, time),
    state: 'failed',
    engine: { name, description },
  };
}

interface Opening extends TrainOptions {
  readonly nowMs: () => number;
  readonly dataSet: TrainingDataSet;
  readonly before: RunInfo | null;
  readonly log: RunLog;
}

async function open(
  config: TrainingConfig,
  folder: string,
  options: Opening,
): Promise<{ journal: RunJournal; work: () => Promise<TrainingOutcome> }> {
  const { engine, dataSet, before, log, nowMs } = options;
  const sha256 = dataSetHash(dataSet.meta);
  if (before !== null && before.dataset.sha256 !== sha256) {
    throw new Failure(
      'bad-input',
      `${config.dataset} is not the data set that this run began with: its parts or vocabulary have changed. Start a new run.`,
    );
  }
  const data = await TrainingData.open(dataSet, config);
  const kind = modelKindOf(config);
  const model = kind.create(engine, data.inputs, config.model.settings, config.seed);
  const restored = before === null ? null : await latestOf(folder);
  const values = [...model.parameters.values()];
  const parameters = values.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const info: RunInfo = {
    ...notBegun(config, options, before?.started ?? new Date(nowMs()).toISOString()),
    state: 'running',
    dataset: { path: config.dataset, sha256 },
    process: thisProcess(),
    parameters,
    epoch: restored?.state.epoch ?? 0,
    step: restored?.state.step ?? 0,
    best: restored === null ? null : (before?.best ?? null),
  };
  const { epoch, step } = info;
  const journal = await RunJournal.open(folder, log, nowMs, info, epoch, restored === null ? null : step);
  if (restored === null) journal.graph(model.graph);
  log.info(
    restored === null
      ? `${kind.name}, ${parameters} parameters, ${data.train.count} windows, seed ${config.seed}, ${engine.description}`
      : `resumed in epoch ${epoch + 1}, behind batch ${restored.state.batch}`,
  );
  if (data.validation.count === 0)
    log.warn('The validation part has no window: the training loss tells which epoch is best.');
  const metadata = {
    model: kind.name,
    settings: JSON.stringify(config.model.settings),
    inputs: JSON.stringify(data.inputs),
    windows: JSON.stringify(config.windows),
    dataset: sha256,
  };
  const { signal, pause, onProgress, onEpoch, progressMs = 200 } = options;
  const parts = {
    config,
    engine,
    data,
    model,
    journal,
    metadata,
    signal,
    pause,
    onProgress,
    onEpoch,
    nowMs,
    progressMs,
  };
  const work = async () => {
    try {
      return await workOf(new TrainingRun(parts, restored), journal, nowMs);
    } finally {
      model.dispose();
    }
  };
  return { journal, work };
}

async function latestOf(folder: string): Promise<Required<Checkpoint> | null> {
  const { best, latest } = runPaths(folder);
  await settle(best);
  await settle(latest);
  return (await hasCheckpoint(latest)) ? readLatest(latest) : null;
}

async function workOf(
  training: TrainingRun,
  journal: RunJournal,
  nowMs: () => number,
): Promise<TrainingOutcome> {
  const ended = () => ({ ended: new Date(nowMs()).toISOString(), process: null });
  try {
    const metrics = await training.run();
    await writeFileAtomically(runPaths(journal.folder).metrics, [`${JSON.stringify(metrics, null, 2)}\n`]);
    await journal.update({ state: 'finished', ...ended() });
    journal.log.info('finished');
    return { state: 'finished', run: journal.info, metrics };
  } catch (error) {
    if (!isFailure(error, 'cancelled')) throw error;
    await journal.update({ state: 'cancelled', ...ended() });
    journal.log.info('cancelled; it can be resumed');
    return { state: 'cancelled', run: journal.info };
  }
}
