import { describe, expect, test } from 'vitest';
import { streamOf, uniform } from '../../../../../src/learning/layers/chance.js';
import { refusalOf } from '../../../../../src/learning/migrations/judgement/enoughRows.js';
import { groupBlocks } from '../../../../../src/learning/migrations/judgement/groupBlocks.js';
import {
  judgeScores,
  lessAveragePrecision,
  notNumbers,
  type TestRows,
} from '../../../../../src/learning/migrations/judgement/judge.js';
import { Ranking } from '../../../../../src/learning/migrations/judgement/ranking.js';

const OPTIONS = { seed: 7, prevalences: [] };

/** Groups of five calls that share label and nearly the score; positives score higher by half a deviation or so. */
function grouped(groups: number, seed: number, share = 0.2): TestRows & { readonly scores: Float32Array } {
  const stream = streamOf(seed, 'groups');
  const rows = 5 * groups;
  const labels = Uint8Array.from({ length: rows }, (_, row) =>
    Number(uniform(stream, Math.floor(row / 5)) < share),
  );
  const scores = Float32Array.from({ length: rows }, (_, row) => {
    const ofGroup = uniform(stream, groups + Math.floor(row / 5));
    return 0.6 * ofGroup + 0.05 * uniform(stream, 3 * groups + row) + 0.2 * labels[row]!;
  });
  return {
    ...{ labels, scores, groups: Uint32Array.from(labels, (_, row) => Math.floor(row / 5)) },
    recording: new Uint16Array(rows),
  };
}

describe('blocks', () => {
  test('no history group is in two, and no block in two recordings', () => {
    const rows = 3000;
    const recording = Uint16Array.from({ length: rows }, (_, row) => Number(row >= 1700));
    // Groups that reach across each other: calls of four tasks by turns.
    const groups = Uint32Array.from(
      recording,
      (of, row) => of * 100_000 + 4 * Math.floor(row / 40) + (row % 4),
    );
    const { blockOf, bootstrap } = groupBlocks(groups, recording, [new Uint8Array(rows)], 1);
    const blocks = new Map<number, Set<number>>();
    const recordings = new Map<number, Set<number>>();
    for (let row = 0; row < rows; row += 1) {
      blocks.set(groups[row]!, (blocks.get(groups[row]!) ?? new Set()).add(blockOf[row]!));
      recordings.set(blockOf[row]!, (recordings.get(blockOf[row]!) ?? new Set()).add(recording[row]!));
    }
    expect([...blocks.values()].every(({ size }) => size === 1)).toBe(true);
    expect([...recordings.values()].every(({ size }) => size === 1)).toBe(true);
    expect(Math.max(...blockOf) + 1).toBe(bootstrap.blocks);
    expect(bootstrap.blocks).toBeGreaterThan(100);
  });
});

describe('intervals', () => {
  const TRIALS = 20;
  const large = grouped(20_000, 1, 0.3);
  const truth = new Ranking(large.scores, large.labels, []).figures().averagePrecision;

  /** How many of the intervals hold the average precision of a sample so large that it is nearly the true one. */
  function holding(withGroups: boolean): number {
    let held = 0;
    for (let seed = 2; seed < 2 + TRIALS; seed += 1) {
      const { scores, ...rows } = grouped(100, seed, 0.3);
      // Without groups: rows that are shuffled, so that nothing tells that they depend on each other.
      const order = [...scores.keys()].sort((a, b) => uniform(seed, a) - uniform(seed, b));
      const test = withGroups
        ? { ...rows, scores }
        : {
            labels: Uint8Array.from(order, (row) => rows.labels[row]!),
            groups: order.map((_, at) => at),
            recording: rows.recording,
            scores: Float32Array.from(order, (row) => scores[row]!),
          };
      const [judged] = judgeScores(test, [{ scores: test.scores, threshold: null }], OPTIONS);
      const { low, high } = judged!.judgement.averagePrecision;
      if (low! <= truth && truth <= high!) held += 1;
    }
    return held / TRIALS;
  }

  test('hold the truth when groups are drawn as wholes, and far too seldom when rows are', () => {
    expect(holding(true)).toBeGreaterThan(0.87);
    expect(holding(false)).toBeLessThan(0.8);
  });

  test('none where too few blocks have positives', () => {
    const rows = grouped(60, 3, 0.1);
    const [judged] = judgeScores(rows, [{ scores: rows.scores, threshold: null }], OPTIONS);
    expect(judged!.told).toBeLessThan(10);
    const { averagePrecision, atHalf } = judged!.judgement;
    expect(averagePrecision).toMatchObject({ low: null, high: null });
    expect(atHalf.recall).toMatchObject({ low: null, high: null });
    expect(atHalf.accuracy.low).not.toBeNull();
  });

  test('of a difference: paired, so what is hard for both does not widen it', () => {
    const rows = grouped(400, 4);
    const worse = rows.scores.map((score, row) => score + 0.6 * uniform(99, row));
    const [a, b] = judgeScores(
      rows,
      [
        { scores: rows.scores, threshold: null },
        { scores: worse, threshold: null },
      ],
      OPTIONS,
    );
    const { value, low, high } = lessAveragePrecision(a!, b!);
    expect(value).toBeGreaterThan(0);
    expect(low!).toBeGreaterThan(0);
    const own = a!.judgement.averagePrecision;
    expect(high! - low!).toBeLessThan(own.high! - own.low!);
    expect(lessAveragePrecision(a!, a!)).toEqual({ value: 0, low: 0, high: 0 });
  });
});

test('figures of a judgement belong together', () => {
  const rows = grouped(300, 5);
  const [judged] = judgeScores(rows, [{ scores: rows.scores, threshold: 0.6 }], {
    seed: 1,
    prevalences: [{ of: 'half', share: 0.5 }],
  });
  const { judgement } = judged!;
  const { atHalf, atTrained, precisionAtPrevalence, positives } = judgement;
  expect(atHalf.truePositives + atHalf.falseNegatives).toBe(positives);
  expect(atTrained?.threshold).toBe(0.6);
  expect(atTrained!.truePositives + atTrained!.falsePositives).toBeLessThan(
    atHalf.truePositives + atHalf.falsePositives,
  );
  // Bayes' rule at one half: recall over the sum of recall and false positive rate.
  const falsePositiveRate = atHalf.falsePositives / (judgement.rows - positives);
  expect(precisionAtPrevalence[0]!.precision).toBeCloseTo(
    atHalf.recall.value / (atHalf.recall.value + falsePositiveRate),
    12,
  );
  for (const { value, low, high } of [atHalf.mcc, atHalf.f1, judgement.rocAuc, judgement.averagePrecision]) {
    expect(low!).toBeLessThan(value);
    expect(high!).toBeGreaterThan(value);
  }
});

test('too few of a class: how many there are, how many are needed, and why', () => {
  expect(refusalOf('test', { rows: 1000, positives: 30 })).toBeNull();
  expect(refusalOf('test', { rows: 1000, positives: 29 })).toBe(
    '29 positives among the 1000 rows of the test: at least 30 are needed, since of fewer a share may be off by 18 points and more.',
  );
  expect(refusalOf('training', { rows: 40, positives: 35 })).toMatch(
    /^5 negatives among the 40 rows of the training/,
  );
});

test('scores that are no numbers are counted', () => {
  expect(notNumbers(Float32Array.of(0, NaN, 1, Infinity))).toBe(2);
});
