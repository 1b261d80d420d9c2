import { writeFileAtomically } from '../base/atomicFile.js';
import { Failure } from '../base/errors.js';
import { compareSets } from '../remote/benchmarks/compare.js';
import type {
  BenchmarkComparison,
  MetricComparison,
  OverallComparison,
  PairComparison,
  SetFigures,
} from '../protocol/comparisonMessages.js';
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
  readonly seed: number;
  readonly resamples: number;
  /** In place of standard output. */
  readonly output?: string;
}

/**
 * `compare A B…`: the first set is the baseline. Each operand is a results file, all of its subjects, or `FILE#SUBJECT`.
 */
export async function compare(operands: readonly string[], options: CompareOptions): Promise<void> {
  const sets: ResultSet[] = [];
  for (const operand of operands) sets.push(...(await setsOf(operand)));
  const comparison = compareSets(sets, { seed: options.seed, resamples: options.resamples });
  const lines = linesOf(comparison, options);
  if (options.output === undefined) await printLines(lines);
  else
    await writeFileAtomically(
      options.output,
      [...lines].map((line) => `${line}\n`),
    );
}

function linesOf(
  comparison: BenchmarkComparison,
  { json, csv, all, table: metric }: CompareOptions,
): Iterable<string> {
  if (json === true) return [toJson(comparison)];
  // Its lines end as RFC 4180 has it, the last one without our line feed.
  if (csv === true) return comparisonCsv(comparison).split('\n').slice(0, -1);
  return metric === undefined ? readable(comparison, all === true) : compareTable(comparison, metric);
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

export function* readable(comparison: BenchmarkComparison, showsAll: boolean): Generator<string> {
  const letters = comparison.sets.map((_set, at) => setLetter(at));
  for (const [at, set] of comparison.sets.entries()) {
    yield `${letters[at]!}  ${printable(set.label)}${at === 0 ? ' (baseline)' : ''}, ${printable(set.path)}`;
  }
  yield '';
  const { confidence, resamples, seed } = comparison;
  yield `Ratios of means to the baseline; intervals of ${confidence * 100} % by ${resamples} bootstrap resamples, seed ${seed}.`;
  yield '';
  const metrics = comparison.metrics.filter(({ isPrimary }) => showsAll || isPrimary);
  yield* table(
    COLUMNS,
    metrics.flatMap((metric) => rowsOf(metric, letters)),
  );
  yield '';
  yield* overallLines(comparison.overall, letters);
  yield* verdictLines(metrics, letters);
  if (comparison.remarks.length > 0) yield '';
  for (const { severity, text } of comparison.remarks) {
    yield `${severity === 'warning' ? 'Beware' : 'Note'}: ${printable(text)}`;
  }
}

/** One set of one metric. */
interface SetRow {
  /** The benchmark on the first row, the metric on the second. */
  readonly name: string;
  readonly letter: string;
  readonly figures: SetFigures | null;
  /** Null for the baseline. */
  readonly pair: PairComparison | null;
}

function rowsOf(metric: MetricComparison, letters: readonly string[]): SetRow[] {
  const { benchmark, metric: name, unit, better, sets, against } = metric;
  const direction = better === 'neither' ? [] : [`${better} is better`];
  const second = `  ${[name, ...(unit === '' ? [] : [unit]), ...direction].join(', ')}`;
  return sets.map((figures, at) => ({
    name: [benchmark, second][at] ?? '',
    letter: letters[at]!,
    figures,
    pair: against.find(({ set }) => set === at) ?? null,
  }));
}

const COLUMNS: readonly Column<SetRow>[] = [
  { title: 'benchmark', align: 'left', cell: ({ name }) => name },
  { title: 'set', align: 'left', cell: ({ letter }) => letter },
  { title: 'n', align: 'right', cell: ({ figures }) => String(figures?.n ?? 0) },
  { title: 'mean', align: 'right', cell: ({ figures }) => amount(figures?.mean ?? null) },
  { title: 'median', align: 'right', cell: ({ figures }) => amount(figures?.median ?? null) },
  { title: 'sd', align: 'right', cell: ({ figures }) => amount(figures?.standardDeviation ?? null) },
  { title: 'ratio', align: 'right', cell: ({ pair }) => (pair === null ? '' : ratio(pair.ratioOfMeans)) },
  {
    title: '95 % interval',
    align: 'left',
    cell: ({ pair }) => (pair === null ? '' : interval(pair.ratioOfMeansInterval)),
  },
  {
    title: 'p',
    align: 'right',
    cell: ({ pair }) => (pair === null ? '' : pair.test === null ? '-' : formatP(pair.test.adjustedP)),
  },
  { title: 'verdict', align: 'left', cell: ({ pair }) => (pair === null ? '' : verdictText(pair)) },
];

/** What the verdicts rest on, each said once. */
function* verdictLines(metrics: readonly MetricComparison[], letters: readonly string[]): Generator<string> {
  const byWords = new Map<string, string[]>();
  for (const { benchmark, metric, isPrimary, against } of metrics) {
    for (const { set, words } of against) {
      const subject = `${benchmark}${isPrimary ? '' : ` ${metric}`}, ${letters[set]!}`;
      byWords.set(words, [...(byWords.get(words) ?? []), subject]);
    }
  }
  for (const [words, subjects] of byWords) yield printable(`${subjects.join('; ')}: ${words}.`);
}

function verdictText({ verdict }: PairComparison): string {
  return verdict === 'no difference' ? 'no difference can be seen' : verdict;
}

function* overallLines(overall: readonly OverallComparison[], letters: readonly string[]): Generator<string> {
  if (overall.length === 0) return;
  yield 'All benchmarks together, by three figures that answer different questions:';
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
