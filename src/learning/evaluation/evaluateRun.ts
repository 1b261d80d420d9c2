import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure } from '../../base/errors.js';
import { openDataSet, type DataSet, type StoredPart } from '../../dataset/dataSet.js';
import { encodeRecordings } from '../../dataset/encodeRecordings.js';
import { IDLE } from '../../dataset/vocabulary.js';
import { EVALUATION_VERSION, type Evaluation, type PartEvaluation } from '../../protocol/evaluation.js';
import { trainedTaskBaselines, trainedTimeBaselines } from '../baselines/evaluateBaselines.js';
import { AlwaysTask } from '../baselines/taskBaselines.js';
import type { Engine } from '../engines/engine.js';
import { readTrainedModel, type TrainedModel } from '../export/trainedModel.js';
import type { Model } from '../models/model.js';
import { modelKindOf } from '../trainer/config/config.js';
import { stateOf } from '../trainer/runFolder.js';
import { RESAMPLES } from './blockBootstrap.js';
import { measureCost } from './cost.js';
import type { EvaluatedEvents, Unwritten } from './evaluatedEvents.js';
import {
  evaluatedPart,
  recordingsGiven,
  recordingsOfDataSet,
  unknownAsIdle,
  type EvaluatedPart,
} from './evaluatedPart.js';
import { evaluateTasks } from './evaluateTasks.js';
import { evaluateTimes } from './evaluateTimes.js';
import {
  eventsFileName,
  readEvaluation,
  weightsDigest,
  writeEvaluation,
  writeEvents,
  type EvaluationKind,
} from './evaluationFiles.js';
import { modelOf } from './modelOf.js';
import { naiveError } from './timeScores.js';
import { evaluationWarnings } from './warnings.js';

/** Of a part; more make the intervals hardly narrower. */
export const MOST_TARGETS = 100_000;
export const BOOTSTRAP_SEED = 42;
/** Events between two breaths of a baseline are many, so progress is told by what the model has done. */
const TESTED_PARTS = ['validation', 'seen', 'unseen'] as const;

export interface EvaluateOptions {
  readonly engine: Engine;
  readonly kernelOracleVersion: string;
  /** Where the data set is now; where the run found it unless told. */
  readonly dataset?: string;
  /** Files and folders of recordings to evaluate on, in place of the parts of the data set. */
  readonly recordings?: readonly string[];
  /** Of a part, evenly spread; `MOST_TARGETS` unless told. */
  readonly maxTargets?: number;
  /** Of the bootstrap, and of free runs. */
  readonly seed?: number;
  /** True unless told. */
  readonly measureCost?: boolean;
  /** As the TCN follow-up scored: UNK counts as idle, in what is read and in what is to be predicted. Into a file of its own. */
  readonly asPublished?: boolean;
  readonly signal?: AbortSignal;
  /** @param share 0 … 1 of the phase */
  readonly onProgress?: (phase: string, share: number) => void;
  readonly now?: () => Date;
}

/**
 * Evaluates the best weights of a run on the parts of its data set that it was not trained on, or on recordings that are named,
 * beside the baselines; writes `evaluation/evaluation.json` and what was predicted of each event into the folder of the run.
 * What an earlier evaluation of the same weights told of other parts stays when recordings are named.
 * Failures: as `readTrainedModel`, `openDataSet` and `encodeRecordings`; `bad-input` when there is no window to predict;
 * `wrong-usage`; `too-large`; `write-failed`; `cancelled`.
 */
export async function evaluateRun(folder: string, options: EvaluateOptions): Promise<Evaluation> {
  const { dataset, signal, asPublished = false } = options;
  const tell = (phase: string, share: number) => options.onProgress?.(phase, share);
  tell('reading the data set', 0);
  const trained = await readTrainedModel(folder, dataset);
  const isTasks = modelKindOf(trained.config).task === 'next-task';
  if (asPublished && !isTasks) {
    throw new Failure(
      'wrong-usage',
      `${trained.config.model.name} predicts no tasks: scoring UNK as idle is about these.`,
    );
  }
  const dataSet = await openDataSet(dataset ?? trained.config.dataset);
  const job: Job = { folder, options, trained, dataSet, tell, breathe: breather(signal) };
  const { parts, notes } = await partsOf(job);
  const model = modelOf(options.engine, trained);
  try {
    const found = isTasks ? await allTasks(job, model, parts) : await allTimes(job, model, parts);
    const cost = options.measureCost === false ? null : await costOf(job, parts[0]!);
    return await written(job, found, cost, notes);
  } finally {
    model.dispose();
  }
}

