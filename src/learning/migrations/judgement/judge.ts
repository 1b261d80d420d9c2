import type { Estimate } from '../../../protocol/evaluation.js';
import type { Judgement, ThresholdFigures } from '../../../protocol/neuralCfs.js';
import { precisionAt } from '../../audit/checks/rare.js';
import { rowCounts } from './enoughRows.js';
import { groupBlocks, type GroupBlocks } from './groupBlocks.js';
import { Ranking } from './ranking.js';
import { ofBlocks, ThresholdTally } from './thresholdTally.js';
import { thresholdCurve } from './thresholdCurve.js';

/** Recalls that precision is told at. */
export const RECALLS = [0.5, 0.8, 0.95] as const;
export const HALF = 0.5;

/** Rows that scores are judged on, those of a recording side by side and in the order of the calls. */
export interface TestRows {
  /** [rows] 1: positive */
  readonly labels: Uint8Array;
  /** [rows] history group */
  readonly groups: ArrayLike<number>;
  /** [rows] */
  readonly recording: ArrayLike<number>;
}

export interface JudgedScores {
  /** [rows] finite */
  readonly scores: Float32Array;
  /** Threshold that was chosen on training rows, judged beside 0.5. */
  readonly threshold: number | null;
}

export interface JudgeOptions {
  readonly seed: number;
  /** Shares of positives that precision is worked out for. */
  readonly prevalences: readonly { readonly of: string; readonly share: number }[];
}

/** Figures of one model, and its average precision in every resample, for paired differences. */
export interface Judged {
  readonly judgement: Judgement;
  readonly resampled: Float64Array;
  /** Blocks that have rows of both classes. */
  readonly told: number;
}

/**
 * Figures with 95 % intervals of several models on the same rows, of the same resamples. Blocks are as long as the labels or any
 * model's hits ask for. Rows must have both classes (`refusalOf` tells); scores are finite (`notNumbers` tells).
 */
export function judgeScores(
  test: TestRows,
  models: readonly JudgedScores[],
  { seed, prevalences }: JudgeOptions,
): Judged[] {
  const hits = models.map(({ scores }) =>
    Uint8Array.from(test.labels, (label, row) => ((scores[row]! >= HALF ? 1 : 0) === label ? 1 : 0)),
  );
  const blocks = groupBlocks(test.groups, test.recording, [test.labels, ...hits], seed);
  return models.map((model) => judged(test, blocks, model, prevalences));
}

/** Average precision of one less that of another on the same rows, paired. */
export function lessAveragePrecision(model: Judged, baseline: Judged): Estimate {
  const apart = model.resampled.map((value, at) => value - baseline.resampled[at]!);
  const value = model.judgement.averagePrecision.value - baseline.judgement.averagePrecision.value;
  return ofBlocks(value, apart, Math.min(model.told, baseline.told), [-1, 1]);
}

/** How many scores are no numbers: a training that diverged gives such. */
export function notNumbers(scores: Float32Array): number {
  return scores.reduce((count, score) => count + (Number.isFinite(score) ? 0 : 1), 0);
}

function judged(
  { labels }: TestRows,
  { blockOf, bootstrap }: GroupBlocks,
  { scores, threshold }: JudgedScores,
  prevalences: JudgeOptions['prevalences'],
): Judged {
  const { rows, positives } = rowCounts(labels);
  const ranking = new Ranking(scores, labels, RECALLS);
  const tallies = [HALF, ...(threshold === null ? [] : [threshold])].map(
    (each) => new ThresholdTally(scores, labels, each, blockOf, bootstrap),
  );
  const resampled = {
    averagePrecision: new Float64Array(bootstrap.resamples),
    rocAuc: new Float64Array(bootstrap.resamples),
    atRecall: RECALLS.map(() => new Float64Array(bootstrap.resamples)),
  };
  let resample = 0;
  for (const counts of bootstrap.counts()) {
    const figures = ranking.figures(blockOf, counts);
    resampled.averagePrecision[resample] = figures.averagePrecision;
    resampled.rocAuc[resample] = figures.rocAuc;
    for (const [at, each] of resampled.atRecall.entries()) each[resample] = figures.precisionAtRecall[at]!;
    for (const tally of tallies) tally.add(resample, counts);
    resample += 1;
  }
  const told = tallies[0]!.blocksOfBoth;
  const figures = ranking.figures();
  const estimate = (value: number, values: Float64Array) => ofBlocks(value, values, told, [0, 1]);
  const [atHalf, atTrained] = tallies.map((tally) => tally.figures()) as [
    ThresholdFigures,
    ThresholdFigures?,
  ];
  const falsePositiveRate = atHalf.falsePositives / (rows - positives);
  const judgement: Judgement = {
    rows,
    positives,
    blocks: bootstrap.blocks,
    atHalf,
    atTrained: atTrained ?? null,
    averagePrecision: estimate(figures.averagePrecision, resampled.averagePrecision),
    rocAuc: estimate(figures.rocAuc, resampled.rocAuc),
    precisionAtRecall: RECALLS.map((recall, at) => ({
      recall,
      precision: estimate(figures.precisionAtRecall[at]!, resampled.atRecall[at]!),
    })),
    precisionAtPrevalence: prevalences.map(({ of, share }) => ({
      of,
      share,
      precision: precisionAt(share, atHalf.recall.value, falsePositiveRate),
    })),
    curve: thresholdCurve(ranking, positives, rows - positives),
  };
  return { judgement, resampled: resampled.averagePrecision, told };
}
