/**
 * What `evaluation/evaluation.json` in the folder of a run holds: plain data, so that panels, the command line and tests read the
 * same. Every figure that is shown of a model comes from it. Shares are 0 … 1; `null` is "cannot be told".
 */

/** A figure with its 95 % interval, by block bootstrap; without bounds where there are too few blocks to tell. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** 2: parts name the digest of their events, and groups have differences with intervals. */
export const EVALUATION_VERSION = 2;

export interface Evaluation {
  readonly format: 'kernel-oracle-evaluation';
  readonly version: typeof EVALUATION_VERSION;
  readonly kernelOracleVersion: string;
  /** ISO 8601, UTC. */
  readonly evaluated: string;
  readonly model: {
    readonly name: string;
    readonly task: 'next-task' | 'inter-arrival';
    readonly parameters: number;
    /** Epoch of the weights. */
    readonly epoch: number;
    readonly engine: string;
  };
  /** SHA-256 of what the weights' file holds, so that figures of other weights are known for such. */
  readonly weightsSha256: string;
  readonly dataset: { readonly path: string; readonly sha256: string };
  readonly bootstrap: { readonly resamples: number; readonly seed: number };
  readonly parts: readonly PartEvaluation[];
  /** `null`: not measured. */
  readonly cost: CostFigures | null;
  /** What a reader should know before any figure. */
  readonly warnings: readonly string[];
}

export type PartEvaluation = NextTaskEvaluation | InterArrivalEvaluation;

interface PartCommon {
  /** `validation`, `seen`, `unseen`, or `given` for recordings that were named. */
  readonly part: string;
  /** Events that were to be predicted. */
  readonly targets: number;
  readonly recordings: readonly EvaluatedRecording[];
  /** File with what was predicted of each event, beside this one. */
  readonly eventsFile: string;
  /** SHA-256 of that file: what was written by another evaluation is known for such. */
  readonly eventsSha256: string;
  readonly blockEvents: number;
}

export interface EvaluatedRecording {
  readonly path: string;
  readonly workload: string;
  readonly category: string;
  readonly targets: number;
}

// ---- next task

export interface NextTaskEvaluation extends PartCommon {
  readonly task: 'next-task';
  /** Targets that are not in the vocabulary: none of them is ever right. */
  readonly unknownTargets: number;
  readonly idleTargets: number;
  /** `null`: the data set does not tell how many tasks were runnable. */
  readonly contestedTargets: number | null;
  /** By `SLICES`; `contested` is left out where it is not known. */
  readonly slices: readonly TaskSlice[];
  readonly calibration: Calibration;
  readonly byWorkload: readonly TaskGroup[];
  readonly byCpu: readonly TaskGroup[];
  /** Descending by support. */
  readonly byTask: readonly TaskScores[];
  readonly macro: {
    /** Mean over workloads of top-1. */
    readonly workloadTop1: number;
    /** Means over tasks that occur. */
    readonly taskRecall: number;
    readonly taskF1: number;
  };
}

export const SLICES = ['all', 'withoutIdle', 'contested', 'knownOnly'] as const;
export type SliceName = (typeof SLICES)[number];

export interface TaskSlice {
  readonly slice: SliceName;
  readonly targets: number;
  readonly model: NextTaskScores;
  readonly baselines: readonly BaselineScores[];
}

export interface NextTaskScores {
  readonly top1: Estimate;
  readonly top3: Estimate;
  /** Mean reciprocal rank; of baselines, over the ten that they name. */
  readonly mrr: Estimate;
  /** Nats an event, over known targets. `null`: names tasks, but gives no probabilities. */
  readonly logLoss: Estimate | null;
}

export interface BaselineScores {
  readonly name: string;
  readonly scores: NextTaskScores;
  /** Model less baseline, paired event by event. */
  readonly difference: NextTaskScores;
}

export interface Calibration {
  /** Expected calibration error: mean distance of confidence and accuracy over the bins, weighted by events. */
  readonly ece: number;
  readonly bins: readonly CalibrationBin[];
}

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly confidence: number;
  readonly accuracy: number;
}

export interface TaskGroup {
  /** Of a workload its name, of a CPU its number. */
  readonly name: string;
  readonly category: string | null;
  readonly targets: number;
  readonly model: Estimate;
  readonly withoutIdle: number | null;
  /** Top-1 of each baseline, and the model's less that, paired event by event. */
  readonly baselines: readonly {
    readonly name: string;
    readonly top1: number;
    readonly difference: Estimate;
  }[];
}

export interface TaskScores {
  readonly task: string;
  /** Its number in the vocabulary. */
  readonly index: number;
  /** Events that it came at. */
  readonly support: number;
  /** Events at which it was predicted. */
  readonly predicted: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

// ---- time to the next event

export interface InterArrivalEvaluation extends PartCommon {
  readonly task: 'inter-arrival';
  /** 1 first; those that no recording is long enough for are left out. */
  readonly horizons: readonly Horizon[];
  readonly collapse: Collapse;
  readonly byWorkload: readonly TimeGroup[];
}

export interface Horizon {
  /** Events ahead. */
  readonly steps: number;
  /** How many times were forecast. */
  readonly targets: number;
  readonly model: TimeScores;
  readonly baselines: readonly TimeBaselineScores[];
}

/** Of ln(1 + ns). */
export interface TimeScores {
  readonly logMae: Estimate;
  /** Mean absolute scaled error (Hyndman & Koehler 2006): by that of "last value" on the training part. */
  readonly mase: Estimate;
  readonly pinball: Estimate;
  readonly crps: Estimate;
  /** Shares of what fell into the central intervals; `null` for points. */
  readonly coverage50: Estimate | null;
  readonly coverage90: Estimate | null;
}

export interface TimeBaselineScores {
  readonly name: string;
  readonly scores: TimeScores;
  /** Model less baseline. */
  readonly difference: TimeScores;
}

/** Whether the forecast is hardly more than one value. */
export interface Collapse {
  /** Standard deviation of the medians that were forecast over that of what came, at 1 event. */
  readonly spreadRatio: number;
  /** Standard deviation of the times of free runs, from their 100th event on, over that of what came; `null`: not run. */
  readonly freeRunRatio: number | null;
  readonly isCollapsed: boolean;
}

export interface TimeGroup {
  readonly name: string;
  readonly category: string | null;
  readonly targets: number;
  readonly logMae: Estimate;
  /** Each on the events of the group at which it knew anything; differences are the model's on these less the baseline's. */
  readonly baselines: readonly {
    readonly name: string;
    readonly logMae: number;
    readonly difference: Estimate;
  }[];
}

// ---- cost

export interface CostFigures {
  /** Processor, threads, Node: what the figures are of. */
  readonly machine: string;
  readonly engines: readonly EngineCost[];
  /** `null`: the model has no streaming form. */
  readonly streaming: { readonly p50Ns: number; readonly p99Ns: number; readonly events: number } | null;
}

export interface EngineCost {
  readonly engine: string;
  readonly threads: number;
  /** A window of its own, from arrays to answer. */
  readonly single: { readonly p50Ns: number; readonly p99Ns: number };
  /** Many windows at once: what each takes is no latency. */
  readonly batched: { readonly windows: number; readonly windowsPerSecond: number };
}
