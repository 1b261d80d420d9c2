import { describe, expect, test } from 'vitest';
import {
  taskBaselineMetrics,
  timeBaselineMetrics,
} from '../../../../src/learning/baselines/evaluateBaselines.js';
import { TaskCounts } from '../../../../src/learning/baselines/counts.js';
import { TaskTally, TimeTally } from '../../../../src/learning/baselines/metrics.js';
import type { TaskBaseline } from '../../../../src/learning/baselines/taskBaseline.js';
import { LastTask, Markov, MostFrequent } from '../../../../src/learning/baselines/taskBaselines.js';
import {
  ExponentialMean,
  LastValue,
  RollingMedian,
  TaskMedian,
} from '../../../../src/learning/baselines/timeBaselines.js';
import { topOf } from '../../../../src/learning/trainer/evaluation.js';
import { littleSequences, NO_SEQUENCES } from '../../../support/littleDataSet.js';

function taught<B extends TaskBaseline>(baseline: B, tasks: readonly number[]): B {
  baseline.begin();
  for (const task of tasks) baseline.observe(task);
  return baseline;
}

describe('next task', () => {
  test('constant: the most frequent of training, never UNK', () => {
    expect(new MostFrequent([90, 5, 7, 0, 7]).guesses(3)).toEqual([2, 4, 1]);
  });

  test('last: the most recent ones', () => {
    expect(taught(new LastTask(), [1, 2, 3, 2, 0]).guesses(5)).toEqual([2, 3, 1]);
  });

  test('Markov: what followed most often, from the longest past that was seen', () => {
    const chain = taught(new Markov('m', 2, 10, false), [1, 2, 3, 1, 2, 3, 4, 2, 5]);
    chain.endTraining();
    // Behind 1, 2 came 3 twice; behind 2 alone 3 twice and 5 once; then what is frequent.
    expect(taught(chain, [1, 2]).guesses(1)).toEqual([3]);
    expect(taught(chain, [4, 2]).guesses(2)).toEqual([5, 3]);
    // Behind 9, 2: never seen, so behind 2.
    expect(taught(chain, [9, 2]).guesses(1)).toEqual([3]);
    // Nothing is known of 9: the most frequent task.
    expect(taught(chain, [9]).guesses(1)).toEqual([2]);
    // Off line it does not learn from what it is asked about.
    taught(chain, [9, 8, 9, 8, 9, 8]);
    expect(taught(chain, [9]).guesses(1)).toEqual([2]);
  });

  test('online it learns on; the past ends at UNK and at a new sequence', () => {
    const chain = taught(new Markov('m', 1, 10, true), [1, 2]);
    chain.endTraining();
    taught(chain, [7, 8, 7, 8, 7]);
    expect(chain.guesses(1)).toEqual([8]);
    const apart = taught(new Markov('m', 1, 10, true), [7, 0, 8]);
    expect(taught(apart, [7]).guesses(5)).toEqual([7, 8]);
    expect(apart.guesses(5)).not.toContain(0);
  });
});

test('UNK is never right and is counted; accuracy without idle leaves idle targets out', () => {
  const tally = new TaskTally();
  tally.add(0, [0, 1]);
  tally.add(1, [1]);
  tally.add(2, [1, 2]);
  tally.add(3, [3]);
  expect(tally.metrics()).toEqual({
    targets: 4,
    unknownTargets: 1,
    accuracy: 0.5,
    top5: 0.75,
    accuracyWithoutIdle: 1 / 3,
  });
  expect(new TaskTally().metrics().accuracy).toBeNull();
});

describe('time', () => {
  test('last value, medians, weighted mean', () => {
    const last = new LastValue();
    const median = new RollingMedian(3);
    const mean = new ExponentialMean(0.5);
    for (const baseline of [last, median, mean]) {
      baseline.begin();
      baseline.observe(1, NaN);
      expect(baseline.guess()).toBeNull();
      for (const value of [8, 1, 2, 6]) baseline.observe(1, value);
    }
    expect(last.guess()).toBe(6);
    expect(median.guess()).toBe(2);
    // 8, 4.5, 3.25, 4.625.
    expect(mean.guess()).toBe(4.625);
  });

  test('of each task the median until the next event', () => {
    const baseline = new TaskMedian();
    baseline.begin();
    baseline.observe(1, NaN);
    baseline.observe(2, 10);
    baseline.observe(1, 3);
    baseline.observe(2, 14);
    baseline.endTraining();
    baseline.begin();
    baseline.observe(1, NaN);
    expect(baseline.guess()).toBe(12);
    baseline.observe(2, 1);
    expect(baseline.guess()).toBe(3);
    baseline.observe(7, 1);
    expect(baseline.guess()).toBe(10);
  });

  test('pinball loss weighs what is too low by the level, what is too high by the rest', () => {
    const tally = new TimeTally([0.1, 0.9]);
    tally.add(2, 1, [1, 4]);
    expect(tally.metrics().pinballLog).toBeCloseTo((0.1 * 1 + 0.1 * 2) / 2);
    expect(tally.metrics().maeLog).toBe(1);
    expect(tally.metrics().maeNs).toBeCloseTo(Math.exp(2) - Math.E);
  });
});

