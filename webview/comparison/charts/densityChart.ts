import type { ChartConfiguration } from 'chart.js';
import type {
  ComparedSet,
  MetricComparison,
  ValueDensity,
} from '../../../src/protocol/comparisonMessages.js';
import { toCss, type Rgb } from '../../common/colour.js';
import { formatCount } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import { formatAmount, setLetter } from '../model/words.js';
import { axisTitle } from './meansChart.js';

/** Dashes of the curves: sets differ by more than their colours. */
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]] as const;

/** Densities of single values over a logarithmic axis, a curve a set; the area under each is 1 a decade. */
export function densityChart(metric: MetricComparison, theme: Theme): ChartConfiguration<'line'> {
  const font = { family: theme.fontFamily, size: 11 };
  const at = metric.densities.flatMap((each) => each.at);
  const [min, max] = [at.reduce((x, y) => Math.min(x, y)), at.reduce((x, y) => Math.max(x, y))];
  return {
    type: 'line',
    data: { datasets: metric.densities.map((each) => curve(each, theme)) },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      events: [],
      scales: {
        x: {
          type: 'logarithmic',
          min,
          max: max > min ? max : min * 10,
          title: { display: true, text: axisTitle(metric), color: toCss(theme.muted), font },
          ticks: {
            color: toCss(theme.muted),
            font,
            maxRotation: 0,
            callback: (value) => powerOfTen(Number(value)),
          },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: { display: false, min: 0 },
      },
      plugins: {
        legend: {
          position: 'top',
          align: 'end',
          labels: {
            color: toCss(theme.foreground),
            font: { ...font, size: 12 },
            usePointStyle: true,
            pointStyle: 'line',
          },
        },
        tooltip: { enabled: false },
      },
    },
  };
}

function curve({ set, at, density }: ValueDensity, theme: Theme) {
  const colours: readonly Rgb[] = [theme.blue, theme.orange, theme.green, theme.purple];
  const colour = colours[set % colours.length]!;
  return {
    label: setLetter(set),
    data: at.map((x, index) => ({ x, y: density[index] ?? 0 })),
    borderColor: toCss(colour),
    borderDash: [...DASHES[set % DASHES.length]!],
    borderWidth: 2,
    pointRadius: 0,
    tension: 0.2,
  };
}

function powerOfTen(value: number): string | null {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9 ? formatAmount(value) : null;
}

/** The densities in words: the text alternative of the chart. */
export function describeDensities({ densities }: MetricComparison, sets: readonly ComparedSet[]): string {
  const parts = densities.map(({ set, count, mean, at, density }) => {
    const top = density.reduce((best, each, i) => (each > (density[best] ?? 0) ? i : best), 0);
    return `${setLetter(set)}, ${sets[set]?.label ?? ''}: ${formatCount(count)} values, most often about ${formatAmount(at[top] ?? null)}, mean ${formatAmount(mean)}`;
  });
  return `Density of single values. ${parts.join('. ')}.`;
}
