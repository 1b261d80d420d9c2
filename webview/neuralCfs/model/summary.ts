import type {
  ExperimentResult,
  ModelJudgement,
  PartResult,
  WayName,
  WayResult,
} from '../../../src/protocol/neuralCfs.js';
import type { NeuralCfsStudy } from '../../../src/protocol/neuralCfsStudy.js';
import { formatCount } from '../../common/format.js';
import { estimateText, standingOf } from '../../model/model/measures.js';
import { bestBaseline, isJudged, type JudgedModel } from './judgedModels.js';
import { decimal, EXPERIMENTS, listed, percent, shortTitle, signedDecimal, WAY_IN_WORDS } from './words.js';

/** The ways by how little they let be learned by heart; what is as published flatters. */
const BEST_FIRST: readonly WayName[] = ['group', 'recording', 'workload', 'published'];

/** What a study comes to: a few sentences about the experiment that counts. */
export function summaryOf({ results, rankings, transfers }: NeuralCfsStudy): string[] {
  const experiments = results?.experiments ?? [];
  const result = experiments.find(({ experiment }) => experiment === 2) ?? experiments[0];
  if (result === undefined) {
    const there = [
      ...(rankings.length > 0 ? ['what columns tell'] : []),
      ...(transfers.length > 0 ? ['transfer'] : []),
    ];
    const told = there.length === 0 ? 'nothing else either' : listed(there);
    return [`No experiment was run for this study. It holds ${told}.`];
  }
  return [...resultSentences(result), ...whatElse(result)];
}

function resultSentences(result: ExperimentResult): string[] {
  const way = bestWay(result);
  const part = way?.parts[0];
  if (way === undefined || part === undefined) return [];
  const lead = `${EXPERIMENTS[result.experiment].label} (${result.title}), ${WAY_IN_WORDS[way.way]}`;
  if (part.refusal !== null) return [`${lead}: not scored. ${part.refusal}`];
  const { rows, positives } = part.test;
  const first = `${lead}: ${formatCount(rows)} calls in the test, ${percent(positives / rows)} of them positive.`;
  return [[first, ...thesisSentences(part)].join(' '), baselineSentence(part)].filter((text) => text !== '');
}

function bestWay({ ways }: ExperimentResult): WayResult | undefined {
  return BEST_FIRST.flatMap((name) => ways.filter(({ way }) => way === name))[0];
}

function thesisSentences({ models }: PartResult): string[] {
  return models
    .filter((model) => model.isThesis && isJudged(model))
    .map((model) => {
      const { averagePrecision, atHalf } = (model as JudgedModel).judgement;
      return `${shortTitle(model)}: ${percent(atHalf.balancedAccuracy.value)} balanced accuracy, average precision ${estimateText(averagePrecision, decimal)}.`;
    });
}

function baselineSentence({ models, test }: PartResult): string {
  const best = bestBaseline(models);
  const chance = `By chance average precision is ${decimal(test.positives / test.rows)}.`;
  if (best === null) return chance;
  const { averagePrecision } = best.judgement;
  const apart = models.flatMap((model) => lessBaselineWords(model) ?? []);
  return [
    `The best baseline is ${shortTitle(best)} with ${estimateText(averagePrecision, decimal)}.`,
    ...apart,
    chance,
  ].join(' ');
}

/** How a model of the thesis stands to the best baseline, in a sentence; `null` where there is no such comparison. */
export function lessBaselineWords(model: ModelJudgement): string | null {
  const { lessBaseline } = model;
  if (lessBaseline === null) return null;
  const { baseline, averagePrecision } = lessBaseline;
  const name = shortTitle(model);
  const difference = estimateText(averagePrecision, signedDecimal);
  switch (standingOf(averagePrecision, 'higher')) {
    case 'better':
      return `${name} is better than ${baseline}: ${difference} in average precision.`;
    case 'worse':
      return `${name} is worse than ${baseline}: ${difference} in average precision.`;
    case 'even':
      return `${name} cannot be told apart from ${baseline}: ${difference} in average precision.`;
    case 'untold':
      return `${name} less ${baseline} is ${difference} in average precision; there are too few blocks of history groups for an interval.`;
  }
}

/** Why another figure of the study may look better. */
function whatElse({ experiment, ways }: ExperimentResult): string[] {
  if (experiment !== 2) {
    return ['Experiment 2, split by history group, is the one that counts; it is not in this study.'];
  }
  if (ways.every(({ way }) => way === 'published')) {
    return [
      'Only as published: calls of one history are in training and test, so a model that knows them again is right. Split by history group tells what it is worth.',
    ];
  }
  return [];
}
