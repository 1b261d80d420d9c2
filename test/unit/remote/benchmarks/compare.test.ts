import { describe, expect, test } from 'vitest';
import { compareTable } from '../../../../src/cli/compareTable.js';
import { readable, splitOperand } from '../../../../src/cli/compare.js';
import type { BenchmarkComparison } from '../../../../src/protocol/comparisonMessages.js';
import { compareResults, compareSets } from '../../../../src/remote/benchmarks/compare.js';
import { comparisonCsv } from '../../../../src/remote/benchmarks/comparisonCsv.js';
import { densityOf, histogramOf } from '../../../../src/remote/benchmarks/latencyHistogram.js';
import { resultSets } from '../../../../src/remote/benchmarks/resultSets.js';
import { formatP, repeatsNeeded } from '../../../../src/remote/benchmarks/verdict.js';
import { madeResults, TABLE_5_10, TABLE_5_9 } from '../../../support/benchmarkResults.js';

const seconds = { name: 'run_time', title: 'run time', unit: 's', better: 'lower' as const };
const rate = { name: 'rate', unit: '1/s', better: 'higher' as const };
const A = [10.1, 10.4, 9.9, 10.2, 10.3, 10.0];
const SLOWER = A.map((value) => value * 1.1);

function compareOne(results: Parameters<typeof resultSets>[0]): BenchmarkComparison {
  return compareSets(resultSets(results, 'r.json'), { seed: 1, resamples: 2000 });
}

