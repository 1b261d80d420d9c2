import type { BenchmarkComparison, MetricComparison } from '../../protocol/comparisonMessages.js';

const COLUMNS = [
  'benchmark',
  'metric',
  'unit',
  'better',
  'primary',
  'set',
  'machine',
  'kernel',
  'variant',
  'n',
  'failed',
  'mean',
  'mean_low',
  'mean_high',
  'median',
  'standard_deviation',
  'smallest',
  'largest',
  'ratio_of_means',
  'ratio_of_means_low',
  'ratio_of_means_high',
  'ratio_of_medians',
  'ratio_of_medians_low',
  'ratio_of_medians_high',
  'p',
  'adjusted_p',
  'detectable_difference',
  'verdict',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

/** All figures of a comparison, one row a metric and set. What cannot be said is empty. */
export function comparisonCsv(comparison: BenchmarkComparison): string {
  const rows = comparison.metrics.flatMap((metric) =>
    metric.sets.map((_figures, set) => rowOf(comparison, metric, set)),
  );
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column] ?? null)).join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}

function rowOf(comparison: BenchmarkComparison, metric: MetricComparison, set: number): Row {
  const { label, machine, kernel, variant } = comparison.sets[set]!;
  const figures = metric.sets[set];
  const pair = metric.against.find((each) => each.set === set);
  return {
    benchmark: metric.benchmark,
    metric: metric.metric,
    unit: metric.unit,
    better: metric.better,
    primary: metric.isPrimary ? 'yes' : 'no',
    set: label,
    machine,
    kernel,
    variant,
    n: figures?.n ?? 0,
    failed: figures?.failed ?? 0,
    mean: figures?.mean ?? null,
    mean_low: figures?.meanInterval?.low ?? null,
    mean_high: figures?.meanInterval?.high ?? null,
    median: figures?.median ?? null,
    standard_deviation: figures?.standardDeviation ?? null,
    smallest: figures?.smallest ?? null,
    largest: figures?.largest ?? null,
    ratio_of_means: pair?.ratioOfMeans ?? null,
    ratio_of_means_low: pair?.ratioOfMeansInterval?.low ?? null,
    ratio_of_means_high: pair?.ratioOfMeansInterval?.high ?? null,
    ratio_of_medians: pair?.ratioOfMedians ?? null,
    ratio_of_medians_low: pair?.ratioOfMediansInterval?.low ?? null,
    ratio_of_medians_high: pair?.ratioOfMediansInterval?.high ?? null,
    p: pair?.test?.p ?? null,
    adjusted_p: pair?.test?.adjustedP ?? null,
    detectable_difference: pair?.detectable ?? null,
    verdict: set === 0 ? 'baseline' : (pair?.verdict ?? null),
  };
}

/** After RFC 4180. A text that a spreadsheet would take for a formula is kept from being one. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
