import { describe, expect, test } from 'vitest';
import { NOT_TOLD, type Batch } from '../../../../src/dataset/sequences.js';
import { askTaskModel, type Reading } from '../../../../src/learning/evaluation/askModel.js';
import { BlockBootstrap } from '../../../../src/learning/evaluation/blockBootstrap.js';
import { calibrationOf } from '../../../../src/learning/evaluation/calibration.js';
import type { EvaluatedPart } from '../../../../src/learning/evaluation/evaluatedPart.js';
import { taskTable, TaskScoring } from '../../../../src/learning/evaluation/taskScores.js';
import type { Model } from '../../../../src/learning/models/model.js';

// Logits of UNK and four tasks; those of UNK are the largest here and there, and must not matter.
const LOGITS = [
  [9, 2.0, 1.0, 0.5, -1.0],
  [0, 0.1, 2.5, 0.3, 0.2],
  [0, -0.5, 0.4, 0.6, 0.5],
  [5, 1.5, 1.4, -2.0, 0.0],
  [0, 0.2, 0.1, 3.0, 0.4],
  [0, 1.0, 0.9, 0.8, 0.7],
  [7, -1.0, 2.0, 0.0, 1.9],
  [0, 0.3, -0.2, 0.1, 1.2],
  [0, 2.2, 0.5, 0.4, 0.3],
  [0, 0.6, 0.1, 1.1, -0.3],
  [1, -0.7, 1.3, 0.9, 0.2],
  [0, 0.05, 0.15, 0.25, 2.75],
];
const TARGETS = [1, 2, 4, 2, 3, 1, 4, 4, 1, 4, 3, 4];

/** What a model that gives these logits answers to these targets. */
async function answersTo(
  logits: readonly (readonly number[])[],
  targets: readonly number[],
  reading: Reading = 'softmax',
  aliased = false,
) {
  const model = {
    predict: ({ size }: Batch) => Float32Array.from(logits.slice(0, size).flat()),
  } as unknown as Model;
  const part = {
    windows: { count: logits.length, batchCount: () => 1, batch: () => ({ size: logits.length }) },
    maxTargets: 1000,
    rows: Uint32Array.from(targets, (_, at) => at),
    stored: { task: Int32Array.from(targets) },
  } as unknown as EvaluatedPart;
  return askTaskModel({ model, part, breathe: () => Promise.resolve() }, reading, aliased);
}

const bootstrapOf = (events: number) => new BlockBootstrap(new Uint8Array(events), 1, 1);

function truthOf(targets: readonly number[], contested?: readonly number[]) {
  return {
    target: Int32Array.from(targets),
    contested: Uint8Array.from(contested ?? targets.map(() => NOT_TOLD)),
  };
}