describe('verdicts', () => {
  test('slower, faster, and which side is the good one', () => {
    const slower = compareOne(madeResults(seconds, { old: { build: A }, new: { build: SLOWER } }));
    const pair = slower.metrics[0]!.against[0]!;
    expect(pair).toMatchObject({ set: 1, verdict: 'slower' });
    expect(pair.ratioOfMeans).toBeCloseTo(1.1, 10);
    expect(pair.ratioOfMedians).toBeCloseTo(1.1, 10);
    expect(pair.ratioOfMeansInterval!.low).toBeGreaterThan(1.05);
    expect(pair.ratioOfMeansInterval!.high).toBeLessThan(1.15);
    expect(pair.words).toMatch(
      /^slower: run time is 1\.100 times the baseline's \(95 % interval 1\.0\d\d to 1\.1\d\d\), p = 0\.002$/,
    );
    const faster = compareOne(madeResults(rate, { old: { build: A }, new: { build: SLOWER } }));
    expect(faster.metrics[0]!.against[0]!.verdict).toBe('faster');
    const neither = compareOne(
      madeResults({ ...seconds, better: 'neither' }, { old: { build: A }, new: { build: SLOWER } }),
    );
    expect(neither.metrics[0]!.against[0]!.verdict).toBe('higher');
  });

  test('sides exchanged, verdict and ratio turn round', () => {
    const [a, b] = [
      madeResults(seconds, { old: { build: A } }),
      madeResults(seconds, { new: { build: SLOWER } }),
    ];
    const there = compareResults(a, b, { seed: 1 }).metrics[0]!.against[0]!;
    const back = compareResults(b, a, { seed: 1 }).metrics[0]!.against[0]!;
    expect([there.verdict, back.verdict]).toEqual(['slower', 'faster']);
    expect(there.ratioOfMeans! * back.ratioOfMeans!).toBeCloseTo(1, 12);
    expect(back.test!.p).toBe(there.test!.p);
  });

  test('no difference can be seen, and which one would have been', () => {
    const same = compareOne(madeResults(seconds, { old: { build: A }, new: { build: [...A].reverse() } }));
    const pair = same.metrics[0]!.against[0]!;
    expect(pair.verdict).toBe('no difference');
    expect(pair.ratioOfMeans).toBeCloseTo(1, 12);
    expect(pair.test!.p).toBe(1);
    expect(pair.detectable).toBeGreaterThan(0.02);
    expect(pair.detectable).toBeLessThan(0.05);
    expect(pair.words).toMatch(
      /^no difference can be seen: p = 1; one of about 3\.\d % would have been, four times out of five$/,
    );
  });

  test('one repeat: no interval, no test, no statement', () => {
    const once = compareOne(madeResults(seconds, { old: { build: [10] }, new: { build: [5] } }));
    expect(once.metrics[0]!.against[0]).toMatchObject({
      verdict: 'no statement',
      ratioOfMeans: 0.5,
      ratioOfMeansInterval: null,
      ratioOfMediansInterval: null,
      test: null,
      detectable: null,
    });
    expect(once.metrics[0]!.sets[0]).toMatchObject({ n: 1, standardDeviation: null, meanInterval: null });
    expect(once.remarks.map(({ text }) => text).join()).toContain('measured once only');
  });

  test('three repeats: no difference however large could stand out', () => {
    const few = compareOne(
      madeResults(seconds, { old: { build: [1, 2, 3] }, new: { build: [100, 101, 102] } }),
    );
    const pair = few.metrics[0]!.against[0]!;
    expect(pair).toMatchObject({
      verdict: 'no statement',
      test: { p: 0.1, arrangements: 20, smallestP: 0.1 },
    });
    expect(pair.words).toContain('3 and 3 repeats can be dealt in 20 ways only');
    expect(pair.words).toContain('4 repeats each could');
    expect([1, 2, 10, 100].map(repeatsNeeded)).toEqual([4, 5, 6, 8]);
  });

  test('of twenty comparisons of the same, a chance difference of one is not claimed', () => {
    const values = (list: readonly number[]) =>
      Object.fromEntries(Array.from({ length: 20 }, (_u, i) => [`b${i}`, list]));
    const other = { ...values([...A].reverse()), b7: [10.6, 10.3, 10.2, 10.6, 10.3, 10.5] };
    const all = compareOne(madeResults(seconds, { old: values(A), new: other }));
    const pair = all.metrics.find(({ benchmark }) => benchmark === 'b7')!.against[0]!;
    expect(pair.test!.p).toBeLessThan(0.05);
    expect(pair.test!.familySize).toBe(20);
    expect(pair.test!.adjustedP).toBeGreaterThan(0.4);
    expect(pair.verdict).toBe('no difference');
    expect(all.metrics.every(({ against }) => against[0]!.verdict === 'no difference')).toBe(true);
  });

  test('a benchmark that one side lacks or that failed throughout', () => {
    const results = madeResults(seconds, { old: { a: A, b: A }, new: { a: [null, null] } });
    const { metrics, remarks } = compareOne(results);
    expect(metrics[0]!.sets[1]).toMatchObject({ n: 0, failed: 2, mean: null });
    expect(metrics[0]!.against[0]!.words).toBe('no statement: this set has no value');
    expect(metrics[1]!.sets[1]).toBeNull();
    expect(remarks.map(({ text }) => text)).toEqual([
      expect.stringContaining('2 of 2 repeats failed'),
      'b was not measured for new.',
    ]);
  });

  test('what cannot be compared is refused', () => {
    expect(() => compareOne(madeResults(seconds, { old: { a: A } }))).toThrow(/needs two sets/);
    const inMs = madeResults({ ...seconds, unit: 'ms' }, { x: { a: A } });
    expect(() => compareResults(madeResults(seconds, { y: { a: A } }), inMs, { seed: 1 })).toThrow(
      /in s .* and in ms/,
    );
  });

  test('p in digits that mean something', () => {
    expect([1, 0.9999, 0.5, 0.051, 0.0021649, 0.00005].map(formatP)).toEqual([
      '1',
      '1',
      '0.50',
      '0.05',
      '0.002',
      '0.00005',
    ]);
  });
});

