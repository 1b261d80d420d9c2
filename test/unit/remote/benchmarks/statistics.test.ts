import { describe, expect, test } from 'vitest';
import { normalCdf, studentQuantile } from '../../../../src/base/distributions.js';
import {
  detectableDifference,
  expandedTail,
  meanInterval,
  ratioIntervals,
  type Interval,
} from '../../../../src/remote/benchmarks/bootstrap.js';
import {
  countArrangements,
  holm,
  permutationTest,
} from '../../../../src/remote/benchmarks/permutationTest.js';
import { SeededRandom, seedFrom } from '../../../../src/base/seededRandom.js';
import { mean, median, quantileOfSorted, variance } from '../../../../src/remote/benchmarks/statistics.js';
import reference from './statistics_reference.json' with { type: 'json' };

const options = { seed: 1, resamples: 10_000, confidence: 0.95 };
const samples = Object.entries(reference.samples);

describe('against SciPy', () => {
  test.each(reference.normalCdf)('share of the normal distribution below %f', (x, share) => {
    expect(normalCdf(x)).toBeCloseTo(share, 13);
  });

  test.each(reference.studentQuantile)('t below which %f lies, of %f degrees', (share, degrees, t) => {
    expect(studentQuantile(share, degrees) / t).toBeCloseTo(1, 9);
    expect(studentQuantile(1 - share, degrees) / t).toBeCloseTo(-1, 9);
  });

  test.each(samples)('%s: spread, interval of the mean, exact test, tail', (_name, sample) => {
    expect(Math.sqrt(variance(sample.a))).toBeCloseTo(sample.sd, 12);
    expect(median(sample.a)).toBe(sample.median);
    const interval = meanInterval(sample.a, 0.95)!;
    expect(interval.low).toBeCloseTo(sample.meanInterval[0]!, 8);
    expect(interval.high).toBeCloseTo(sample.meanInterval[1]!, 8);
    expect(permutationTest(sample.a, sample.b, 1)).toMatchObject({ kind: 'exact' });
    expect(permutationTest(sample.a, sample.b, 1).p).toBeCloseTo(sample.p, 12);
    expect(expandedTail([sample.a, sample.b], 0.95)).toBeCloseTo(sample.tail, 10);
  });

  // 200,000 resamples there, 10,000 here. Medians of skewed or tied values lie on few places far apart: left out.
  test.each(samples.filter(([name]) => name !== 'ties'))('%s: bootstrap intervals', (name, sample) => {
    const { means, medians } = ratioIntervals(sample.a, sample.b, options);
    expectNear(means!, sample.ratioOfMeans);
    if (name !== 'skewed') expectNear(medians!, sample.ratioOfMedians);
  });
});

describe('permutation test', () => {
  test('few values: all arrangements, and the smallest p they can give', () => {
    expect(permutationTest([1, 2, 3], [10, 11, 12], 1)).toEqual({
      kind: 'exact',
      p: 0.1,
      arrangements: 20,
      tried: 20,
      smallestP: 0.1,
    });
    expect(permutationTest([1], [1000], 1)).toMatchObject({ p: 1, arrangements: 2, smallestP: 1 });
    expect(permutationTest([5, 5, 5], [5, 5, 5], 1).p).toBe(1);
  });

  test('many values: drawn, and never 0', () => {
    const a = Array.from({ length: 40 }, (_unused, i) => 100 + (i % 7));
    const b = a.map((value) => value + 50);
    const result = permutationTest(a, b, 1);
    expect(result).toMatchObject({ kind: 'sampled', tried: 20_000, p: 1 / 20_001, smallestP: 1 / 20_001 });
    expect(result.arrangements).toBeGreaterThan(1e22);
  });

  test('drawn and exact agree', () => {
    const { a, b } = reference.samples.overlapping;
    const exact = permutationTest(a, b, 1);
    const drawn = permutationTest(a, b, 7, { maxExact: 0, drawn: 50_000 });
    expect(drawn.kind).toBe('sampled');
    expect(drawn.p).toBeCloseTo(exact.p, 1.7);
  });

  test.each(samples)('%s: either side may be called the first', (_name, { a, b }) => {
    expect(permutationTest(b, a, 1).p).toBeCloseTo(permutationTest(a, b, 1).p, 12);
  });

  test('arrangements', () => {
    expect(countArrangements(3, 3)).toBe(20);
    expect(countArrangements(10, 10)).toBe(184_756);
    expect(countArrangements(20, 30)).toBe(47_129_212_243_960);
  });

  test('where nothing differs, p is below 0.05 in about 5 of 100 measurements', () => {
    const random = new SeededRandom(3);
    let claims = 0;
    for (let trial = 0; trial < 1000; trial += 1) {
      claims += permutationTest(normals(random, 6), normals(random, 6), trial).p <= 0.05 ? 1 : 0;
    }
    expect(claims).toBeGreaterThan(30);
    expect(claims).toBeLessThan(70);
  });
});

test("Holm's correction", () => {
  const rounded = holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)));
  expect(rounded).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.5, 0.9])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

