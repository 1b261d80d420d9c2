import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type { MetricComparison, PairComparison } from '../../../src/protocol/comparisonMessages.js';
import { toCss, type Rgb } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import { metricLabel } from '../model/comparisonModel.js';
import { formatRatio, setLetter, turnedRatio, verdictText } from '../model/words.js';

/** A line of the plot: one set against the baseline in one metric. */
export interface ForestRow {
  readonly label: string;
  readonly metric: MetricComparison;
  readonly pair: PairComparison;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** All that has a ratio. */
export function forestRows(metrics: readonly MetricComparison[], setCount: number): ForestRow[] {
  return metrics.flatMap((metric) =>
    metric.against.flatMap((pair) => {
      const turned = turnedRatio(metric, pair);
      const set = setCount > 2 ? ` · ${setLetter(pair.set)}` : '';
      return turned === null ? [] : [{ label: `${metricLabel(metric)}${set}`, metric, pair, ...turned }];
    }),
  );
}

/** Forms of the verdicts: they can be told apart without their colours. */
const MARKS = {
  faster: { pointStyle: 'triangle', rotation: 270, isFilled: true },
  lower: { pointStyle: 'triangle', rotation: 270, isFilled: false },
  slower: { pointStyle: 'triangle', rotation: 90, isFilled: true },
  higher: { pointStyle: 'triangle', rotation: 90, isFilled: false },
  'no difference': { pointStyle: 'circle', rotation: 0, isFilled: false },
  'no statement': { pointStyle: 'crossRot', rotation: 0, isFilled: false },
} as const;

type Points = ChartDataset<'line', { x: number; y: number }[]>;

/** Ratios with their intervals, a row each, over a logarithmic axis with a line at 1. */
export function forestChart(rows: readonly ForestRow[], theme: Theme): ChartConfiguration<'line'> {
  const font = { family: theme.fontFamily, size: 12 };
  const extent = rows.flatMap(({ low, high }) => [low, high]).concat([0.95, 1.05]);
  const margin = 1 + 0.06 * Math.max(0.2, Math.log(Math.max(...extent) / Math.min(...extent)));
  const [min, max] = [Math.min(...extent) / margin, Math.max(...extent) * margin];
  return {
    type: 'line',
    data: {
      datasets: [
        unity(rows.length, theme),
        ...rows.map((row, at) => interval(row, at, theme)),
        ...rows.map((row, at) => mark(row, at, theme)),
      ],
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      events: [],
      layout: { padding: { right: 12 } },
      scales: {
        x: {
          type: 'logarithmic',
          min,
          max,
          afterBuildTicks: (axis) => {
            axis.ticks = ratioTicks(min, max).map((value) => ({ value }));
          },
          ticks: {
            color: toCss(theme.muted),
            font: { ...font, size: 11 },
            maxRotation: 0,
            autoSkip: false,
            callback: (value) => tickText(Number(value)),
          },
          title: {
            display: true,
            text: 'below 1: faster than the baseline · above 1: slower',
            color: toCss(theme.foreground),
            font,
          },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: {
          type: 'linear',
          min: -0.5,
          max: rows.length - 0.5,
          reverse: true,
          afterBuildTicks: (axis) => {
            axis.ticks = rows.map((_row, value) => ({ value }));
          },
          ticks: {
            color: toCss(theme.foreground),
            font,
            autoSkip: false,
            callback: (value) => shortened(rows[Number(value)]?.label ?? ''),
          },
          grid: { display: false },
          border: { display: false },
        },
      },
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
    },
  };
}

function unity(count: number, theme: Theme): Points {
  return {
    data: [
      { x: 1, y: -0.5 },
      { x: 1, y: count - 0.5 },
    ],
    borderColor: toCss(theme.foreground),
    borderDash: [4, 3],
    borderWidth: 1,
    pointRadius: 0,
  };
}

function interval({ pair, low, high }: ForestRow, y: number, theme: Theme): Points {
  return {
    data: [
      { x: low, y },
      { x: high, y },
    ],
    borderColor: toCss(colourOf(pair, theme)),
    borderWidth: theme.highContrast ? 3 : 2,
    pointRadius: 0,
  };
}

function mark({ pair, ratio }: ForestRow, y: number, theme: Theme): Points {
  const { isFilled, ...form } = MARKS[pair.verdict];
  const colour = colourOf(pair, theme);
  return {
    data: [{ x: ratio, y }],
    showLine: false,
    ...form,
    pointRadius: 5,
    pointBorderWidth: 2,
    pointBorderColor: toCss(colour),
    pointBackgroundColor: toCss(isFilled ? colour : theme.background),
  };
}

function colourOf({ verdict }: PairComparison, theme: Theme): Rgb {
  if (verdict === 'faster') return theme.blue;
  if (verdict === 'slower') return theme.orange;
  return verdict === 'no statement' ? theme.muted : theme.foreground;
}

/** Long names would leave no room for the plot. */
function shortened(label: string): string {
  return label.length <= 34 ? label : `${label.slice(0, 33)}…`;
}

/** Round ratios, evenly spread over a logarithmic axis, about seven of them. */
export function ratioTicks(min: number, max: number): number[] {
  const width = max - min;
  if (max / min > 6) {
    const powers = Array.from({ length: 13 }, (_unused, at) => 10 ** (at - 6));
    const steps = max / min > 300 ? [1] : [1, 2, 5];
    return powers
      .flatMap((power) => steps.map((step) => step * power))
      .filter((value) => value >= min && value <= max);
  }
  const rough = width / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? power * 10;
  const first = Math.ceil(min / step);
  const count = Math.floor(max / step) - first + 1;
  return Array.from({ length: count }, (_unused, at) => Number(((first + at) * step).toPrecision(6)));
}

function tickText(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** The plot in words: its text alternative. */
export function describeForest(rows: readonly ForestRow[]): string {
  const lines = rows.map(
    ({ label, pair, ratio, low, high }) =>
      `${label}: ${formatRatio(ratio)}${low === high ? '' : `, ${formatRatio(low)} to ${formatRatio(high)}`}, ${verdictText(pair.verdict)}`,
  );
  return `Ratios to the baseline, below 1 is faster. ${lines.join('. ')}.`;
}