describe('all benchmarks together', () => {
  test('mean of ratios, ratio of means and geometric mean are three', () => {
    const { overall } = compareOne(
      madeResults(seconds, {
        old: { a: [1, 1, 1, 1], b: [100, 100, 100, 100] },
        new: { a: [2, 2, 2, 2], b: [50, 50, 50, 50] },
      }),
    );
    expect(overall).toHaveLength(1);
    expect(overall[0]).toMatchObject({ metric: 'run_time', set: 1, benchmarks: ['a', 'b'] });
    expect(overall[0]!.ratioOfMeans).toBeCloseTo(52 / 101, 12);
    expect(overall[0]!.meanOfRatios).toBeCloseTo(1.25, 12);
    expect(overall[0]!.geometricMeanOfRatios).toBeCloseTo(1, 12);
    expect(overall[0]!.geometricMeanInterval!.low).toBeCloseTo(1, 12);
  });

  test('rates are turned where they stand beside times', () => {
    const times = madeResults(seconds, { old: { a: A }, new: { a: SLOWER } });
    const rates = madeResults(rate, { old: { b: A }, new: { b: SLOWER } });
    const mixed = {
      ...times,
      benchmarks: [...times.benchmarks, ...rates.benchmarks],
      repeats: [...times.repeats, ...rates.repeats],
    };
    const primary = compareOne(mixed).overall.find(({ metric }) => metric === 'primary')!;
    expect(primary.ratioOfMeans).toBeNull();
    expect(primary.geometricMeanOfRatios).toBeCloseTo(1, 12);
    const { low, high } = primary.geometricMeanInterval!;
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
  });
});

describe("the thesis's tables", () => {
  test('5.9: 70.8 … 10.1 times; "27 times" is the mean of ratios, the ratio of means is 17.6', () => {
    const comparison = compareOne(TABLE_5_9);
    const text = [...compareTable(comparison, 'latency')].join('\n');
    expect(text).toMatchSnapshot();
    expect(comparison.overall[0]!.meanOfRatios).toBeCloseTo(27.485, 3);
    expect(comparison.overall[0]!.ratioOfMeans).toBeCloseTo(17.59, 2);
  });

  test('5.10: run times +0.5 % and −1.35 %, and nothing to tell that from chance', () => {
    const comparison = compareOne(TABLE_5_10);
    expect([...compareTable(comparison, 'runtime')].join('\n')).toMatchSnapshot();
    expect(
      comparison.overall.map(({ meanOfRatios }) => Number(((meanOfRatios - 1) * 100).toFixed(2))),
    ).toEqual([0.52, -1.35]);
    const verdicts = comparison.metrics.flatMap(({ against }) => against.map(({ verdict }) => verdict));
    expect(new Set(verdicts)).toEqual(new Set(['no statement']));
  });

  test('a table of a metric that is not there names those that are', () => {
    expect(() => [...compareTable(compareOne(TABLE_5_10), 'latency')]).toThrow(/They have run_time/);
  });
});

describe('as text and CSV', () => {
  const results = madeResults(seconds, { old: { build: A }, 'new \u001b[31m,"x"': { build: SLOWER } });

  test('a terminal gets no sequences', () => {
    const text = [...readable(compareOne(results), false)].join('\n');
    expect(text).not.toContain('\u001b');
    expect(text).toContain('build, B: slower: run time is');
    expect(text).toContain('slower');
  });

  test('CSV has one row a metric and set', () => {
    const lines = comparisonCsv(compareOne(results)).split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain('"new \u001b[31m,""x"""');
    expect(lines[1]).toMatch(/,baseline$/);
    expect(lines[2]).toMatch(/,slower$/);
  });

  test('a subject of a file', () => {
    expect(splitOperand('a.json')).toEqual({ path: 'a.json', subject: null });
    expect(splitOperand('a#b.json#host · x#1')).toEqual({ path: 'a#b.json', subject: 'host · x#1' });
  });
});

test('latencies over logarithmic bins, and their density', () => {
  const samples = Array.from({ length: 10_000 }, (_unused, i) => 10 ** (2 + (2 * i) / 10_000));
  const histogram = histogramOf([...samples, 0, -5]);
  expect(histogram.count).toBe(10_002);
  expect(histogram.counts.reduce((sum, each) => sum + each)).toBe(10_000);
  const { at, density } = densityOf(histogram)!;
  // Even over two decades.
  for (const each of density.slice(1, -1)) expect(each).toBeCloseTo(0.5, 1);
  expect(at[0]).toBeGreaterThan(100);
  expect(densityOf(histogramOf([]))).toBeNull();
});
