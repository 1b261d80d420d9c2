import type { ChartConfiguration } from 'chart.js';
import { toCss } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import type { ColumnBar, ColumnMeasure } from '../model/columnRows.js';
import { amount, decimal } from '../model/words.js';

export const COLUMN_MEASURES: Readonly<
  Record<ColumnMeasure, { readonly label: string; readonly title: string; readonly axis: string }>
> = {
  f: {
    label: 'F',
    title: 'Univariate F as f_classif of scikit-learn: how far the means of both classes are apart',
    axis: 'F',
  },
  nats: {
    label: 'Mutual information',
    title: 'How much the column tells of the label, also where the means are alike; nats',
    axis: 'mutual information, nats',
  },
  drop: {
    label: 'Permutation importance',
    title: 'Average precision that a trained model loses when the column is shuffled in the test',
    axis: 'average precision lost when shuffled',
  },
};

/** Height that the bars need, px. */
export function columnChartHeight(bars: number): number {
  return bars * 20 + 56;
}

/** A bar a column, the longest first; inputs of the thesis are filled, others drawn as outlines. */
export function columnChart(
  bars: readonly ColumnBar[],
  measure: ColumnMeasure,
  isLogarithmic: boolean,
  theme: Theme,
): ChartConfiguration<'bar'> {
  const font = { family: theme.fontFamily, size: 11 };
  const values = drawnValues(bars, isLogarithmic);
  const colour = toCss(theme.blue);
  const axis = COLUMN_MEASURES[measure].axis;
  return {
    type: 'bar',
    data: {
      labels: bars.map(({ column, isWarned }) => (isWarned ? `⚠ ${column}` : column)),
      datasets: [
        {
          label: axis,
          data: [...values],
          backgroundColor: bars.map(({ isOfThesis }) => (isOfThesis ? colour : toCss(theme.blue, 0.18))),
          borderColor: colour,
          borderWidth: theme.highContrast ? 2 : 1,
          categoryPercentage: 0.86,
          barPercentage: 0.9,
        },
      ],
    },
    options: {
      indexAxis: 'y',
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: 'index', axis: 'y', intersect: false },
      layout: { padding: { right: 14 } },
      scales: {
        x: {
          type: isLogarithmic ? 'logarithmic' : 'linear',
          ticks: {
            color: toCss(theme.muted),
            font,
            maxRotation: 0,
            maxTicksLimit: 8,
            callback: (value) => tickText(Number(value), isLogarithmic),
          },
          title: { display: true, text: axis, color: toCss(theme.foreground), font: { ...font, size: 12 } },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: {
          ticks: { color: toCss(theme.foreground), font, autoSkip: false },
          grid: { display: false },
          border: { color: toCss(theme.border) },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: toCss(theme.widget),
          borderColor: toCss(theme.border),
          borderWidth: 1,
          titleColor: toCss(theme.foreground),
          bodyColor: toCss(theme.foreground),
          displayColors: false,
          callbacks: {
            label: ({ dataIndex }) => {
              const bar = bars[dataIndex];
              return bar === undefined ? '' : barText(bar, measure);
            },
          },
        },
      },
    },
  };
}

/** What is without end is as long as the longest; a logarithmic axis has no place for 0 and what is below. */
export function drawnValues(bars: readonly ColumnBar[], isLogarithmic: boolean): readonly (number | null)[] {
  const longest = Math.max(0, ...bars.flatMap(({ value }) => value ?? []));
  return bars.map(({ value }) => {
    const drawn = value ?? (longest === 0 ? 1 : longest);
    return isLogarithmic && drawn <= 0 ? null : drawn;
  });
}

/** `F 1,234`, `0.0123 nats (by chance 0.0001)`, `0.120 (0.110 … 0.131)` */
export function barText({ value, least, most, chance }: ColumnBar, measure: ColumnMeasure): string {
  switch (measure) {
    case 'f':
      return value === null ? 'F without end: the classes never overlap' : `F ${amount(value)}`;
    case 'nats':
      return `${decimal(value ?? 0)} nats (by chance about ${decimal(chance ?? 0)})`;
    case 'drop':
      return `${decimal(value ?? 0)} (${decimal(least ?? 0)} … ${decimal(most ?? 0)})`;
  }
}

/** The chart in words: its text alternative. */
export function describeColumns(lead: string, bars: readonly ColumnBar[], measure: ColumnMeasure): string {
  return `${lead} ${bars.map((bar) => `${bar.column}: ${barText(bar, measure)}`).join('. ')}.`;
}

/** Only powers of ten on a logarithmic axis: the others stand too close. */
function tickText(value: number, isLogarithmic: boolean): string | null {
  if (!isLogarithmic) return amount(value);
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-6 ? amount(value) : null;
}