interface Job {
  readonly folder: string;
  readonly options: EvaluateOptions;
  readonly trained: TrainedModel;
  readonly dataSet: DataSet;
  readonly tell: (phase: string, share: number) => void;
  readonly breathe: () => Promise<void>;
}

interface Found {
  readonly events: EvaluatedEvents;
  readonly evaluation: Unwritten<PartEvaluation>;
}

/** Lets messages in, and ends work that is cancelled. */
function breather(signal: AbortSignal | undefined): () => Promise<void> {
  return async () => {
    await setImmediate();
    throwIfCancelled(signal);
  };
}

/** What is to be predicted, and what is to be known of it. */
async function partsOf(job: Job): Promise<{ parts: EvaluatedPart[]; notes: string[] }> {
  const { options, trained, dataSet } = job;
  const { recordings, signal, maxTargets = MOST_TARGETS } = options;
  const add = (name: string, stored: StoredPart, named: Parameters<typeof evaluatedPart>[2]) =>
    evaluatedPart(name, aliased(options, stored), named, trained, maxTargets);
  const parts: (EvaluatedPart | null)[] = [];
  const notes: string[] = [];
  if (recordings === undefined) {
    const named = recordingsOfDataSet(dataSet.meta);
    for (const name of TESTED_PARTS) parts.push(add(name, await dataSet.part(name, signal), named));
  } else {
    const given = await encodeRecordings(recordings, dataSet.meta, signal);
    parts.push(add('given', given.part, recordingsGiven(given.recordings)));
    notes.push(...trainedOn(dataSet, given.recordings));
    for (const { path, reason } of given.leftOut) notes.push(`${path} was left out: ${reason}`);
  }
  const found = parts.filter((part) => part !== null);
  if (found.length > 0) return { parts: found, notes };
  const { length } = trained.config.windows;
  const where =
    recordings?.join(', ') ?? `The validation, seen and unseen parts of ${dataSet.folder} together`;
  throw new Failure(
    'bad-input',
    `${where} hold no sequence longer than the ${length} events of a window: there is nothing to predict. Name longer recordings${recordings === undefined ? ' with --on, or build the data set from more of them' : ''}.`,
  );
}

function* trainedOn(
  { meta }: DataSet,
  given: readonly { readonly path: string; readonly rowsSha256: string }[],
): Generator<string> {
  const trained = new Set(
    meta.recordings.filter(({ parts }) => parts.train > 0).map(({ rowsSha256 }) => rowsSha256),
  );
  for (const { path, rowsSha256 } of given) {
    if (trained.has(rowsSha256))
      yield `${path} is in the training part of the data set: what is tested was trained on.`;
  }
}

async function allTasks(job: Job, model: Model, parts: readonly EvaluatedPart[]): Promise<Found[]> {
  const { options, trained, dataSet, tell, breathe } = job;
  const { asPublished = false, seed = BOOTSTRAP_SEED, signal } = options;
  tell('training the baselines', 0);
  const train = aliased(options, await dataSet.part('train', signal));
  const usual = await trainedTaskBaselines({ taskCount: trained.inputs.taskCount, train, breathe });
  const baselines = asPublished ? [...usual, new AlwaysTask('always idle', IDLE)] : usual;
  const found: Found[] = [];
  for (const part of parts) {
    const phase = `predicting: ${part.name}`;
    tell(phase, 0);
    found.push(
      await evaluateTasks(part, {
        ...{ model, baselines, seed, aliased: asPublished },
        // It was trained by squared error on columns of 0 and 1.
        reading: trained.config.model.name === 'kernel-oracle-2019' ? 'shares' : 'softmax',
        taskNames: trained.vocabulary.tasks,
        eventsFile: eventsFileName(part.name, kindOf(options)),
        breathe: async (share) => {
          tell(phase, share);
          await breathe();
        },
      }),
    );
  }
  return found;
}

async function allTimes(job: Job, model: Model, parts: readonly EvaluatedPart[]): Promise<Found[]> {
  const { options, trained, dataSet, tell, breathe } = job;
  const { seed = BOOTSTRAP_SEED, signal } = options;
  tell('training the baselines', 0);
  const train = await dataSet.part('train', signal);
  const validation = await dataSet.part('validation', signal);
  const baselines = await trainedTimeBaselines({ train, breathe });
  const found: Found[] = [];
  for (const part of parts) {
    const phase = `predicting: ${part.name}`;
    tell(phase, 0);
    found.push(
      await evaluateTimes(part, {
        ...{ model, trained, baselines, train, validation, seed, signal },
        scale: naiveError(train),
        eventsFile: eventsFileName(part.name, kindOf(options)),
        breathe: async (share) => {
          tell(phase, share);
          await breathe();
        },
        onForecast: (share) => tell(`forecasting: ${part.name}`, share),
      }),
    );
  }
  return found;
}

