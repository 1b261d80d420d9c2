import type {
  DifferenceTest,
  PairComparison,
  SetFigures,
  VerdictKind,
} from '../../protocol/comparisonMessages.js';
import { smallestPossibleP } from './permutationTest.js';
import type { MetricRecord } from './results.js';

/** A difference is claimed where the corrected p is at most that. */
export const LEVEL = 0.05;
/** "Would have been seen" means: in this share of such measurements. */
export const POWER = 0.8;

type Judged = Pick<
  PairComparison,
  'ratioOfMeans' | 'ratioOfMeansInterval' | 'test' | 'detectable' | 'ratioOfMedians'
>;

/** What can be said of a set against the baseline, and what that rests on. */
export function judge(
  metric: MetricRecord,
  baseline: SetFigures | null,
  other: SetFigures | null,
  pair: Judged,
): { readonly verdict: VerdictKind; readonly words: string } {
  const silent = (why: string) => ({ verdict: 'no statement' as const, words: `no statement: ${why}` });
  if (baseline === null || baseline.n === 0) return silent('the baseline has no value');
  if (other === null || other.n === 0) return silent('this set has no value');
  const { test } = pair;
  if (test === null) {
    return silent('measured once, which does not tell how much such a value varies from run to run');
  }
  if (test.smallestP * test.familySize > LEVEL) return silent(tooFew(baseline.n, other.n, test));
  if (test.adjustedP > LEVEL) {
    return { verdict: 'no difference', words: `no difference can be seen: ${notSeen(pair, test)}` };
  }
  const isLower = (other.mean ?? 0) < (baseline.mean ?? 0);
  const verdict = directionOf(metric, isLower);
  return { verdict, words: `${verdict}: ${measured(metric, pair, isLower)}, ${pWords(test)}` };
}

function directionOf({ better }: MetricRecord, isLower: boolean): VerdictKind {
  if (better === 'neither') return isLower ? 'lower' : 'higher';
  return isLower === (better === 'lower') ? 'faster' : 'slower';
}

function tooFew(n: number, m: number, test: DifferenceTest): string {
  const among = test.familySize === 1 ? '' : ` among ${test.familySize} comparisons`;
  const needed = repeatsNeeded(test.familySize);
  return (
    `${n} and ${m} repeats can be dealt in ${test.arrangements} ways only, so that p cannot be below ` +
    `${formatP(test.smallestP)}: no difference, however large, would stand out${among}; ${needed} repeats each could`
  );
}

/** The fewest repeats of either side with which a difference can be seen among so many comparisons. */
export function repeatsNeeded(familySize: number): number {
  let repeats = 2;
  while (smallestPossibleP(repeats, repeats) * familySize > LEVEL && repeats < 100) repeats += 1;
  return repeats;
}

function notSeen({ detectable, ratioOfMeansInterval: interval }: Judged, test: DifferenceTest): string {
  const would =
    detectable === null
      ? ''
      : `; one of about ${formatPercent(detectable)} would have been, four times out of five`;
  const leavesOutOne = interval !== null && (interval.low > 1 || interval.high < 1);
  const alone =
    leavesOutOne && test.familySize > 1
      ? '; alone, without the correction, its interval would leave out 1'
      : '';
  return `${pWords(test)}${would}${alone}`;
}

function measured(metric: MetricRecord, pair: Judged, isLower: boolean): string {
  const title = metric.title === '' ? metric.name : metric.title;
  const { ratioOfMeans, ratioOfMeansInterval: interval } = pair;
  if (ratioOfMeans === null) return `${title} is ${isLower ? 'lower' : 'higher'}`;
  const range =
    interval === null ? '' : ` (95 % interval ${formatRatio(interval.low)} to ${formatRatio(interval.high)})`;
  return `${title} is ${formatRatio(ratioOfMeans)} times the baseline's${range}`;
}

function pWords(test: DifferenceTest): string {
  const corrected = test.familySize === 1 ? '' : ` after correction for ${test.familySize} comparisons`;
  return `p = ${formatP(test.adjustedP)}${corrected}`;
}

/** Two digits from 0.01 on, one below. */
export function formatP(p: number): string {
  if (p >= 0.995) return '1';
  if (p >= 0.01) return p.toFixed(2);
  return p >= 0.000001 ? p.toFixed(Math.ceil(-Math.log10(p))) : p.toExponential(0);
}

/** A ratio, so that a per mille can be seen: `0.958`, `17.59`, `70.8`. */
export function formatRatio(ratio: number): string {
  if (ratio >= 1000) return ratio.toPrecision(4);
  return ratio.toFixed(ratio < 10 ? 3 : ratio < 100 ? 2 : 1);
}

/** A share as per cent in two digits: `0.31 %`, `4.2 %`, `38 %`. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
}
