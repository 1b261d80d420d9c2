import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSetMeta } from '../../src/dataset/files/dataSetMeta.js';
import { configText } from '../../src/learning/trainer/config/config.js';
import { runPaths, type RunInfo } from '../../src/learning/trainer/runFolder.js';
import { dataSetHash } from '../../src/learning/trainer/trainingData.js';
import {
  EVALUATION_VERSION,
  type Estimate,
  type Evaluation,
  type InterArrivalEvaluation,
  type NextTaskEvaluation,
  type NextTaskScores,
  type TimeScores,
} from '../../src/protocol/evaluation.js';
import type { EpochRecord } from '../../src/protocol/trainerMessages.js';
import { digest } from './auditedDataSet.js';
import { runInfo } from './runInfo.js';
import { littleConfig } from './trainingRuns.js';

// What a run leaves, without any flaw, for tests to plant one. Figures are made up, but agree with each other.

export type Writable<T> = T extends object ? { -readonly [Key in keyof T]: Writable<T[Key]> } : T;

export interface RunDraft {
  info: Writable<RunInfo>;
  config: Record<string, unknown>;
  history: Writable<EpochRecord>[];
  metrics: Record<
    string,
    { model: Record<string, unknown>; baselines: Record<string, Record<string, unknown>> }
  >;
  evaluation: Writable<Evaluation>;
}

export function nextTaskDraft(): RunDraft {
  const metrics = (unknownTargets: number) => ({
    model: {
      task: 'next-task',
      windows: 500,
      loss: 1.2,
      targets: 500,
      unknownTargets,
      accuracy: 0.62,
      top5: 0.9,
      accuracyWithoutIdle: 0.6,
    },
    baselines: { constant: { accuracy: 0.2 }, 'Markov 2, online': { accuracy: 0.45 } },
  });
  return {
    info: runInfo({ best: { epoch: 2, loss: 1.2, accuracy: 0.6, mae: null }, epoch: 3, epochs: 3 }),
    config: {},
    history: historyOf(),
    metrics: { validation: metrics(0), seen: metrics(0), unseen: metrics(60) },
    evaluation: {
      ...evaluationOf('next-task'),
      parts: [taskPart('seen', 0), taskPart('unseen', 360)],
    },
  };
}

export function interArrivalDraft(): RunDraft {
  const metrics = {
    model: {
      task: 'inter-arrival',
      windows: 500,
      loss: 0.2,
      targets: 500,
      maeLog: 0.3,
      maeNs: 9000,
      pinballLog: 0.1,
    },
    baselines: { 'last value': { maeLog: 0.9 }, 'EWMA 0.2': { maeLog: 0.7 } },
  };
  return {
    info: runInfo({
      model: 'inter-arrival-tcn',
      task: 'inter-arrival',
      best: { epoch: 2, loss: 1.2, accuracy: null, mae: 0.3 },
    }),
    config: { model: { name: 'inter-arrival-tcn' } },
    history: historyOf(),
    metrics: { validation: metrics, seen: metrics },
    evaluation: { ...evaluationOf('inter-arrival'), parts: [timePart('seen')] },
  };
}

/** Writes the folder of the run, with the data set that lies at that path. */
export function writeRunDraft(folder: string, draft: RunDraft, dataset: string, meta: DataSetMeta): void {
  mkdirSync(join(folder, 'evaluation'), { recursive: true });
  const paths = runPaths(folder);
  const hash = dataSetHash(meta);
  const json = (path: string, value: unknown) => writeFileSync(path, JSON.stringify(value));
  json(paths.run, { ...draft.info, dataset: { path: dataset, sha256: hash } });
  writeFileSync(paths.config, configText(littleConfig({ ...draft.config, dataset })));
  writeFileSync(paths.history, draft.history.map((record) => `${JSON.stringify(record)}\n`).join(''));
  json(paths.metrics, draft.metrics);
  const evaluation = { ...draft.evaluation, dataset: { path: dataset, sha256: hash } };
  json(join(folder, 'evaluation', 'evaluation.json'), evaluation);
}

export const estimate = (value: number): Writable<Estimate> => ({
  value,
  low: value - 0.01,
  high: value + 0.01,
});

function scoresOf(top1: number): Writable<NextTaskScores> {
  return { top1: estimate(top1), top3: estimate(top1), mrr: estimate(top1), logLoss: null };
}

/** A baseline that is right so often, beside a model that is right so often. */
export function baselineOf(name: string, model: number, own: number) {
  return { name, scores: scoresOf(own), difference: scoresOf(model - own) };
}

