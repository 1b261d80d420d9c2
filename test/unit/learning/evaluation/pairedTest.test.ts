import { describe, expect, test } from 'vitest';
import { mcNemar, signFlipTest } from '../../../../src/learning/evaluation/pairedTest.js';
import { normal, streamOf, uniform } from '../../../../src/learning/layers/chance.js';

describe('sign-flip test', () => {
  test('of few blocks tries every way to turn them', () => {
    // Of the eight ways only + + + and − − − part the models by 6.
    expect(signFlipTest(Float64Array.of(1, 2, 3), 1)).toEqual({
      kind: 'exact',
      p: 0.25,
      blocks: 3,
      tried: 8,
    });
    // At least |−1 + 2 + 3| apart are four of eight: ±(1 + 2 + 3) and ±(−1 + 2 + 3).
    expect(signFlipTest(Float64Array.of(-1, 2, 3), 1).p).toBe(0.5);
    expect(signFlipTest(Float64Array.of(0, 0), 1).p).toBe(1);
    expect(signFlipTest(new Float64Array(0), 1)).toMatchObject({ p: 1, blocks: 0 });
  });

  test('of many draws, the same each time, and agrees with the normal approximation', () => {
    const sums = Float64Array.from({ length: 400 }, (_, at) => normal(3, at) + 0.1);
    const result = signFlipTest(sums, 7);
    expect(result).toEqual(signFlipTest(sums, 7));
    expect(result).toMatchObject({ kind: 'sampled', blocks: 400, tried: 9999 });
    const total = sums.reduce((sum, each) => sum + each, 0);
    const z = Math.abs(total) / Math.sqrt(sums.reduce((sum, each) => sum + each ** 2, 0));
    expect(Math.abs(result.p - 2 * upperTail(z))).toBeLessThan(0.012);
  });

  test('is never 0', () => {
    expect(signFlipTest(new Float64Array(100).fill(1), 1).p).toBe(1 / 10_000);
  });
});

test('McNemar: mid-p of Fagerland, Lydersen and Laake 2013, table 1', () => {
  // 1 and 7 discordant pairs: exact 0.0703, mid-p 0.0391.
  expect(mcNemar(1, 7)).toMatchObject({ onlyFirst: 1, onlySecond: 7 });
  expect(mcNemar(1, 7).midP).toBeCloseTo(10 / 256, 12);
  expect(mcNemar(7, 1).midP).toBeCloseTo(10 / 256, 12);
  expect(mcNemar(0, 0).midP).toBe(1);
  expect(mcNemar(5, 5).midP).toBeCloseTo(1, 12);
  // 2^-5000 is no float64; what is left is none either.
  expect(mcNemar(0, 5000).midP).toBe(0);
  expect(mcNemar(4900, 5100).midP).toBeCloseTo(2 * upperTail(200 / 100), 3);
});

test('events that depend on each other: McNemar sees differences that are none, blocks do not', () => {
  // Two models of the same worth; each is better for stretches of about a hundred events.
  const [runs, events, block] = [200, 4000, 400];
  let [byBlocks, byMcNemar] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const [moods, parted] = [streamOf(run, 'moods'), streamOf(run, 'parted')];
    let state = normal(moods, 0);
    const sums = new Float64Array(events / block);
    let [onlyFirst, onlySecond] = [0, 0];
    for (let at = 0; at < events; at += 1) {
      state = 0.99 * state + Math.sqrt(1 - 0.99 ** 2) * normal(moods, at + 1);
      if (uniform(parted, at) > 0.4) continue;
      const isFirst = state > 0;
      if (isFirst) onlyFirst += 1;
      else onlySecond += 1;
      sums[Math.floor(at / block)]! += isFirst ? -1 : 1;
    }
    if (signFlipTest(sums, run).p <= 0.05) byBlocks += 1;
    if (mcNemar(onlyFirst, onlySecond).midP <= 0.05) byMcNemar += 1;
  }
  expect(byBlocks / runs).toBeGreaterThan(0.01);
  expect(byBlocks / runs).toBeLessThan(0.1);
  expect(byMcNemar / runs).toBeGreaterThan(0.5);
});

/** P(Z > z) of the standard normal: Abramowitz and Stegun 26.2.17, to 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const sum =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
