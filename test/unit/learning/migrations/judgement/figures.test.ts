import { describe, expect, test } from 'vitest';
import { confusionAt, sharesOf } from '../../../../../src/learning/migrations/judgement/confusionCounts.js';
import { RECALLS } from '../../../../../src/learning/migrations/judgement/judge.js';
import { Ranking } from '../../../../../src/learning/migrations/judgement/ranking.js';
import {
  bestThreshold,
  thresholdCurve,
} from '../../../../../src/learning/migrations/judgement/thresholdCurve.js';
import { drawnScores } from '../../../../support/drawnScores.js';

// Figures of scikit-learn 1.9.1: accuracy_score and its neighbours at 0.5, average_precision_score, roc_auc_score, and the maximum
// of precision_recall_curve's precisions where its recall is not below what is asked for.
const CASES = [
  {
    name: 'a rare class',
    drawn: { rows: 2000, share: 0.05, steps: 1000 },
    confusion: { trueNegatives: 1578, falsePositives: 324, falseNegatives: 39, truePositives: 59 },
    shares: {
      accuracy: 0.8185,
      balancedAccuracy: 0.7158469065859783,
      precision: 0.15404699738903394,
      recall: 0.6020408163265306,
      f1: 0.24532224532224534,
      mcc: 0.23683163969336402,
    },
    averagePrecision: 0.5439362211689398,
    rocAuc: 0.8327619691409687,
    precisionAtRecall: [0.35251798561151076, 0.09900990099009901, 0.08465608465608465],
  },
  {
    name: 'many ties',
    drawn: { rows: 600, share: 0.3, steps: 8 },
    confusion: { trueNegatives: 335, falsePositives: 77, falseNegatives: 76, truePositives: 112 },
    shares: {
      accuracy: 0.745,
      balancedAccuracy: 0.7044257384837843,
      precision: 0.5925925925925926,
      recall: 0.5957446808510638,
      f1: 0.5941644562334217,
      mcc: 0.40826419205983944,
    },
    averagePrecision: 0.7160478339351776,
    rocAuc: 0.8356938132617228,
    precisionAtRecall: [0.5925925925925926, 0.5016077170418006, 0.4372093023255814],
  },
];

describe.each(CASES)('$name: as scikit-learn has it', (each) => {
  const { labels, scores } = drawnScores(each.drawn);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const ranking = new Ranking(scores, labels, RECALLS);

  test('counts and shares at 0.5', () => {
    const counts = confusionAt(scores, labels, 0.5);
    expect(counts).toEqual(each.confusion);
    for (const [name, wanted] of Object.entries(each.shares)) {
      expect(sharesOf(counts)[name as keyof typeof each.shares], name).toBeCloseTo(wanted, 12);
    }
  });

  test('the order of the scores', () => {
    const { averagePrecision, rocAuc, precisionAtRecall } = ranking.figures();
    expect(averagePrecision).toBeCloseTo(each.averagePrecision, 12);
    expect(rocAuc).toBeCloseTo(each.rocAuc, 12);
    for (const [at, wanted] of each.precisionAtRecall.entries()) {
      expect(precisionAtRecall[at]).toBeCloseTo(wanted, 12);
    }
  });

  test('rows that count twice are rows that are there twice', () => {
    const blockOf = Uint16Array.from(labels, (_, row) => row % 3);
    const rows = [...labels.keys()].flatMap((row) => Array.from({ length: [0, 1, 2][row % 3]! }, () => row));
    const repeated = new Ranking(
      Float32Array.from(rows, (row) => scores[row]!),
      Uint8Array.from(rows, (row) => labels[row]!),
      RECALLS,
    ).figures();
    const weighted = ranking.figures(blockOf, [0, 1, 2]);
    expect(weighted.averagePrecision).toBeCloseTo(repeated.averagePrecision, 12);
    expect(weighted.rocAuc).toBeCloseTo(repeated.rocAuc, 12);
    expect(weighted.precisionAtRecall).toEqual(repeated.precisionAtRecall);
  });

  test('every point of the curve is what its threshold counts', () => {
    const { thresholds, truePositives, falsePositives } = thresholdCurve(
      ranking,
      positives,
      labels.length - positives,
    );
    expect(thresholds.length).toBeLessThanOrEqual(301);
    for (const [at, threshold] of thresholds.entries()) {
      expect({ truePositives: truePositives[at], falsePositives: falsePositives[at] }).toEqual({
        truePositives: confusionAt(scores, labels, threshold).truePositives,
        falsePositives: confusionAt(scores, labels, threshold).falsePositives,
      });
    }
    expect([truePositives.at(-1), falsePositives.at(-1)]).toEqual([positives, labels.length - positives]);
  });

  test('no threshold has a higher Matthews correlation than the best one', () => {
    const mccAt = (threshold: number) => sharesOf(confusionAt(scores, labels, threshold)).mcc;
    const best = mccAt(bestThreshold(ranking, positives, labels.length - positives));
    expect(best).toBeCloseTo(Math.max(...[...scores].map(mccAt)), 12);
  });
});

test('nothing is called positive, and all rows are scored alike', () => {
  const labels = Uint8Array.of(0, 1, 0, 1);
  const scores = new Float32Array(4).fill(0.25);
  const shares = sharesOf(confusionAt(scores, labels, 0.5));
  expect(shares).toMatchObject({ accuracy: 0.5, balancedAccuracy: 0.5, recall: 0, f1: 0, mcc: 0 });
  expect(shares.precision).toBeNaN();
  expect(new Ranking(scores, labels, [0.5]).figures()).toEqual({
    averagePrecision: 0.5,
    rocAuc: 0.5,
    precisionAtRecall: [0.5],
  });
  expect(bestThreshold(new Ranking(scores, labels, []), 2, 2)).toBe(0.5);
});

test('one class only: an order is worth nothing that could be told', () => {
  const { averagePrecision, rocAuc } = new Ranking(
    Float32Array.of(0.1, 0.9),
    Uint8Array.of(0, 0),
    [],
  ).figures();
  expect([averagePrecision, rocAuc]).toEqual([NaN, NaN]);
});
