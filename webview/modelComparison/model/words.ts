import type {
  ComparedMetric,
  ComparedMetricId,
  ComparedModel,
  ModelComparison,
  PairedDifference,
} from '../../../src/protocol/modelComparisonMessages.js';
import { formatP } from '../../comparison/model/words.js';
import {
  estimateText,
  STANDING_WORDS,
  standingOf,
  TASK_MEASURES,
  TIME_MEASURES,
  type Measure,
} from '../../model/model/measures.js';

/** How a figure is called and written, without how it is read of an evaluation. */
export type MetricWords = Omit<Measure<never>, 'read'>;

export function metricWords(id: ComparedMetricId): MetricWords {
  const found = [...TASK_MEASURES, ...TIME_MEASURES].find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no figure ${id}.`);
  return found;
}

/** Runs by letters where there is little room: A is the one that the others are measured against. */
export function runLetter(run: number): string {
  return String.fromCharCode(65 + run);
}

/** `B · lstm` */
export function runLabel({ runs }: ModelComparison, run: number): string {
  return `${runLetter(run)} · ${runs[run]?.title ?? ''}`;
}

/** A sentence a run: whether it can be told from the first, and on what that rests. */
export function verdictsOf(comparison: ModelComparison, metric: ComparedMetric): string[] {
  const { label } = metricWords(metric.metric);
  const [first] = comparison.runs;
  return metric.differences.map((paired) => {
    const run = comparison.runs[paired.run];
    return `${label}: ${nameOf(run)} ${standingText(metric, paired)} ${nameOf(first)}. ${restsOn(metric, paired)}`;
  });
}

function nameOf(run: ComparedModel | undefined): string {
  return `“${run?.title ?? ''}”`;
}

function standingText({ better }: ComparedMetric, { difference }: PairedDifference): string {
  switch (standingOf(difference, better)) {
    case 'better':
      return 'is better than';
    case 'worse':
      return 'is worse than';
    case 'even':
      return 'cannot be told apart from';
    case 'untold':
      return 'is of too few blocks of events to be told from';
  }
}

function restsOn({ metric }: ComparedMetric, { difference, test }: PairedDifference): string {
  const { formatDifference } = metricWords(metric);
  return `The difference is ${estimateText(difference, formatDifference)}, p ${pText(test.p)}.`;
}

/** The standing of a run by the interval of its difference. */
export function standingWord({ better }: ComparedMetric, { difference }: PairedDifference): string {
  return STANDING_WORDS[standingOf(difference, better)];
}

/** `0.03`, `< 0.0001`: none is 0. */
export function pText(p: number): string {
  return p < 0.0001 ? '< 0.0001' : formatP(p);
}
