import type {
  ConfidenceInterval,
  MetricComparison,
  PairComparison,
  VerdictKind,
} from '../../../src/protocol/comparisonMessages.js';
import { unknownText } from '../../common/format.js';

/** A measured number in four digits: `0.1234`, `12.35`, `123,457`. */
export function formatAmount(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return unknownText;
  const size = Math.abs(value);
  if (size >= 1000) return value.toLocaleString('en-GB', { maximumFractionDigits: size < 10_000 ? 1 : 0 });
  return size !== 0 && size < 0.001 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** `0.958`, `17.59`, `70.8`. */
export function formatRatio(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return unknownText;
  if (ratio >= 1000) return ratio.toPrecision(4);
  return ratio.toFixed(ratio < 10 ? 3 : ratio < 100 ? 2 : 1);
}

export function formatInterval(
  interval: ConfidenceInterval | null,
  format: (value: number) => string = formatRatio,
): string {
  return interval === null ? unknownText : `${format(interval.low)} – ${format(interval.high)}`;
}

export function formatP(p: number): string {
  if (p >= 0.995) return '1';
  if (p >= 0.01) return p.toFixed(2);
  return p >= 0.000001 ? p.toFixed(Math.ceil(-Math.log10(p))) : p.toExponential(0);
}

export function verdictText(verdict: VerdictKind): string {
  return verdict === 'no difference' ? 'no difference can be seen' : verdict;
}

/** The name of a set where there is little room: A is the baseline. */
export function setLetter(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `S${at + 1}`;
}

/** A ratio with its interval, turned so that below 1 is the good side; as it is where there is none. */
export function turnedRatio(
  { better }: MetricComparison,
  { ratioOfMeans, ratioOfMeansInterval: interval }: PairComparison,
): { readonly ratio: number; readonly low: number; readonly high: number } | null {
  if (ratioOfMeans === null) return null;
  const { low, high } = interval ?? { low: ratioOfMeans, high: ratioOfMeans };
  return better === 'higher'
    ? { ratio: 1 / ratioOfMeans, low: 1 / high, high: 1 / low }
    : { ratio: ratioOfMeans, low, high };
}
