import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type { ComparedSet, MetricComparison } from '../../../src/protocol/comparisonMessages.js';
import { toCss } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import { formatAmount, formatInterval, setLetter } from '../model/words.js';

/** Of more repeats only so many are drawn. */
const DRAWN_VALUES = 200;

/** Means of one metric as bars from zero, with the interval of the mean and every repeat as a dot. */
export function meansChart(
  metric: MetricComparison,
  sets: readonly ComparedSet[],
  theme: Theme,
): ChartConfiguration<'bar' | 'line'> {
  const labels = sets.map((_set, at) => setLetter(at));
  const font = { family: theme.fontFamily, size: 11 };
  const bars: ChartDataset<'bar', (number | null)[]> = {
    type: 'bar',
    data: metric.sets.map((figures) => figures?.mean ?? null),
    backgroundColor: toCss(theme.blue, theme.highContrast ? 0.25 : 0.45),
    borderColor: toCss(theme.blue),
    borderWidth: 1,
    maxBarThickness: 72,
    order: 2,
  };
  return {
    type: 'bar',
    data: { labels, datasets: [bars, ...intervals(metric, theme), repeats(metric, theme)] },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      events: [],
      scales: {
        x: {
          ticks: { color: toCss(theme.foreground), font: { ...font, size: 12 } },
          grid: { display: false },
          border: { color: toCss(theme.border) },
        },
        y: {
          beginAtZero: true,
          title: { display: true, text: axisTitle(metric), color: toCss(theme.muted), font },
          ticks: {
            color: toCss(theme.muted),
            font,
            maxTicksLimit: 6,
            callback: (value) => formatAmount(Number(value)),
          },
          grid: { color: toCss(theme.grid) },
          border: { display: false },
        },
      },
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
    },
  };
}

export function axisTitle({ title, unit }: MetricComparison): string {
  return unit === '' ? title : `${title}, ${unit}`;
}

/** Without parsing, x is the index of a bar. */
type Line = ChartDataset<'line', { x: number; y: number }[]>;

function intervals(metric: MetricComparison, theme: Theme): Line[] {
  return metric.sets.flatMap((figures, at) => {
    if (figures?.meanInterval == null) return [];
    const { low, high } = figures.meanInterval;
    return [
      {
        type: 'line' as const,
        parsing: false as const,
        data: [low, high].map((y) => ({ x: at, y })),
        borderColor: toCss(theme.foreground),
        borderWidth: 2,
        pointStyle: 'line' as const,
        pointRadius: 9,
        pointBorderColor: toCss(theme.foreground),
        pointBorderWidth: 2,
        order: 0,
      },
    ];
  });
}

function repeats(metric: MetricComparison, theme: Theme): Line {
  return {
    type: 'line',
    parsing: false,
    data: metric.sets.flatMap((figures, at) =>
      (figures?.values ?? []).slice(0, DRAWN_VALUES).map((y) => ({ x: at, y })),
    ),
    showLine: false,
    pointStyle: 'circle',
    pointRadius: 3,
    pointBorderColor: toCss(theme.foreground),
    pointBackgroundColor: toCss(theme.background, 0.6),
    pointBorderWidth: 1,
    order: 1,
  };
}

/** The chart in words: its text alternative. */
export function describeMeans(metric: MetricComparison, sets: readonly ComparedSet[]): string {
  const parts = metric.sets.map((figures, at) => {
    const name = `${setLetter(at)}, ${sets[at]?.label ?? ''}`;
    if (figures?.mean == null) return `${name}: not measured`;
    const interval =
      figures.meanInterval === null ? '' : `, interval ${formatInterval(figures.meanInterval, formatAmount)}`;
    return `${name}: mean ${formatAmount(figures.mean)} of ${figures.n}${interval}`;
  });
  return `${metric.benchmark}, ${axisTitle(metric)}. ${parts.join('. ')}.`;
}