describe('all of them on the same events', () => {
  const breathe = () => Promise.resolve();
  const train = littleSequences(600, 1);
  const sequences = littleSequences(300, 2);
  const isAsked = Uint8Array.from({ length: 300 }, (_, row) => (row % 150 > 3 ? 1 : 0));
  const options = { taskCount: 6, train, quantiles: [0.5], breathe };

  test('a chain beats a constant where tasks follow each other; each part meets the same chain', async () => {
    const question = { sequences, isAsked };
    const found = await taskBaselineMetrics(options, [question, question]);
    const accuracy = (name: string) => found.get(name)!.map((metrics) => metrics.accuracy!);
    expect(accuracy('Markov 1, online')[0]).toBeGreaterThan(0.6);
    expect(accuracy('constant')[0]).toBeLessThan(0.4);
    for (const [name, metrics] of found) {
      expect(metrics[0]!.targets).toBe(292);
      expect(metrics[1], name).toEqual(metrics[0]);
    }
  });

  test('times, and a part without rows', async () => {
    const none = { sequences: NO_SEQUENCES, isAsked: new Uint8Array(0) };
    const found = await timeBaselineMetrics(options, [{ sequences, isAsked }, none]);
    expect([...found.keys()]).toEqual([
      'last value',
      'median of the last 15',
      'median of the task',
      'EWMA 0.2',
    ]);
    for (const [first, second] of found.values()) {
      expect(first!.targets).toBe(292);
      expect(first!.maeLog).toBeGreaterThan(0);
      expect(second!.maeLog).toBeNull();
    }
  });
});

test('the likeliest tasks of logits', () => {
  expect(topOf(Float32Array.of(9, 1, 5, 5, -1, 7, 0), 3)).toEqual([5, 2, 3]);
  expect(topOf(Float32Array.of(9, 1), 5)).toEqual([1]);
});

describe('probabilities', () => {
  const TASKS = 6;
  const sumOf = (baseline: TaskBaseline) =>
    [1, 2, 3, 4, 5].reduce((sum, task) => sum + baseline.probability(task)!, 0);

  test('of a Markov chain are those of Witten and Bell, by hand', () => {
    const chain = taught(new Markov('m', 1, TASKS, false), [1, 2, 1, 2, 1, 3]);
    chain.endTraining();
    taught(chain, [1]);
    // At all: 1 three times, 2 twice, 3 once, 3 different ones of 6; before that a fifth each.
    const atAll = (count: number) => (count + 3 / 5) / (6 + 3);
    // Behind 1: 2 twice, 3 once.
    expect(chain.probability(2)).toBeCloseTo((2 + 2 * atAll(2)) / (3 + 2), 12);
    expect(chain.probability(3)).toBeCloseTo((1 + 2 * atAll(1)) / (3 + 2), 12);
    expect(chain.probability(5)).toBeCloseTo((2 * atAll(0)) / (3 + 2), 12);
    // Behind what was never met: what is frequent at all.
    taught(chain, [5]);
    expect(chain.probability(1)).toBeCloseTo(atAll(3), 12);
  });

  test('sum up to 1 over the known tasks, of any past', () => {
    const tasks = [1, 2, 3, 1, 2, 4, 4, 0, 1, 2, 3, 3, 1];
    const chain = taught(new Markov('m', 3, TASKS, true), tasks);
    for (const past of [[], [1], [1, 2], [4, 1, 2], [3, 3, 3, 3], [5]]) {
      expect(sumOf(taught(chain.fork(), past))).toBeCloseTo(1, 12);
    }
    expect(sumOf(new MostFrequent([9, 4, 0, 2, 0, 1]))).toBeCloseTo(1, 12);
    expect(new MostFrequent([9, 4, 0, 2, 0, 1]).probability(2)).toBeCloseTo(1 / 12, 12);
    expect(new LastTask().probability()).toBeNull();
  });

  test('of a chain that nobody taught are equal', () => {
    expect(new Markov('m', 2, TASKS, false).probability(3)).toBeCloseTo(1 / 5, 12);
  });
});

describe('a fork', () => {
  test('goes on from what training left, and what it learns is its own', () => {
    const trained = taught(new Markov('m', 2, 10, true), [1, 2, 1, 2, 1, 2]);
    const [fork, other] = [trained.fork(), trained.fork()];
    taught(fork, [1, 3, 1, 3, 1, 3, 1, 3, 1]);
    expect(fork.guesses(1)).toEqual([3]);
    expect(taught(other, [1]).guesses(1)).toEqual([2]);
    expect(taught(trained.derived('off', 2, false), [7, 1]).guesses(1)).toEqual([2]);
  });

  test('of a lower order answers as a chain of that order that was taught the same', () => {
    const tasks = Array.from({ length: 400 }, (_, at) => 1 + ((at * at + (at >> 3)) % 7));
    const longest = taught(new Markov('m', 3, 10, true), tasks);
    const own = taught(new Markov('m', 1, 10, false), tasks);
    own.endTraining();
    const derived = longest.derived('m', 1, false);
    for (const past of [[1], [2, 3], [9], []]) {
      expect(taught(derived, past).guesses(5)).toEqual(taught(own, past).guesses(5));
      for (const task of [1, 5, 9]) expect(derived.probability(task)).toBeCloseTo(own.probability(task), 12);
    }
  });
});

test('the most frequent ones are in order, however their counts grew since they were first asked for', () => {
  const counts = new TaskCounts();
  const plain = new Map<number, number>();
  for (let at = 0; at < 3000; at += 1) {
    const task = 1 + ((at * 7919 + at * at) % (at < 1500 ? 40 : 23));
    counts.add(task);
    plain.set(task, (plain.get(task) ?? 0) + 1);
    if (at % 50 !== 0) continue;
    const list: number[] = [];
    counts.appendTop(list, 10);
    const ordered = [...plain].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([each]) => each);
    // The first is that which got there first among equals; behind it the order is by counts.
    expect(plain.get(list[0]!)).toBe(plain.get(ordered[0]!));
    expect(list.slice(1)).toEqual(ordered.filter((each) => each !== list[0]).slice(0, list.length - 1));
  }
});
