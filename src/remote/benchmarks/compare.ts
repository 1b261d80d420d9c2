import { Failure } from '../../base/errors.js';
import { detectableDifference, meanInterval, ratioIntervals } from './bootstrap.js';
import type {
  BenchmarkComparison,
  DifferenceTest,
  MetricComparison,
  PairComparison,
  SetFigures,
} from '../../protocol/comparisonMessages.js';
import { comparisonRemarks } from './comparisonRemarks.js';
import { densityOf } from './latencyHistogram.js';
import { compareOverall } from './overall.js';
import { holm, permutationTest } from './permutationTest.js';
import type { BenchmarkResults, MetricRecord } from './results.js';
import { resultSets, type ResultSet } from './resultSets.js';
import { seedFrom } from '../../base/seededRandom.js';
import { mean, median, variance } from './statistics.js';
import { judge, LEVEL, POWER } from './verdict.js';

export interface CompareOptions {
  readonly seed: number;
  /** 10,000 unless told. */
  readonly resamples?: number;
}

const CONFIDENCE = 0.95;
const RESAMPLES = 10_000;

/** The sets of `b` against the first one of `a`, and the other ones of `a` too. */
export function compareResults(
  a: BenchmarkResults,
  b: BenchmarkResults,
  options: CompareOptions,
): BenchmarkComparison {
  return compareSets([...resultSets(a, 'A'), ...resultSets(b, 'B')], options);
}

/**
 * Every metric of every benchmark, each set against the first. The same sets and seed give the same comparison.
 * Failures: `bad-input` for fewer than two sets, or for results that measure something else under one name.
 */
export function compareSets(sets: readonly ResultSet[], options: CompareOptions): BenchmarkComparison {
  if (sets.length < 2) {
    throw new Failure(
      'bad-input',
      'A comparison needs two sets: name two results files, or one that holds several kernels, machines or variants.',
    );
  }
  const resamples = options.resamples ?? RESAMPLES;
  const rows = metricRows(sets);
  const drafts = rows.map((row) => ({ row, pairs: draftPairs(row, { seed: options.seed, resamples }) }));
  const adjusted = adjustFamilies(drafts.flatMap(({ row, pairs }) => pairs.map((pair) => ({ row, pair }))));
  const metrics = drafts.map(({ row, pairs }): MetricComparison => {
    const against = pairs.map((pair) => finish(row, pair, adjusted.get(pair) ?? null));
    const { benchmark, metric, isPrimary } = row;
    return {
      benchmark,
      metric: metric.name,
      title: metric.title === '' ? metric.name : metric.title,
      unit: metric.unit,
      better: metric.better,
      isPrimary,
      sets: row.figures,
      against,
      densities: densities(sets, benchmark, metric.name),
    };
  });
  return {
    confidence: CONFIDENCE,
    resamples,
    seed: options.seed,
    sets: sets.map(({ set }) => set),
    metrics,
    overall: compareOverall(metrics, { seed: options.seed, resamples, confidence: CONFIDENCE }),
    remarks: comparisonRemarks(sets, metrics),
  };
}

interface MetricRow {
  readonly benchmark: string;
  readonly metric: MetricRecord;
  readonly isPrimary: boolean;
  /** One a set; null where the set does not have the benchmark or the metric. */
  readonly figures: readonly (SetFigures | null)[];
}

/** In the order in which the sets name them, the primary metric of a benchmark first. */
function metricRows(sets: readonly ResultSet[]): MetricRow[] {
  const names = [...new Set(sets.flatMap(({ results }) => results.benchmarks.map((each) => each.name)))];
  return names.flatMap((benchmark) => {
    const records = sets.map(({ results }) => results.benchmarks.find((each) => each.name === benchmark));
    const primary = records.find((record) => record !== undefined)!.primary;
    const metrics = new Map<string, MetricRecord>();
    for (const metric of records.flatMap((record) => record?.metrics ?? [])) {
      checkSame(benchmark, metrics.get(metric.name) ?? metric, metric);
      if (!metrics.has(metric.name)) metrics.set(metric.name, metric);
    }
    const ordered = [...metrics.values()].sort(
      (x, y) => Number(y.name === primary) - Number(x.name === primary),
    );
    return ordered.map((metric) => ({
      benchmark,
      metric,
      isPrimary: metric.name === primary,
      figures: sets.map((set) => figuresOf(set, benchmark, metric.name)),
    }));
  });
}

function checkSame(benchmark: string, first: MetricRecord, other: MetricRecord): void {
  if (first.unit === other.unit && first.better === other.better) return;
  throw new Failure(
    'bad-input',
    `The metric "${first.name}" of "${benchmark}" is not the same in all results: in ${first.unit} (better: ` +
      `${first.better}) and in ${other.unit} (better: ${other.better}). They cannot be compared.`,
  );
}

