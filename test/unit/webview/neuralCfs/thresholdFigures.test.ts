import { expect, test } from 'vitest';
import { confusionAt, sharesOf } from '../../../../src/learning/migrations/judgement/confusionCounts.js';
import { Ranking } from '../../../../src/learning/migrations/judgement/ranking.js';
import { thresholdCurve } from '../../../../src/learning/migrations/judgement/thresholdCurve.js';
import {
  accuracyAtShare,
  figuresAt,
  placeOf,
  precisionAtShare,
  thresholdPoints,
} from '../../../../webview/neuralCfs/model/thresholdFigures.js';
import { atThreshold, judgement } from './studyExamples.js';

/** Rows with many ties and a few positives, the same each time. */
function someRows(rows: number): { readonly scores: Float32Array; readonly labels: Uint8Array } {
  let state = 7;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  const labels = Uint8Array.from({ length: rows }, () => (next() < 0.15 ? 1 : 0));
  const scores = Float32Array.from(labels, (label) => Math.round(400 * (0.3 * label + 0.7 * next())) / 400);
  return { scores, labels };
}

test('figures at every place of the slider are those of counting rows', () => {
  const { scores, labels } = someRows(3000);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const rows = labels.length;
  const counted = (threshold: number) => ({
    ...atThreshold(threshold, 0, 0),
    ...confusionAt(scores, labels, threshold),
  });
  const judged = judgement({
    ...{ rows, positives, atHalf: counted(0.5), atTrained: counted(0.41234) },
    curve: thresholdCurve(new Ranking(scores, labels, []), positives, rows - positives),
  });
  const points = thresholdPoints(judged);
  expect(points.length).toBeGreaterThan(100);
  for (const point of points) {
    const counts = confusionAt(scores, labels, point.threshold);
    const shares = sharesOf(counts);
    const figures = figuresAt(point, judged);
    expect(figures).toMatchObject(counts);
    expect(figures.precision).toBeCloseTo(shares.precision, 12);
    expect(figures.recall).toBeCloseTo(shares.recall, 12);
    expect(figures.falsePositiveRate).toBeCloseTo(shares.falsePositiveRate, 12);
    expect(figures.balancedAccuracy).toBeCloseTo(shares.balancedAccuracy, 12);
    expect(figures.accuracy).toBeCloseTo(shares.accuracy, 12);
    expect(figures.mcc).toBeCloseTo(shares.mcc, 12);
    expect(figures.falsePositivesPerThousand).toBeCloseTo((1000 * counts.falsePositives) / rows, 9);
    // At the test's own share both must be what was counted.
    const share = positives / rows;
    expect(precisionAtShare(share, figures)).toBeCloseTo(shares.precision, 9);
    expect(accuracyAtShare(share, figures)).toBeCloseTo(shares.accuracy, 9);
  }
});

test('0.5 and the threshold of the training stand among the scores, which fall', () => {
  expect(thresholdPoints(judgement()).map(({ threshold }) => threshold)).toEqual([0.9, 0.6, 0.5, 0.3, 0.1]);
  const alike = judgement({ atHalf: atThreshold(0.6, 10, 5), atTrained: null });
  expect(thresholdPoints(alike).map(({ threshold }) => threshold)).toEqual([0.9, 0.6, 0.1]);
});

test('a threshold that is not known is the next higher one', () => {
  const points = thresholdPoints(judgement());
  expect(points[placeOf(points, null)]?.threshold).toBe(0.5);
  expect(points[placeOf(points, 0.3)]?.threshold).toBe(0.3);
  expect(points[placeOf(points, 0.55)]?.threshold).toBe(0.6);
  expect(points[placeOf(points, 0)]?.threshold).toBe(0.1);
  expect(points[placeOf(points, 2)]?.threshold).toBe(0.9);
});

test('with nothing called positive there is no precision, and Matthews’ correlation is 0', () => {
  const figures = figuresAt({ truePositives: 0, falsePositives: 0 }, judgement());
  expect(figures).toMatchObject({ precision: null, recall: 0, mcc: 0, balancedAccuracy: 0.5 });
  expect(precisionAtShare(0.01, figures)).toBeNull();
});

test('where positives are as rare as in hackbench, hardly an alarm is right', () => {
  const figures = figuresAt({ truePositives: 16, falsePositives: 30 }, judgement());
  // 0.8 of 29 in a million beside 0.375 of the rest.
  expect(precisionAtShare(29e-6, figures)).toBeCloseTo(
    (0.8 * 29e-6) / (0.8 * 29e-6 + 0.375 * (1 - 29e-6)),
    12,
  );
});
