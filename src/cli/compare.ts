import { Failure } from '../base/errors.js';
import { compareSets } from '../remote/benchmarks/compare.js';
import type {
  Comparison,
  MetricComparison,
  OverallComparison,
  PairComparison,
  SetFigures,
} from '../remote/benchmarks/comparison.js';
import { comparisonCsv } from '../remote/benchmarks/comparisonCsv.js';
import { readResults } from '../remote/benchmarks/results.js';
import { resultSets, type ResultSet } from '../remote/benchmarks/resultSets.js';
import { formatP, formatRatio } from '../remote/benchmarks/verdict.js';
import { compareTable } from './compareTable.js';
import { printLines, printable, table, toJson, type Column } from './output.js';

export interface CompareOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  /** All metrics, not the primary ones only. */
  readonly all?: boolean;
  /** `runtime`, `latency` or a metric's name: sets as rows, benchmarks as columns. */
  readonly table?: string;
  readonly seed?: number;
  readonly resamples?: number;
}

/**
 * `compare A B…`: the first set is the baseline. Each operand is a results file, all of its subjects, or `FILE#SUBJECT`.
 */
export async function compare(operands: readonly string[], options: CompareOptions): Promise<void> {
  const sets: ResultSet[] = [];
  for (const operand of operands) sets.push(...(await setsOf(operand)));
  const comparison = compareSets(sets, {
    seed: options.seed ?? 1,
    ...(options.resamples === undefined ? {} : { resamples: options.resamples }),
  });
  if (options.json === true) await printLines([toJson(comparison)]);
  else if (options.csv === true) process.stdout.write(comparisonCsv(comparison));
  else if (options.table !== undefined) await printLines(compareTable(comparison, options.table));
  else await printLines(readable(comparison, options.all === true));
}

async function setsOf(operand: string): Promise<ResultSet[]> {
  const { path, subject } = splitOperand(operand);
  const sets = resultSets(await readResults(path), path);
  if (subject === null) return sets;
  const found = sets.filter((each) => each.subject === subject || each.set.label === subject);
  if (found.length > 0) return found;
  const known = sets.map((each) => `"${printable(each.subject)}"`).join(', ');
  throw new Failure('bad-input', `${path} has no subject "${subject}"; it has ${known}.`);
}

/** `results.json#host · lower`: what follows the last `#` after `.json`. */
export function splitOperand(operand: string): { readonly path: string; readonly subject: string | null } {
  const match = /^(.*\.json)#(.+)$/s.exec(operand);
  return match === null ? { path: operand, subject: null } : { path: match[1]!, subject: match[2]! };
}

export function* readable(comparison: Comparison, showsAll: boolean): Generator<string> {
  const letters = comparison.sets.map((_set, at) => setLetter(at));
  for (const [at, set] of comparison.sets.entries()) {
    yield `${letters[at]!}  ${printable(set.label)}${at === 0 ? ' (baseline)' : ''}, ${printable(set.path)}`;
  }
  yield '';
  yield `Ratios are to the baseline; intervals of ${comparison.confidence * 100} % by ${comparison.resamples} bootstrap resamples, seed ${comparison.seed}.`;
  yield '';
  const rows = comparison.metrics
    .filter(({ isPrimary }) => showsAll || isPrimary)
    .flatMap((metric) => metric.against.map((pair) => ({ metric, pair })));
  yield* table(pairColumns(letters), rows);
  yield '';
  yield* overallLines(comparison.overall, letters);
  for (const { metric, pair } of rows) {
    yield `${printable(metric.benchmark)}${metric.isPrimary ? '' : ` ${printable(metric.metric)}`}, ${letters[pair.set]!}: ${printable(pair.words)}.`;
  }
  if (comparison.remarks.length > 0) yield '';
  for (const { severity, text } of comparison.remarks) {
    yield `${severity === 'warning' ? 'Beware' : 'Note'}: ${printable(text)}`;
  }
}

interface PairRow {
  readonly metric: MetricComparison;
  readonly pair: PairComparison;
}

