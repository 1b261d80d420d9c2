import { describe, expect, test } from 'vitest';
import { compareSets } from '../../../../src/remote/benchmarks/compare.js';
import type { VerdictKind } from '../../../../src/protocol/comparisonMessages.js';
import { resultSets } from '../../../../src/remote/benchmarks/resultSets.js';
import { SeededRandom } from '../../../../src/base/seededRandom.js';
import { madeResults } from '../../../support/benchmarkResults.js';

const METRIC = { name: 'run_time', title: 'run time', unit: 's', better: 'lower' as const };

/** Run times: never below the least, and now and then far above it. */
function runTime(random: SeededRandom, factor: number): number {
  const share = (random.below(2 ** 32) + 0.5) / 2 ** 32;
  return factor * (10 - 0.3 * Math.log(share));
}

/** Verdicts on made measurements: `benchmarks` of two sets, `n` repeats each, the second slower by this factor. */
function verdicts(
  trials: number,
  { n, benchmarks, factor }: { readonly n: number; readonly benchmarks: number; readonly factor: number },
): VerdictKind[][] {
  const random = new SeededRandom(97);
  const side = (by: number) =>
    Object.fromEntries(
      Array.from({ length: benchmarks }, (_unused, at) => [
        `b${at}`,
        Array.from({ length: n }, () => runTime(random, by)),
      ]),
    );
  return Array.from({ length: trials }, (_unused, seed) => {
    const results = madeResults(METRIC, { old: side(1), new: side(factor) });
    // The test, on which verdicts rest, does not depend on the number of resamples.
    const { metrics } = compareSets(resultSets(results, 'r.json'), { seed, resamples: 20 });
    return metrics.flatMap(({ against }) => against.map(({ verdict }) => verdict));
  });
}

/** Share of the measurements in which at least one verdict is of these kinds. */
function share(all: readonly VerdictKind[][], ...kinds: readonly VerdictKind[]): number {
  return all.filter((each) => each.some((verdict) => kinds.includes(verdict))).length / all.length;
}

describe('how often verdicts are wrong', () => {
  // Three standard errors of 800 measurements at 5 % are 2.3 %.
  test('of two sets that do not differ, a difference is claimed in at most about 5 of 100 measurements', () => {
    const claims = share(verdicts(800, { n: 6, benchmarks: 1, factor: 1 }), 'faster', 'slower');
    expect(claims).toBeGreaterThan(0.027);
    expect(claims).toBeLessThan(0.073);
  });

  test('nor is it in more of them when each has eight benchmarks', () => {
    const claims = share(verdicts(300, { n: 7, benchmarks: 8, factor: 1 }), 'faster', 'slower');
    // Three standard errors of 300 measurements are 3.8 %.
    expect(claims).toBeLessThan(0.088);
    expect(claims).toBeGreaterThan(0.005);
  });

  test('a set that is slower by a tenth is told slower, hardly ever missed, never told faster', () => {
    const all = verdicts(200, { n: 6, benchmarks: 1, factor: 1.1 });
    expect(share(all, 'slower')).toBeGreaterThan(0.95);
    expect(share(all, 'faster')).toBe(0);
  });
});
