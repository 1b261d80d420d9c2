import { Failure } from '../base/errors.js';
import type { BenchmarkComparison, MetricComparison } from '../protocol/comparisonMessages.js';
import { formatRatio } from '../remote/benchmarks/verdict.js';
import { printable, table, type Column } from './output.js';

interface TableRow {
  readonly name: string;
  readonly cells: readonly string[];
}

/**
 * Means of one metric, sets as rows and benchmarks as columns: the layout in which mean latencies and run times of kernels
 * are usually published. Below it, what such a table does not tell by itself.
 * @param which `runtime`, `latency` (the metric in ns that most benchmarks have), or a metric's name
 */
export function* compareTable(comparison: BenchmarkComparison, which: string): Generator<string> {
  const metrics = chosenMetrics(comparison, which);
  const { title, unit } = metrics[0]!;
  yield `Mean ${printable(title)}${unit === '' ? '' : `, ${printable(unit)}`}`;
  yield '';
  const columns: Column<TableRow>[] = [
    { title: '', align: 'left', cell: (row) => row.name },
    ...metrics.map((metric, at): Column<TableRow> => ({
      title: metric.benchmark,
      align: 'right',
      cell: (row) => row.cells[at]!,
    })),
  ];
  yield* table(columns, [...meanRows(comparison, metrics), ...ratioRows(comparison, metrics)]);
  yield '';
  const key = metrics[0]!.metric;
  for (const overall of comparison.overall.filter(({ metric }) => metric === key)) {
    const label = printable(comparison.sets[overall.set]!.label);
    yield `${label}: ratio of means ${formatRatio(overall.ratioOfMeans ?? Number.NaN)}, mean of ratios ${formatRatio(overall.meanOfRatios)}, geometric mean of ratios ${formatRatio(overall.geometricMeanOfRatios)}.`;
  }
  yield* honestly(comparison, metrics);
}

function chosenMetrics({ metrics }: BenchmarkComparison, which: string): MetricComparison[] {
  const name = which === 'runtime' ? 'run_time' : which === 'latency' ? latencyMetric(metrics) : which;
  const found = metrics.filter(({ metric }) => metric === name);
  if (found.length > 0) return found;
  const known = [...new Set(metrics.map(({ metric }) => metric))].join(', ');
  throw new Failure(
    'bad-input',
    `No benchmark in these results has the metric "${which}". They have ${known}.`,
  );
}

function latencyMetric(metrics: readonly MetricComparison[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { metric, unit } of metrics) {
    if (unit === 'ns') counts.set(metric, (counts.get(metric) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function meanRows(comparison: BenchmarkComparison, metrics: readonly MetricComparison[]): TableRow[] {
  return comparison.sets.map(({ label }, set) => ({
    name: label,
    cells: metrics.map(({ sets }) => mean(sets[set]?.mean ?? null)),
  }));
}

function ratioRows(comparison: BenchmarkComparison, metrics: readonly MetricComparison[]): TableRow[] {
  return comparison.sets.slice(1).map(({ label }, at) => ({
    name: `${label} / ${comparison.sets[0]!.label}`,
    cells: metrics.map(({ against }) => {
      const ratio = against.find(({ set }) => set === at + 1)?.ratioOfMeans ?? null;
      return ratio === null ? '-' : formatRatio(ratio);
    }),
  }));
}

/** As many digits as are there, up to hundredths: such tables are compared by eye with printed ones. */
function mean(value: number | null): string {
  return value === null ? '-' : String(Number(value.toFixed(value < 1 ? 4 : 2)));
}

function* honestly(comparison: BenchmarkComparison, metrics: readonly MetricComparison[]): Generator<string> {
  yield '';
  const counts = metrics.flatMap(({ sets }) => sets.flatMap((each) => (each === null ? [] : [each.n])));
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 1) {
    yield 'Every mean here is of one run: nothing tells how much it would vary from run to run, so that no difference between the rows can be told from chance. Measure at least five runs each.';
    return;
  }
  if (fewest === 1) yield 'Some means are of one run: differences of these cannot be told from chance.';
  for (const { benchmark, against } of metrics) {
    for (const { set, words } of against) {
      yield `${printable(benchmark)}, ${printable(comparison.sets[set]!.label)}: ${printable(words)}.`;
    }
  }
}