function timesOf(logMae: number): Writable<TimeScores> {
  const any = estimate(1);
  return { logMae: estimate(logMae), mase: any, pinball: any, crps: any, coverage50: null, coverage90: null };
}

export function timeBaselineOf(name: string, model: number, own: number) {
  return { name, scores: timesOf(own), difference: timesOf(model - own) };
}

function evaluationOf(task: Evaluation['model']['task']): Omit<Writable<Evaluation>, 'parts'> {
  return {
    format: 'kernel-oracle-evaluation',
    version: EVALUATION_VERSION,
    kernelOracleVersion: '1.2.3',
    evaluated: '2026-02-03T12:00:00.000Z',
    model: { name: 'tcn', task, parameters: 1000, epoch: 2, engine: 'embedded' },
    weightsSha256: digest('weights'),
    dataset: { path: '/data', sha256: digest('data') },
    bootstrap: { resamples: 100, seed: 1 },
    cost: {
      machine: 'a processor',
      engines: [
        {
          engine: 'embedded',
          threads: 1,
          single: { p50Ns: 900_000, p99Ns: 1_200_000 },
          batched: { windows: 128, windowsPerSecond: 9000 },
        },
      ],
      streaming: null,
    },
    warnings: [],
  };
}

function taskPart(part: string, unknownTargets: number): Writable<NextTaskEvaluation> {
  const targets = 3000;
  const known = targets - unknownTargets;
  const right = 0.62;
  const slice = (name: 'all' | 'withoutIdle' | 'knownOnly', count: number, top1: number) => ({
    slice: name,
    targets: count,
    model: scoresOf(top1),
    baselines: [baselineOf('constant', top1, 0.2), baselineOf('Markov 2, online', top1, 0.45)],
  });
  const tasks = ['swapper', 'backup', 'client', 'indexer', 'logger', 'server', 'shell'];
  const group = (name: string) => ({
    name,
    category: name,
    targets: targets / 2,
    model: estimate(right),
    withoutIdle: 0.6,
    baselines: [{ name: 'constant', top1: 0.2, difference: estimate(right - 0.2) }],
  });
  return {
    part,
    task: 'next-task',
    targets,
    recordings: [],
    eventsFile: `${part}.columns`,
    eventsSha256: digest(part),
    blockEvents: 100,
    unknownTargets,
    idleTargets: 450,
    contestedTargets: null,
    slices: [
      slice('all', targets, right),
      slice('withoutIdle', targets - 450, 0.6),
      slice('knownOnly', known, (right * targets) / known),
    ],
    calibration: { ece: 0.02, bins: [] },
    byWorkload: [group('web'), group('mail')],
    byCpu: [],
    byTask: tasks.map((task, at) => ({
      task,
      index: at + 1,
      support: Math.floor(known / tasks.length),
      predicted: Math.floor(known / tasks.length),
      precision: 0.6,
      recall: 0.62,
      f1: 0.61,
    })),
    macro: { workloadTop1: right, taskRecall: 0.62, taskF1: 0.61 },
  };
}

function timePart(part: string): Writable<InterArrivalEvaluation> {
  return {
    part,
    task: 'inter-arrival',
    targets: 3000,
    recordings: [],
    eventsFile: `${part}.columns`,
    eventsSha256: digest(part),
    blockEvents: 100,
    horizons: [
      {
        steps: 1,
        targets: 3000,
        model: timesOf(0.3),
        baselines: [timeBaselineOf('last value', 0.3, 0.9), timeBaselineOf('EWMA 0.2', 0.3, 0.7)],
      },
    ],
    collapse: { spreadRatio: 0.8, freeRunRatio: 0.7, isCollapsed: false },
    byWorkload: [{ name: 'web', category: 'web', targets: 1500, logMae: estimate(0.3), baselines: [] }],
  };
}

/** Three epochs of which the second is the best. */
function historyOf(): Writable<EpochRecord>[] {
  return [1.5, 1.2, 1.3].map((validationLoss, at) => ({
    epoch: at + 1,
    step: 100 * (at + 1),
    time: '2026-02-03T12:00:00.000Z',
    trainLoss: 1.6 - at / 5,
    validationLoss,
    accuracy: 0.6,
    top5: 0.9,
    accuracyWithoutIdle: 0.6,
    mae: null,
    learningRate: 0.001,
    examplesPerSecond: 1000,
    memoryBytes: 1000,
    isBest: at < 2,
  }));
}
