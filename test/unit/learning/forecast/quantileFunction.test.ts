import { expect, test } from 'vitest';
import { quantileAt, sampleQuantile } from '../../../../src/learning/forecast/quantileFunction.js';

const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95];
const QUANTILES = [1, 3, 4, 6, 12];

test('goes through what was forecast, and straight between', () => {
  for (const [at, level] of LEVELS.entries())
    expect(quantileAt(LEVELS, QUANTILES, level)).toBeCloseTo(QUANTILES[at]!, 12);
  expect(quantileAt(LEVELS, QUANTILES, 0.15)).toBeCloseTo(2, 12);
  expect(quantileAt(LEVELS, QUANTILES, 0.85)).toBeCloseTo(9, 12);
});

test('never falls, from tail to tail', () => {
  let before = -Infinity;
  for (let u = 0; u <= 1; u += 1 / 4096) {
    const value = quantileAt(LEVELS, QUANTILES, u);
    expect(value).toBeGreaterThanOrEqual(before);
    before = value;
  }
});

test('tails are exponential, with the density beside them at their beginning', () => {
  // dQ/du just outside a level is that just inside of it.
  const slope = (u: number, du: number) =>
    (quantileAt(LEVELS, QUANTILES, u + du) - quantileAt(LEVELS, QUANTILES, u)) / du;
  expect(slope(0.05, -1e-7)).toBeCloseTo(slope(0.05, 1e-7), 3);
  expect(slope(0.95, 1e-7)).toBeCloseTo(slope(0.95, -1e-7), 3);
  // The mean of an exponential tail of mass p and scale s p is s p beyond its beginning.
  const draws = 200_000;
  let sum = 0;
  for (let at = 0; at < draws; at += 1)
    sum += quantileAt(LEVELS, QUANTILES, 0.95 + (0.05 * (at + 0.5)) / draws);
  expect(sum / draws).toBeCloseTo(12 + (6 / 0.2) * 0.05, 3);
});

test('quantiles that cross are put in order', () => {
  expect(quantileAt([0.25, 0.5, 0.75], [5, 4, 6], 0.5)).toBe(5);
});

test('of one level, or of levels that are all the same, there is one value', () => {
  expect([0, 0.3, 1].map((u) => quantileAt([0.5], [7], u))).toEqual([7, 7, 7]);
  expect([0, 0.01, 0.6, 1].map((u) => quantileAt(LEVELS, [2, 2, 2, 2, 2], u))).toEqual([2, 2, 2, 2]);
});

// numpy.quantile([1, 2, 4, 8], [0, .05, .25, .5, .9, 1]) of NumPy 2
test('quantiles of samples, as numpy has them', () => {
  const found = [0, 0.05, 0.25, 0.5, 0.9, 1].map((level) => sampleQuantile([1, 2, 4, 8], level));
  for (const [at, value] of [1, 1.15, 1.75, 3, 6.8, 8].entries()) expect(found[at]).toBeCloseTo(value, 12);
  expect(sampleQuantile([5], 0.9)).toBe(5);
});