function figuresOf({ results, subject }: ResultSet, benchmark: string, metric: string): SetFigures | null {
  const record = results.benchmarks.find(({ name }) => name === benchmark);
  if (record?.metrics.some(({ name }) => name === metric) !== true) return null;
  const repeats = results.repeats.filter(
    (repeat) => repeat.subject === subject && repeat.benchmark === benchmark && repeat.phase === 'measured',
  );
  if (repeats.length === 0) return null;
  const values = repeats.flatMap(({ failure, values: all }) => {
    const value = failure === null ? all[metric] : undefined;
    return value === undefined ? [] : [value];
  });
  const isEmpty = values.length === 0;
  return {
    n: values.length,
    failed: repeats.filter(({ failure }) => failure !== null).length,
    mean: isEmpty ? null : mean(values),
    median: isEmpty ? null : median(values),
    standardDeviation: values.length < 2 ? null : Math.sqrt(variance(values)),
    smallest: isEmpty ? null : values.reduce((x, y) => Math.min(x, y)),
    largest: isEmpty ? null : values.reduce((x, y) => Math.max(x, y)),
    meanInterval: meanInterval(values, CONFIDENCE),
    values,
  };
}

type Draft = Omit<PairComparison, 'test' | 'verdict' | 'detectable' | 'words'> & {
  readonly test: Omit<DifferenceTest, 'adjustedP' | 'familySize'> | null;
};

function draftPairs(row: MetricRow, options: Required<CompareOptions>): Draft[] {
  const [baseline, ...others] = row.figures;
  return others.map((other, at) => draftPair(row, at + 1, baseline ?? null, other, options));
}

function draftPair(
  row: MetricRow,
  set: number,
  baseline: SetFigures | null,
  other: SetFigures | null,
  options: Required<CompareOptions>,
): Draft {
  const seed = seedFrom(options.seed, row.benchmark, row.metric.name, set);
  const isTestable = baseline !== null && other !== null && baseline.n >= 2 && other.n >= 2;
  const intervals = isTestable
    ? ratioIntervals(baseline.values, other.values, {
        seed,
        resamples: options.resamples,
        confidence: CONFIDENCE,
      })
    : { means: null, medians: null };
  return {
    set,
    ratioOfMeans: ratio(other?.mean, baseline?.mean),
    ratioOfMeansInterval: intervals.means,
    ratioOfMedians: ratio(other?.median, baseline?.median),
    ratioOfMediansInterval: intervals.medians,
    test: isTestable ? permutationTest(baseline.values, other.values, seed) : null,
  };
}

function ratio(over: number | null | undefined, under: number | null | undefined): number | null {
  if (over === null || over === undefined || under === null || under === undefined) return null;
  return over > 0 && under > 0 ? over / under : null;
}

/** Primary metrics are one family, on which the verdicts rest; all other metrics are a second one. */
function adjustFamilies(
  all: readonly { readonly row: MetricRow; readonly pair: Draft }[],
): Map<Draft, DifferenceTest> {
  const adjusted = new Map<Draft, DifferenceTest>();
  for (const isPrimary of [true, false]) {
    const family = all.flatMap(({ row, pair }) =>
      row.isPrimary === isPrimary && pair.test !== null ? [{ pair, test: pair.test }] : [],
    );
    const ps = holm(family.map(({ test }) => test.p));
    for (const [at, { pair, test }] of family.entries()) {
      adjusted.set(pair, { ...test, adjustedP: ps[at]!, familySize: family.length });
    }
  }
  return adjusted;
}

function finish(row: MetricRow, draft: Draft, test: DifferenceTest | null): PairComparison {
  const baseline = row.figures[0] ?? null;
  const other = row.figures[draft.set] ?? null;
  const detectable =
    test === null || baseline === null || other === null
      ? null
      : detectableDifference(baseline.values, other.values, LEVEL / test.familySize, POWER);
  const pair = { ...draft, test, detectable };
  return { ...pair, ...judge(row.metric, baseline, other, pair) };
}

function densities(sets: readonly ResultSet[], benchmark: string, metric: string) {
  return sets.flatMap(({ results, subject }, set) => {
    const found = results.distributions.find(
      (each) => each.subject === subject && each.benchmark === benchmark && each.metric === metric,
    );
    const density = found === undefined ? null : densityOf(found);
    return found === undefined || density === null
      ? []
      : [{ set, count: found.count, mean: found.mean, ...density }];
  });
}
