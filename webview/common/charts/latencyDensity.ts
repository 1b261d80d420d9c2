import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type { CallLatency } from '../../../src/protocol/migrationMessages.js';
import { toCss, type Rgb } from '../colour.js';
import { formatDuration } from '../format.js';
import type { Theme } from '../theme.js';

/** Dashes of the lines at the percentiles, px: they differ by more than their colour. */
const percentileLines = [
  { label: 'median', key: 'p50Ns', dash: [] },
  { label: 'p90', key: 'p90Ns', dash: [5, 3] },
  { label: 'p99', key: 'p99Ns', dash: [2, 3] },
] as const;

/** The points of the density that matter: tails in which nothing is to be seen are cut, 1/500 of the peak. */
export function visiblePoints(latency: CallLatency): { readonly x: number; readonly y: number }[] {
  const points = latency.density.ns.map((x, i) => ({ x, y: latency.density.density[i] ?? 0 }));
  const peak = points.reduce((highest, { y }) => Math.max(highest, y), 0);
  const isSeen = ({ x, y }: { x: number; y: number }) => y >= peak / 500 || x <= latency.p99Ns;
  const first = points.findIndex(({ y }) => y >= peak / 500);
  const last = points.findLastIndex(isSeen);
  return first < 0 ? points : points.slice(Math.max(0, first - 1), last + 2);
}

/** Density over a logarithmic axis of time, filled, with lines at the percentiles. */
export function latencyDensityChart(latency: CallLatency, theme: Theme): ChartConfiguration<'line'> {
  const points = visiblePoints(latency);
  const peak = points.reduce((highest, { y }) => Math.max(highest, y), 0);
  const font = { family: theme.fontFamily, size: 11 };
  const curve: ChartDataset<'line', { x: number; y: number }[]> = {
    label: 'density',
    data: points,
    borderColor: toCss(theme.blue),
    backgroundColor: toCss(theme.blue, theme.highContrast ? 0.35 : 0.25),
    borderWidth: 1.5,
    pointRadius: 0,
    fill: 'origin',
    tension: 0.2,
  };
  const line = (ns: number, label: string, dash: readonly number[], colour: Rgb) => ({
    label,
    data: [
      { x: ns, y: 0 },
      { x: ns, y: peak * 1.08 },
    ],
    borderColor: toCss(colour),
    borderDash: [...dash],
    borderWidth: 1,
    pointRadius: 0,
    fill: false,
  });
  return {
    type: 'line',
    data: {
      datasets: [
        curve,
        ...percentileLines.map(({ label, key, dash }) => line(latency[key], label, dash, theme.foreground)),
      ],
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      events: [],
      layout: { padding: { top: 4, right: 6 } },
      scales: {
        x: {
          type: 'logarithmic',
          min: points[0]?.x ?? 1,
          max: points.at(-1)?.x ?? 10,
          ticks: {
            color: toCss(theme.muted),
            font,
            maxRotation: 0,
            autoSkip: false,
            callback: (value) => tickLabel(Number(value), points),
          },
          grid: { color: toCss(theme.grid), drawTicks: false },
          border: { color: toCss(theme.border) },
        },
        y: { display: false, min: 0, max: peak * 1.1 },
      },
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
    },
  };
}

/** Powers of ten; on a short axis also 2 and 5 times those. */
function tickLabel(ns: number, points: readonly { readonly x: number }[]): string | null {
  const decades = Math.log10((points.at(-1)?.x ?? 10) / (points[0]?.x ?? 1));
  const leading = ns / 10 ** Math.floor(Math.log10(ns) + 1e-9);
  const wanted = decades > 2.2 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
  return wanted.some((each) => Math.abs(leading - each) < 1e-6) ? formatDuration(ns) : null;
}

/** The density in a sentence: the text alternative of the chart. */
export function describeDensity(latency: CallLatency): string {
  const { ns, density } = latency.density;
  const top = density.reduce((best, each, i) => (each > (density[best] ?? 0) ? i : best), 0);
  return `Density of the duration of the calls: most often about ${formatDuration(ns[top] ?? 0)}; half of them up to ${formatDuration(latency.p50Ns)}, 90 % up to ${formatDuration(latency.p90Ns)}, 99 % up to ${formatDuration(latency.p99Ns)}, the longest ${formatDuration(latency.maxNs)}.`;
}
