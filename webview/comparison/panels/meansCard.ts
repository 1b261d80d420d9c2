import type {
  BenchmarkComparison,
  MetricComparison,
  OverallComparison,
} from '../../../src/protocol/comparisonMessages.js';
import { ChartView } from '../../common/chart.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { element, replaceContent } from '../../common/dom.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { benchmarkBars, describeBars } from '../charts/benchmarkBars.js';
import type { ComparisonModel } from '../model/comparisonModel.js';
import { formatAmount, formatRatio, setLetter } from '../model/words.js';

/** A line of the table: a set, or a set over the baseline. */
interface MeansRow {
  readonly name: string;
  readonly cells: readonly string[];
}

/**
 * The means of one metric over all benchmarks: as bars with intervals, and as the table in which latencies and run times
 * of kernels are usually published.
 */
export class MeansCard {
  readonly element: HTMLElement;
  readonly #choice: ChoiceBar<string>;
  readonly #chart = new ChartView('means');
  readonly #table = element('div', { className: 'scroll-x' });
  readonly #words = element('div', { className: 'detail-words' });
  readonly #note = element('p', { className: 'chart-note' });
  #chosen: string | null = null;

  constructor(
    private readonly model: ComparisonModel,
    private readonly theme: Signal<Theme>,
  ) {
    this.#choice = new ChoiceBar<string>('Metric', '', (key) => {
      this.#chosen = key;
      this.#show();
    });
    this.element = element(
      'section',
      { className: 'card', attributes: { 'aria-label': 'Means of all benchmarks' } },
      element('h2', {}, 'Means of all benchmarks'),
      element('div', { className: 'means-choice' }, this.#choice.element),
      this.#chart.element,
      this.#table,
      this.#words,
      this.#note,
    );
    theme.subscribe(() => this.#show());
    model.comparison.observe(() => this.#show());
  }

  #show(): void {
    const comparison = this.model.comparison.value;
    const shared = comparison === null ? [] : sharedMetrics(comparison.metrics);
    const rows = shared.find((group) => keyOf(group[0]!) === this.#chosen) ?? shared[0];
    this.element.hidden = rows === undefined;
    if (comparison === null || rows === undefined) return;
    this.#choice.element.hidden = shared.length < 2;
    this.#choice.show(
      shared.map((group) => ({
        id: keyOf(group[0]!),
        label: group[0]!.title,
        title: `${group[0]!.title}: ${group.length} benchmarks`,
      })),
    );
    this.#choice.set(keyOf(rows[0]!));
    this.#chart.show(
      benchmarkBars(rows, comparison.sets, this.theme.value),
      describeBars(rows, comparison.sets),
    );
    const table = [...meanRows(comparison, rows), ...ratioRows(comparison, rows)];
    replaceContent(this.#table, simpleTable('Means of all benchmarks', columnsOf(rows), table));
    const overall = comparison.overall.filter(({ metric }) => metric === rows[0]!.metric);
    replaceContent(this.#words, ...overall.map((each) => element('p', {}, overallWords(each))));
    this.#note.textContent = noteOf(rows);
  }
}

/** Metrics that two benchmarks or more have in the same unit, those on which verdicts rest first. */
export function sharedMetrics(metrics: readonly MetricComparison[]): MetricComparison[][] {
  const groups = new Map<string, MetricComparison[]>();
  for (const metric of metrics) groups.set(keyOf(metric), [...(groups.get(keyOf(metric)) ?? []), metric]);
  const primaries = (group: readonly MetricComparison[]) => group.filter(({ isPrimary }) => isPrimary).length;
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .sort((a, b) => primaries(b) - primaries(a) || b.length - a.length);
}

function keyOf({ metric, unit }: MetricComparison): string {
  return `${metric} ${unit}`;
}

function columnsOf(rows: readonly MetricComparison[]): SimpleColumn<MeansRow>[] {
  const { title, unit } = rows[0]!;
  return [
    {
      label: unit === '' ? title : `${title}, ${unit}`,
      title: 'Set; below, a set over the baseline',
      numeric: false,
      cell: ({ name }) => name,
    },
    ...rows.map(({ benchmark }, at): SimpleColumn<MeansRow> => ({
      label: benchmark,
      title: `Mean of ${benchmark}`,
      numeric: true,
      cell: ({ cells }) => cells[at]!,
    })),
  ];
}

function meanRows({ sets }: BenchmarkComparison, rows: readonly MetricComparison[]): MeansRow[] {
  return sets.map(({ label }, set) => ({
    name: `${setLetter(set)} ${label}`,
    cells: rows.map((row) => formatAmount(row.sets[set]?.mean ?? null)),
  }));
}

function ratioRows({ sets }: BenchmarkComparison, rows: readonly MetricComparison[]): MeansRow[] {
  return sets.slice(1).map((_set, at) => ({
    name: `${setLetter(at + 1)} / ${setLetter(0)}`,
    cells: rows.map(({ against }) =>
      formatRatio(against.find(({ set }) => set === at + 1)?.ratioOfMeans ?? null),
    ),
  }));
}

function overallWords({ set, ratioOfMeans, meanOfRatios, benchmarks }: OverallComparison): string {
  const means =
    ratioOfMeans === null
      ? ''
      : `the means of all ${benchmarks.length} benchmarks add up to ${formatRatio(ratioOfMeans)} times those of the baseline (ratio of means); `;
  return `${setLetter(set)}: ${means}the mean of the ${benchmarks.length} ratios is ${formatRatio(meanOfRatios)}.`;
}

function noteOf(rows: readonly MetricComparison[]): string {
  const counts = rows.flatMap(({ sets }) => sets.flatMap((each) => (each === null ? [] : [each.n])));
  return Math.max(...counts) > 1
    ? 'Bars from zero; brackets are 95 % intervals of the means by Student’s t.'
    : 'Bars from zero. Every mean here is of one run: there is no interval, and no difference can be told from chance.';
}