describe('bootstrap', () => {
  test('the same seed gives the same interval, another one nearly the same', () => {
    const { a, b } = reference.samples.overlapping;
    expect(ratioIntervals(a, b, options)).toEqual(ratioIntervals(a, b, options));
    const other = ratioIntervals(a, b, { ...options, seed: 2 }).means!;
    expect(other).not.toEqual(ratioIntervals(a, b, options).means);
    expect(other.low).toBeCloseTo(ratioIntervals(a, b, options).means!.low, 2);
  });

  test('sides exchanged: the interval is the inverse', () => {
    const { a, b } = reference.samples['unequal sizes'];
    const there = ratioIntervals(a, b, options).means!;
    const back = ratioIntervals(b, a, options).means!;
    expect(back.low).toBeCloseTo(1 / there.high, 3);
    expect(back.high).toBeCloseTo(1 / there.low, 3);
  });

  test('nothing to say of one value, or of values that are not above zero', () => {
    expect(ratioIntervals([5], [5, 6], options)).toEqual({ means: null, medians: null });
    expect(ratioIntervals([0, 0, 1], [1, 2, 3], options).means).toBeNull();
    expect(meanInterval([3], 0.95)).toBeNull();
    expect(detectableDifference([3], [4, 5], 0.05, 0.8)).toBeNull();
  });

  test('values without spread', () => {
    expect(ratioIntervals([4, 4, 4], [8, 8, 8], options).means).toEqual({ low: 2, high: 2 });
    expect(detectableDifference([4, 4, 4], [8, 8, 8], 0.05, 0.8)).toBe(0);
  });

  // Of 600 measurements the interval should hold the true ratio in 570: 3 standard errors are 16.
  test.each([{ n: 5 }, { n: 10 }, { n: 20 }])(
    '$n repeats a side: it holds the true ratio in 95 of 100 measurements',
    ({ n }) => {
      const held = coverage(n, 600, (random) => 100 + 5 * normal(random));
      expect(held).toBeGreaterThanOrEqual(554);
      expect(held).toBeLessThanOrEqual(586);
    },
  );

  test('also of skewed values, as run times are', () => {
    const held = coverage(10, 600, (random) => 100 + 5 * Math.exp(normal(random)));
    expect(held).toBeGreaterThanOrEqual(554);
    expect(held).toBeLessThanOrEqual(590);
  });
});

test('the smallest difference that would have been seen is seen in about four of five measurements', () => {
  const random = new SeededRandom(11);
  const [n, spread] = [10, 0.03];
  const typical = detectableDifference(
    scaled(random, 4000, spread),
    scaled(random, 4000, spread),
    0.05,
    0.8,
  )!;
  // The same spread with n repeats instead of 4,000.
  const expected = typical * Math.sqrt(4000 / n) * 1.05;
  let seen = 0;
  for (let trial = 0; trial < 500; trial += 1) {
    const a = scaled(random, n, spread);
    const b = scaled(random, n, spread).map((value) => value * (1 + expected));
    seen += permutationTest(a, b, trial, { maxExact: 0, drawn: 1000 }).p <= 0.05 ? 1 : 0;
  }
  expect(seen / 500).toBeGreaterThan(0.73);
  expect(seen / 500).toBeLessThan(0.9);
});

test('quantiles lie between neighbours, means are means', () => {
  expect(quantileOfSorted(Float64Array.of(1, 2, 3, 4), 0.5)).toBe(2.5);
  expect(quantileOfSorted(Float64Array.of(1, 2, 3, 4), 1)).toBe(4);
  expect(mean([1, 2, 6])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('chance: repeatable, even, and different for different parts of a seed', () => {
  const random = new SeededRandom(5);
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw += 1) counts[random.below(10)]! += 1;
  // Chi-squared of nine degrees: below 27.9 in 999 of 1,000.
  const chi = counts.reduce((sum, each) => sum + (each - 10_000) ** 2 / 10_000, 0);
  expect(chi).toBeLessThan(27.9);
  expect(new SeededRandom(5).shuffled([1, 2, 3, 4, 5])).toEqual(
    new SeededRandom(5).shuffled([1, 2, 3, 4, 5]),
  );
  expect(seedFrom(1, 'a')).not.toBe(seedFrom(1, 'b'));
  expect(seedFrom('ab', 'c')).not.toBe(seedFrom('a', 'bc'));
});

/** Ends as far out are known to a few per cent of the interval's width. */
function expectNear(ours: Interval, theirs: readonly number[]): void {
  const [low, high] = [theirs[0]!, theirs[1]!];
  expect(Math.abs(ours.low - low) / (high - low)).toBeLessThan(0.05);
  expect(Math.abs(ours.high - high) / (high - low)).toBeLessThan(0.05);
}

/** How often of `trials` measurements the interval of the ratio of means holds the true ratio, which is 1. */
function coverage(n: number, trials: number, draw: (random: SeededRandom) => number): number {
  const random = new SeededRandom(n);
  const many = () => Array.from({ length: n }, () => draw(random));
  let held = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const { means } = ratioIntervals(many(), many(), { seed: trial, resamples: 1000, confidence: 0.95 });
    held += means!.low <= 1 && means!.high >= 1 ? 1 : 0;
  }
  return held;
}

/** Box and Muller. */
function normal(random: SeededRandom): number {
  const [u, w] = [(random.below(2 ** 32) + 1) / (2 ** 32 + 1), random.below(2 ** 32) / 2 ** 32];
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * w);
}

function normals(random: SeededRandom, n: number): number[] {
  return Array.from({ length: n }, () => normal(random));
}

function scaled(random: SeededRandom, n: number, spread: number): number[] {
  return normals(random, n).map((value) => 1 + spread * value);
}