// The figures below are those of scikit-learn 1.9.1 on the softmax, in float64, of the columns of the four tasks:
// accuracy_score, top_k_accuracy_score (k = 3), label_ranking_average_precision_score (with one label a row that is the MRR),
// log_loss, precision_recall_fscore_support (zero_division = 0), recall_score and f1_score with average='macro',
// calibration_curve (15 uniform bins); the ECE is the mean distance over the bins of that curve, weighted by events.
describe('scores are those of scikit-learn', () => {
  test('over all events, and without the first task', async () => {
    const scoring = new TaskScoring(
      truthOf(TARGETS),
      await answersTo(LOGITS, TARGETS),
      [],
      bootstrapOf(TARGETS.length),
    );
    const [all, busy, known, ...none] = scoring.slices();
    expect(none).toEqual([]);
    expect(all).toMatchObject({ slice: 'all', targets: 12 });
    expect(all!.model.top1.value).toBeCloseTo(0.5833333333333334, 12);
    expect(all!.model.top3.value).toBeCloseTo(0.9166666666666666, 12);
    expect(all!.model.mrr.value).toBeCloseTo(0.7708333333333334, 12);
    expect(all!.model.logLoss!.value).toBeCloseTo(0.8124137636240869, 6);
    expect(busy).toMatchObject({ slice: 'withoutIdle', targets: 9 });
    expect(busy!.model.top1.value).toBeCloseTo(0.4444444444444444, 12);
    expect(busy!.model.logLoss!.value).toBeCloseTo(0.8452685119696552, 6);
    expect(known).toMatchObject({ slice: 'knownOnly', targets: 12 });
  });

  test('by task, and over tasks', async () => {
    const { guess } = await answersTo(LOGITS, TARGETS);
    const table = taskTable(Int32Array.from(TARGETS), guess, ['UNK', 'idle', 'b', 'c', 'd', 'never']);
    const byIndex = [...table].sort((a, b) => a.index - b.index);
    expect(byIndex.map(({ task }) => task)).toEqual(['idle', 'b', 'c', 'd']);
    expect(byIndex.map(({ support }) => support)).toEqual([3, 2, 2, 5]);
    expect(byIndex.map(({ precision }) => precision)).toEqual([0.75, 1 / 3, 1 / 3, 1]);
    expect(byIndex.map(({ recall }) => recall)).toEqual([1, 0.5, 0.5, 0.4]);
    const f1 = [0.8571428571428571, 0.4, 0.4, 0.5714285714285714];
    byIndex.forEach((each, at) => expect(each.f1).toBeCloseTo(f1[at]!, 12));
    expect(table.map(({ support }) => support)).toEqual([5, 3, 2, 2]);
  });

  test('calibration', async () => {
    const { confidence, rank } = await answersTo(LOGITS, TARGETS);
    const { ece, bins } = calibrationOf(
      confidence,
      rank.map((each) => (each === 1 ? 1 : 0)),
    );
    expect(ece).toBeCloseTo(0.25370309469055674, 6);
    expect(bins.map(({ accuracy }) => accuracy)).toEqual([0.5, 0, 1 / 3, 1, 1, 1, 1]);
    const means = [
      0.30791475451644407, 0.45680140690131604, 0.4832016452498949, 0.6094600375988771, 0.6677568770397074,
      0.7681789813027797, 0.8287726041456918,
    ];
    bins.forEach(({ confidence: mean, from, to }, at) => {
      expect(mean).toBeCloseTo(means[at]!, 6);
      expect(to - from).toBeCloseTo(1 / 15, 12);
    });
    expect(calibrationOf(Float64Array.of(1, 0), [1, 0])).toEqual({
      ece: 0,
      bins: [
        { from: 0, to: 1 / 15, events: 1, confidence: 0, accuracy: 0 },
        { from: 14 / 15, to: 1, events: 1, confidence: 1, accuracy: 1 },
      ],
    });
  });
});

describe('UNK', () => {
  test('is never right and never an answer; log loss is of the others', async () => {
    const targets = TARGETS.map((target, at) => (at < 2 ? 0 : target));
    const answers = await answersTo(LOGITS, targets);
    expect(answers.guess).not.toContain(0);
    expect([...answers.rank.subarray(0, 2)]).toEqual([0, 0]);
    expect(answers.probability.subarray(0, 2)).toEqual(Float64Array.of(NaN, NaN));
    const slices = new TaskScoring(truthOf(targets), answers, [], bootstrapOf(12)).slices();
    const [all, , known] = slices;
    // Both were right before.
    expect(all!.model.top1.value).toBeCloseTo(5 / 12, 12);
    expect(known).toMatchObject({ slice: 'knownOnly', targets: 10 });
    expect(known!.model.top1.value).toBeCloseTo(0.5, 12);
    expect(all!.model.logLoss).toEqual(known!.model.logLoss);
    const table = taskTable(Int32Array.from(targets), answers.guess, ['UNK', 'idle', 'b', 'c', 'd']);
    expect(table.map(({ task }) => task)).not.toContain('UNK');
    // What was guessed where UNK came counts against the guess.
    expect(table.find(({ task }) => task === 'b')).toMatchObject({ support: 1, predicted: 3, precision: 0 });
  });

  test('where there is nothing else there is no log loss', async () => {
    const answers = await answersTo([[1, 2, 3]], [0]);
    const [all, ...others] = new TaskScoring(truthOf([0]), answers, [], bootstrapOf(1)).slices();
    expect(all!.model).toMatchObject({ top1: { value: 0 }, logLoss: null });
    expect(others.map(({ slice }) => slice)).toEqual(['withoutIdle']);
  });

  test('and idle are one answer when the TCN follow-up is followed', async () => {
    // Probabilities 0.5, 0.3, 0.2: idle has 0.8 of them.
    const logits = [[Math.log(5), Math.log(3), Math.log(2)]];
    const answers = await answersTo(logits, [1], 'softmax', true);
    expect(answers.guess[0]).toBe(1);
    expect(answers.probability[0]).toBeCloseTo(0.8, 6);
  });
});