function pairColumns(letters: readonly string[]): Column<PairRow>[] {
  const figures =
    (figure: (figures: SetFigures) => number | null, of: (row: PairRow) => number) => (row: PairRow) => {
      const set = row.metric.sets[of(row)] ?? null;
      return amount(set === null ? null : figure(set));
    };
  const baseline = () => 0;
  const other = ({ pair }: PairRow) => pair.set;
  return [
    { title: 'benchmark', align: 'left', cell: ({ metric }) => metric.benchmark },
    { title: 'metric', align: 'left', cell: ({ metric }) => metric.metric },
    { title: 'unit', align: 'left', cell: ({ metric }) => metric.unit },
    {
      title: 'better',
      align: 'left',
      cell: ({ metric }) => (metric.better === 'neither' ? '-' : metric.better),
    },
    { title: 'n A', align: 'right', cell: ({ metric }) => String(metric.sets[0]?.n ?? 0) },
    { title: 'mean A', align: 'right', cell: figures((set) => set.mean, baseline) },
    { title: 'median A', align: 'right', cell: figures((set) => set.median, baseline) },
    { title: 'sd A', align: 'right', cell: figures((set) => set.standardDeviation, baseline) },
    { title: 'set', align: 'left', cell: ({ pair }) => letters[pair.set]! },
    { title: 'n', align: 'right', cell: ({ metric, pair }) => String(metric.sets[pair.set]?.n ?? 0) },
    { title: 'mean', align: 'right', cell: figures((set) => set.mean, other) },
    { title: 'median', align: 'right', cell: figures((set) => set.median, other) },
    { title: 'sd', align: 'right', cell: figures((set) => set.standardDeviation, other) },
    { title: 'ratio of means', align: 'right', cell: ({ pair }) => ratio(pair.ratioOfMeans) },
    { title: '95 % interval', align: 'left', cell: ({ pair }) => interval(pair.ratioOfMeansInterval) },
    {
      title: 'p',
      align: 'right',
      cell: ({ pair }) => (pair.test === null ? '-' : formatP(pair.test.adjustedP)),
    },
    { title: 'verdict', align: 'left', cell: ({ pair }) => verdictText(pair) },
  ];
}

function verdictText({ verdict }: PairComparison): string {
  return verdict === 'no difference' ? 'no difference can be seen' : verdict;
}

function* overallLines(overall: readonly OverallComparison[], letters: readonly string[]): Generator<string> {
  if (overall.length === 0) return;
  yield 'All benchmarks together (three different questions; never one for the other):';
  yield* table(
    [
      { title: 'of', align: 'left', cell: (row) => row.title },
      { title: 'set', align: 'left', cell: (row) => letters[row.set]! },
      { title: 'benchmarks', align: 'right', cell: (row) => String(row.benchmarks.length) },
      { title: 'ratio of means', align: 'right', cell: (row) => ratio(row.ratioOfMeans) },
      { title: 'mean of ratios', align: 'right', cell: (row) => ratio(row.meanOfRatios) },
      { title: 'geometric mean of ratios', align: 'right', cell: (row) => ratio(row.geometricMeanOfRatios) },
      { title: '95 % interval of it', align: 'left', cell: (row) => interval(row.geometricMeanInterval) },
    ],
    overall,
  );
  yield '';
}

/** A, B, … Z, S27. */
export function setLetter(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `S${at + 1}`;
}

/** Four significant digits, whole numbers from 10,000 on; `-` when unknown. */
export function amount(value: number | null): string {
  if (value === null) return '-';
  const size = Math.abs(value);
  if (size >= 10_000) return value.toFixed(0);
  return size !== 0 && size < 0.001 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

function ratio(value: number | null): string {
  return value === null ? '-' : formatRatio(value);
}

function interval(value: { readonly low: number; readonly high: number } | null): string {
  return value === null ? '-' : `${formatRatio(value.low)} to ${formatRatio(value.high)}`;
}