async function costOf({ options, trained, tell, breathe }: Job, part: EvaluatedPart) {
  const phase = 'measuring the cost';
  tell(phase, 0);
  return measureCost({
    ...{ trained, part },
    signal: options.signal,
    breathe: async (share) => {
      tell(phase, share);
      await breathe();
    },
  });
}

async function written(
  job: Job,
  found: readonly Found[],
  cost: Evaluation['cost'],
  notes: readonly string[],
): Promise<Evaluation> {
  const { folder, options, trained } = job;
  const { signal, seed = BOOTSTRAP_SEED } = options;
  const { run, config } = trained;
  const weightsSha256 = weightsDigest(trained.weights);
  throwIfCancelled(signal);
  const now = await writtenParts(job, found);
  const before = await earlier(job, weightsSha256, now);
  const parts = [...(before?.parts ?? []), ...now];
  const model = {
    name: config.model.name,
    task: modelKindOf(config).task,
    parameters: run.parameters,
    epoch: run.best?.epoch ?? run.epoch,
    engine: options.engine.description,
  };
  const evaluation: Evaluation = {
    format: 'kernel-oracle-evaluation',
    version: EVALUATION_VERSION,
    kernelOracleVersion: options.kernelOracleVersion,
    evaluated: (options.now?.() ?? new Date()).toISOString(),
    ...{ model, weightsSha256, parts },
    dataset: { path: options.dataset ?? config.dataset, sha256: run.dataset.sha256 },
    bootstrap: { resamples: RESAMPLES, seed },
    cost: cost ?? before?.cost ?? null,
    warnings: [...ofRun(job), ...notes, ...evaluationWarnings({ parts, model })],
  };
  await writeEvaluation(folder, evaluation, kindOf(options));
  return evaluation;
}

/**
 * Writes the events of the parts. From here to the end nothing is cancelled, which takes a moment: events of this evaluation
 * beside figures of the one before would be of no use. Whoever reads them knows by the digest if the process was ended here.
 */
async function writtenParts({ folder }: Job, found: readonly Found[]): Promise<PartEvaluation[]> {
  const parts: PartEvaluation[] = [];
  for (const { events, evaluation } of found) {
    const eventsSha256 = await writeEvents(folder, evaluation.eventsFile, events);
    parts.push({ ...evaluation, eventsSha256 });
  }
  return parts;
}

/** Of the same weights: parts that were not evaluated now, where recordings were named. */
async function earlier(
  { folder, options }: Job,
  weightsSha256: string,
  now: readonly PartEvaluation[],
): Promise<Pick<Evaluation, 'parts' | 'cost'> | null> {
  if (options.recordings === undefined) return null;
  // One that is damaged is replaced, whatever it held.
  const before = await readEvaluation(folder, kindOf(options)).catch(() => null);
  const { seed = BOOTSTRAP_SEED } = options;
  if (before?.weightsSha256 !== weightsSha256 || before.bootstrap.seed !== seed) return null;
  const isNow = new Set(now.map(({ part }) => part));
  return { ...before, parts: before.parts.filter(({ part }) => !isNow.has(part)) };
}

function* ofRun({ options, trained }: Job): Generator<string> {
  const { run, config } = trained;
  if (options.asPublished === true) {
    yield 'Scored as the TCN follow-up did, to be compared with what it published: tasks that are not in the vocabulary count as idle, in what the model reads and in what is right. These figures say little about the model.';
  }
  const state = stateOf(run);
  if (state !== 'finished') {
    yield `The run is ${state}: these are its best weights so far, of epoch ${run.best?.epoch ?? run.epoch} of ${run.epochs}.`;
  }
  if (config.model.name === 'kernel-oracle-2019') {
    yield 'kernel-oracle-2019 was trained by squared error and gives no probabilities: confidences are shares of its columns, and there is no log loss.';
  }
}

function aliased<P extends Pick<StoredPart, 'task'>>({ asPublished = false }: EvaluateOptions, part: P): P {
  return asPublished ? unknownAsIdle(part) : part;
}

function kindOf({ asPublished = false }: EvaluateOptions): EvaluationKind {
  return asPublished ? 'published' : 'own';
}