test('of equal logits the first is the guess, and has rank 1', async () => {
  const answers = await answersTo(
    [
      [0, 1, 1, 1],
      [0, 1, 1, 1],
    ],
    [1, 3],
  );
  expect([...answers.guess]).toEqual([1, 1]);
  expect([...answers.rank]).toEqual([1, 3]);
});

test('columns of a squared error are shares of what is above 0, and give no log loss', async () => {
  const answers = await answersTo(
    [
      [9, 0.6, -0.5, 0.2],
      [0, -1, -1, -2],
    ],
    [3, 1],
    'shares',
  );
  expect([...answers.guess]).toEqual([1, 1]);
  expect([...answers.confidence]).toEqual([expect.closeTo(0.75, 6), expect.closeTo(1 / 3, 6)]);
  expect([...answers.probability]).toEqual([expect.closeTo(0.25, 6), expect.closeTo(1 / 3, 6)]);
  expect(answers.logProbability).toBeNull();
});

describe('slices and baselines', () => {
  const rights = (ranks: readonly number[]) => ({
    guess: new Int32Array(ranks.length),
    rank: Uint32Array.from(ranks),
    logProbability: null,
  });

  test('contested events are those that are told to be', () => {
    const contested = [1, 1, 0, NOT_TOLD, 1, 0];
    const model = rights([1, 2, 1, 1, 1, 1]);
    const slices = new TaskScoring(
      truthOf([2, 2, 2, 2, 2, 2], contested),
      model,
      [],
      bootstrapOf(6),
    ).slices();
    const found = slices.find(({ slice }) => slice === 'contested')!;
    expect(found.targets).toBe(3);
    expect(found.model.top1.value).toBeCloseTo(2 / 3, 12);
  });

  test('a difference is the model less the baseline, with the sign of who is better', () => {
    const events = 200;
    const model = rights(Array.from({ length: events }, (_, at) => (at % 10 === 0 ? 2 : 1)));
    const baseline = rights(Array.from({ length: events }, (_, at) => (at % 2 === 0 ? 0 : 1)));
    const targets = Array.from({ length: events }, () => 2);
    const scoring = new TaskScoring(
      truthOf(targets),
      model,
      [{ name: 'half', answers: baseline }],
      new BlockBootstrap(new Uint8Array(events), 4, 1),
    );
    const [{ baselines }] = scoring.slices() as [ReturnType<TaskScoring['slices']>[number]];
    const [{ name, scores, difference }] = baselines as [(typeof baselines)[number]];
    expect(name).toBe('half');
    expect(scores.top1.value).toBe(0.5);
    expect(difference.top1.value).toBeCloseTo(0.4, 12);
    expect(difference.top1.low).toBeGreaterThan(0.2);
    // In the top three it misses none, and its reciprocal rank is a half at every tenth.
    expect(difference.top3.value).toBe(0.5);
    expect(difference.mrr.value).toBeCloseTo(0.95 - 0.5, 12);
    expect(difference.logLoss).toBeNull();
    const group = scoring.group(
      'w',
      'c',
      Uint8Array.from(targets, (_, at) => (at < 100 ? 1 : 0)),
    );
    expect(group).toMatchObject({ name: 'w', category: 'c', targets: 100, withoutIdle: 0.9 });
    const [half] = group.baselines;
    expect(half).toMatchObject({ name: 'half', top1: 0.5 });
    expect(half!.difference.value).toBeCloseTo(0.4, 12);
    // Of the blocks of the group alone, so wider than over all of them; both have the same hits and misses in each block.
    const width = ({ low, high }: { low: number | null; high: number | null }) => high! - low!;
    expect(width(half!.difference)).toBeGreaterThan(width(difference.top1));
    expect(half!.difference.low).toBeGreaterThan(0.2);
  });
});
