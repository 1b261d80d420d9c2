/**
 * Models beside each other, on events that all of them were asked about. `runs[0]` is the one that the others are measured
 * against. The shapes are what `compareModels` in `src/learning/runs/compareModels.ts` gives, and the command line prints.
 */
import type { CostFigures, Estimate, SliceName } from './evaluation.js';

export interface ModelComparison {
  readonly task: 'next-task' | 'inter-arrival';
  readonly runs: readonly ComparedModel[];
  readonly dataset: { readonly path: string; readonly sha256: string };
  readonly parts: readonly ComparedPart[];
  /** Settings in which the runs differ. */
  readonly settings: readonly DifferingSetting[];
  readonly bootstrap: { readonly resamples: number; readonly seed: number };
  /** What a reader should know before any figure. */
  readonly warnings: readonly string[];
}

export interface ComparedModel {
  readonly folder: string;
  /** Name of the folder, with as much before it as tells the runs apart. */
  readonly title: string;
  readonly model: string;
  readonly parameters: number;
  readonly epoch: number;
  readonly engine: string;
  /** ISO 8601, UTC. */
  readonly evaluated: string;
  readonly cost: CostFigures | null;
}

export interface ComparedPart {
  readonly part: string;
  /** Events that all runs were asked about: all figures are of these. */
  readonly events: number;
  /** Events that each run was asked about. */
  readonly ofEvents: readonly number[];
  /** Consecutive events that are drawn and turned together. */
  readonly blockEvents: number;
  readonly blocks: number;
  readonly slices: readonly ComparedSlice[];
  readonly byWorkload: readonly ComparedWorkload[];
}

export interface ComparedSlice {
  readonly slice: SliceName;
  readonly events: number;
  readonly metrics: readonly ComparedMetric[];
}

/** `logMae`: mean |error| of ln(1 + ns). */
export type ComparedMetricId = 'top1' | 'top3' | 'mrr' | 'logLoss' | 'logMae';

export interface ComparedMetric {
  readonly metric: ComparedMetricId;
  readonly better: 'higher' | 'lower';
  /** One a run. */
  readonly values: readonly Estimate[];
  /** One for each run but the first. */
  readonly differences: readonly PairedDifference[];
}

export interface PairedDifference {
  /** Index in `runs`. */
  readonly run: number;
  /** This run less the first, event by event. */
  readonly difference: Estimate;
  readonly test: PairedTest;
  /** Of top-1 only. */
  readonly mcnemar: DiscordantEvents | null;
}

/** Sign-flip test on the sums of blocks. */
export interface PairedTest {
  readonly kind: 'exact' | 'sampled';
  /** Two-sided. */
  readonly p: number;
  readonly blocks: number;
  readonly tried: number;
}

/** McNemar's test, which takes events as independent: they are not, and its p is too small. */
export interface DiscordantEvents {
  /** Right in the first run only, and in this one only. */
  readonly onlyFirst: number;
  readonly onlyThis: number;
  readonly midP: number;
}

/** By the main metric: top-1, or the error of times. */
export interface ComparedWorkload {
  readonly workload: string;
  readonly category: string | null;
  readonly events: number;
  readonly metric: ComparedMetric;
}

export interface DifferingSetting {
  /** As in the file: `optimizer.learningRate`. */
  readonly path: string;
  /** One a run; `null`: it has no such setting. */
  readonly values: readonly (string | null)[];
}

export type ModelComparisonState =
  | { readonly kind: 'ready'; readonly comparison: ModelComparison }
  /** They cannot be compared yet, or at all, and why. */
  | {
      readonly kind: 'missing';
      readonly message: string;
      /** Runs that were not evaluated: by their place, with their titles. */
      readonly unevaluated: readonly { readonly run: number; readonly title: string }[];
    };

export interface ModelComparisonRequests {
  modelComparisonState: {
    /** Folder of the run that the others are measured against; `null`: the first. */
    params: { readonly against: string | null };
    result: ModelComparisonState;
  };
}

/** What the view keeps over hiding and reloads, beside the folders. */
export interface ModelComparisonMemory {
  readonly part: string | null;
  readonly slice: SliceName;
  readonly metric: ComparedMetricId | null;
  /** Folder of the run that the others are measured against; `null`: the first. */
  readonly against: string | null;
}
